import { isUtf8 } from 'node:buffer';
import type { Publish } from '@portico/codec-mqtt';
import { escapeControls, quantity } from '@portico/core/base';
import type { ApiCommandOptions } from './management-api.js';
import type { WatchHandler } from './mqtt-watcher.js';
import { payloadText } from './payload-text.js';
import type { Output } from './printer.js';

export interface LiveViewOptions extends Pick<ApiCommandOptions, 'json' | 'stdout' | 'stderr'> {
  readonly filter: string;
  /** After how many messages to end. */
  readonly count?: number | undefined;
}

/** Characters that may wait to be read; messages beyond are not shown. */
const MOST_UNREAD = 1 << 20;

/** Messages on standard output, as they come. */
export class LiveView implements WatchHandler {
  readonly #options: LiveViewOptions;
  readonly #output: Output;
  readonly #done: () => void;
  #left: number;
  /** Characters written since somebody has read all; undefined while nothing waits. */
  #unread: number | undefined;
  #missed = 0;

  /** @param done is called when no more are wanted */
  constructor(options: LiveViewOptions, done: () => void) {
    this.#options = options;
    this.#output = options.stdout;
    this.#done = done;
    this.#left = options.count ?? Number.POSITIVE_INFINITY;
    this.#output.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
      done();
    });
  }

  subscribed(): void {
    this.#options.stderr.write(`Subscribed to ${this.#options.filter}, Ctrl-C ends it\n`);
  }

  message(message: Publish): void {
    if (this.#unread !== undefined && this.#unread > MOST_UNREAD) this.#missed++;
    else this.#show(this.#options.json ? jsonLine(message) : textLine(message));
  }

  #show(line: string): void {
    const read = this.#output.write(line);
    if (this.#unread !== undefined) this.#unread += line.length;
    else if (!read) this.#waitForReader(line.length);
    this.#left--;
    if (this.#left <= 0) this.#done();
  }

  #waitForReader(unread: number): void {
    this.#unread = unread;
    this.#output.once('drain', () => {
      this.#unread = undefined;
      this.end();
    });
  }

  /** Tells what was missed. */
  end(): void {
    if (this.#missed > 0)
      this.#options.stderr.write(`${quantity(this.#missed, 'message')} came faster than could be read\n`);
    this.#missed = 0;
  }
}

function textLine({ topic, payload }: Publish): string {
  return `${escapeControls(topic)} ${payloadText(payload)}\n`;
}

/** In the words of `POST /mqtt/publish`. */
function jsonLine({ topic, payload, qos, retain }: Publish): string {
  const encoding = isUtf8(payload) ? 'plain' : 'base64';
  const text = payload.toString(encoding === 'plain' ? 'utf8' : 'base64');
  return `${JSON.stringify({ topic, payload: text, encoding, qos, retain })}\n`;
}

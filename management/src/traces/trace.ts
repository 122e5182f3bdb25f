import { createWriteStream, type WriteStream } from 'node:fs';

/** What a trace is of. */
export const TRACE_TYPES = ['clientid', 'topic', 'ip_address'] as const;
export type TraceType = (typeof TRACE_TYPES)[number];

/** What operators ask for. */
export interface TraceSpec {
  /** Also that of its file. */
  readonly name: string;
  readonly type: TraceType;
  /** The client id, the topic filter or the IP address. */
  readonly condition: string;
  /** From when to when, in milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
}

/** How a trace stands; `full` when its file has reached {@link MAX_SIZE}. */
export type TraceStatus = 'waiting' | 'running' | 'full' | 'stopped';

/** Most bytes of a trace, 512 MiB: no more is written then. */
const MAX_SIZE = 512 << 20;
/** Bytes that may wait to be written; lines that come meanwhile are dropped and counted. */
const MAX_WAITING = 4 << 20;

/** The file of a trace, a line of JSON for each thing that happens. */
export class TraceFile {
  readonly #stream: WriteStream;
  readonly #maxSize: number;
  /** Bytes in it. */
  size: number;
  #dropped = 0;

  /** @param size that it has already */
  constructor(path: string, size: number, onError: (error: Error) => void, maxSize = MAX_SIZE) {
    this.size = size;
    this.#maxSize = maxSize;
    this.#stream = createWriteStream(path, { flags: 'a', mode: 0o600 }).on('error', onError);
  }

  /** @returns false when it is full: the line is not written */
  write(line: object): boolean {
    if (this.#stream.writableLength > MAX_WAITING) {
      this.#dropped++;
      return true;
    }
    const dropped = this.#dropped === 0 ? '' : `{"dropped":${this.#dropped}}\n`;
    const bytes = Buffer.from(`${dropped}${JSON.stringify(line)}\n`);
    if (this.size + bytes.length > this.#maxSize) return false;
    this.#dropped = 0;
    this.size += bytes.length;
    this.#stream.write(bytes);
    return true;
  }

  /** @returns when all of it is written */
  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.once('close', resolve).end());
  }
}

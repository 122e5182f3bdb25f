import {
  type DecodedBody,
  decodeBody,
  type Edition,
  type Jt808Frame,
  type RecordFault,
} from '@portico/codec-jt808';
import { isPromise, isTaken, type MaybePromise, type PublishResult } from '@portico/core';
import type { Commands } from './commands.js';
import type { Downlink } from './downlink.js';
import { isConfirmed, MessageId, Result, type SentCommand } from './message-ids.js';
import { Parts } from './parts.js';
import type { Shared } from './shared.js';
import type { Uplink } from './uplink.js';

/** What a terminal is connected with. */
export interface TerminalServices {
  readonly shared: Shared;
  readonly downlink: Downlink;
  readonly uplink: Uplink;
  readonly commands: Commands;
}

/** A terminal that is authenticated: its messages are published, and answered. */
export class Terminal {
  readonly phone: string;
  readonly #services: TerminalServices;
  readonly #edition: Edition | undefined;
  #parts: Parts | undefined;

  /** @param edition of its registration, where that is known */
  constructor(phone: string, edition: Edition | undefined, services: TerminalServices) {
    this.phone = phone;
    this.#edition = edition;
    this.#services = services;
  }

  /** The whole message; undefined while parts of it are missing. */
  assemble(frame: Jt808Frame): Jt808Frame | undefined {
    if (frame.header.frag_total === undefined) return frame;
    const { downlink, shared } = this.#services;
    this.#parts ??= new Parts(downlink, shared, this.phone);
    return this.#parts.add(frame);
  }

  /** Publishes a message, then answers it. */
  publish(frame: Jt808Frame): MaybePromise<void> {
    const { header } = frame;
    const decoded = decode(frame, this.#services.shared, this.#edition);
    const answered = this.#services.commands.takeAnswer(header.msg_id, decoded.body);
    const result = this.#services.uplink.publish(header, decoded);
    return isPromise(result)
      ? result.then((late) => this.#conclude(header, decoded, answered, late))
      : this.#conclude(header, decoded, answered, result);
  }

  #conclude(
    header: Jt808Frame['header'],
    { body }: DecodedBody,
    answered: SentCommand | undefined,
    result: PublishResult,
  ): void {
    const { commands, downlink } = this.#services;
    if (answered !== undefined) commands.settle(answered);
    else if (header.msg_id === MessageId.multimedia && isTaken(result) && body.id !== undefined) {
      downlink.answer(MessageId.multimediaResponse, { mm_id: body.id });
    } else if (header.msg_id === MessageId.terminalKey) this.#exchangeKeys(body);
    else if (isConfirmed(header.msg_id)) {
      downlink.confirm(header, isTaken(result) ? Result.success : Result.failure);
    }
  }

  /** Where the hub has a key of its own; else applications answer. */
  #exchangeKeys(body: DecodedBody['body']): void {
    const { downlink, shared } = this.#services;
    const { publicKey } = shared.encryption;
    if (publicKey === undefined) return;
    downlink.encryptBy(shared.encryption.encryptFor(body));
    downlink.answer(MessageId.platformKey, publicKey);
  }

  /** The terminal has missed parts of a command (0x0005). */
  repeatParts(frame: Jt808Frame): void {
    const { commands, downlink, shared } = this.#services;
    commands.repeat(decode(frame, shared, this.#edition).body);
    downlink.confirm(frame.header, Result.success);
  }

  /** The connection is over. */
  stop(): void {
    this.#parts?.stop();
    this.#services.commands.stop();
  }
}

/** @param registered edition of the terminal's registration, where that is known */
export function decode(
  frame: Jt808Frame,
  { text, encryption }: Pick<Shared, 'text' | 'encryption'>,
  registered: Edition | undefined,
): DecodedBody {
  // Headers never tell 2011, and some terminals have a newer header than bodies.
  const isOlder = registered !== undefined && registered < frame.edition;
  const options = isOlder ? { text, edition: registered } : { text };
  const open = encryption.open(frame);
  return open === undefined
    ? { ...decodeBody(frame, options), faults: [NOT_DECRYPTED] }
    : decodeBody(open, options);
}

const NOT_DECRYPTED: RecordFault = {
  path: '',
  code: 'wrong_value',
  offset: 0,
  reason: 'it cannot be decrypted by the key of the hub',
};

import { type Fragment, HANDSHAKE_HEADER, type HandshakeMessage, wholeMessage } from './fragments.js';

/** Longest message in bytes; certificate chains of devices have one or two KiB. */
export const MAX_MESSAGE = 16_384;
/** Messages that may be under way at once: a flight has at most six. */
const MAX_AHEAD = 8;
/** Bytes of all messages that are not complete, or whose turn has not come. */
const MAX_WAITING = 2 * MAX_MESSAGE;

/** A message of which some bytes are there. */
class Partial {
  readonly type: number;
  readonly epoch: number;
  readonly length: number;
  readonly message: Buffer;
  /** One bit for each byte that is there. */
  readonly #present: Uint8Array;
  #missing: number;

  constructor(fragment: Fragment, epoch: number) {
    this.type = fragment.type;
    this.epoch = epoch;
    this.length = fragment.length;
    this.message = wholeMessage(fragment.type, fragment.sequence, Buffer.alloc(fragment.length));
    this.#present = new Uint8Array((fragment.length + 7) >> 3);
    this.#missing = fragment.length;
  }

  get complete(): boolean {
    return this.#missing === 0;
  }

  /** What has come first stays. */
  add({ offset, part }: Fragment): void {
    for (let i = 0; i < part.length; i++) {
      const at = offset + i;
      const bits = this.#present[at >> 3] as number;
      const bit = 1 << (at & 7);
      if ((bits & bit) !== 0) continue;
      this.#present[at >> 3] = bits | bit;
      this.message[HANDSHAKE_HEADER + at] = part[i] as number;
      this.#missing--;
    }
  }
}

/** Puts fragments together, whatever their order, and hands out whole messages in theirs (RFC 6347 §4.2.2, §4.2.3). */
export class Reassembler {
  /** Sequence number of the message that is next. */
  #next: number;
  readonly #partials = new Map<number, Partial>();
  #waitingBytes = 0;

  /** @param next sequence number of the first message */
  constructor(next: number) {
    this.#next = next;
  }

  /** The next message is this one, or a later one if there was a later one already. */
  skipTo(sequence: number): void {
    this.#next = Math.max(this.#next, sequence);
  }

  /** Takes a fragment in. @returns false when there was no use or no room for it */
  add(fragment: Fragment, epoch: number): boolean {
    const partial = this.#partials.get(fragment.sequence) ?? this.#begin(fragment, epoch);
    if (partial === undefined) return false;
    const { type, length } = partial;
    if (type !== fragment.type || length !== fragment.length || partial.epoch !== epoch) return false;
    partial.add(fragment);
    return true;
  }

  /** The next message, once it is complete. */
  take(): HandshakeMessage | undefined {
    const sequence = this.#next;
    const partial = this.#partials.get(sequence);
    if (partial === undefined || !partial.complete) return undefined;
    this.#partials.delete(sequence);
    this.#waitingBytes -= partial.length;
    this.#next++;
    const { type, epoch, message } = partial;
    return { type, sequence, epoch, bytes: message, body: message.subarray(HANDSHAKE_HEADER) };
  }

  #begin(fragment: Fragment, epoch: number): Partial | undefined {
    const { sequence, length } = fragment;
    if (sequence < this.#next || sequence >= this.#next + MAX_AHEAD) return undefined;
    if (length > MAX_MESSAGE || this.#waitingBytes + length > MAX_WAITING) return undefined;
    const partial = new Partial(fragment, epoch);
    this.#partials.set(sequence, partial);
    this.#waitingBytes += length;
    return partial;
  }
}

import { type Fragment, HANDSHAKE_HEADER, type HandshakeMessage, wholeMessage } from './fragments.js';

/** Longest message in bytes; certificate chains of devices have one or two KiB. */
export const MAX_MESSAGE = 16_384;
/** Longest message of a client in bytes, but for its certificates. */
export const MAX_SHORT_MESSAGE = 2048;
/** Messages that may be under way at once: a flight has at most six. */
const MAX_AHEAD = 8;

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
  readonly #room: number;

  /**
   * @param next sequence number of the first message
   * @param room bytes of all messages whose turn has not come
   */
  constructor(next: number, room: number) {
    this.#next = next;
    this.#room = room;
  }

  /** The next message is this one, or a later one if there was a later one already. */
  skipTo(sequence: number): void {
    this.#next = Math.max(this.#next, sequence);
    for (const earlier of this.#partials.keys()) {
      if (earlier < this.#next) this.#partials.delete(earlier);
    }
  }

  /**
   * Takes a fragment in.
   * @param longest bytes that a message of its type may have
   * @returns false when there was no use or no room for it
   */
  add(fragment: Fragment, epoch: number, longest: number): boolean {
    const partial = this.#partials.get(fragment.sequence) ?? this.#begin(fragment, epoch, longest);
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
    this.#next++;
    const { type, epoch, message } = partial;
    return { type, sequence, epoch, bytes: message, body: message.subarray(HANDSHAKE_HEADER) };
  }

  #begin(fragment: Fragment, epoch: number, longest: number): Partial | undefined {
    const { sequence, length } = fragment;
    if (sequence < this.#next || sequence >= this.#next + MAX_AHEAD || length > longest) return undefined;
    if (sequence > this.#next && this.#aheadBytes() + length > this.#room) return undefined;
    const partial = new Partial(fragment, epoch);
    this.#partials.set(sequence, partial);
    return partial;
  }

  /** What is not next; there are few. */
  #aheadBytes(): number {
    let bytes = 0;
    for (const [sequence, { length }] of this.#partials) {
      if (sequence > this.#next) bytes += length;
    }
    return bytes;
  }
}

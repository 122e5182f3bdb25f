/** Bytes that there is room for at first. */
const FIRST_ROOM = 2048;

/** What a block means to those that have come before it. */
export type BlockFit =
  /** The next one: it has been added. */
  | 'next'
  /** It is there already. */
  | 'known'
  /** One before it is missing. */
  | 'gap'
  /** Other bytes have come in its place before: two payloads under one name. */
  | 'conflict';

/** The blocks of one payload that have come so far, in order from the first. */
export class BlockBuffer {
  #buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  #length = 0;

  /** Bytes of memory that it takes. */
  get size(): number {
    return this.#buffer.length;
  }

  /** What has come so far; a view. */
  get payload(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** @param offset of the block in the payload @param bytes borrowed */
  put(offset: number, bytes: Buffer): BlockFit {
    if (offset > this.#length) return 'gap';
    const end = offset + bytes.length;
    if (offset < this.#length) return this.payload.subarray(offset, end).equals(bytes) ? 'known' : 'conflict';
    if (end > this.#buffer.length) this.#grow(end);
    bytes.copy(this.#buffer, offset);
    this.#length = end;
    return 'next';
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, this.#buffer.length * 2));
    this.payload.copy(larger);
    this.#buffer = larger;
  }
}

/**
 * Where an encoder writes. `reserve(n)` makes room for `n` bytes and returns the offset in `buffer` at which
 * they start; the encoder must then fill exactly these bytes. `buffer` may be another object after each
 * `reserve`, so read it afterwards.
 *
 * The hub's outboxes have this shape, so frames are encoded straight into the bytes that leave.
 */
export interface ByteSink {
  buffer: Buffer;
  reserve(size: number): number;
}

/** A {@link ByteSink} that grows and hands out what was written. For tests, tools and cached wire forms. */
export class BufferSink implements ByteSink {
  buffer: Buffer;
  #length = 0;

  constructor(initialSize = 256) {
    this.buffer = Buffer.allocUnsafe(initialSize);
  }

  reserve(size: number): number {
    const offset = this.#length;
    const needed = offset + size;
    if (needed > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(grown, 0, 0, offset);
      this.buffer = grown;
    }
    this.#length = needed;
    return offset;
  }

  /** Number of bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** A copy of all that was written; the sink is empty afterwards. */
  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }
}

const EMPTY = Buffer.alloc(0);

/**
 * The undecoded bytes of one stream: the current chunk in place where possible, an own copy where a frame
 * spans chunks. Stream decoders build on it.
 *
 * Readers look at `bytes` from `start` to `end` and move `start` on. Memory is bounded by the caller: it must
 * refuse a frame whose announced length is above its maximum before asking for more bytes; the copy grows
 * with what really arrived, never with what was announced.
 */
export class StreamBuffer {
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;
  /** True while `bytes` is this object's own memory, false while it is a borrowed chunk. */
  owned = true;

  /** Number of undecoded bytes. */
  get length(): number {
    return this.end - this.start;
  }

  /** The undecoded bytes, borrowed as their chunk may be. */
  get undecoded(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  push(chunk: Buffer): void {
    const pending = this.end - this.start;
    if (pending === 0) {
      this.bytes = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.owned = false;
      return;
    }
    const needed = pending + chunk.length;
    if (!this.owned || this.start + needed > this.bytes.length) {
      this.#moveToOwn(Math.max(needed, pending * 2));
    }
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
  }

  /** Copies what is undecoded into own memory; frees everything when nothing is. */
  keep(): void {
    if (this.start === this.end) this.clear();
    else if (!this.owned) this.#moveToOwn(this.end - this.start);
  }

  clear(): void {
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
    this.owned = true;
  }

  /** Always a fresh block: frames already handed out may still point into the old one. */
  #moveToOwn(capacity: number): void {
    const own = Buffer.allocUnsafe(capacity);
    this.bytes.copy(own, 0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    this.bytes = own;
    this.owned = true;
  }
}

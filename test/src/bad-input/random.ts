/** Reproducible random bytes: xorshift32. */
export class RandomBytes {
  #state: number;

  /** @param seed not 0 */
  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to `below` - 1. */
  integer(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  /** Bytes, at least one and at most `max`. */
  bytes(max: number): Buffer {
    const bytes = Buffer.allocUnsafe(1 + this.integer(max));
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.integer(256);
    return bytes;
  }
}

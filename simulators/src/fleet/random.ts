/** Numbers that look random and are the same for the same seed: mulberry32. */
export class Random {
  #state: number;

  /** @param seed any integer, of which 32 bits count */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Another sequence, which depends on the seed of this one and on a number, not on what was drawn. */
  static forDevice(seed: number, index: number): Random {
    return new Random(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From one number up to, not including, another. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** An integer, both ends included. */
  integer(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }
}

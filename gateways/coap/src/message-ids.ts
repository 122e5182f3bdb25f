import { randomInt } from 'node:crypto';

/** Message ids are given out in blocks, so that few moments have to be remembered. */
const BLOCK = 4096;
const ALL = 0x10000;

/**
 * The ids of the messages to one peer, none given out again within the lifetime of an exchange (RFC 7252 §4.4):
 * one after the other from a random one on.
 */
export class MessageIds {
  readonly #lifetime: number;
  readonly #first = randomInt(ALL);
  #given = 0;
  /** When each block was used up, on the monotonic clock; undefined until the first one is. */
  #usedUp: number[] | undefined;

  /** @param lifetime milliseconds */
  constructor(lifetime: number) {
    this.#lifetime = lifetime;
  }

  /**
   * @param now on the monotonic clock
   * @returns undefined while all ids are too young to be given out again
   */
  next(now: number): number | undefined {
    const block = Math.floor((this.#given % ALL) / BLOCK);
    if (this.#given % BLOCK === 0 && this.#isYoung(block, now)) return undefined;
    const id = (this.#first + this.#given) & (ALL - 1);
    this.#given++;
    if (this.#given % BLOCK === 0) {
      this.#usedUp ??= [];
      this.#usedUp[block] = now;
    }
    return id;
  }

  #isYoung(block: number, now: number): boolean {
    const usedUp = this.#usedUp?.[block];
    return usedUp !== undefined && now - usedUp < this.#lifetime;
  }
}

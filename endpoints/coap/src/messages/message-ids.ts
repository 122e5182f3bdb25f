import { randomInt } from 'node:crypto';
import type { Clock } from '@portico/core';

const IDS = 0x10000;
/** Ids are watched in blocks of so many, so that few moments have to be remembered. */
const BLOCK = 4096;

/**
 * The ids of the messages to one peer, one after the other from a random one on, none given out again within the
 * lifetime of an exchange (RFC 7252 §4.4).
 */
export class MessageIds {
  readonly #clock: Clock;
  readonly #lifetime: number;
  readonly #first = randomInt(IDS);
  #given = 0;
  /** By block: from when on its ids may be given again, on the monotonic clock. Undefined until one is used up. */
  #freeAt: number[] | undefined;

  /** @param lifetime milliseconds */
  constructor(clock: Clock, lifetime: number) {
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** Milliseconds until there is an id to take; 0 when there is one now. */
  get wait(): number {
    if (this.#freeAt === undefined || this.#given % BLOCK !== 0) return 0;
    return Math.max(0, (this.#freeAt[this.#block] ?? 0) - this.#clock.monotonic());
  }

  /** @returns undefined while all ids are too young to be given again */
  take(): number | undefined {
    if (this.wait > 0) return undefined;
    const block = this.#block;
    const id = (this.#first + this.#given) % IDS;
    this.#given++;
    if (this.#given % BLOCK === 0) {
      this.#freeAt ??= [];
      this.#freeAt[block] = this.#clock.monotonic() + this.#lifetime;
    }
    return id;
  }

  get #block(): number {
    return Math.floor((this.#given % IDS) / BLOCK);
  }
}

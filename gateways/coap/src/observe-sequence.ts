import type { Clock } from '@portico/core';

/** Numbers of 24 bits, RFC 7641 §3.4. */
const NUMBERS = 2 ** 24;

/**
 * The sequence numbers of all notifications to one peer: the milliseconds of the clock, and one more than the last
 * where that is not more. So a client takes a later notification for a newer one (RFC 7641 §3.4, §4.4) also when
 * it has registered anew with the same token, or the hub has been started again in between.
 */
export class ObserveSequence {
  readonly #clock: Clock;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, this.#clock.now());
    return this.#last % NUMBERS;
  }
}

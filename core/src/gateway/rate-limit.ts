import { Timer, type Timers } from '../runtime/timers.js';
import type { TokenBucket } from '../runtime/token-bucket.js';

/**
 * A bound on what one peer sends. What goes over it is owed: the peer's link handles nothing further until it is
 * paid. There is one timer, however much is charged meanwhile.
 */
export class RateLimit {
  readonly #bucket: TokenBucket;
  readonly #timers: Timers;
  readonly #timer: Timer;

  /** @param onPaid called when nothing is owed any more, after {@link charge} has answered true */
  constructor(bucket: TokenBucket, timers: Timers, onPaid: () => void) {
    this.#bucket = bucket;
    this.#timers = timers;
    this.#timer = new Timer(() => {
      // More may have been charged meanwhile.
      if (!this.charge(0)) onPaid();
    });
  }

  /** The peer has sent so much. @returns whether something is owed now */
  charge(amount: number): boolean {
    const delay = this.#bucket.spend(amount);
    if (delay > 0 && !this.#timer.armed) this.#timers.arm(this.#timer, delay);
    return delay > 0;
  }

  /** Nobody waits any more. */
  cancel(): void {
    this.#timers.cancel(this.#timer);
  }
}

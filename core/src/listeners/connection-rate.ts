import type { Clock } from '../runtime/clock.js';
import { Timer, type Timers } from '../runtime/timers.js';
import { TokenBucket } from '../runtime/token-bucket.js';

/**
 * Lets so many newcomers in per second, in the order in which they came. Those beyond the rate wait, up to a
 * bound.
 */
export class ConnectionRate<T> {
  readonly #bucket: TokenBucket;
  readonly #timers: Timers;
  readonly #maxWaiting: number;
  readonly #letIn: (newcomer: T) => void;
  readonly #timer = new Timer(() => this.#letInWaiting());
  #waiting: T[] = [];

  /** @param perSecond at least 1; also how many may come at once after a quiet second */
  constructor(
    clock: Clock,
    timers: Timers,
    perSecond: number,
    maxWaiting: number,
    letIn: (newcomer: T) => void,
  ) {
    this.#bucket = new TokenBucket(clock, { burst: perSecond, perSecond });
    this.#timers = timers;
    this.#maxWaiting = maxWaiting;
    this.#letIn = letIn;
  }

  /** Lets a newcomer in now or later. @returns false, doing nothing, when too many wait already */
  enter(newcomer: T): boolean {
    if (this.#waiting.length === 0 && this.#bucket.take(1)) {
      this.#letIn(newcomer);
      return true;
    }
    if (this.#waiting.length >= this.#maxWaiting) return false;
    this.#waiting.push(newcomer);
    if (!this.#timer.armed) this.#timers.arm(this.#timer, this.#bucket.delayUntil(1));
    return true;
  }

  /** Lets all in who wait: there is another rate from now on. */
  release(): void {
    const waiting = this.#waiting;
    this.clear();
    for (const newcomer of waiting) this.#letIn(newcomer);
  }

  /** Forgets all who wait. */
  clear(): void {
    this.#waiting = [];
    this.#timers.cancel(this.#timer);
  }

  #letInWaiting(): void {
    let count = 0;
    while (count < this.#waiting.length && this.#bucket.take(1)) count++;
    const admitted = this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#timers.arm(this.#timer, this.#bucket.delayUntil(1));
    for (const newcomer of admitted) this.#letIn(newcomer);
  }
}

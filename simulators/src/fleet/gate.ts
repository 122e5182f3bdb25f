import { type Clock, Timer, type Timers, TokenBucket } from '@portico/core';

/** Seconds whose share may go at once: longer than a tick of the timers, or they could not keep up. */
const BURST_TIME = 0.02;

/** Lets connections be opened one after the other, so many a second. */
export class Gate {
  readonly #timers: Timers;
  readonly #bucket: TokenBucket;
  readonly #waiting = new Set<() => void>();
  readonly #timer = new Timer(() => this.#admit());

  /** @param perSecond more than 0 */
  constructor(timers: Timers, clock: Clock, perSecond: number) {
    this.#timers = timers;
    this.#bucket = new TokenBucket(clock, { burst: Math.max(1, perSecond * BURST_TIME), perSecond });
  }

  /** Calls the function when it is its turn. */
  enter(go: () => void): void {
    this.#waiting.add(go);
    if (!this.#timer.armed) this.#timers.arm(this.#timer, 0);
  }

  /** The function will not be called. */
  leave(go: () => void): void {
    this.#waiting.delete(go);
  }

  #admit(): void {
    for (const go of this.#waiting) {
      if (!this.#bucket.take(1)) {
        this.#timers.arm(this.#timer, this.#bucket.delayUntil(1));
        return;
      }
      this.#waiting.delete(go);
      go();
    }
  }
}

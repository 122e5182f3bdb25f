import type { Rate } from '../config/units.js';
import type { Clock } from '../runtime/clock.js';

/**
 * Lets so much through per time: starts full with `burst` tokens and gets `perSecond` back. Who can wait takes
 * tokens when they are there; what has happened already is spent, if need be into debt.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perMillisecond: number;
  #tokens: number;
  #refilledAt: number;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#burst = rate.burst;
    this.#perMillisecond = rate.perSecond / 1000;
    this.#tokens = rate.burst;
    this.#refilledAt = clock.monotonic();
  }

  /** Tokens that are there now; below 0 for a debt. */
  get available(): number {
    this.#refill();
    return this.#tokens;
  }

  /** Takes `amount` tokens, at most the burst. @returns false, taking nothing, when they are not there yet */
  take(amount: number): boolean {
    this.#refill();
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }

  /** Milliseconds until there are `amount` tokens, at most the burst; 0 for now. */
  delayUntil(amount: number): number {
    this.#refill();
    const missing = amount - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil(missing / this.#perMillisecond);
  }

  /** Takes `amount` tokens whether they are there or not. @returns milliseconds until the debt is paid, 0 without */
  spend(amount: number): number {
    this.#refill();
    this.#tokens -= amount;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMillisecond);
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const earned = (now - this.#refilledAt) * this.#perMillisecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#refilledAt = now;
  }
}

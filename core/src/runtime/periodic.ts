import { Timer, type Timers } from './timers.js';

/** Does something again and again, from {@link start} to {@link stop}. */
export class Periodic {
  readonly #timers: Timers;
  #interval: number;
  #started = false;
  readonly #timer: Timer;

  /** @param interval milliseconds from one time to the next, and to the first; 0 for never */
  constructor(timers: Timers, interval: number, run: () => void) {
    this.#timers = timers;
    this.#interval = interval;
    this.#timer = new Timer(() => {
      this.#arm();
      run();
    });
  }

  start(): void {
    this.#started = true;
    this.#arm();
  }

  /** Goes on with another interval, which begins now, if it is started. */
  adjust(interval: number): void {
    if (interval === this.#interval) return;
    this.#interval = interval;
    if (!this.#started) return;
    this.#timers.cancel(this.#timer);
    this.#arm();
  }

  stop(): void {
    this.#started = false;
    this.#timers.cancel(this.#timer);
  }

  #arm(): void {
    if (this.#interval > 0) this.#timers.arm(this.#timer, this.#interval);
  }
}

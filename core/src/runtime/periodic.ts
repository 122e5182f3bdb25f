import { Timer, type Timers } from './timers.js';

/** Does something again and again, from {@link start} to {@link stop}. */
export class Periodic {
  readonly #timers: Timers;
  readonly #interval: number;
  readonly #timer: Timer;

  /** @param interval milliseconds from one time to the next, and to the first; 0 for never */
  constructor(timers: Timers, interval: number, run: () => void) {
    this.#timers = timers;
    this.#interval = interval;
    this.#timer = new Timer(() => {
      this.start();
      run();
    });
  }

  start(): void {
    if (this.#interval > 0) this.#timers.arm(this.#timer, this.#interval);
  }

  stop(): void {
    this.#timers.cancel(this.#timer);
  }
}

import type { Logger } from '../../runtime/logger.js';

/** Functions that are called when something happens. What one of them throws is logged, and the others are called. */
export class Listeners<Args extends unknown[]> {
  readonly #log: Logger;
  readonly #listeners: ((...args: Args) => void)[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  add(listener: (...args: Args) => void): void {
    this.#listeners.push(listener);
  }

  call(...args: Args): void {
    for (const listener of this.#listeners) {
      try {
        listener(...args);
      } catch (error) {
        this.#log.error({ err: error }, 'a listener of the store failed');
      }
    }
  }
}

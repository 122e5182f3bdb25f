import type { Clock } from '../../runtime/clock.js';
import { LineLimit } from '../../runtime/line-limit.js';
import type { Logger } from '../../runtime/logger.js';
import { Listeners } from './listeners.js';
import type { DamageReporter } from './recovery.js';
import type { StoreMetrics } from './store-metrics.js';

/** Counts and logs what a store has lost. */
export class LoggedLosses implements DamageReporter {
  readonly #metrics: StoreMetrics;
  readonly #log: Logger;
  readonly #damageLines: LineLimit;
  readonly #putLines: LineLimit;
  /** See `Store.onDamaged`. */
  readonly listeners: Listeners<[]>;
  /** See `Store.damaged`. */
  places = 0;

  constructor(log: Logger, clock: Clock, metrics: StoreMetrics) {
    this.#metrics = metrics;
    this.#log = log;
    this.#damageLines = new LineLimit(log, clock);
    this.#putLines = new LineLimit(log, clock);
    this.listeners = new Listeners(log);
  }

  damaged(file: string, offset: number, length: number): void {
    this.places++;
    this.#metrics.damaged.value++;
    this.#damageLines.write(
      'error',
      { file, offset, length },
      'the store is damaged: what lay there is lost',
    );
    this.listeners.call();
  }

  cutShort(file: string, offset: number, length: number): void {
    const text =
      'the store ends with a batch that was not written to its end and was never confirmed; it is left out';
    this.#log.warn({ file, offset, length }, text);
  }

  /** So much waits for the disk that a put had to be given up. */
  putLost(table: string): void {
    this.#metrics.lost.value++;
    this.#putLines.write('error', { table }, 'what was to be stored is lost: too much waits for the disk');
  }
}

import { Timer, type Timers } from '@portico/core';
import type { ClientRecords } from './client-records.js';

/** Milliseconds between two sweeps. */
const INTERVAL = 3_600_000;

/** Has what is remembered of clients forgotten again, some time after their sessions are over. */
export class Sweeping extends Timer {
  readonly #records: ClientRecords;
  readonly #timers: Timers;

  constructor(records: ClientRecords, timers: Timers) {
    super();
    this.#records = records;
    this.#timers = timers;
    timers.arm(this, INTERVAL);
  }

  stop(): void {
    this.#timers.cancel(this);
  }

  override fire(): void {
    this.#records.sweep();
    this.#timers.arm(this, INTERVAL);
  }
}

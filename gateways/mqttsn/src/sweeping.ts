import { Timer, type Timers } from '@portico/core';
import type { ClientRecords } from './client-records.js';

/** Milliseconds between two sweeps. */
const INTERVAL = 3_600_000;
/** Milliseconds between two steps of a sweep: of a million clients it takes some minutes. */
const PAUSE = 100;

/** Has what is remembered of clients forgotten again, some time after their sessions are over. */
export class Sweeping extends Timer {
  readonly #records: ClientRecords;
  readonly #timers: Timers;
  #sweep: Iterator<void> | undefined;

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
    this.#sweep ??= this.#records.sweep();
    const isDone = this.#sweep.next().done === true;
    if (isDone) this.#sweep = undefined;
    this.#timers.arm(this, isDone ? INTERVAL : PAUSE);
  }
}

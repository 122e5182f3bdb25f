import type { Tally } from './tally.js';

/** Reports that one device keeps while it has no connection. */
const MAX_KEPT = 200;

/** What a device gathers while it has no connection, to send it later: the newest, and of the others how many there were. */
export class Backlog<Report> {
  readonly #tally: Tally;
  #kept: Report[] = [];

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  keep(report: Report): void {
    if (this.#kept.length === MAX_KEPT) {
      this.#kept.shift();
      this.#tally.count('dropped');
    }
    this.#kept.push(report);
  }

  /** Takes all of it, the oldest first. */
  take(): Report[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}

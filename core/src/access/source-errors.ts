import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';

/** Milliseconds between two lines about the same source. */
const QUIET_TIME = 10_000;

interface LastLine {
  /** `clock.monotonic()`. */
  at: number;
  suppressed: number;
}

/**
 * Logs the errors of access sources: one line per source at first, then one every ten seconds at most, with
 * the number of those left out.
 */
export class SourceErrors {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #lines = new Map<string, LastLine>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  report(source: string, error: unknown): void {
    const now = this.#clock.monotonic();
    const last = this.#lines.get(source);
    if (last !== undefined && now - last.at < QUIET_TIME) {
      last.suppressed++;
      return;
    }
    this.#lines.set(source, { at: now, suppressed: 0 });
    this.#log.error(
      { source, err: error, suppressed: last?.suppressed ?? 0 },
      'an access source failed; it counts as not knowing the client',
    );
  }
}

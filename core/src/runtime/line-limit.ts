import type { Clock } from './clock.js';
import type { LogFields, Logger, LogLevel } from './logger.js';
import { TokenBucket } from './token-bucket.js';

/** A flood is one line a second after the first few. */
const RATE = { burst: 10, perSecond: 1 };

/**
 * Writes the log lines of something that hostile or broken peers can make happen as often as they like. Lines above
 * the rate are left out; the next one says how many in `unlogged`.
 */
export class LineLimit {
  readonly #log: Logger;
  readonly #bucket: TokenBucket;
  #unlogged = 0;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#bucket = new TokenBucket(clock, RATE);
  }

  write(level: LogLevel, fields: LogFields, message: string): void {
    if (!this.#log.isLevelEnabled(level)) return;
    if (!this.#bucket.take(1)) {
      this.#unlogged++;
      return;
    }
    const unlogged = this.#unlogged > 0 ? this.#unlogged : undefined;
    this.#unlogged = 0;
    this.#log[level]({ ...fields, unlogged }, message);
  }
}

/** A {@link LineLimit} of its own for each of a few keys, such as listeners. */
export class LineLimits {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, LineLimit>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  of(key: string): LineLimit {
    let limit = this.#byKey.get(key);
    if (limit === undefined) {
      limit = new LineLimit(this.#log, this.#clock);
      this.#byKey.set(key, limit);
    }
    return limit;
  }
}

import type { Logger } from '../runtime/logger.js';
import type { Counter, Gauge } from '../runtime/metrics.js';

/** Bytes that one peer may have waiting above which nothing more is delivered to it. */
export const SEND_HIGH_WATER = 1024 * 1024;
/** The same while too much waits for all peers together. */
export const SMALL_SHARE = 64 * 1024;

/** The bound is respected again when so much of it is in use. */
const RELIEF = 3 / 4;

/**
 * The bytes that wait to be written, over all connections of a hub, and what one peer may have of them. Each
 * peer is bounded, but a hundred thousand slow ones are not: while more waits than the hub may hold, a peer gets
 * a small share only, so that messages wait in its session, under the bounds of that.
 */
export class PendingBytes {
  /** Bytes that one peer may have waiting at present. */
  share = SEND_HIGH_WATER;
  #limit = Number.POSITIVE_INFINITY;
  readonly #gauge: Gauge;
  readonly #exceeded: Counter;
  readonly #log: Logger;

  /**
   * @param limit bytes; 0 for none
   * @param exceeded counts how often more waited
   */
  constructor(limit: number, gauge: Gauge, exceeded: Counter, log: Logger) {
    this.#gauge = gauge;
    this.#exceeded = exceeded;
    this.#log = log;
    this.adjust(limit);
  }

  /** Sets another limit, which holds from now on. @param limit bytes; 0 for none */
  adjust(limit: number): void {
    this.#limit = limit === 0 ? Number.POSITIVE_INFINITY : limit;
    this.add(0);
  }

  /** So many more bytes wait, or fewer. */
  add(difference: number): void {
    this.#gauge.add(difference);
    const total = this.#gauge.value;
    if (this.share === SMALL_SHARE) {
      if (total <= this.#limit * RELIEF) this.share = SEND_HIGH_WATER;
    } else if (total > this.#limit) {
      this.share = SMALL_SHARE;
      this.#exceeded.value++;
      this.#log.warn(
        { bytes: total, limit: this.#limit },
        'more waits to be written to slow peers than broker.max_pending_bytes: deliveries to them queue',
      );
    }
  }
}

import type { Timer, Timers } from '@portico/core';
import type { Exchange } from './exchanges.js';

/**
 * Requests of one peer whose answer has to wait: a confirmable one is acknowledged before its client would send it
 * again, and its answer follows in a message of its own (a separate response, RFC 7252 §5.2.2).
 */
export class LateAnswers {
  readonly #timers: Timers;
  readonly #patience: number;
  readonly #acknowledge: (exchange: Exchange) => void;
  readonly #waiting = new Map<Exchange, Timer>();

  /**
   * @param patience milliseconds in which an answer can still go with the acknowledgement
   * @param acknowledge called for each request whose answer is not there by then
   */
  constructor(timers: Timers, patience: number, acknowledge: (exchange: Exchange) => void) {
    this.#timers = timers;
    this.#patience = patience;
    this.#acknowledge = acknowledge;
  }

  /** Whether no answer has to wait. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** An answer has to wait, or to wait on. */
  begin(exchange: Exchange): void {
    if (!exchange.confirmable || this.#waiting.has(exchange)) return;
    const timer = this.#timers.after(this.#patience, () => this.#acknowledge(exchange));
    this.#waiting.set(exchange, timer);
  }

  /** The answer is there. @returns whether the request has been acknowledged meanwhile */
  end(exchange: Exchange): boolean {
    const timer = this.#waiting.get(exchange);
    if (timer === undefined) return false;
    this.#waiting.delete(exchange);
    const acknowledged = !timer.armed;
    this.#timers.cancel(timer);
    return acknowledged;
  }

  /** The peer is gone. */
  close(): void {
    for (const timer of this.#waiting.values()) this.#timers.cancel(timer);
    this.#waiting.clear();
  }
}

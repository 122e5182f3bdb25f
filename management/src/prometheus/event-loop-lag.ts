import { type Cancel, type Clock, type Histogram, type Metrics, SECONDS_BOUNDS } from '@portico/core';

/** Milliseconds between two looks. */
const INTERVAL = 100;

/** Measures by how much the event loop is late: what waits for others to end. */
export class EventLoopLag {
  readonly #clock: Clock;
  readonly #histogram: Histogram;
  #cancel: Cancel = () => {};

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#histogram = metrics.histogram(
      'event_loop.lag',
      'seconds that something had to wait for its turn, looked at ten times a second',
      SECONDS_BOUNDS,
    );
  }

  start(): void {
    const dueAt = this.#clock.monotonic() + INTERVAL;
    this.#cancel = this.#clock.schedule(INTERVAL, () => {
      this.#histogram.observe(Math.max(0, this.#clock.monotonic() - dueAt) / 1000);
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }
}

import type { Intervals } from '../fleet/routine.js';

/** Parameters of the terminal that it heeds itself (JT/T 808-2013 table 12). */
const ParameterId = { heartbeatInterval: 0x0001, reportInterval: 0x0029 } as const;

/** A parameter as it stands in JSON. */
export interface Parameter {
  readonly id: number;
  readonly value: unknown;
}

/** Parameters that a terminal keeps. */
const MAX_PARAMETERS = 256;

/** What a terminal is set to. */
export class Parameters {
  readonly #values: Map<number, unknown>;
  #intervals: Intervals;

  constructor(intervals: Intervals) {
    this.#intervals = intervals;
    this.#values = new Map([
      [ParameterId.heartbeatInterval, Math.round(intervals.heartbeat / 1000)],
      [ParameterId.reportInterval, Math.round(intervals.interval / 1000)],
    ]);
  }

  /** Of reports and heartbeats, as they were set last. */
  get intervals(): Intervals {
    return this.#intervals;
  }

  /** Those with these ids that there are, or all. */
  list(ids: readonly number[] = [...this.#values.keys()]): Parameter[] {
    return ids.filter((id) => this.#values.has(id)).map((id) => ({ id, value: this.#values.get(id) }));
  }

  /** @returns whether there is room for all */
  set(parameters: readonly Parameter[]): boolean {
    for (const { id, value } of parameters) {
      if (!this.#values.has(id) && this.#values.size >= MAX_PARAMETERS) return false;
      this.#values.set(id, value);
      this.#heed(id, value);
    }
    return true;
  }

  #heed(id: number, value: unknown): void {
    if (typeof value !== 'number' || value === 0) return;
    const milliseconds = value * 1000;
    if (id === ParameterId.heartbeatInterval)
      this.#intervals = { ...this.#intervals, heartbeat: milliseconds };
    if (id === ParameterId.reportInterval) this.#intervals = { ...this.#intervals, interval: milliseconds };
  }
}

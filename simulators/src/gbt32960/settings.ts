import type { Intervals } from '../fleet/routine.js';

/** Parameters of the terminal that it heeds itself (GB/T 32960.3-2016 table B.10). */
const REPORT_PERIOD = '0x02';
const HEARTBEAT_PERIOD = '0x09';

/** Each parameter that carries the length of another, and the other: they stand one behind the other. */
const SIZES: ReadonlyMap<string, string> = new Map([
  ['0x05', '0x04'],
  ['0x0E', '0x0D'],
]);

/** The longest report period that both editions can tell, in seconds. */
const LONGEST_PERIOD = 255;

type Parameter = Readonly<Record<string, unknown>>;

/** What a terminal is set to, as it stands in JSON: `{"0x02": 10}`. */
export class Settings {
  readonly #values: Map<string, unknown>;
  #intervals: Intervals;

  constructor(intervals: Intervals) {
    this.#intervals = intervals;
    this.#values = new Map<string, unknown>([
      ['0x01', 5000],
      [REPORT_PERIOD, seconds(intervals.interval)],
      ['0x03', 1],
      ['0x06', 7325],
      ['0x07', 'HW1.0'],
      ['0x08', 'FW1.0'],
      [HEARTBEAT_PERIOD, seconds(intervals.heartbeat)],
      ['0x0A', 20],
      ['0x0B', 20],
      ['0x0C', 1],
      ['0x0F', 7325],
      ['0x10', 2],
    ]);
  }

  /** Of reports and heartbeats, as they were set last. */
  get intervals(): Intervals {
    return this.#intervals;
  }

  /** Those with these ids that there are, each behind its length where it has one. */
  list(ids: readonly string[]): Parameter[] {
    const found = new Set<string>();
    for (const id of ids) {
      const size = SIZES.get(id);
      if (!this.#values.has(id)) continue;
      if (size !== undefined) found.add(size);
      found.add(id);
    }
    return Array.from(found, (id) => ({ [id]: this.#values.get(id) }));
  }

  set(parameters: readonly Parameter[]): void {
    for (const [id, value] of parameters.flatMap((parameter) => Object.entries(parameter))) {
      this.#values.set(id, value);
      this.#heed(id, value);
    }
  }

  #heed(id: string, value: unknown): void {
    if (typeof value !== 'number' || value === 0) return;
    const milliseconds = value * 1000;
    if (id === REPORT_PERIOD) this.#intervals = { ...this.#intervals, interval: milliseconds };
    if (id === HEARTBEAT_PERIOD) this.#intervals = { ...this.#intervals, heartbeat: milliseconds };
  }
}

function seconds(milliseconds: number): number {
  return Math.min(Math.max(1, Math.round(milliseconds / 1000)), LONGEST_PERIOD);
}

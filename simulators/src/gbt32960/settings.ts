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
  #interval: number;
  #heartbeat: number;

  /** @param interval, heartbeat milliseconds */
  constructor(interval: number, heartbeat: number) {
    this.#interval = interval;
    this.#heartbeat = heartbeat;
    this.#values = new Map<string, unknown>([
      ['0x01', 5000],
      [REPORT_PERIOD, seconds(interval)],
      ['0x03', 1],
      ['0x06', 7325],
      ['0x07', 'HW1.0'],
      ['0x08', 'FW1.0'],
      [HEARTBEAT_PERIOD, seconds(heartbeat)],
      ['0x0A', 20],
      ['0x0B', 20],
      ['0x0C', 1],
      ['0x0F', 7325],
      ['0x10', 2],
    ]);
  }

  /** Milliseconds from one report to the next. */
  get interval(): number {
    return this.#interval;
  }

  /** Milliseconds from one heartbeat to the next. */
  get heartbeat(): number {
    return this.#heartbeat;
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
      if (typeof value !== 'number' || value === 0) continue;
      if (id === REPORT_PERIOD) this.#interval = value * 1000;
      if (id === HEARTBEAT_PERIOD) this.#heartbeat = value * 1000;
    }
  }
}

function seconds(milliseconds: number): number {
  return Math.min(Math.max(1, Math.round(milliseconds / 1000)), LONGEST_PERIOD);
}

/** Parameters of the terminal that it heeds itself (JT/T 808-2013 table 12). */
export const ParameterId = { heartbeatInterval: 0x0001, reportInterval: 0x0029 } as const;

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

  /** @param heartbeat, interval milliseconds */
  constructor(heartbeat: number, interval: number) {
    this.#values = new Map([
      [ParameterId.heartbeatInterval, Math.round(heartbeat / 1000)],
      [ParameterId.reportInterval, Math.round(interval / 1000)],
    ]);
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
    }
    return true;
  }

  /** Milliseconds of a parameter that is set among these to a number of seconds above 0. */
  static interval(parameters: readonly Parameter[], id: number): number | undefined {
    const value = parameters.findLast((parameter) => parameter.id === id)?.value;
    return typeof value === 'number' && value > 0 ? value * 1000 : undefined;
  }
}

/** A {@link Histogram} as those see it who only read. */
export interface HistogramReading {
  readonly name: string;
  readonly help: string;
  /** Upper bounds of the buckets, rising; what is above the last one counts in none of them. */
  readonly bounds: readonly number[];
  /** How many values were at most as great as each of {@link bounds}. */
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** How numbers are distributed: how many of them there were up to each of some bounds. */
export class Histogram implements HistogramReading {
  readonly #counts: Float64Array;
  #count = 0;
  #sum = 0;

  /** @param bounds upper bounds of the buckets, rising */
  constructor(
    /** Dotted name. */
    readonly name: string,
    /** One line for people, with the unit. */
    readonly help: string,
    readonly bounds: readonly number[],
  ) {
    this.#counts = new Float64Array(bounds.length);
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  get cumulative(): readonly number[] {
    let sum = 0;
    return Array.from(this.#counts, (count) => {
      sum += count;
      return sum;
    });
  }

  observe(value: number): void {
    this.#count++;
    this.#sum += value;
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }
}

/** Bounds for times in seconds: from 1 ms, which is next to nothing here, to 10 s. */
export const SECONDS_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

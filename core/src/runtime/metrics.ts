import { Histogram, type HistogramReading } from './histogram.js';

/**
 * A number that only grows. Hot paths keep the object and write `counter.value++`.
 */
export class Counter {
  value = 0;
  constructor(
    /** Dotted name, as the management API and `$SYS` show it. */
    readonly name: string,
    /** One line for people. */
    readonly help: string,
  ) {}
}

/** A {@link Counter} as those see it who only read. */
export type CounterReading = Readonly<Counter>;

/** Counters by name. */
export type CounterSet<Name extends string> = Readonly<Record<Name, Counter>>;

/** The sum of what others count. */
class SummedCounter implements CounterReading {
  readonly #parts = new Set<() => number>();
  /** Of parts that are no more. */
  #past = 0;

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  get value(): number {
    let sum = this.#past;
    for (const read of this.#parts) sum += read();
    return sum;
  }

  add(read: () => number): () => void {
    this.#parts.add(read);
    return () => {
      if (this.#parts.delete(read)) this.#past += read();
    };
  }
}

/** A number that goes up and down, with the highest value it ever had. */
export class Gauge {
  #value = 0;
  #max = 0;
  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  get value(): number {
    return this.#value;
  }

  get max(): number {
    return this.#max;
  }

  set(value: number): void {
    this.#value = value;
    if (value > this.#max) this.#max = value;
  }

  add(difference: number): void {
    this.set(this.#value + difference);
  }
}

/** All counters and gauges of one hub. Everything that counts registers here, at start, under a unique name. */
export class Metrics {
  readonly #counters = new Map<string, Counter>();
  readonly #summed = new Map<string, SummedCounter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  /** The counter of that name; made at the first call. */
  counter(name: string, help: string): Counter {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter(name, help);
      this.#counters.set(name, counter);
    }
    return counter;
  }

  /** A counter for each name, as {@link counter} makes it. @param helps a line for people, by name */
  counterSet<Name extends string>(helps: Readonly<Record<Name, string>>): CounterSet<Name> {
    const counters = Object.entries<string>(helps).map(([name, help]) => [name, this.counter(name, help)]);
    return Object.fromEntries(counters) as CounterSet<Name>;
  }

  /**
   * Takes in a number that is counted elsewhere and only grows; those of one name are added up.
   * @returns to be called when it grows no more and is to be let go; what it was by then still counts
   */
  follow(name: string, help: string, read: () => number): () => void {
    let summed = this.#summed.get(name);
    if (summed === undefined) {
      summed = new SummedCounter(name, help);
      this.#summed.set(name, summed);
    }
    return summed.add(read);
  }

  /** The gauge of that name; made at the first call. It shows as `<name>.count` and `<name>.max`. */
  gauge(name: string, help: string): Gauge {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge(name, help);
      this.#gauges.set(name, gauge);
    }
    return gauge;
  }

  /** The histogram of that name; made at the first call, with those bounds. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    let histogram = this.#histograms.get(name);
    if (histogram === undefined) {
      histogram = new Histogram(name, help, bounds);
      this.#histograms.set(name, histogram);
    }
    return histogram;
  }

  /** The present value of a counter; 0 for one that nobody has registered. */
  get(name: string): number {
    return (this.#counters.get(name) ?? this.#summed.get(name))?.value ?? 0;
  }

  *counters(): IterableIterator<CounterReading> {
    yield* this.#counters.values();
    yield* this.#summed.values();
  }

  gauges(): IterableIterator<Gauge> {
    return this.#gauges.values();
  }

  histograms(): IterableIterator<HistogramReading> {
    return this.#histograms.values();
  }
}

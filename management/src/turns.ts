/**
 * Shares the event loop with the messages: long work is done in slices, and of all the long work that is under way, one
 * slice is done in a turn of the event loop.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves in a later turn of the event loop, which is the caller's alone. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#arm();
    });
  }

  #arm(): void {
    setImmediate(() => {
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#arm();
    });
  }
}

/** What may be done in one slice: 500 things looked at, or 25 of them made rows; a sixth of a millisecond. */
const SLICE = 500;

/** Counts what is done in a slice. */
export class Slice {
  readonly #turns: Turns;
  #left = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  charge(cost: number): void {
    this.#left -= cost;
  }

  /** @returns something to await before any more is done, when the slice is used up, as it is at the beginning */
  over(): Promise<void> | undefined {
    if (this.#left > 0) return undefined;
    this.#left = SLICE;
    return this.#turns.next();
  }
}

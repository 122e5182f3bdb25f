/**
 * The headers of a frame in the order in which they stand there. A name may stand there more than once: then the first
 * one holds (STOMP 1.2, “Repeated Header Entries”).
 */
export class Headers implements Iterable<readonly [name: string, value: string]> {
  /** Names and values in turn. */
  readonly flat: readonly string[];

  constructor(flat: readonly string[]) {
    this.flat = flat;
  }

  /** How many there are, repeated ones too. */
  get count(): number {
    return this.flat.length / 2;
  }

  /** The value that holds for a name; undefined when there is none. */
  get(name: string): string | undefined {
    const { flat } = this;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] === name) return flat[i + 1];
    }
    return undefined;
  }

  /** All others. */
  without(name: string): Headers {
    return new Headers([...this].filter(([other]) => other !== name).flat());
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.flat.length; i += 2) {
      yield [this.flat[i] as string, this.flat[i + 1] as string];
    }
  }
}

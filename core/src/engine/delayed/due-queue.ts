/** A message that is to be published later, without the message. */
export interface Waiting {
  /** When it is due, by the monotonic clock. */
  readonly dueAt: number;
  /** Later ones have greater numbers. */
  readonly number: number;
  /** Of its entry in the store. */
  readonly key: string;
  /** What it takes in the store. */
  readonly bytes: number;
}

/** What is due first comes out first, and of what is due at the same time the one with the smaller number: a heap. */
export class DueQueue {
  readonly #heap: Waiting[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): Waiting | undefined {
    return this.#heap[0];
  }

  add(waiting: Waiting): void {
    let at = this.#heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#heap[parentAt];
      if (parent === undefined || isBefore(parent, waiting)) break;
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = waiting;
  }

  /** Takes the first one out. */
  take(): Waiting | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  /** Puts the last one, which has been taken from its place, where it belongs when the first place is empty. */
  #sink(last: Waiting): void {
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = this.#heap[leftAt];
      const right = this.#heap[leftAt + 1];
      const takesRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = takesRight ? right : left;
      if (child === undefined || isBefore(last, child)) break;
      this.#heap[at] = child;
      at = takesRight ? leftAt + 1 : leftAt;
    }
    this.#heap[at] = last;
  }
}

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.dueAt === other.dueAt ? one.number < other.number : one.dueAt < other.dueAt;
}

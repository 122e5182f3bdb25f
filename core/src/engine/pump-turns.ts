/** Messages looked at in one turn of the event loop, all sessions together: some milliseconds. */
const BUDGET = 5000;

/** A session that has more to send than it may at once. */
interface Pump {
  /** Goes on sending. @returns how many messages it has looked at */
  pumpInTurn(): number;
}

/**
 * Sessions that go on sending in the next turns of the event loop, one after the other: however many come back at
 * once and find a queue or a store of retained messages waiting, everybody else is served in between.
 */
export class PumpTurns {
  readonly #nextTurn: (run: () => void) => void;
  #due: Pump[] = [];

  /** @param nextTurn runs something in the next turn of the event loop */
  constructor(nextTurn: (run: () => void) => void) {
    this.#nextTurn = nextTurn;
  }

  add(pump: Pump): void {
    this.#due.push(pump);
    if (this.#due.length === 1) this.#nextTurn(() => this.#run());
  }

  #run(): void {
    const due = this.#due;
    this.#due = [];
    let budget = BUDGET;
    let done = 0;
    try {
      while (done < due.length && budget > 0) budget -= due[done++]?.pumpInTurn() ?? 0;
    } finally {
      const again = this.#due;
      this.#due = [...due.slice(done), ...again];
      // What was added meanwhile into the empty list has asked for a turn already.
      if (this.#due.length > 0 && again.length === 0) this.#nextTurn(() => this.#run());
    }
  }
}

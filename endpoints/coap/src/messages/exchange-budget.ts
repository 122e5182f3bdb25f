/** One who has something from the budget, and may no longer need it. */
export interface Borrower {
  /** Gives back whatever is no longer needed. @param now on the monotonic clock */
  release(now: number): void;
}

/** So many borrowers are asked to give back when nothing is left. */
const ASKED_AT_A_TIME = 4;

/**
 * The requests that all peers of the gateway together may have remembered beside those that each peer may have
 * in any case. When nothing is left, some of those who have are asked to give back what has expired, the next
 * ones each time: so it comes back without a timer for each peer.
 */
export class ExchangeBudget {
  readonly #borrowers = new Set<Borrower>();
  #left: number;
  #round: Iterator<Borrower> = this.#borrowers.values();

  /** @param limit exchanges */
  constructor(limit: number) {
    this.#left = limit;
  }

  /** @returns false, taking nothing, when nothing is left */
  take(borrower: Borrower, now: number): boolean {
    if (this.#left <= 0) this.#askBack(now);
    if (this.#left <= 0) return false;
    this.#left--;
    this.#borrowers.add(borrower);
    return true;
  }

  /** @param all whether the borrower has nothing any more */
  giveBack(borrower: Borrower, count: number, all: boolean): void {
    this.#left += count;
    if (all) this.#borrowers.delete(borrower);
  }

  #askBack(now: number): void {
    for (let asked = 0; asked < ASKED_AT_A_TIME; asked++) {
      let next = this.#round.next();
      if (next.done === true) {
        this.#round = this.#borrowers.values();
        next = this.#round.next();
      }
      if (next.done === true) return;
      next.value.release(now);
    }
  }
}

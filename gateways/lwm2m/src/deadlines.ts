import { type Clock, Timer, type Timers } from '@portico/core';

/** Milliseconds that end together. */
const SPAN = 1000;

/** What has a deadline, and may have it moved as often as it likes at no cost. */
export interface Mortal {
  /** When it is over, in milliseconds on the monotonic clock. Read when it was thought to come. */
  readonly deadline: number;
  /** Kept by {@link Deadlines}: the number of the second in which it is looked at next; 0 for none. */
  lookAt: number;
}

/** All that is looked at in one second. */
class Second<T> extends Timer {
  readonly number: number;
  readonly items = new Set<T>();
  readonly #due: (second: Second<T>) => void;

  constructor(number: number, due: (second: Second<T>) => void) {
    super();
    this.number = number;
    this.#due = due;
  }

  override fire(): void {
    this.#due(this);
  }
}

/**
 * Deadlines of very many, of which most are moved on before they come: a timer for each second in which there are any,
 * and none for each. Who is given more time is not placed anew; it is looked at when its old time comes.
 */
export class Deadlines<T extends Mortal> {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #over: (item: T) => void;
  readonly #seconds = new Map<number, Second<T>>();
  readonly #due = (second: Second<T>): void => this.#look(second);

  /** @param over told of each whose deadline has come, at most a second late */
  constructor(
    { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
    over: (item: T) => void,
  ) {
    this.#clock = clock;
    this.#timers = timers;
    this.#over = over;
  }

  /** It has a deadline from now on, or one that is sooner than it was. Where it is later nothing need be done. */
  watch(item: T): void {
    const number = Math.max(1, Math.ceil(item.deadline / SPAN));
    if (item.lookAt !== 0 && item.lookAt <= number) return;
    this.forget(item);
    item.lookAt = number;
    this.#second(number).items.add(item);
  }

  /** It has no deadline any more. */
  forget(item: T): void {
    const second = this.#seconds.get(item.lookAt);
    item.lookAt = 0;
    if (second === undefined) return;
    second.items.delete(item);
    if (second.items.size > 0) return;
    this.#seconds.delete(second.number);
    this.#timers.cancel(second);
  }

  stop(): void {
    for (const second of this.#seconds.values()) this.#timers.cancel(second);
    this.#seconds.clear();
  }

  #second(number: number): Second<T> {
    let second = this.#seconds.get(number);
    if (second === undefined) {
      second = new Second(number, this.#due);
      this.#seconds.set(number, second);
      this.#timers.arm(second, number * SPAN - this.#clock.monotonic());
    }
    return second;
  }

  #look(second: Second<T>): void {
    this.#seconds.delete(second.number);
    const now = this.#clock.monotonic();
    for (const item of second.items) {
      item.lookAt = 0;
      if (item.deadline <= now) this.#over(item);
      else this.watch(item);
    }
  }
}

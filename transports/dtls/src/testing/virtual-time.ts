import type { DtlsEnvironment, DtlsTimer, DtlsTimers } from '../contract.js';

class VirtualTimer implements DtlsTimer {
  readonly onFire: () => void;
  /** Milliseconds; undefined when not armed. */
  due: number | undefined;

  constructor(onFire: () => void) {
    this.onFire = onFire;
  }

  get armed(): boolean {
    return this.due !== undefined;
  }
}

/** Time that stands still until a test moves it. */
export class VirtualTime implements DtlsEnvironment, DtlsTimers {
  readonly timers = this;
  readonly #armed = new Set<VirtualTimer>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  /** Timers that wait to fire. */
  get armedCount(): number {
    return this.#armed.size;
  }

  after(delay: number, onFire: () => void): VirtualTimer {
    const timer = new VirtualTimer(onFire);
    this.arm(timer, delay);
    return timer;
  }

  arm(timer: DtlsTimer, delay: number): void {
    if (!(timer instanceof VirtualTimer)) throw new TypeError('a timer of somebody else');
    timer.due = this.#now + delay;
    this.#armed.delete(timer);
    this.#armed.add(timer);
  }

  cancel(timer: DtlsTimer): void {
    if (!(timer instanceof VirtualTimer)) throw new TypeError('a timer of somebody else');
    timer.due = undefined;
    this.#armed.delete(timer);
  }

  /** Fires the timer that is next, if it is due by `limit`. @returns whether there was one */
  step(limit = Number.POSITIVE_INFINITY): boolean {
    let next: VirtualTimer | undefined;
    let earliest = limit;
    for (const timer of this.#armed) {
      if (timer.due === undefined || timer.due > earliest) continue;
      if (next !== undefined && timer.due === earliest) continue;
      next = timer;
      earliest = timer.due;
    }
    if (next === undefined) return false;
    this.cancel(next);
    this.#now = earliest;
    next.onFire();
    return true;
  }

  /** Moves on by `milliseconds`, firing whatever falls due on the way. */
  advance(milliseconds: number): void {
    const target = this.#now + milliseconds;
    while (this.step(target));
    this.#now = target;
  }
}

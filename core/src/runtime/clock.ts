/**
 * The one source of time. Everything that asks what time it is or wants to be woken asks here, so that a test
 * can move time by hand.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. May jump when the system's time is set. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never jumps; for measuring intervals. */
  monotonic(): number;
  /** Calls `wake` once, `delay` milliseconds from now. Only the timer wheel uses this. */
  schedule(delay: number, wake: () => void): Cancel;
}

export type Cancel = () => void;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delay, wake) {
    const timeout = setTimeout(wake, delay);
    return () => clearTimeout(timeout);
  },
};

interface Alarm {
  at: number;
  wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #start: number;
  readonly #alarms = new Set<Alarm>();

  /** @param start milliseconds since 1970 */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
    this.#start = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  schedule(delay: number, wake: () => void): Cancel {
    const alarm = { at: this.#now + Math.max(0, delay), wake };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Moves time on by `milliseconds`, waking whatever falls due on the way, in order. */
  advance(milliseconds: number): void {
    const target = this.#now + milliseconds;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.at > target) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = target;
  }

  /** Moves time on and wakes nobody, as when something keeps the event loop busy: they wake late. */
  block(milliseconds: number): void {
    this.#now += milliseconds;
  }

  #earliest(): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (earliest === undefined || alarm.at < earliest.at) earliest = alarm;
    }
    return earliest;
  }
}

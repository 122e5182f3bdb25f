import type { Cancel, Clock } from './clock.js';

/** Resolution of every timer, in milliseconds: a timer never fires early and at most this much late. */
export const TIMER_TICK = 10;

const SLOT_BITS = 6;
const SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = SLOTS - 1;
/** Five levels of 64 slots of 10 ms reach 124 days; longer timers are placed again when they get there. */
const LEVELS = 5;
const MAX_TICKS = 2 ** (SLOT_BITS * LEVELS) - 1;
/** Milliseconds that the system timer can wait; when what comes up is later, the wheel turns once in between. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * One timer that its owner keeps and arms as often as it likes, without an allocation. Subclass it or pass a
 * function; a million connections with one timer each cost a million small objects and no system timer.
 */
export class Timer {
  /** @internal */ next: Timer | undefined = undefined;
  /** @internal */ previous: Timer | undefined = undefined;
  /** @internal */ slot: TimerSlot | undefined = undefined;
  /** @internal */ dueTick = 0;
  readonly #onFire: (() => void) | undefined;

  constructor(onFire?: () => void) {
    this.#onFire = onFire;
  }

  /** Whether it is waiting to fire. */
  get armed(): boolean {
    return this.slot !== undefined;
  }

  /** Called once when due. It is no longer armed then and may be armed again. */
  fire(): void {
    this.#onFire?.();
  }
}

/** The timers of one slot, in the order in which they were placed. */
class TimerSlot {
  head: Timer | undefined = undefined;
  #tail: Timer | undefined = undefined;

  add(timer: Timer): void {
    timer.slot = this;
    timer.next = undefined;
    timer.previous = this.#tail;
    if (this.#tail === undefined) this.head = timer;
    else this.#tail.next = timer;
    this.#tail = timer;
  }

  remove(timer: Timer): void {
    if (timer.previous === undefined) this.head = timer.next;
    else timer.previous.next = timer.next;
    if (timer.next === undefined) this.#tail = timer.previous;
    else timer.next.previous = timer.previous;
    timer.slot = undefined;
    timer.next = undefined;
    timer.previous = undefined;
  }
}

/**
 * All timers of the hub: a hierarchical wheel on one system timer, armed for the earliest slot that holds
 * anything. Arming and cancelling cost the same however many timers there are.
 */
export class Timers {
  readonly #clock: Clock;
  readonly #levels: TimerSlot[][];
  /** The tick up to which everything has fired. */
  #tick = 0;
  #count = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancelWake: Cancel | undefined;
  /** Timers are being fired: the tick moves on by itself. */
  #turning = false;
  readonly #onError: (error: unknown) => void;

  /** @param onError is told what a timer's function threw; the wheel goes on. */
  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
    this.#tick = this.#currentTick();
    this.#levels = Array.from({ length: LEVELS }, () => Array.from({ length: SLOTS }, () => new TimerSlot()));
  }

  /** Number of armed timers. */
  get size(): number {
    return this.#count;
  }

  /** Arms `timer` to fire `delay` milliseconds from now; an armed one is moved. */
  arm(timer: Timer, delay: number): void {
    if (timer.slot !== undefined) this.cancel(timer);
    if (this.#count === 0 && !this.#turning) this.#tick = this.#currentTick();
    const due = Math.ceil((this.#clock.monotonic() + Math.max(0, delay)) / TIMER_TICK);
    timer.dueTick = Math.max(due, this.#tick + 1);
    this.#place(timer);
    this.#count++;
    this.#wakeBefore(timer.dueTick);
  }

  /** Disarms `timer`; does nothing when it is not armed. */
  cancel(timer: Timer): void {
    if (timer.slot === undefined) return;
    timer.slot.remove(timer);
    this.#count--;
    if (this.#count === 0) this.#sleep();
  }

  /** A timer made and armed in one go. Keep the result to cancel it. */
  after(delay: number, onFire: () => void): Timer {
    const timer = new Timer(onFire);
    this.arm(timer, delay);
    return timer;
  }

  /** Forgets every timer. */
  stop(): void {
    for (const level of this.#levels) {
      for (const slot of level) {
        while (slot.head !== undefined) slot.remove(slot.head);
      }
    }
    this.#count = 0;
    this.#sleep();
  }

  #currentTick(): number {
    return Math.floor(this.#clock.monotonic() / TIMER_TICK);
  }

  #place(timer: Timer): void {
    const distance = Math.min(timer.dueTick - this.#tick, MAX_TICKS);
    const tick = this.#tick + distance;
    let level = 0;
    while (level < LEVELS - 1 && distance >= 2 ** (SLOT_BITS * (level + 1))) level++;
    this.#slotAt(level, tick).add(timer);
  }

  #slotAt(level: number, tick: number): TimerSlot {
    const index = Math.floor(tick / 2 ** (SLOT_BITS * level)) & SLOT_MASK;
    return (this.#levels[level] as TimerSlot[])[index] as TimerSlot;
  }

  #wakeBefore(tick: number): void {
    if (tick >= this.#wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = tick;
    const delay = tick * TIMER_TICK - this.#clock.monotonic();
    const sleep = Math.min(Math.max(0, Math.ceil(delay)), LONGEST_SLEEP);
    this.#cancelWake = this.#clock.schedule(sleep, () => this.#wake());
  }

  #sleep(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  #wake(): void {
    this.#cancelWake = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = this.#currentTick();
    this.#turning = true;
    while (this.#tick < now && this.#count > 0) {
      this.#tick = Math.min(this.#nextTick(), now);
      this.#cascade();
      this.#fireSlot(this.#slotAt(0, this.#tick));
    }
    this.#turning = false;
    if (this.#count > 0) this.#wakeBefore(this.#nextTick());
  }

  /** The next tick after the current one at which a slot of any level comes up. */
  #nextTick(): number {
    let nearest = this.#tick + MAX_TICKS;
    for (let level = 0; level < LEVELS; level++) {
      const span = 2 ** (SLOT_BITS * level);
      const base = Math.floor(this.#tick / span);
      for (let step = 1; step <= SLOTS; step++) {
        const tick = (base + step) * span;
        if (tick >= nearest) break;
        if (this.#slotAt(level, tick).head !== undefined) nearest = tick;
      }
    }
    return nearest;
  }

  /** Brings timers of higher levels down where their slot begins at the current tick. */
  #cascade(): void {
    for (let level = LEVELS - 1; level > 0; level--) {
      const span = 2 ** (SLOT_BITS * level);
      if (this.#tick % span !== 0) continue;
      const slot = this.#slotAt(level, this.#tick);
      while (slot.head !== undefined) {
        const timer = slot.head;
        slot.remove(timer);
        this.#place(timer);
      }
    }
  }

  #fireSlot(slot: TimerSlot): void {
    while (slot.head !== undefined) {
      const timer = slot.head;
      slot.remove(timer);
      this.#count--;
      try {
        timer.fire();
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

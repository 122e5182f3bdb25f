import { Timer, type Timers } from '@portico/core';

/** What waits in a {@link CommandQueue}. */
export interface Queued {
  /** Milliseconds since 1970; Infinity for never. */
  readonly expiresAt: number;
}

/** Whose commands they are. */
export interface QueueOwner<Entry extends Queued> {
  /** Whether the device can be sent something at present. */
  readonly reachable: boolean;
  /**
   * Sends an entry; {@link CommandQueue.finished} is to be called when its answer is there, or will not come.
   * @returns false when there is no way to the device: the entry stays where it is
   */
  send(entry: Entry): boolean;
  /** An entry has waited for too long and is gone. */
  expired(entry: Entry): void;
}

/**
 * The commands of one device in the order in which they came: one is on its way, the others wait until it is answered
 * and the device is awake. One that has expired is not sent any more. It is its own timer, for the expiry of what waits;
 * a device that has no commands needs none.
 */
export class CommandQueue<Entry extends Queued> extends Timer {
  readonly #owner: QueueOwner<Entry>;
  readonly #timers: Timers;
  readonly #now: () => number;
  #waiting: Entry[] = [];
  #sent: Entry | undefined;
  #pumping = false;

  /** @param now milliseconds since 1970 */
  constructor(owner: QueueOwner<Entry>, timers: Timers, now: () => number) {
    super();
    this.#owner = owner;
    this.#timers = timers;
    this.#now = now;
  }

  /** What is on its way to the device. */
  get sent(): Entry | undefined {
    return this.#sent;
  }

  /** What waits, in order. */
  get waiting(): readonly Entry[] {
    return this.#waiting;
  }

  get size(): number {
    return this.#waiting.length + (this.#sent === undefined ? 0 : 1);
  }

  /** Takes an entry in behind all others, and sends it if nothing is before it. */
  push(entry: Entry): void {
    this.#waiting.push(entry);
    this.pump();
    this.#arm();
  }

  /** The entry on its way is over; the next one goes. */
  finished(): void {
    this.#sent = undefined;
    this.pump();
    this.#arm();
  }

  /** Sends what can be sent: the device may be awake now. */
  pump(): void {
    // Sending may fail at once, and so come here again.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#expire();
      this.#sendNext();
    } finally {
      this.#pumping = false;
    }
  }

  #sendNext(): void {
    while (this.#sent === undefined && this.#owner.reachable) {
      const next = this.#waiting[0];
      if (next === undefined || !this.#trySend(next)) return;
    }
  }

  #trySend(entry: Entry): boolean {
    this.#waiting.shift();
    this.#sent = entry;
    let isSent: boolean;
    try {
      isSent = this.#owner.send(entry);
    } catch (error) {
      this.#sent = undefined;
      throw error;
    }
    if (isSent) return true;
    this.#sent = undefined;
    this.#waiting.unshift(entry);
    return false;
  }

  /** Takes out everything, in order: that on its way first. */
  clear(): Entry[] {
    const all = this.#sent === undefined ? this.#waiting : [this.#sent, ...this.#waiting];
    this.#sent = undefined;
    this.#waiting = [];
    this.#timers.cancel(this);
    return all;
  }

  override fire(): void {
    this.#expire();
    this.#arm();
  }

  #expire(): void {
    const now = this.#now();
    if (this.#waiting.every(({ expiresAt }) => expiresAt > now)) return;
    const expired = this.#waiting.filter(({ expiresAt }) => expiresAt <= now);
    this.#waiting = this.#waiting.filter(({ expiresAt }) => expiresAt > now);
    for (const entry of expired) this.#owner.expired(entry);
  }

  #arm(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.#waiting) next = Math.min(next, expiresAt);
    if (next === Number.POSITIVE_INFINITY) this.#timers.cancel(this);
    else this.#timers.arm(this, next - this.#now());
  }
}

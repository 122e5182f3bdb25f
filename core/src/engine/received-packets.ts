import type { Timer } from '../runtime/timers.js';
import type { Engine } from './engine.js';
import type { PublishResult, SessionOptions } from './types.js';

/**
 * The packet ids of QoS 2 messages that a client has published and not yet released: what makes a second
 * PUBLISH with the same id a duplicate (MQTT 5 §4.3.3). Ids that are never released are forgotten after the
 * await_rel_timeout.
 */
export class ReceivedPackets {
  #limit: number;
  #timeout: number;
  readonly #engine: Engine;
  /** Packet id → `clock.monotonic()` when it is forgotten, oldest first. */
  #waiting: Map<number, number> | undefined;
  #timer: Timer | undefined;
  /** What is still being published, for a client that asks again meanwhile. */
  #pending: Map<number, Promise<PublishResult>> | undefined;

  constructor(options: SessionOptions, engine: Engine) {
    this.#limit = options.maxAwaitingRel;
    this.#timeout = options.awaitRelTimeout;
    this.#engine = engine;
  }

  /** Other limits hold from now on; what waits, waits its new time. */
  adopt(options: SessionOptions): void {
    const waiting = [...(this.#waiting?.keys() ?? [])];
    this.clear();
    this.#limit = options.maxAwaitingRel;
    this.#timeout = options.awaitRelTimeout;
    for (const packetId of waiting) this.add(packetId);
  }

  get size(): number {
    return this.#waiting?.size ?? 0;
  }

  get full(): boolean {
    return this.#limit > 0 && this.size >= this.#limit;
  }

  /** What becomes of a packet that is still being published; undefined for others. */
  pending(packetId: number): Promise<PublishResult> | undefined {
    return this.#pending?.get(packetId);
  }

  /** Remembers the answer to a packet until it is there. */
  async await(packetId: number, result: Promise<PublishResult>): Promise<PublishResult> {
    this.#pending ??= new Map();
    this.#pending.set(packetId, result);
    try {
      return await result;
    } finally {
      this.#pending.delete(packetId);
    }
  }

  has(packetId: number): boolean {
    return this.#waiting?.has(packetId) ?? false;
  }

  add(packetId: number): void {
    this.#waiting ??= new Map();
    this.#waiting.set(packetId, this.#engine.clock.monotonic() + this.#timeout);
    if (this.#timeout > 0 && !this.#timer?.armed) {
      this.#timer ??= this.#engine.timers.after(this.#timeout, () => this.#forgetOverdue());
      if (!this.#timer.armed) this.#engine.timers.arm(this.#timer, this.#timeout);
    }
  }

  /** @returns false when the id does not wait */
  release(packetId: number): boolean {
    return this.#waiting?.delete(packetId) ?? false;
  }

  clear(): void {
    this.#waiting = undefined;
    if (this.#timer !== undefined) this.#engine.timers.cancel(this.#timer);
  }

  #forgetOverdue(): void {
    const now = this.#engine.clock.monotonic();
    for (const [packetId, due] of this.#waiting ?? []) {
      if (due > now) {
        if (this.#timer !== undefined) this.#engine.timers.arm(this.#timer, due - now);
        return;
      }
      this.#waiting?.delete(packetId);
      this.#engine.metrics.counters['messages.await_rel_timeout'].value++;
    }
  }
}

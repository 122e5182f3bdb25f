import type { Timer } from '../runtime/timers.js';
import type { Engine } from './engine.js';
import type { PublishResult } from './outcomes.js';
import type { Session } from './session.js';

/**
 * The packet ids of QoS 2 messages that a client has published and not yet released: what makes a second
 * PUBLISH with the same id a duplicate (MQTT 5 §4.3.3). Ids that are never released are forgotten after the
 * await_rel_timeout; as long as the client is away or asleep, and cannot release them, that time does not run.
 */
export class AwaitingRelease {
  readonly #session: Session;
  readonly #engine: Engine;
  /** Packet id → `clock.monotonic()` when it is forgotten, oldest first; the time away comes on top. */
  #waiting: Map<number, number> | undefined;
  /** `clock.monotonic()` when the client left; undefined while it is there. */
  #leftAt: number | undefined;
  #timer: Timer | undefined;
  /** What is still being published, for a client that asks again meanwhile. */
  #pending: Map<number, Promise<PublishResult>> | undefined;

  constructor(session: Session, engine: Engine) {
    this.#session = session;
    this.#engine = engine;
    if (!session.reachable) this.#leftAt = engine.clock.monotonic();
  }

  /** The await_rel_timeout is another one: what waits, waits its new time. */
  adopt(): void {
    const waiting = [...(this.#waiting?.keys() ?? [])];
    this.#waiting = undefined;
    this.#cancel();
    for (const packetId of waiting) this.add(packetId);
  }

  /** The client is gone, or asleep. */
  detached(): void {
    this.#leftAt ??= this.#engine.clock.monotonic();
    this.#cancel();
  }

  /** The client is there again. */
  reattached(): void {
    const now = this.#engine.clock.monotonic();
    const away = now - (this.#leftAt ?? now);
    this.#leftAt = undefined;
    for (const [packetId, due] of this.#waiting ?? []) this.#waiting?.set(packetId, due + away);
    this.#arm();
  }

  get size(): number {
    return this.#waiting?.size ?? 0;
  }

  get full(): boolean {
    const { maxAwaitingRel } = this.#session.options;
    return maxAwaitingRel > 0 && this.size >= maxAwaitingRel;
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
    const due = this.#engine.clock.monotonic() + this.#session.options.awaitRelTimeout;
    this.#waiting.set(packetId, due);
    this.#arm(due);
  }

  /**
   * The message under the identifier has been taken. It is written down together with the message, so that after a
   * fall of the hub the client's next PUBLISH is a duplicate if, and only if, the message is there.
   */
  taken(packetId: number): void {
    const { number } = this.#session;
    if (number !== 0 && this.has(packetId)) this.#engine.records?.saveAwaitingRelease(number, packetId);
  }

  /** @returns false when the id does not wait */
  release(packetId: number): boolean {
    if (!this.#waiting?.delete(packetId)) return false;
    this.#unstore(packetId);
    return true;
  }

  clear(): void {
    for (const packetId of this.#waiting?.keys() ?? []) this.#unstore(packetId);
    this.#waiting = undefined;
    this.#cancel();
  }

  /** The session has become durable. */
  storeAll(): void {
    for (const packetId of this.#waiting?.keys() ?? []) this.taken(packetId);
  }

  #unstore(packetId: number): void {
    const { number } = this.#session;
    if (number !== 0) this.#engine.records?.deleteAwaitingRelease(number, packetId);
  }

  #cancel(): void {
    if (this.#timer !== undefined) this.#engine.timers.cancel(this.#timer);
  }

  /** @param due of the one to be forgotten first; a timer that is armed is not moved */
  #arm(due = this.#waiting?.values().next().value): void {
    const { reachable, options } = this.#session;
    if (due === undefined || !reachable || options.awaitRelTimeout === 0 || this.#timer?.armed) return;
    const delay = due - this.#engine.clock.monotonic();
    this.#timer ??= this.#engine.timers.after(delay, () => this.#forgetOverdue());
    if (!this.#timer.armed) this.#engine.timers.arm(this.#timer, delay);
  }

  #forgetOverdue(): void {
    const now = this.#engine.clock.monotonic();
    for (const [packetId, due] of this.#waiting ?? []) {
      if (due > now) break;
      this.release(packetId);
      this.#engine.metrics.counters['messages.await_rel_timeout'].value++;
    }
    this.#arm();
  }
}

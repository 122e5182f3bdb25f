import type { DeliveryEntry } from './durable/delivery-key.js';
import type { StoredDelivery } from './durable/stored-delivery.js';
import type { Engine } from './engine.js';
import type { DeliveryDrop } from './engine-metrics.js';
import type { Message } from './message.js';
import type { Session } from './session.js';
import type { DropCounts } from './types.js';
import type { MadeRoom, Waiting } from './waiting.js';

/** What a session does not deliver: each is counted with its reason, told to the hooks, and leaves the store. */
export class OutboundDrops {
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #waiting: Waiting;
  #forLackOfRoom = 0;
  readonly #counts = { total: 0, expired: 0, queueFull: 0, tooLarge: 0 };

  constructor(engine: Engine, session: Session, waiting: Waiting) {
    this.#engine = engine;
    this.#session = session;
    this.#waiting = waiting;
  }

  /** Deliveries that the queue had no room for. */
  get forLackOfRoom(): number {
    return this.#forLackOfRoom;
  }

  /** All that were dropped. */
  get counts(): DropCounts {
    return this.#counts;
  }

  #count(reason: DeliveryDrop): void {
    this.#counts.total++;
    if (reason === 'expired') this.#counts.expired++;
    else if (reason === 'queue_full') this.#counts.queueFull++;
    else if (reason === 'too_large') this.#counts.tooLarge++;
  }

  /** A message that is not in the store. */
  message(message: Message, reason: DeliveryDrop): void {
    this.#count(reason);
    this.#engine.dropDelivery(message, reason, this.#session.client);
  }

  /** @param message undefined when it has not been read */
  stored(stored: StoredDelivery, message: Message | undefined, reason: DeliveryDrop): void {
    this.#count(reason);
    this.#engine.dropStored(stored, message, reason, this.#session.client);
  }

  /** A delivery of which only the key is known. */
  unread(entry: DeliveryEntry, reason: DeliveryDrop): void {
    const stored = this.#engine.records?.storedAs(entry);
    if (stored !== undefined) this.stored(stored, undefined, reason);
  }

  /** @param waiting has been taken out of the queue */
  waiting(waiting: MadeRoom, reason: DeliveryDrop): void {
    if ('key' in waiting) this.unread(waiting, reason);
    else if (waiting.stored !== undefined) this.stored(waiting.stored, waiting.message, reason);
    else if (waiting.message !== undefined) this.message(waiting.message, reason);
  }

  /** What had to make room for something else. */
  full(waiting: MadeRoom): void {
    this.#noRoom(waiting, 'qos' in waiting && waiting.qos === 0 ? 'qos0_msg' : 'queue_full');
  }

  /** What there is no longer room for, the limits being others. */
  overLimits(): void {
    for (;;) {
      const over = this.#waiting.shiftOverLimit();
      if (over === undefined) break;
      this.full(over);
    }
    this.overQuota();
  }

  /** What waits in the store beyond what may. */
  overQuota(): void {
    for (;;) {
      const over = this.#waiting.shiftOverQuota();
      if (over === undefined) return;
      this.#noRoom(over, 'quota');
    }
  }

  #noRoom(waiting: MadeRoom, reason: DeliveryDrop): void {
    this.#forLackOfRoom++;
    this.waiting(waiting, reason);
    this.#session.attachment?.handler.crowdedOut?.('message' in waiting ? waiting.message : undefined);
  }
}

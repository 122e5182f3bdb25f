import { ahead, areFew } from './durable/read-ahead.js';
import type { StoredDelivery } from './durable/stored-delivery.js';
import { MessageQueue, type QueuedDelivery } from './message-queue.js';
import { FIRST_OF_ALL, PriorityQueue, samePriorities } from './priority-queue.js';
import type { SessionOptions } from './types.js';

/**
 * What waits for the client or for its window: the queue of a session, and how much of it is in memory. Messages that
 * are in the store need not be, but for those that go next.
 */
export class Waiting {
  #options: SessionOptions;
  #queue: MessageQueue | PriorityQueue | undefined;
  #bytes = 0;
  #storedBytes = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#queue?.length ?? 0;
  }

  /** Bytes of the messages that are in memory only. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether QoS 0 messages wait. */
  get hasQos0(): boolean {
    return this.#queue?.hasQos0 ?? false;
  }

  /** Whether a stored message that comes now would be sent so soon that it had better stay in memory. */
  get isShort(): boolean {
    return areFew(this.length, this.#storedBytes);
  }

  /** @returns the delivery that had to make room (possibly the new one itself), if any */
  push(delivery: QueuedDelivery): QueuedDelivery | undefined {
    const { maxMqueueLen, priorities } = this.#options;
    this.#queue ??=
      priorities === undefined ? new MessageQueue(maxMqueueLen) : new PriorityQueue(maxMqueueLen);
    this.#count(delivery, 1);
    return this.#out(this.#queue.push(delivery));
  }

  /** Takes out the oldest delivery in the store, if more waits there than may. */
  shiftOverQuota(): QueuedDelivery | undefined {
    const { maxStoredBytes } = this.#options;
    if (maxStoredBytes === 0 || this.#storedBytes <= maxStoredBytes) return undefined;
    const oldest = this.#queue?.oldestStored();
    return oldest !== undefined && this.remove(oldest) ? oldest : undefined;
  }

  /** The delivery that goes next. */
  peek(): QueuedDelivery | undefined {
    return this.#queue?.peek();
  }

  shift(): QueuedDelivery | undefined {
    return this.#out(this.#queue?.shift());
  }

  /** Takes the next QoS 0 message out, past others that wait for the window. */
  shiftQos0(): QueuedDelivery | undefined {
    return this.#out(this.#queue?.shiftQos0());
  }

  /** Takes a delivery of QoS 1 or 2 out from wherever it waits. @returns false when it does not wait */
  remove(delivery: QueuedDelivery): boolean {
    if (!this.#queue?.remove(delivery)) return false;
    this.#out(delivery);
    return true;
  }

  values(): Iterable<QueuedDelivery> {
    return this.#queue?.values() ?? [];
  }

  /** Takes everything out, in the order in which it would go. */
  drain(): Iterable<QueuedDelivery> {
    const queue = this.#queue;
    this.#queue = undefined;
    this.#bytes = 0;
    this.#storedBytes = 0;
    return queue?.drain() ?? [];
  }

  /**
   * Waits on by other limits. Where priorities are others, what waits goes before all that comes, so that every topic
   * stays in order.
   * @returns what no longer has room
   */
  adopt(options: SessionOptions): QueuedDelivery[] {
    const waiting = [...this.drain()];
    if (!samePriorities(this.#options.priorities, options.priorities)) {
      for (const delivery of waiting) delivery.priority = FIRST_OF_ALL;
    }
    this.#options = options;
    return waiting.flatMap((delivery) => this.push(delivery) ?? []);
  }

  /** A delivery that waits is in the store from now on. */
  stored(delivery: QueuedDelivery, stored: StoredDelivery): void {
    this.#count(delivery, -1);
    delivery.stored = stored;
    this.#count(delivery, 1);
  }

  /** The client is away: what is in the store need not be in memory. */
  leaveToStore(): void {
    for (const delivery of ahead(this.values())) {
      if (delivery.stored !== undefined) delivery.message = undefined;
    }
  }

  /** Deliveries that go next and whose messages have to be read from the store first. */
  *unread(): Generator<QueuedDelivery & { readonly stored: StoredDelivery }> {
    for (const delivery of ahead(this.values())) {
      if (delivery.message === undefined && isStored(delivery)) yield delivery;
    }
  }

  #out(delivery: QueuedDelivery | undefined): QueuedDelivery | undefined {
    if (delivery !== undefined) this.#count(delivery, -1);
    return delivery;
  }

  /** @param times 1 for a delivery that waits from now on, -1 for one that does no longer */
  #count({ message, stored }: QueuedDelivery, times: 1 | -1): void {
    if (stored !== undefined) this.#storedBytes += times * stored.size;
    else if (message !== undefined) this.#bytes += times * message.size;
  }
}

function isStored(
  delivery: QueuedDelivery,
): delivery is QueuedDelivery & { readonly stored: StoredDelivery } {
  return delivery.stored !== undefined;
}

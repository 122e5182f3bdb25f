import { Backlog } from './durable/backlog.js';
import type { DeliveryEntry } from './durable/delivery-key.js';
import { ahead, areFew } from './durable/read-ahead.js';
import type { StoredDelivery } from './durable/stored-delivery.js';
import { MessageQueue, type QueuedDelivery } from './message-queue.js';
import { FIRST_OF_ALL, PriorityQueue, samePriorities } from './priority-queue.js';
import type { SessionOptions } from './types.js';

/** What had to make room: of what is only in the store no more is known than its key. */
export type MadeRoom = QueuedDelivery | DeliveryEntry;

/**
 * What waits for the client or for its window, and how much of it is in memory: what goes next is in a queue, and
 * what is in the store need not be, see {@link Backlog}. Topics with priorities and shared subscriptions keep all
 * of it in the queue, though without the messages: which goes next, and to whom, depends on what it is.
 */
export class Waiting {
  #options: SessionOptions;
  #queue: MessageQueue | PriorityQueue | undefined;
  /** Each of them is younger than what is in the queue, or goes before it; see {@link nextIsInBacklog}. */
  #backlog: Backlog | undefined;
  #bytes = 0;
  #storedBytes = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get length(): number {
    return (this.#queue?.length ?? 0) + (this.#backlog?.length ?? 0);
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
    return areFew(this.length, this.#bytesInStore);
  }

  /** @returns the delivery that had to make room (possibly the new one itself), if any */
  push(delivery: QueuedDelivery): MadeRoom | undefined {
    const { stored } = delivery;
    const onlyInStore = this.#isForBacklog(delivery);
    const isBeside = onlyInStore || this.#backlog !== undefined;
    const madeRoom =
      isBeside && delivery.qos !== 0 && this.length >= this.#limit ? this.#oldest() : undefined;
    if (!onlyInStore || stored === undefined) return this.#enqueue(delivery) ?? madeRoom;
    this.#backlog ??= new Backlog();
    this.#backlog.add(stored.key, stored, stored.writtenAt);
    return madeRoom;
  }

  get #limit(): number {
    return this.#options.maxMqueueLen || Number.POSITIVE_INFINITY;
  }

  #isForBacklog({ stored, message, subscription }: QueuedDelivery): boolean {
    const { priorities } = this.#options;
    const known = message !== undefined || priorities !== undefined || subscription.group !== undefined;
    return stored !== undefined && !known;
  }

  #enqueue(delivery: QueuedDelivery): QueuedDelivery | undefined {
    const limit = this.#limit - (this.#backlog?.length ?? 0);
    this.#queue ??=
      this.#options.priorities === undefined ? new MessageQueue(limit) : new PriorityQueue(limit);
    this.#queue.limit = limit;
    if (delivery.behind < 0) delivery.behind = this.#backlog?.last ?? 0;
    this.#count(delivery, 1);
    return this.#out(this.#queue.push(delivery));
  }

  /** Takes out what goes first when there is no room: the oldest QoS 0 message, or else the oldest of all. */
  #oldest(): MadeRoom | undefined {
    if (this.hasQos0) return this.shiftQos0();
    return this.nextIsInBacklog ? this.shiftBacklog() : this.shift();
  }

  /** The store has a delivery from before the hub started. */
  restore(entry: DeliveryEntry): void {
    this.#backlog ??= new Backlog();
    this.#backlog.add(entry.key, entry);
  }

  /** Takes out the oldest delivery in the store, if more waits there than may. */
  shiftOverQuota(): MadeRoom | undefined {
    const { maxStoredBytes } = this.#options;
    if (maxStoredBytes === 0 || this.#bytesInStore <= maxStoredBytes) return undefined;
    const oldest = this.#queue?.oldestStored();
    const first = this.#backlog?.first();
    if (first !== undefined && first.number < (oldest?.stored?.number ?? Number.POSITIVE_INFINITY)) {
      return this.shiftBacklog();
    }
    return oldest !== undefined && this.remove(oldest) ? oldest : undefined;
  }

  /** Takes out what there is no room for, after the limit has changed. */
  shiftOverLimit(): MadeRoom | undefined {
    return this.length > this.#limit ? this.#oldest() : undefined;
  }

  get #bytesInStore(): number {
    return this.#storedBytes + (this.#backlog?.bytes ?? 0);
  }

  /** Whether what goes next has to be read first: it is older than all in the queue. */
  get nextIsInBacklog(): boolean {
    const first = this.#backlog?.first();
    return first !== undefined && first.number <= this.#headNumber;
  }

  /** Number up to which the backlog goes before the queue. */
  get #headNumber(): number {
    const head = this.#queue?.peek();
    return head === undefined ? Number.POSITIVE_INFINITY : (head.stored?.number ?? head.behind);
  }

  /** What is to be read of the backlog, oldest first. */
  backlogAhead(): DeliveryEntry[] {
    const upTo = this.#headNumber;
    return this.#backlog?.ahead().filter(({ number }) => number <= upTo) ?? [];
  }

  /** The oldest of the backlog. */
  get backlogFirst(): DeliveryEntry | undefined {
    return this.#backlog?.first();
  }

  /** `Store.written` when the latest of the backlog was stored. */
  get backlogWrittenAt(): number {
    return this.#backlog?.writtenAt ?? 0;
  }

  /** Takes the oldest of the backlog out. */
  shiftBacklog(): DeliveryEntry | undefined {
    const entry = this.#backlog?.shift();
    if (this.#backlog?.length === 0) this.#backlog = undefined;
    return entry;
  }

  /** What has been read of the backlog, and taken out of it, goes before all that is in the queue. */
  prepend(deliveries: readonly QueuedDelivery[]): void {
    if (this.#queue === undefined || deliveries.length === 0) {
      for (const delivery of deliveries) this.#enqueue(delivery);
      return;
    }
    for (const delivery of deliveries) this.#count(delivery, 1);
    this.#queue.prepend(deliveries);
  }

  /** The delivery that goes next, unless {@link nextIsInBacklog}. */
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

  /** Takes everything out of the backlog, in the order in which it would go. */
  *drainBacklog(): Generator<DeliveryEntry> {
    for (let entry = this.shiftBacklog(); entry !== undefined; entry = this.shiftBacklog()) yield entry;
  }

  /** Takes everything out of the queue, in the order in which it would go. */
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
  adopt(options: SessionOptions): MadeRoom[] {
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
    if (this.#options.priorities === undefined) this.#leaveQueueToStore();
  }

  #leaveQueueToStore(): void {
    const next = this.#backlog?.first()?.number ?? Number.POSITIVE_INFINITY;
    const older: StoredDelivery[] = [];
    let last = 0;
    for (const delivery of [...this.drain()]) {
      const { stored } = delivery;
      if (stored === undefined) delivery.behind = Math.max(delivery.behind, last);
      else last = stored.number;
      if (stored !== undefined && stored.number < next && this.#isForBacklog(delivery)) older.push(stored);
      else this.push(delivery);
    }
    if (older.length === 0) return;
    this.#backlog ??= new Backlog();
    this.#backlog.prepend(older);
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

import type { StoredDelivery } from './durable/stored-delivery.js';
import type { Message, QoS } from './message.js';
import type { Subscription } from './subscription.js';

/** A delivery that waits: for room in the inflight window, or for its client. */
export class QueuedDelivery {
  /** @internal */ next: QueuedDelivery | undefined = undefined;
  /** @internal */ previous: QueuedDelivery | undefined = undefined;
  /** @internal */ nextQos0: QueuedDelivery | undefined = undefined;
  /** Of what is not in the store: number of the delivery in the store that it comes behind; -1 if not known yet. */
  behind = -1;

  /**
   * @param message undefined as long as it is only in the store
   * @param priority see {@link PriorityQueue}
   * @param stored what the store knows it as; undefined when it is not there
   */
  constructor(
    public message: Message | undefined,
    readonly subscription: Subscription,
    readonly qos: QoS,
    readonly retain: boolean,
    public priority = 0,
    public stored: StoredDelivery | undefined = undefined,
  ) {}
}

/**
 * The bounded queue of one session, first in, first out. When it is full the newest message goes in and
 * another goes out: the oldest QoS 0 message if there is one, otherwise the oldest of all.
 */
export class MessageQueue {
  /** Deliveries that may wait; infinite for no limit. */
  limit: number;
  #head: QueuedDelivery | undefined;
  #tail: QueuedDelivery | undefined;
  #headQos0: QueuedDelivery | undefined;
  #tailQos0: QueuedDelivery | undefined;
  #length = 0;

  /** @param limit see {@link limit} */
  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  /** @returns the delivery that had to make room (possibly the new one itself), if any */
  push(delivery: QueuedDelivery): QueuedDelivery | undefined {
    if (this.#length >= this.limit) return this.replace(delivery);
    this.#append(delivery);
    return undefined;
  }

  /** As {@link push} when the queue is full. */
  replace(delivery: QueuedDelivery): QueuedDelivery | undefined {
    if (delivery.qos === 0 && this.#headQos0 === undefined) return delivery;
    const dropped = this.makeRoom();
    this.#append(delivery);
    return dropped;
  }

  /** Takes out the oldest QoS 0 message, or else the oldest of all. */
  makeRoom(): QueuedDelivery | undefined {
    const dropped = this.#headQos0 ?? this.#head;
    if (dropped !== undefined) this.#remove(dropped);
    return dropped;
  }

  peek(): QueuedDelivery | undefined {
    return this.#head;
  }

  shift(): QueuedDelivery | undefined {
    const first = this.#head;
    if (first !== undefined) this.#remove(first);
    return first;
  }

  /** Whether QoS 0 messages wait. */
  get hasQos0(): boolean {
    return this.#headQos0 !== undefined;
  }

  /** Takes the oldest QoS 0 message out, past others that wait for the window. */
  shiftQos0(): QueuedDelivery | undefined {
    const first = this.#headQos0;
    if (first !== undefined) this.#remove(first);
    return first;
  }

  /** Takes out a delivery of QoS 1 or 2 from wherever it waits. @returns false when it does not wait here */
  remove(delivery: QueuedDelivery): boolean {
    if (delivery !== this.#head && delivery.previous === undefined) return false;
    this.#remove(delivery);
    return true;
  }

  /** The oldest delivery that is in the store. */
  oldestStored(): QueuedDelivery | undefined {
    for (const delivery of this.values()) if (delivery.stored !== undefined) return delivery;
    return undefined;
  }

  /** All that wait, oldest first. */
  *values(): Generator<QueuedDelivery> {
    for (let each = this.#head; each !== undefined; each = each.next) yield each;
  }

  /** Takes everything out, oldest first. */
  *drain(): Generator<QueuedDelivery> {
    for (let first = this.shift(); first !== undefined; first = this.shift()) yield first;
  }

  /** Puts deliveries of QoS 1 or 2, oldest first, before all that wait. */
  prepend(deliveries: readonly QueuedDelivery[]): void {
    for (const delivery of deliveries.toReversed()) {
      delivery.next = this.#head;
      if (this.#head === undefined) this.#tail = delivery;
      else this.#head.previous = delivery;
      this.#head = delivery;
    }
    this.#length += deliveries.length;
  }

  #append(delivery: QueuedDelivery): void {
    delivery.previous = this.#tail;
    if (this.#tail === undefined) this.#head = delivery;
    else this.#tail.next = delivery;
    this.#tail = delivery;
    this.#length++;
    if (delivery.qos !== 0) return;
    if (this.#tailQos0 === undefined) this.#headQos0 = delivery;
    else this.#tailQos0.nextQos0 = delivery;
    this.#tailQos0 = delivery;
  }

  /** A QoS 0 delivery that is removed is the oldest of all, or of QoS 0: so it is always the first of its list. */
  #remove(delivery: QueuedDelivery): void {
    if (delivery.previous === undefined) this.#head = delivery.next;
    else delivery.previous.next = delivery.next;
    if (delivery.next === undefined) this.#tail = delivery.previous;
    else delivery.next.previous = delivery.previous;
    delivery.next = undefined;
    delivery.previous = undefined;
    this.#length--;
    if (delivery !== this.#headQos0) return;
    this.#headQos0 = delivery.nextQos0;
    if (this.#headQos0 === undefined) this.#tailQos0 = undefined;
    delivery.nextQos0 = undefined;
  }
}

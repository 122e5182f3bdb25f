import { MessageQueue, type QueuedDelivery } from './message-queue.js';

/** Which waiting messages go before which; the higher priority goes first. */
export interface QueuePriorities {
  /** By topic, as the client is sent it. */
  readonly byTopic: ReadonlyMap<string, number>;
  /** Of all other topics. */
  readonly others: number;
}

/** The messages of one priority that wait. */
interface Lane {
  readonly priority: number;
  readonly queue: MessageQueue;
}

/**
 * A queue as {@link MessageQueue}, but for priorities: the highest goes out first, first in, first out within a
 * priority. When it is full, something of the lowest priority goes: the new message itself when all others are
 * above it. A topic has one priority, so its messages stay in order.
 */
export class PriorityQueue {
  readonly #limit: number;
  readonly #priorities: QueuePriorities;
  /** Highest priority first. There are as many at most as there are different priorities. */
  readonly #lanes: Lane[] = [];
  #length = 0;

  /** @param limit deliveries, 0 for no limit */
  constructor(limit: number, priorities: QueuePriorities) {
    this.#limit = limit;
    this.#priorities = priorities;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of the messages that wait. */
  get bytes(): number {
    return this.#lanes.reduce((bytes, { queue }) => bytes + queue.bytes, 0);
  }

  /** @returns the delivery that had to make room (possibly the new one itself), if any */
  push(delivery: QueuedDelivery): QueuedDelivery | undefined {
    const lane = this.#laneOf(delivery);
    if (this.#limit > 0 && this.#length >= this.#limit) return this.#replace(delivery, lane);
    lane.queue.push(delivery);
    this.#length++;
    return undefined;
  }

  peek(): QueuedDelivery | undefined {
    return this.#first()?.queue.peek();
  }

  shift(): QueuedDelivery | undefined {
    return this.#taken(this.#first()?.queue.shift());
  }

  /** Whether QoS 0 messages wait. */
  get hasQos0(): boolean {
    return this.#lanes.some(({ queue }) => queue.hasQos0);
  }

  /** Takes out the oldest QoS 0 message of the highest priority that has one. */
  shiftQos0(): QueuedDelivery | undefined {
    return this.#taken(this.#lanes.find(({ queue }) => queue.hasQos0)?.queue.shiftQos0());
  }

  /** Takes everything out, in the order in which it would go. */
  *drain(): Generator<QueuedDelivery> {
    for (let first = this.shift(); first !== undefined; first = this.shift()) yield first;
  }

  #replace(delivery: QueuedDelivery, lane: Lane): QueuedDelivery | undefined {
    const lowest = this.#lanes.findLast(({ queue }) => queue.length > 0) ?? lane;
    if (lowest === lane) return lane.queue.replace(delivery);
    if (lowest.priority > lane.priority) return delivery;
    lane.queue.push(delivery);
    return lowest.queue.makeRoom();
  }

  #first(): Lane | undefined {
    return this.#lanes.find(({ queue }) => queue.length > 0);
  }

  #taken(delivery: QueuedDelivery | undefined): QueuedDelivery | undefined {
    if (delivery !== undefined) this.#length--;
    return delivery;
  }

  #laneOf({ message, subscription }: QueuedDelivery): Lane {
    const { byTopic, others } = this.#priorities;
    const priority = byTopic.get(message.topic.slice(subscription.mountLength)) ?? others;
    const at = this.#lanes.findIndex((lane) => lane.priority <= priority);
    const found = this.#lanes[at];
    if (found?.priority === priority) return found;
    const lane = { priority, queue: new MessageQueue(0) };
    this.#lanes.splice(at < 0 ? this.#lanes.length : at, 0, lane);
    return lane;
  }
}

import { MessageQueue, type QueuedDelivery } from './message-queue.js';
import type { Subscription } from './subscription.js';

/** Which waiting messages go before which; the higher priority goes first. */
export interface QueuePriorities {
  /** By topic, as the client is sent it. */
  readonly byTopic: ReadonlyMap<string, number>;
  /** Of all other topics. */
  readonly others: number;
}

/** Above all others, and on a par with {@link QueuePriorities.others} where that is above all. */
export const FIRST_OF_ALL = Number.POSITIVE_INFINITY;

/** Whether messages are treated the same by both. */
export function samePriorities(
  some: QueuePriorities | undefined,
  others: QueuePriorities | undefined,
): boolean {
  if (some === undefined || others === undefined) return some === others;
  if (some.others !== others.others || some.byTopic.size !== others.byTopic.size) return false;
  for (const [topic, priority] of some.byTopic) if (others.byTopic.get(topic) !== priority) return false;
  return true;
}

/** @param topic with mountpoint */
export function priorityOf(
  { byTopic, others }: QueuePriorities,
  topic: string,
  { mountLength }: Pick<Subscription, 'mountLength'>,
): number {
  return byTopic.get(topic.slice(mountLength)) ?? others;
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
  /** Deliveries that may wait; infinite for no limit. */
  limit: number;
  /** Highest priority first. There are as many at most as there are different priorities. */
  readonly #lanes: Lane[] = [];
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
    const lane = this.#laneOf(delivery);
    if (this.#length >= this.limit) return this.#replace(delivery, lane);
    lane.queue.push(delivery);
    this.#length++;
    return undefined;
  }

  /** Puts deliveries that go {@link FIRST_OF_ALL}, oldest first, before all that wait. */
  prepend(deliveries: readonly QueuedDelivery[]): void {
    const [first] = deliveries;
    if (first === undefined) return;
    this.#laneOf(first).queue.prepend(deliveries);
    this.#length += deliveries.length;
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

  /** Takes out a delivery of QoS 1 or 2 from wherever it waits. @returns false when it does not wait here */
  remove(delivery: QueuedDelivery): boolean {
    const found = this.#laneOf(delivery).queue.remove(delivery);
    if (found) this.#length--;
    return found;
  }

  /** The oldest delivery in the store of the lowest priority that has one. */
  oldestStored(): QueuedDelivery | undefined {
    for (const { queue } of this.#lanes.toReversed()) {
      const oldest = queue.oldestStored();
      if (oldest !== undefined) return oldest;
    }
    return undefined;
  }

  /** All that wait, in the order in which they would go. */
  *values(): Generator<QueuedDelivery> {
    for (const { queue } of this.#lanes) yield* queue.values();
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

  #laneOf({ priority }: QueuedDelivery): Lane {
    const at = this.#lanes.findIndex((lane) => lane.priority <= priority);
    const found = this.#lanes[at];
    if (found?.priority === priority) return found;
    const lane = { priority, queue: new MessageQueue(Number.POSITIVE_INFINITY) };
    this.#lanes.splice(at < 0 ? this.#lanes.length : at, 0, lane);
    return lane;
  }
}

import type { Message } from '@portico/core';

/** A delivery of the session that is about to become MESSAGE frames. */
export interface SessionDelivery {
  readonly message: Message;
  readonly topic: string;
  readonly filter: string;
  /** 0 for QoS 0. */
  readonly packetId: number;
  /** Whether it is the retained message of its topic. */
  readonly retain: boolean;
  readonly dup: boolean;
}

/** Deliveries that wait for the client to renew their durable subscriptions, by filter and in their order. */
export class HeldMessages {
  readonly #byFilter = new Map<string, SessionDelivery[]>();
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  get filters(): readonly string[] {
    return [...this.#byFilter.keys()];
  }

  /** Whether some of a filter wait. */
  has(filter: string): boolean {
    return this.#byFilter.has(filter);
  }

  /** Keeps one; its message has to be kept already. */
  add(delivery: SessionDelivery): void {
    const waiting = this.#byFilter.get(delivery.filter);
    if (waiting === undefined) this.#byFilter.set(delivery.filter, [delivery]);
    else waiting.push(delivery);
    this.#size++;
  }

  /** Takes the oldest of a filter out; undefined when there is none. */
  shift(filter: string): SessionDelivery | undefined {
    const waiting = this.#byFilter.get(filter);
    const first = waiting?.shift();
    if (first === undefined) return undefined;
    if (waiting?.length === 0) this.#byFilter.delete(filter);
    this.#size--;
    return first;
  }
}

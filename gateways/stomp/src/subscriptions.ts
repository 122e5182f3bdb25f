/** When a MESSAGE of a subscription counts as received (STOMP 1.2, “SUBSCRIBE ack Header”). */
export type AckMode =
  /** When it has been sent. */
  | 'auto'
  /** When it, or a later one of the subscription, has been acknowledged. */
  | 'client'
  /** When it has been acknowledged. */
  | 'client-individual';

export const ACK_MODES: readonly string[] = ['auto', 'client', 'client-individual'] satisfies AckMode[];

/** What a client has asked for by SUBSCRIBE. */
export interface StompSubscription {
  /** Undefined for one of STOMP 1.0 without an id, which is known by its destination. */
  readonly id: string | undefined;
  readonly destination: string;
  /** What it is in the hub: one for all subscriptions of the client to the same. */
  readonly filter: string;
  readonly ack: AckMode;
  /** Whether it outlives the connection. */
  readonly durable: boolean;
}

/** All subscriptions of a connection, by id and by topic filter. */
export class Subscriptions {
  readonly #byKey = new Map<string, StompSubscription>();
  readonly #byFilter = new Map<string, StompSubscription[]>();

  /** The key of a subscription: its id, or its destination. */
  find(id: string | undefined, destination: string | undefined): StompSubscription | undefined {
    return this.#byKey.get(keyOf(id, destination));
  }

  add(subscription: StompSubscription): void {
    const { id, destination, filter } = subscription;
    this.#byKey.set(keyOf(id, destination), subscription);
    this.#byFilter.set(filter, [...this.matching(filter), subscription]);
  }

  remove(subscription: StompSubscription): void {
    const { id, destination, filter } = subscription;
    this.#byKey.delete(keyOf(id, destination));
    const left = this.matching(filter).filter((other) => other !== subscription);
    if (left.length > 0) this.#byFilter.set(filter, left);
    else this.#byFilter.delete(filter);
  }

  /** Those that get the messages of a filter. */
  matching(filter: string): readonly StompSubscription[] {
    return this.#byFilter.get(filter) ?? NONE;
  }

  /** Filters all of whose subscriptions end with the connection. */
  *passing(): Generator<string> {
    for (const [filter, subscriptions] of this.#byFilter) {
      if (subscriptions.every(({ durable }) => !durable)) yield filter;
    }
  }
}

const NONE: readonly StompSubscription[] = [];

function keyOf(id: string | undefined, destination: string | undefined): string {
  return id === undefined ? `destination ${destination}` : `id ${id}`;
}

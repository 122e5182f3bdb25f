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

/** The tag, in the hub, of a filter that outlives the connection. */
export const DURABLE = 'durable';

/** The subscriptions of one filter. */
interface Alike {
  readonly members: Set<StompSubscription>;
  /** How many outlive the connection. */
  durable: number;
  /** Of how many the messages have to be acknowledged, by the client or after it has been away. */
  tracked: number;
  /** Those that get retained messages; undefined while they come for none that this connection has added. */
  fed: Set<StompSubscription> | undefined;
}

/** All subscriptions of a connection, by id and by topic filter. */
export class Subscriptions {
  readonly #byKey = new Map<string, StompSubscription>();
  readonly #byFilter = new Map<string, Alike>();

  /** How many there are. */
  get size(): number {
    return this.#byKey.size;
  }

  /** The key of a subscription: its id, or its destination. */
  find(id: string | undefined, destination: string | undefined): StompSubscription | undefined {
    return this.#byKey.get(keyOf(id, destination));
  }

  /** Whether it has not ended. */
  has(subscription: StompSubscription): boolean {
    return this.matching(subscription.filter).has(subscription);
  }

  add(subscription: StompSubscription): void {
    const { id, destination, filter } = subscription;
    this.#byKey.set(keyOf(id, destination), subscription);
    const alike = this.#byFilter.get(filter) ?? {
      members: new Set(),
      durable: 0,
      tracked: 0,
      fed: undefined,
    };
    this.#byFilter.set(filter, alike);
    alike.members.add(subscription);
    count(alike, subscription, 1);
  }

  remove(subscription: StompSubscription): void {
    const { id, destination, filter } = subscription;
    this.#byKey.delete(keyOf(id, destination));
    const alike = this.#byFilter.get(filter);
    if (alike?.members.delete(subscription) !== true) return;
    alike.fed?.delete(subscription);
    count(alike, subscription, -1);
    if (alike.members.size === 0) this.#byFilter.delete(filter);
  }

  /**
   * Retained messages of its filter are on their way to a subscription.
   * @param others whether those on their way to others begin anew with them
   */
  feed(subscription: StompSubscription, others: boolean): void {
    const alike = this.#byFilter.get(subscription.filter);
    if (alike === undefined) return;
    if (!others) alike.fed = new Set([subscription]);
    else alike.fed?.add(subscription);
  }

  /** Those that get the retained messages of a filter. */
  fed(filter: string): ReadonlySet<StompSubscription> {
    const alike = this.#byFilter.get(filter);
    return alike?.fed ?? alike?.members ?? NONE;
  }

  /** Those that get the messages of a filter. */
  matching(filter: string): ReadonlySet<StompSubscription> {
    return this.#byFilter.get(filter)?.members ?? NONE;
  }

  /** Whether messages of a filter have to be acknowledged, by the client or after it has been away. */
  isTracked(filter: string): boolean {
    return (this.#byFilter.get(filter)?.tracked ?? 0) > 0;
  }

  /** Whether one of a filter outlives the connection. */
  isDurable(filter: string): boolean {
    return (this.#byFilter.get(filter)?.durable ?? 0) > 0;
  }

  /** Filters all of whose subscriptions end with the connection. */
  *passing(): Generator<string> {
    for (const [filter, { durable }] of this.#byFilter) if (durable === 0) yield filter;
  }
}

const NONE: ReadonlySet<StompSubscription> = new Set();

function count(alike: Alike, { ack, durable }: StompSubscription, by: 1 | -1): void {
  if (durable) alike.durable += by;
  if (durable || ack !== 'auto') alike.tracked += by;
}

function keyOf(id: string | undefined, destination: string | undefined): string {
  return id === undefined ? `destination ${destination}` : `id ${id}`;
}

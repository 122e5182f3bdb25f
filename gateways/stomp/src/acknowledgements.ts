import type { StompSubscription } from './subscriptions.js';

/** A delivery of the session, which may have become a MESSAGE for each of several subscriptions. */
interface Delivery {
  readonly packetId: number;
  /** Of its messages not acknowledged yet. */
  open: number;
  /** What the strongest of the answers to them was. */
  end: DeliveryEnd;
}

interface Unacknowledged {
  readonly subscription: StompSubscription;
  readonly delivery: Delivery;
}

/** How a delivery ends, by what became of its messages; a later one of these counts for more. */
const ENDS = [
  /** No subscription that it was sent to is there any more: it is given back. */
  'givenBack',
  /** One has acknowledged it. */
  'acked',
  /** One has refused it: it does not come again. */
  'abandoned',
] as const;
export type DeliveryEnd = (typeof ENDS)[number];

/** Told when none of the messages of a delivery is open any more. */
export type DeliveryOwner = (packetId: number, end: DeliveryEnd) => void;

/** The MESSAGEs of a connection that its client has to acknowledge, in the order in which they were sent. */
export class Acknowledgements {
  readonly #owner: DeliveryOwner;
  readonly #open = new Map<string, Unacknowledged>();

  constructor(owner: DeliveryOwner) {
    this.#owner = owner;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * A delivery is being sent to these subscriptions, of which some may have to acknowledge it.
   * @param ids of its messages, by subscription
   */
  sent(packetId: number, ids: readonly string[], subscriptions: Iterable<StompSubscription>): void {
    const delivery: Delivery = { packetId, open: 0, end: 'givenBack' };
    let index = 0;
    for (const subscription of subscriptions) {
      const id = ids[index++];
      if (id === undefined || subscription.ack === 'auto') continue;
      delivery.open++;
      this.#open.set(id, { subscription, delivery });
    }
    if (delivery.open === 0) this.#owner(packetId, 'acked');
  }

  /**
   * The client acknowledges a message, or refuses it, and where its subscription says so all before it.
   * @returns false when there is no such message: it was acknowledged before, or is not to be
   */
  settle(id: string, refused: boolean): boolean {
    const named = this.#open.get(id);
    if (named === undefined) return false;
    const ids = named.subscription.ack === 'client' ? this.#upTo(id, named.subscription) : [id];
    for (const each of ids) this.#settleOne(each, refused ? 'abandoned' : 'acked');
    return true;
  }

  /** The subscription is gone, and does not acknowledge any more. */
  leave(subscription: StompSubscription): void {
    const ids = [...this.#open].filter(([, open]) => open.subscription === subscription).map(([id]) => id);
    for (const id of ids) this.#settleOne(id, 'givenBack');
  }

  /** The messages of a subscription up to this one. */
  #upTo(id: string, subscription: StompSubscription): string[] {
    const ids: string[] = [];
    for (const [each, open] of this.#open) {
      if (open.subscription === subscription) ids.push(each);
      if (each === id) break;
    }
    return ids;
  }

  #settleOne(id: string, end: DeliveryEnd): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const { delivery } = open;
    delivery.open--;
    if (ENDS.indexOf(end) > ENDS.indexOf(delivery.end)) delivery.end = end;
    if (delivery.open === 0) this.#owner(delivery.packetId, delivery.end);
  }
}

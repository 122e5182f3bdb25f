import type { StompSubscription } from './subscriptions.js';

/** A delivery of the session, which may have become a MESSAGE for each of several subscriptions. */
interface Delivery {
  readonly packetId: number;
  /** Of its messages not acknowledged yet. */
  open: number;
  /** Whether one of them was refused. */
  refused: boolean;
}

interface Unacknowledged {
  readonly subscription: StompSubscription;
  readonly delivery: Delivery;
}

/** Told when all messages of a delivery are acknowledged. */
export interface DeliveryOwner {
  acked(packetId: number): unknown;
  /** One of them was refused: nobody has it, and it does not come again. */
  abandoned(packetId: number): unknown;
}

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
    const delivery: Delivery = { packetId, open: 0, refused: false };
    let index = 0;
    for (const subscription of subscriptions) {
      const id = ids[index++];
      if (id === undefined || subscription.ack === 'auto') continue;
      delivery.open++;
      this.#open.set(id, { subscription, delivery });
    }
    if (delivery.open === 0) this.#owner.acked(packetId);
  }

  /**
   * The client acknowledges a message, or refuses it, and where its subscription says so all before it.
   * @returns false when there is no such message: it was acknowledged before, or is not to be
   */
  settle(id: string, refused: boolean): boolean {
    const named = this.#open.get(id);
    if (named === undefined) return false;
    const ids = named.subscription.ack === 'client' ? this.#upTo(id, named.subscription) : [id];
    for (const each of ids) this.#settleOne(each, refused);
    return true;
  }

  /** The subscription is gone: what it has not acknowledged is dropped. */
  drop(subscription: StompSubscription): void {
    const ids = [...this.#open].filter(([, open]) => open.subscription === subscription).map(([id]) => id);
    for (const id of ids) this.#settleOne(id, true);
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

  #settleOne(id: string, refused: boolean): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const { delivery } = open;
    delivery.open--;
    delivery.refused ||= refused;
    if (delivery.open > 0) return;
    if (delivery.refused) this.#owner.abandoned(delivery.packetId);
    else this.#owner.acked(delivery.packetId);
  }
}

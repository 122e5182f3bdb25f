import type { Message, QoS } from './message.js';
import type { Subscription } from './subscription.js';

const MAX_PACKET_ID = 65535;

/** A QoS 1 or 2 message sent to a client and not yet acknowledged for good. */
export interface InflightDelivery {
  readonly packetId: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly subscription: Subscription;
  /** Undefined once the client has it and only the release is outstanding. */
  message: Message | undefined;
  /** `clock.monotonic()` when it was last sent. */
  sentAt: number;
  /** Sent on an earlier connection and still to be sent again on this one. */
  stale: boolean;
}

/** The inflight window of one session, in the order in which the messages were sent. */
export class InflightWindow {
  readonly #deliveries = new Map<number, InflightDelivery>();
  #lastId = 0;
  #stale = 0;

  get size(): number {
    return this.#deliveries.size;
  }

  /** Deliveries that count against the client's window: those sent on the present connection. */
  get sent(): number {
    return this.#deliveries.size - this.#stale;
  }

  /** Whether a packet id is left. */
  get hasRoom(): boolean {
    return this.#deliveries.size < MAX_PACKET_ID;
  }

  get(packetId: number): InflightDelivery | undefined {
    return this.#deliveries.get(packetId);
  }

  /** Adds a delivery under a free packet id. */
  add(
    message: Message,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
    now: number,
  ): InflightDelivery {
    const packetId = this.#freeId();
    const delivery = { packetId, qos, retain, subscription, message, sentAt: now, stale: false };
    this.#deliveries.set(packetId, delivery);
    return delivery;
  }

  delete(delivery: InflightDelivery): void {
    if (delivery.stale) this.#stale--;
    this.#deliveries.delete(delivery.packetId);
  }

  /** A new connection: everything has to be sent again. */
  markAllStale(): void {
    for (const delivery of this.#deliveries.values()) delivery.stale = true;
    this.#stale = this.#deliveries.size;
  }

  /** The oldest delivery still to be sent again on this connection. */
  firstStale(): InflightDelivery | undefined {
    if (this.#stale === 0) return undefined;
    for (const delivery of this.#deliveries.values()) if (delivery.stale) return delivery;
    return undefined;
  }

  resent(delivery: InflightDelivery, now: number): void {
    if (delivery.stale) this.#stale--;
    delivery.stale = false;
    delivery.sentAt = now;
  }

  values(): IterableIterator<InflightDelivery> {
    return this.#deliveries.values();
  }

  clear(): void {
    this.#deliveries.clear();
    this.#stale = 0;
  }

  #freeId(): number {
    do this.#lastId = this.#lastId === MAX_PACKET_ID ? 1 : this.#lastId + 1;
    while (this.#deliveries.has(this.#lastId));
    return this.#lastId;
  }
}

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
  #bytes = 0;
  #lastId = 0;
  #stale = 0;
  /** Goes through the deliveries in search of stale ones, and what it found last. */
  #search: IterableIterator<InflightDelivery> | undefined;
  #found: InflightDelivery | undefined;

  get size(): number {
    return this.#deliveries.size;
  }

  /** Bytes of the messages that the client does not have yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Deliveries that count against the client's window: those sent on the present connection. */
  get sent(): number {
    return this.#deliveries.size - this.#stale;
  }

  /** Whether a packet id is left. */
  get hasRoom(): boolean {
    return this.#deliveries.size < MAX_PACKET_ID;
  }

  /** Whether deliveries of an earlier connection are still to be sent again. */
  get hasStale(): boolean {
    return this.#stale > 0;
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
    this.#bytes += message.size;
    return delivery;
  }

  delete(delivery: InflightDelivery): void {
    if (delivery.stale) this.#stale--;
    delivery.stale = false;
    if (delivery.message !== undefined) this.#bytes -= delivery.message.size;
    this.#deliveries.delete(delivery.packetId);
  }

  /** The client has it; only its release is outstanding. */
  letGo(delivery: InflightDelivery): void {
    if (delivery.message !== undefined) this.#bytes -= delivery.message.size;
    delivery.message = undefined;
  }

  /** A new connection: everything has to be sent again. */
  markAllStale(): void {
    for (const delivery of this.#deliveries.values()) delivery.stale = true;
    this.#stale = this.#deliveries.size;
    this.#search = this.#deliveries.values();
    this.#found = undefined;
  }

  /** The oldest delivery still to be sent again on this connection. */
  firstStale(): InflightDelivery | undefined {
    if (this.#stale === 0) return undefined;
    while (!this.#found?.stale) {
      const next = this.#search?.next();
      if (next === undefined || next.done) return undefined;
      this.#found = next.value;
    }
    return this.#found;
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
    this.#bytes = 0;
    this.#stale = 0;
    this.#search = undefined;
    this.#found = undefined;
  }

  #freeId(): number {
    do this.#lastId = this.#lastId === MAX_PACKET_ID ? 1 : this.#lastId + 1;
    while (this.#deliveries.has(this.#lastId));
    return this.#lastId;
  }
}

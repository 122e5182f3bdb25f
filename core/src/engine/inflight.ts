import type { StoredDelivery } from './durable/stored-delivery.js';
import type { Message, QoS } from './message.js';
import type { Subscription } from './subscription.js';

export const MAX_PACKET_ID = 65535;
/** Deliveries that can all be looked at to find a free packet identifier; of more, each one is tried. */
const FEW = 64;

/** A QoS 1 or 2 message sent to a client and not yet acknowledged for good. */
export interface InflightDelivery {
  readonly packetId: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly subscription: Subscription;
  /** Undefined once the client has it, and as long as it is only in the store. */
  message: Message | undefined;
  /** Whether the client has it and only the end of the exchange is outstanding. */
  released: boolean;
  /** What the store knows it as; undefined when it is not there. */
  stored: StoredDelivery | undefined;
  /** `clock.monotonic()` when it was last sent. */
  sentAt: number;
  /** Sent on an earlier connection and still to be sent again on this one. */
  stale: boolean;
}

function isStored(
  delivery: InflightDelivery,
): delivery is InflightDelivery & { readonly stored: StoredDelivery } {
  return delivery.stored?.body !== undefined;
}

/** The inflight window of one session, in the order in which the messages were sent. */
export class InflightWindow {
  readonly #deliveries = new Map<number, InflightDelivery>();
  #bytes = 0;
  /** The packet identifier given last. */
  #lastId = 0;
  /** No delivery has a packet identifier between the last one and this one, so that they need not be looked for. */
  #freeBelow = MAX_PACKET_ID + 1;
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

  /** @param packetId from {@link nextId}, and still free */
  add(
    packetId: number,
    message: Message | undefined,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
    now: number,
    stored: StoredDelivery | undefined,
  ): InflightDelivery {
    const delivery: InflightDelivery = {
      packetId,
      qos,
      retain,
      subscription,
      message,
      released: false,
      stored,
      sentAt: now,
      stale: false,
    };
    this.#deliveries.set(packetId, delivery);
    if (packetId > this.#lastId && packetId < this.#freeBelow) this.#freeBelow = packetId;
    if (message !== undefined) this.#bytes += message.size;
    return delivery;
  }

  delete(delivery: InflightDelivery): void {
    if (delivery.stale) this.#stale--;
    delivery.stale = false;
    if (delivery.message !== undefined) this.#bytes -= delivery.message.size;
    this.#deliveries.delete(delivery.packetId);
  }

  /** The client has it; only the end of the exchange is outstanding. */
  markReleased(delivery: InflightDelivery): void {
    this.setMessage(delivery, undefined);
    delivery.released = true;
  }

  /** A message leaves memory for the store, or has been read from there. */
  setMessage(delivery: InflightDelivery, message: Message | undefined): void {
    this.#bytes += (message?.size ?? 0) - (delivery.message?.size ?? 0);
    delivery.message = message;
  }

  /** Deliveries still to be sent again whose messages have to be read first. */
  *unread(): Generator<InflightDelivery & { readonly stored: StoredDelivery }> {
    for (const delivery of this.#deliveries.values()) {
      if (delivery.stale && delivery.message === undefined && isStored(delivery)) yield delivery;
    }
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

  /** The next packet identifier that no delivery in the window has; any when all are taken. */
  nextId(): number {
    if (++this.#lastId >= this.#freeBelow) this.#seekFree();
    return this.#lastId;
  }

  /** Packet identifiers go on after this one. */
  continueAfter(packetId: number): void {
    this.#lastId = packetId;
    // Looked for with the next one.
    this.#freeBelow = packetId;
  }

  #seekFree(): void {
    if (this.#lastId > MAX_PACKET_ID) this.#lastId = 1;
    while (this.#deliveries.has(this.#lastId) && this.hasRoom) {
      this.#lastId = this.#lastId === MAX_PACKET_ID ? 1 : this.#lastId + 1;
    }
    this.#freeBelow = this.#deliveries.size > FEW ? this.#lastId + 1 : this.#nextTaken();
  }

  #nextTaken(): number {
    let next = MAX_PACKET_ID + 1;
    for (const packetId of this.#deliveries.keys()) {
      if (packetId > this.#lastId && packetId < next) next = packetId;
    }
    return next;
  }
}

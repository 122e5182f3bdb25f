import type { Timer } from '../runtime/timers.js';
import type { Attachment } from './attachment.js';
import type { DeliveryFacts } from './durable/delivery-record.js';
import type { StoredDelivery } from './durable/stored-delivery.js';
import type { Engine } from './engine.js';
import { type InflightDelivery, InflightWindow } from './inflight.js';
import type { Message, QoS } from './message.js';
import type { QueuedDelivery } from './message-queue.js';
import type { Outbound } from './outbound.js';
import type { AckResult } from './outcomes.js';
import type { Session } from './session.js';
import type { Subscription } from './subscription.js';

/**
 * What has been sent to the client with QoS 1 or 2 and is not over: what the client answers to it, and what is sent
 * again because it does not, MQTT 5 §4.3 and §4.4.
 */
export class Unacknowledged {
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #outbound: Outbound;
  readonly #window = new InflightWindow();
  #retryTimer: Timer | undefined;

  constructor(session: Session, engine: Engine, outbound: Outbound) {
    this.#session = session;
    this.#engine = engine;
    this.#outbound = outbound;
  }

  get size(): number {
    return this.#window.size;
  }

  /** Bytes of the messages that are in memory. */
  get bytes(): number {
    return this.#window.bytes;
  }

  /** Whether deliveries of an earlier connection are still to be sent again. */
  get hasStale(): boolean {
    return this.#window.hasStale;
  }

  /** The oldest of them. */
  firstStale(): InflightDelivery | undefined {
    return this.#window.firstStale();
  }

  /** Whether the client may be sent one more. */
  isOpen({ window }: Attachment): boolean {
    return this.#window.sent < window && this.#window.hasRoom;
  }

  /** Whether a packet identifier is in use. */
  has(packetId: number): boolean {
    return this.#window.get(packetId) !== undefined;
  }

  nextId(): number {
    return this.#window.nextId();
  }

  /** A new connection: all of it has to be sent again. */
  reattached(): void {
    this.#window.markAllStale();
  }

  /** The connection is gone. */
  detached(): void {
    if (this.#retryTimer !== undefined) this.#engine.timers.cancel(this.#retryTimer);
    for (const delivery of this.#window.values()) {
      if (delivery.stored !== undefined) this.#window.setMessage(delivery, undefined);
    }
  }

  /** Sends a message for the first time, as far as is known. */
  send(
    attachment: Attachment,
    message: Message,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
    stored: StoredDelivery | undefined,
  ): void {
    // Whole: a number with a fraction would be an object of its own.
    const now = attachment.retransmits ? Math.trunc(this.#engine.clock.monotonic()) : 0;
    const packetId = stored?.packetId ?? this.#window.nextId();
    const delivery = this.#window.add(packetId, message, subscription, qos, retain, now, stored);
    const dup = stored !== undefined && stored.number < this.#session.freshFrom;
    if (this.#outbound.send(attachment, message, subscription, qos, packetId, retain, dup)) {
      this.#armRetry(attachment);
    } else this.#remove(delivery);
  }

  /** Sends again what an earlier connection has left, or goes on where the client was. */
  resend(attachment: Attachment, delivery: InflightDelivery): void {
    this.#sendAgain(attachment, delivery);
    this.#armRetry(attachment);
  }

  #sendAgain(attachment: Attachment, delivery: InflightDelivery): void {
    this.#window.resent(delivery, this.#engine.clock.monotonic());
    const { message, subscription, qos, packetId, retain } = delivery;
    if (message === undefined) attachment.handler.release?.(packetId);
    else if (!this.#outbound.send(attachment, message, subscription, qos, packetId, retain, true)) {
      this.#remove(delivery);
    }
  }

  #remove(delivery: InflightDelivery): void {
    this.#window.delete(delivery);
    if (delivery.stored !== undefined) this.#engine.records?.forget(delivery.stored);
  }

  // What the client answers

  /** See `AttachedSession.acked`. */
  acked(packetId: number): AckResult {
    const delivery = this.#window.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 1) return 'unexpected';
    this.#finish(delivery);
    return 'ok';
  }

  /** See `AttachedSession.abandoned`. */
  abandoned(packetId: number): boolean {
    const delivery = this.#window.get(packetId);
    if (delivery === undefined || delivery.released) return false;
    this.#remove(delivery);
    if (delivery.message !== undefined) this.#outbound.drops.message(delivery.message, 'abandoned');
    this.#outbound.pump();
    return true;
  }

  /** See `AttachedSession.givenBack`. */
  givenBack(packetId: number): boolean {
    const delivery = this.#window.get(packetId);
    if (delivery === undefined || delivery.qos !== 1) return false;
    if (!this.#outbound.handOn(delivery)) return this.abandoned(packetId);
    this.#window.delete(delivery);
    this.#outbound.pump();
    return true;
  }

  /** See `AttachedSession.received`. */
  received(packetId: number): AckResult {
    const delivery = this.#window.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 2) return 'unexpected';
    if (!delivery.released) this.#takenByClient(delivery);
    this.#window.resent(delivery, this.#engine.clock.monotonic());
    this.#session.attachment?.handler.release?.(packetId);
    return 'ok';
  }

  /** The client has the message of a QoS 2 delivery. */
  #takenByClient(delivery: InflightDelivery): void {
    const { message, subscription, stored } = delivery;
    if (message !== undefined) this.#engine.countAcked(this.#session.client, message);
    if (stored !== undefined) this.#engine.records?.markReceived(stored, subscription, this.#facts(delivery));
    this.#window.markReleased(delivery);
  }

  /** See `AttachedSession.refused`. */
  refused(packetId: number): AckResult {
    const delivery = this.#window.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 2) return 'unexpected';
    this.#finish(delivery);
    return 'ok';
  }

  /** See `AttachedSession.completed`. */
  completed(packetId: number): AckResult {
    const delivery = this.#window.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 2 || !delivery.released) return 'unexpected';
    this.#finish(delivery);
    return 'ok';
  }

  #finish(delivery: InflightDelivery): void {
    this.#remove(delivery);
    if (delivery.message !== undefined) this.#engine.countAcked(this.#session.client, delivery.message);
    this.#outbound.pump();
  }

  // What it does not answer

  /** @param delay milliseconds until the first delivery is due; a timer that is armed is not moved */
  #armRetry(attachment: Attachment, delay = this.#session.options.retryInterval): void {
    if (!attachment.retransmits || delay === 0 || this.#retryTimer?.armed) return;
    this.#retryTimer ??= this.#engine.timers.after(delay, () => this.#retry());
    if (!this.#retryTimer.armed) this.#engine.timers.arm(this.#retryTimer, delay);
  }

  /** Sends again what is due, and comes back when the next one is. */
  #retry(): void {
    const { attachment, options } = this.#session;
    const { retryInterval } = options;
    if (attachment === undefined || attachment.away || retryInterval === 0) return;
    const now = this.#engine.clock.monotonic();
    let oldest = now;
    for (const delivery of [...this.#window.values()]) {
      if (!attachment.ready) break;
      if (delivery.stale) continue;
      if (now - delivery.sentAt >= retryInterval) this.#sendAgain(attachment, delivery);
      else oldest = Math.min(oldest, delivery.sentAt);
    }
    if (this.#window.size > 0) this.#armRetry(attachment, oldest + retryInterval - now);
  }

  // The store

  /** Puts everything into the store, of a session that has become durable. */
  storeAll(): void {
    for (const delivery of this.#window.values()) {
      const { message, subscription } = delivery;
      const facts = this.#facts(delivery);
      delivery.stored ??=
        message === undefined
          ? this.#engine.records?.storeReceived(subscription, facts)
          : this.#engine.records?.storeDelivery(message, subscription, facts);
    }
  }

  /** What is known of a delivery that has been sent. */
  #facts({ packetId, qos, retain }: InflightDelivery): DeliveryFacts {
    return { session: this.#session.number, packetId, qos, retain, priority: 0, sent: true };
  }

  /** Packet identifiers go on after this one. */
  continueAfter(packetId: number): void {
    this.#window.continueAfter(packetId);
  }

  /** Takes back what the store has kept and may have been sent. */
  restore(stored: StoredDelivery, { subscription, qos, retain }: QueuedDelivery): void {
    const delivery = this.#window.add(stored.packetId, undefined, subscription, qos, retain, 0, stored);
    if (stored.body === undefined) this.#window.markReleased(delivery);
  }

  /** Deliveries that are to be sent again and whose messages have to be read from the store first. */
  unread(): Iterable<InflightDelivery & { readonly stored: StoredDelivery }> {
    return this.#window.unread();
  }

  /** A message has been read; undefined when the store does not have it any more. */
  read(delivery: InflightDelivery, message: Message | undefined): void {
    if (message !== undefined) this.#window.setMessage(delivery, message);
    else this.#window.delete(delivery);
  }

  // The end

  /**
   * Takes out the messages of shared subscriptions that others may have, MQTT 5 §4.8.2: not a QoS 2 message that was
   * sent.
   * @param handOn says whether another member has it
   */
  handOn(handOn: (delivery: InflightDelivery) => boolean): void {
    for (const delivery of [...this.#window.values()]) {
      if (delivery.qos === 1 && handOn(delivery)) this.#window.delete(delivery);
    }
  }

  /** The session is over. */
  end(): void {
    if (this.#retryTimer !== undefined) this.#engine.timers.cancel(this.#retryTimer);
    for (const { stored, message, released } of this.#window.values()) {
      if (stored !== undefined && released) this.#engine.records?.forget(stored);
      else if (stored !== undefined) this.#outbound.drops.stored(stored, message, 'unacknowledged');
      else if (message !== undefined) this.#outbound.drops.message(message, 'unacknowledged');
    }
    this.#window.clear();
  }
}

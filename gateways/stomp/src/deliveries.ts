import { headerLine, headerLines, type StompVersion } from '@portico/codec-stomp';
import type {
  AttachedSession,
  DeliverResult,
  DetachReason,
  Message,
  Peer,
  QoS,
  SessionHandler,
  SessionOptions,
  SubscriptionView,
  Traffic,
} from '@portico/core';
import { Acknowledgements, type DeliveryEnd } from './acknowledgements.js';
import type { Outgoing } from './codec.js';
import { HeldMessages, type SessionDelivery } from './held-messages.js';
import { messageHeaders } from './message-headers.js';
import type { Shared } from './shared.js';
import { DURABLE, type StompSubscription, type Subscriptions } from './subscriptions.js';

/** What is left of a delivery. */
interface Unsent {
  /** Lines of its messages. */
  readonly destination: string;
  readonly others: string;
  readonly message: Message;
  /** Who gets it still, with the ids of its messages. */
  readonly receivers: [StompSubscription, messageId: string][];
}

/** The outbound half of a channel: messages of the session become MESSAGE frames, one for each subscription. */
export class Deliveries implements SessionHandler {
  /** Those that the client has to acknowledge. */
  readonly acknowledgements: Acknowledgements;
  readonly #peer: Peer<Outgoing>;
  readonly #shared: Shared;
  readonly #subscriptions: Subscriptions;
  readonly #onDetached: (reason: DetachReason) => void;
  #session: AttachedSession | undefined;
  #version: StompVersion = '1.0';
  #lastId = 0;
  #lastDestination = '';
  #lastDestinationLine = '';
  /** There from the first one on. */
  #held: HeldMessages | undefined;
  #isSendingHeld = false;
  /** What is left of a delivery to several subscriptions while the client takes no more. */
  #unsent: Unsent | undefined;
  #hasToldDrops = false;

  /** @param onDetached the session is no longer this connection's */
  constructor(
    peer: Peer<Outgoing>,
    shared: Shared,
    subscriptions: Subscriptions,
    onDetached: (reason: DetachReason) => void,
  ) {
    this.#peer = peer;
    this.#shared = shared;
    this.#subscriptions = subscriptions;
    this.#onDetached = onDetached;
    this.acknowledgements = new Acknowledgements((packetId, end) => this.#settle(packetId, end));
  }

  /** The client is connected. @param version that it speaks */
  begin(session: AttachedSession, version: StompVersion): void {
    this.#session = session;
    this.#version = version;
  }

  /** See `SessionHandler.traffic`. */
  get traffic(): Traffic {
    return this.#peer.traffic;
  }

  get writable(): boolean {
    return this.#unsent === undefined && this.#peer.writable;
  }

  deliver(
    message: Message,
    topic: string,
    { filter }: SubscriptionView,
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): DeliverResult {
    const delivery = { message, topic, filter, packetId, retain, dup };
    const mayPass = qos === 0 || this.#held?.has(filter) !== true;
    if (mayPass && this.#subscriptions.matching(filter).size > 0) {
      const receivers = this.#receivers(delivery);
      if (receivers.size === 0) return 'unwanted';
      this.#send(delivery, receivers);
    } else if (qos > 0 && this.#session?.tagOf(filter) === DURABLE) this.#hold(delivery);
    else return 'unwanted';
    return 'ok';
  }

  /** The subscriptions that a delivery is for: of a retained message those that it has been searched for. */
  #receivers({ filter, retain, dup }: SessionDelivery): ReadonlySet<StompSubscription> {
    return retain && !dup ? this.#subscriptions.fed(filter) : this.#subscriptions.matching(filter);
  }

  /** A subscription is there (again): what has been held for it follows. */
  renewed(filter: string): void {
    if (this.#held?.has(filter)) this.sendHeld();
  }

  /** The subscription has ended, and what has been held for it with it. */
  ended(filter: string): void {
    while (this.#endOldest(filter, 'givenBack'));
  }

  /**
   * Keeps a delivery until its subscription is renewed. The window grows by it, so that others are not kept waiting; the
   * oldest is dropped when there are more than could wait for a client that is away.
   */
  #hold(delivery: SessionDelivery): void {
    this.#held ??= new HeldMessages();
    this.#held.add({ ...delivery, message: delivery.message.keep() });
    this.#session?.widen(1);
    if (this.#held.size <= mostHeld(this.#shared.session)) return;
    const { counters, context } = this.#shared;
    if (!this.#hasToldDrops) {
      const { filter } = delivery;
      const words = 'messages of a durable subscription that its client has not renewed are dropped';
      context.log.warn({ clientid: this.#session?.client.clientId, filter }, words);
    }
    this.#hasToldDrops = true;
    counters['stomp.held.dropped'].value++;
    this.#endOldest(delivery.filter, 'abandoned');
  }

  /** Ends the oldest delivery that is held for a filter. @returns false when there is none */
  #endOldest(filter: string, end: DeliveryEnd): boolean {
    const oldest = this.#held?.shift(filter);
    if (oldest === undefined) return false;
    this.#session?.widen(-1);
    this.#session?.[end](oldest.packetId);
    return true;
  }

  /** The client has settled a delivery: others may follow. */
  #settle(packetId: number, end: DeliveryEnd): void {
    this.#session?.[end](packetId);
    this.sendHeld();
  }

  /** Sends what was held for subscriptions that are there now, as far as the client and the window take it. */
  sendHeld(): void {
    const held = this.#held;
    if (held === undefined || held.size === 0 || this.#isSendingHeld) return;
    this.#isSendingHeld = true;
    for (const filter of held.filters) {
      const subscriptions = this.#subscriptions.matching(filter);
      while (subscriptions.size > 0 && this.#mayFollow(held)) {
        const next = held.shift(filter);
        if (next === undefined) break;
        this.#session?.widen(-1);
        this.#send(next, this.#receivers(next));
      }
    }
    this.#isSendingHeld = false;
  }

  /** Whether one that was held may be sent. */
  #mayFollow({ size }: HeldMessages): boolean {
    if (this.#session === undefined || !this.writable) return false;
    const { maxInflight } = this.#shared.session;
    return maxInflight === 0 || this.#session.statistics.inflight - size < maxInflight;
  }

  #send(
    { message, topic, filter, packetId, retain, dup }: SessionDelivery,
    subscriptions: Iterable<StompSubscription>,
  ): void {
    const destination = this.#destinationLine(topic, filter);
    const others = (dup ? 'redelivered:true\n' : '') + this.#messageLines(message, retain);
    const ids: string[] = [];
    for (const subscription of subscriptions) {
      const messageId = String(++this.#lastId);
      ids.push(messageId);
      if (ids.length === 1 || this.writable) {
        this.#sendTo(subscription, messageId, destination, others, message);
        continue;
      }
      this.#unsent ??= { destination, others, message: message.keep(), receivers: [] };
      this.#unsent.receivers.push([subscription, messageId]);
    }
    if (packetId !== 0) this.acknowledgements.sent(packetId, ids, subscriptions);
  }

  #sendTo(
    { id, ack }: StompSubscription,
    messageId: string,
    destination: string,
    others: string,
    { payload }: Message,
  ): void {
    const subscription = id === undefined ? '' : headerLine('subscription', id, this.#version);
    const toAck = ack === 'auto' ? '' : `ack:${messageId}\n`;
    const lines = `message-id:${messageId}\n${destination}${subscription}${toAck}${others}`;
    this.#peer.send({ command: 'written MESSAGE', lines, body: payload });
  }

  /** Goes on with a delivery that the client could not take for all of its subscriptions, as far as it can now. */
  sendRest(): void {
    const unsent = this.#unsent;
    if (unsent === undefined) return;
    const { destination, others, message, receivers } = unsent;
    while (this.#peer.writable) {
      const next = receivers.shift();
      if (next === undefined) {
        this.#unsent = undefined;
        return;
      }
      const [subscription, messageId] = next;
      if (!this.#subscriptions.has(subscription)) continue;
      this.#sendTo(subscription, messageId, destination, others, message);
    }
  }

  /** Most clients get one message after the other from the same topic. */
  #destinationLine(topic: string, filter: string): string {
    const destination = this.#shared.destinations.destinationOf(topic, filter);
    if (destination !== this.#lastDestination) {
      this.#lastDestination = destination;
      this.#lastDestinationLine = headerLine('destination', destination, this.#version);
    }
    return this.#lastDestinationLine;
  }

  #messageLines(message: Message, retain: boolean): string {
    if (message.properties === undefined && !retain) return '';
    const expires = message.expiresAt !== Number.POSITIVE_INFINITY;
    const remaining = expires ? message.remainingExpiry(this.#shared.context.clock.now()) : undefined;
    return headerLines(messageHeaders(message, remaining, retain), this.#version);
  }

  detached(reason: DetachReason): void {
    this.#session = undefined;
    this.#onDetached(reason);
  }
}

/** Deliveries that may be held whatever the configuration says: half of all packet identifiers. */
const MOST_HELD = 32_768;

/** How many deliveries may be held: as many as a client finds that comes back. */
function mostHeld({ maxMqueueLen, maxInflight }: SessionOptions): number {
  if (maxMqueueLen === 0 || maxInflight === 0) return MOST_HELD;
  return Math.min(maxMqueueLen + maxInflight, MOST_HELD);
}

import { headerLine, headerLines, type StompVersion } from '@portico/codec-stomp';
import type {
  AttachedSession,
  DeliverResult,
  DetachReason,
  Message,
  Peer,
  QoS,
  SessionHandler,
  SubscriptionView,
} from '@portico/core';
import { Acknowledgements } from './acknowledgements.js';
import type { Outgoing } from './codec.js';
import { messageHeaders } from './message-headers.js';
import type { Shared } from './shared.js';
import type { StompSubscription, Subscriptions } from './subscriptions.js';

/** A message of a durable subscription that the client has not renewed yet. */
interface Held {
  readonly message: Message;
  readonly topic: string;
  readonly filter: string;
  readonly packetId: number;
  /** Whether it is the retained message of its topic. */
  readonly retain: boolean;
  readonly dup: boolean;
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
  #held: Held[] = [];

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
    this.acknowledgements = new Acknowledgements({
      acked: (packetId) => this.#session?.acked(packetId),
      abandoned: (packetId) => this.#session?.abandoned(packetId),
    });
  }

  /** The client is connected. @param version that it speaks */
  begin(session: AttachedSession, version: StompVersion): void {
    this.#session = session;
    this.#version = version;
  }

  get writable(): boolean {
    return this.#peer.writable;
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
    const subscriptions = this.#subscriptions.matching(filter);
    if (subscriptions.size > 0) this.#send({ message, topic, filter, packetId, retain, dup }, subscriptions);
    // The window of unacknowledged messages bounds how many are held.
    else if (qos > 0) this.#held.push({ message: message.keep(), topic, filter, packetId, retain, dup });
    else return 'unwanted';
    return 'ok';
  }

  /** A subscription is there (again): what has been held for it follows. */
  renewed(filter: string): void {
    const held = this.#held;
    this.#held = held.filter((other) => other.filter !== filter);
    for (const delivery of held) {
      if (delivery.filter === filter) this.#send(delivery, this.#subscriptions.matching(filter));
    }
  }

  /** The subscription has ended, and what has been held for it with it. */
  ended(filter: string): void {
    const dropped = this.#held.filter((other) => other.filter === filter);
    this.#held = this.#held.filter((other) => other.filter !== filter);
    for (const { packetId } of dropped) this.#session?.abandoned(packetId);
  }

  #send(
    { message, topic, filter, packetId, retain, dup }: Held,
    subscriptions: Iterable<StompSubscription>,
  ): void {
    const destination = this.#destinationLine(topic, filter);
    const others = (dup ? 'redelivered:true\n' : '') + this.#messageLines(message, retain);
    const ids: string[] = [];
    for (const { id, ack } of subscriptions) {
      const messageId = String(++this.#lastId);
      ids.push(messageId);
      const subscription = id === undefined ? '' : headerLine('subscription', id, this.#version);
      const toAck = ack === 'auto' ? '' : `ack:${messageId}\n`;
      const lines = `message-id:${messageId}\n${destination}${subscription}${toAck}${others}`;
      this.#peer.send({ command: 'written MESSAGE', lines, body: message.payload });
    }
    if (packetId !== 0) this.acknowledgements.sent(packetId, ids, subscriptions);
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

  /** No QoS 2 delivery is ever made: subscriptions are of QoS 1 at most. */
  release(): void {}

  detached(reason: DetachReason): void {
    this.#session = undefined;
    this.#onDetached(reason);
  }
}

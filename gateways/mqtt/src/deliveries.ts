import {
  type ConnectPacket,
  EncodeError,
  type ProtocolVersion,
  publishSize,
  type QoS,
} from '@portico/codec-mqtt';
import type {
  DeliverResult,
  DetachReason,
  Message,
  MessageProperties,
  Peer,
  SessionHandler,
  SubscriptionView,
  Traffic,
} from '@portico/core';
import { OutboundAliases } from './aliases.js';
import type { OutgoingFrame } from './codec.js';
import { deliveryProperties } from './message-properties.js';
import type { Outlet, Shared } from './shared.js';

/** The outbound half of a channel: messages of the session become PUBLISH packets. */
export class Deliveries implements SessionHandler {
  readonly #peer: Peer<OutgoingFrame>;
  readonly #outlet: Outlet;
  readonly #shared: Shared;
  readonly #version: ProtocolVersion;
  /** Greatest packet that the client takes, in bytes; undefined for any. */
  readonly #maximumPacketSize: number | undefined;
  readonly #aliases: OutboundAliases | undefined;

  constructor(peer: Peer<OutgoingFrame>, outlet: Outlet, shared: Shared, connect: ConnectPacket) {
    this.#peer = peer;
    this.#outlet = outlet;
    this.#shared = shared;
    this.#version = connect.protocolVersion;
    this.#maximumPacketSize = connect.properties?.maximumPacketSize;
    const aliases = Math.min(connect.properties?.topicAliasMaximum ?? 0, shared.config.max_topic_alias);
    this.#aliases = aliases > 0 ? new OutboundAliases(aliases) : undefined;
  }

  /** See `SessionHandler.traffic`. */
  get traffic(): Traffic {
    return this.#peer.traffic;
  }

  get writable(): boolean {
    return this.#peer.writable;
  }

  /** See `SessionHandler.takesAnyTopic`. */
  get takesAnyTopic(): boolean {
    return true;
  }

  deliver(
    message: Message,
    topic: string,
    subscription: SubscriptionView,
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): DeliverResult {
    const frame = this.#shared.delivery;
    frame.fill(message, topic, qos, packetId, retain, dup);
    if (this.#version < 5) {
      frame.properties = undefined;
      return this.#deliverAlike(message, topic);
    }
    const { subscriptionIds } = subscription;
    const expires = message.expiresAt !== Number.POSITIVE_INFINITY;
    if (this.#aliases === undefined && subscriptionIds === undefined && !expires) {
      return this.#deliverAlike(message, topic);
    }
    const remaining = expires ? message.remainingExpiry(this.#shared.context.clock.now()) : undefined;
    return this.#deliverOwn(message.properties, topic, remaining, subscriptionIds);
  }

  /** Sends what nothing but packet identifier and DUP makes this client's own. */
  #deliverAlike(message: Message, topic: string): DeliverResult {
    return this.#send(message.fanout > 1 && topic === message.topic ? message : undefined);
  }

  /** Sends what is made for this client alone. */
  #deliverOwn(
    properties: MessageProperties | undefined,
    topic: string,
    remainingExpiry: number | undefined,
    subscriptionIds: readonly number[] | undefined,
  ): DeliverResult {
    const frame = this.#shared.delivery;
    const known = this.#aliases?.get(topic);
    const assigned = known === undefined ? this.#aliases?.assign(topic) : undefined;
    if (known !== undefined) frame.topic = '';
    const propertiesWith = (alias: number | undefined) =>
      deliveryProperties(properties, remainingExpiry, alias, subscriptionIds);
    frame.properties = propertiesWith(known ?? assigned);
    const result = this.#send(undefined);
    if (result === 'ok' || assigned === undefined) return result;
    this.#aliases?.takeBack(topic);
    frame.properties = propertiesWith(undefined);
    return this.#send(undefined);
  }

  /**
   * Sends the delivery that the frame holds.
   * @param common the message whose encoded form is kept for its other receivers
   * @returns `too_large` when the client takes no packet of that size, or MQTT has none
   */
  #send(common: Message | undefined): DeliverResult {
    const frame = this.#shared.delivery;
    const maximum = this.#maximumPacketSize;
    try {
      if (maximum !== undefined && publishSize(frame, this.#version) > maximum) return 'too_large';
      if (common !== undefined) frame.share(common, this.#version);
      this.#peer.send(frame);
    } catch (error) {
      if (error instanceof EncodeError) return 'too_large';
      throw error;
    }
    this.#shared.counters.sentPublish();
    return 'ok';
  }

  release(packetId: number): void {
    this.#outlet.sendAck({ type: 'pubrel', packetId, reasonCode: 0 });
  }

  setKeepalive(seconds: number): void {
    this.#outlet.setKeepalive(seconds);
  }

  detached(reason: DetachReason): void {
    this.#outlet.end(reason);
  }
}

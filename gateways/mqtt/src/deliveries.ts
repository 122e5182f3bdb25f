import {
  type ConnectPacket,
  EncodeError,
  type ProtocolVersion,
  publishSize,
  type QoS,
} from '@portico/codec-mqtt';
import type {
  DetachReason,
  Message,
  MessageProperties,
  Peer,
  SessionHandler,
  SubscriptionView,
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

  get writable(): boolean {
    return this.#peer.writable;
  }

  deliver(
    message: Message,
    topic: string,
    subscription: SubscriptionView,
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): boolean {
    const frame = this.#shared.delivery;
    frame.topic = topic;
    frame.payload = message.payload;
    frame.qos = qos;
    frame.packetId = packetId;
    frame.retain = retain;
    frame.dup = dup;
    if (this.#version < 5) return this.#deliverAlike(message, undefined);
    const { subscriptionIds } = subscription;
    const expires = message.expiresAt !== Number.POSITIVE_INFINITY;
    if (this.#aliases === undefined && subscriptionIds === undefined && !expires) {
      return this.#deliverAlike(message, message.properties);
    }
    const remaining = expires ? message.remainingExpiry(this.#shared.context.clock.now()) : undefined;
    return this.#deliverOwn(message.properties, remaining, subscriptionIds);
  }

  /** Sends what nothing but packet identifier and DUP makes this client's own. */
  #deliverAlike(message: Message, properties: MessageProperties | undefined): boolean {
    const frame = this.#shared.delivery;
    frame.properties = properties;
    const toMany = message.fanout > 1 && frame.topic === message.topic;
    return this.#send(toMany ? message : undefined);
  }

  /** Sends what is made for this client alone. */
  #deliverOwn(
    properties: MessageProperties | undefined,
    remainingExpiry: number | undefined,
    subscriptionIds: readonly number[] | undefined,
  ): boolean {
    const frame = this.#shared.delivery;
    const { topic } = frame;
    const known = this.#aliases?.get(topic);
    const assigned = known === undefined ? this.#aliases?.assign(topic) : undefined;
    if (known !== undefined) frame.topic = '';
    const propertiesWith = (alias: number | undefined) =>
      deliveryProperties(properties, remainingExpiry, alias, subscriptionIds);
    frame.properties = propertiesWith(known ?? assigned);
    if (this.#send(undefined)) return true;
    if (assigned === undefined) return false;
    this.#aliases?.takeBack(topic);
    frame.properties = propertiesWith(undefined);
    return this.#send(undefined);
  }

  /**
   * @param shared the message whose encoded form is kept for its other receivers
   * @returns false when the client takes no packet of that size, or MQTT has none
   */
  #send(shared: Message | undefined): boolean {
    const frame = this.#shared.delivery;
    const maximum = this.#maximumPacketSize;
    try {
      if (maximum !== undefined && publishSize(frame, this.#version) > maximum) return false;
      frame.share(shared, this.#version);
      this.#peer.send(frame);
    } catch (error) {
      if (error instanceof EncodeError) return false;
      throw error;
    }
    this.#shared.counters.sent('publish');
    return true;
  }

  release(packetId: number): void {
    this.#outlet.send({ type: 'pubrel', packetId, reasonCode: 0 });
  }

  setKeepalive(seconds: number): void {
    this.#outlet.setKeepAlive(seconds);
  }

  detached(reason: DetachReason): void {
    this.#outlet.end(reason);
  }
}

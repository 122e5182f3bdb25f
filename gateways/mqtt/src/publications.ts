import {
  type AckPacket,
  type ProtocolVersion,
  type PublishPacket,
  type PublishProperties,
  ReasonCode,
} from '@portico/codec-mqtt';
import {
  type AttachedSession,
  isPromise,
  type MaybePromise,
  type Publication,
  type PublishResult,
} from '@portico/core';
import { InboundAliases } from './aliases.js';
import { explanationOf } from './explanations.js';
import { breaksItsFormat, publicationProperties } from './message-properties.js';
import { publishCode } from './reasons.js';
import type { Outlet, Shared } from './shared.js';

/** The inbound half of a channel: PUBLISH packets of the client become publications, MQTT 5 §4.3. */
export class Publications {
  readonly #session: AttachedSession;
  readonly #outlet: Outlet;
  readonly #shared: Shared;
  readonly #version: ProtocolVersion;
  /** QoS 2 packets of this connection that are not completed; counted for MQTT 5 only. */
  #incomplete: Set<number> | undefined = undefined;
  #aliases: InboundAliases | undefined = undefined;

  constructor(session: AttachedSession, outlet: Outlet, shared: Shared, version: ProtocolVersion) {
    this.#session = session;
    this.#outlet = outlet;
    this.#shared = shared;
    this.#version = version;
  }

  onPublish(packet: PublishPacket): MaybePromise<void> {
    const { properties, qos, packetId } = packet;
    // A packet has the shape of a publication; only its properties are not quite those of a message.
    const publication: Publication | undefined =
      properties === undefined ? packet : this.#publicationOf(packet, properties);
    if (publication === undefined) return;
    if (this.#shared.config.payload_format_validation && breaksItsFormat(publication.payload, properties)) {
      this.#refuseFormat(packet);
      return;
    }
    if (qos === 2 && !this.#withinReceiveMaximum(packetId)) return;
    const result =
      qos === 2 ? this.#session.publishOnce(packetId, publication) : this.#session.publish(publication);
    if (isPromise(result)) return result.then((settled) => this.#answer(packet, settled));
    this.#answer(packet, result);
  }

  /** The publication of a packet with properties; undefined when they ended the connection. */
  #publicationOf(packet: PublishPacket, properties: PublishProperties): Publication | undefined {
    if (properties.subscriptionIdentifiers !== undefined) {
      this.#outlet.end('protocol_error', 'a subscription identifier from a client');
      return undefined;
    }
    if (properties.topicAlias === undefined) return packet;
    this.#aliases ??= new InboundAliases(this.#shared.config.max_topic_alias);
    const resolved = this.#aliases.resolve(properties.topicAlias, packet.topic);
    if ('error' in resolved) {
      this.#outlet.end(resolved.error, `topic alias ${properties.topicAlias}`);
      return undefined;
    }
    const { payload, qos, retain, owned } = packet;
    const travelling = publicationProperties(properties);
    return { topic: resolved.topic, payload, qos, retain, properties: travelling, owned };
  }

  #refuseFormat(packet: PublishPacket): void {
    this.#shared.counters.named['packets.publish.error'].value++;
    if (packet.qos === 0) {
      this.#outlet.end('payload_format_invalid');
      return;
    }
    this.#acknowledge(packet, ReasonCode.payloadFormatInvalid, 'payload_format_invalid');
  }

  /** MQTT 5 §4.9: a client that sends more than it was told ends its connection. */
  #withinReceiveMaximum(packetId: number): boolean {
    const maximum = this.#shared.session.maxAwaitingRel;
    if (this.#version < 5 || maximum === 0) return true;
    this.#incomplete ??= new Set();
    if (this.#incomplete.size >= maximum && !this.#incomplete.has(packetId)) {
      this.#shared.counters.named['packets.publish.dropped'].value++;
      this.#outlet.end('receive_maximum_exceeded');
      return false;
    }
    this.#incomplete.add(packetId);
    return true;
  }

  #answer(packet: PublishPacket, result: PublishResult): void {
    if (result !== 'ok' && !this.#goesOn(result)) return;
    const { qos, packetId } = packet;
    if (qos === 0) return;
    const reasonCode = this.#version < 5 ? ReasonCode.success : publishCode(result);
    if (reasonCode >= ReasonCode.unspecifiedError) this.#incomplete?.delete(packetId);
    this.#acknowledge(packet, reasonCode, result === 'quota_exceeded' ? 'too_many_unreleased' : result);
  }

  /** @param reason for the reason code */
  #acknowledge(
    { qos, packetId }: PublishPacket,
    reasonCode: number,
    reason: PublishResult | 'payload_format_invalid' | 'too_many_unreleased',
  ): void {
    const refused = reasonCode >= ReasonCode.unspecifiedError;
    const properties = refused ? this.#outlet.explanation(explanationOf(reason)) : undefined;
    this.#outlet.sendAck({ type: qos === 1 ? 'puback' : 'pubrec', packetId, reasonCode, properties });
  }

  /** Counts what went wrong. @returns false when there is nothing to answer */
  #goesOn(result: PublishResult): boolean {
    const { named } = this.#shared.counters;
    switch (result) {
      case 'no_subscribers':
        return true;
      case 'duplicate':
        named['packets.publish.inuse'].value++;
        return true;
      case 'not_authorized':
        named['packets.publish.auth_error'].value++;
        return true;
      case 'quota_exceeded':
        named['packets.publish.dropped'].value++;
        return true;
      case 'storage_failed':
        named['packets.publish.error'].value++;
        // An older client cannot be told, and must not take it for kept.
        if (this.#version < 5) this.#outlet.end(result);
        return this.#version === 5;
      case 'qos_not_supported':
      case 'retain_not_supported':
        named['packets.publish.error'].value++;
        this.#outlet.end(result);
        return false;
      default:
        named['packets.publish.error'].value++;
        return true;
    }
  }

  /** The second half of QoS 2. A PUBREL for nothing is completed all the same, or it would never end. */
  onPubrel({ packetId }: AckPacket): void {
    this.#incomplete?.delete(packetId);
    const known = this.#session.releasePublished(packetId);
    if (!known) this.#shared.counters.named['packets.pubrel.missed'].value++;
    const reasonCode = known ? ReasonCode.success : ReasonCode.packetIdentifierNotFound;
    const properties = known ? undefined : this.#outlet.explanation(explanationOf('packet_id_not_found'));
    this.#outlet.sendAck({ type: 'pubcomp', packetId, reasonCode, properties });
  }
}

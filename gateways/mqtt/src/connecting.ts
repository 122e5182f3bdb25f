import { randomUUID } from 'node:crypto';
import type { ConnackProperties, ConnectPacket, WillMessage } from '@portico/codec-mqtt';
import {
  type ConnectionInfo,
  type ConnectRequest,
  fillTopic,
  type Introduction,
  type ProvenIdentity,
  type SessionHandler,
  type Will,
} from '@portico/core';
import type { MqttConfig } from './config.js';
import { breaksItsFormat, willProperties } from './message-properties.js';
import type { ConnackRefusal } from './reasons.js';
import type { Shared } from './shared.js';

/** What the gateway makes of a CONNECT: an identity, or why it is refused. */
export type Identity =
  | { readonly ok: true; readonly clientId: string }
  | { readonly ok: false; readonly refusal: ConnackRefusal };

/**
 * Looks at what the gateway itself can judge in a CONNECT, before anybody is asked who the client is.
 * @param proven what a certificate or pre-shared key has proved of the client
 */
export function identify(
  packet: ConnectPacket,
  proven: ProvenIdentity | undefined,
  config: MqttConfig,
): Identity {
  const { will } = packet;
  if (will && config.payload_format_validation && breaksItsFormat(will.payload, will.properties)) {
    return { ok: false, refusal: 'payload_format_invalid' };
  }
  const clientId = clientIdOf(packet, proven, config);
  return clientId === '' || Buffer.byteLength(clientId) > config.max_clientid_len
    ? { ok: false, refusal: 'clientid_invalid' }
    : { ok: true, clientId };
}

/** Empty when the client has none and gets none. */
function clientIdOf(packet: ConnectPacket, proven: ProvenIdentity | undefined, config: MqttConfig): string {
  if (proven?.clientId !== undefined) return proven.clientId;
  if (config.use_username_as_clientid) return proven?.username ?? packet.username ?? '';
  if (packet.clientId === '' && mayBeNamed(packet)) return `auto-${randomUUID()}`;
  return packet.clientId;
}

/** Who may leave out its client identifier: MQTT 5 §3.1.3.1, MQTT 3.1.1 §3.1.3.1; nobody in MQTT 3.1. */
function mayBeNamed({ protocolVersion, cleanStart }: ConnectPacket): boolean {
  return protocolVersion === 5 || (protocolVersion === 4 && cleanStart);
}

/**
 * Seconds within which the client has to send something; 0 for no limit. For MQTT 5 the configuration has a
 * longest one (§3.2.2.3.14).
 */
export function effectiveKeepAlive(packet: ConnectPacket, config: MqttConfig): number {
  const asked = packet.keepAlive;
  const longest = packet.protocolVersion === 5 ? config.server_keepalive : 0;
  return longest > 0 && (asked === 0 || asked > longest) ? longest : asked;
}

/** What the client says of itself. */
export function introduction(
  { username, password }: ConnectPacket,
  clientId: string,
  connection: ConnectionInfo,
): Introduction {
  return { clientId, username, password, protocol: 'MQTT', connection };
}

/** The request to the hub that a CONNECT stands for. */
export function connectRequest(
  packet: ConnectPacket,
  clientId: string,
  connection: ConnectionInfo,
  shared: Shared,
  handler: SessionHandler,
): ConnectRequest {
  const { config, session, sessionBefore5 } = shared;
  const { protocolVersion, cleanStart, will, properties } = packet;
  return {
    // Written out: an object made by spreading is several times as large and slow to V8, and there is one a client.
    clientId,
    username: packet.username,
    password: packet.password,
    protocol: 'MQTT',
    connection,
    protocolVersion,
    mountpoint: config.mountpoint,
    keepalive: effectiveKeepAlive(packet, config),
    cleanStart,
    sessionExpiry: sessionExpiry(packet, config),
    receiveMaximum: properties?.receiveMaximum,
    will: will && hubWill(will),
    options: protocolVersion === 5 ? session : sessionBefore5,
    mergeOverlapping: true,
    retransmits: protocolVersion < 5,
    handler,
    userProperties: properties?.userProperties,
  };
}

/** Seconds. Before MQTT 5 the end of a session was not the client's to choose. */
function sessionExpiry(packet: ConnectPacket, config: MqttConfig): number {
  if (packet.protocolVersion === 5) return packet.properties?.sessionExpiryInterval ?? 0;
  return packet.cleanStart ? 0 : Math.ceil(config.session_expiry_interval / 1000);
}

function hubWill({ topic, payload, qos, retain, properties }: WillMessage): Will {
  const delay = properties?.willDelayInterval ?? 0;
  return { topic, payload, qos, retain, properties: willProperties(properties), delay };
}

/**
 * What a CONNACK of success tells an MQTT 5 client: everything in which the gateway differs from what the
 * standard lets the client assume, MQTT 5 §3.2.2.3.
 */
export function connackProperties(
  packet: ConnectPacket,
  clientId: string,
  { config, session }: Shared,
): ConnackProperties {
  const keepAlive = effectiveKeepAlive(packet, config);
  const properties: { -readonly [Name in keyof ConnackProperties]: ConnackProperties[Name] } = {
    maximumPacketSize: config.max_packet_size,
  };
  if (session.maxAwaitingRel > 0) properties.receiveMaximum = session.maxAwaitingRel;
  if (config.max_topic_alias > 0) properties.topicAliasMaximum = config.max_topic_alias;
  if (config.max_qos_allowed < 2) properties.maximumQos = config.max_qos_allowed;
  if (!config.retain_available) properties.retainAvailable = false;
  if (!config.wildcard_subscription) properties.wildcardSubscriptionAvailable = false;
  if (!config.shared_subscription) properties.sharedSubscriptionAvailable = false;
  if (keepAlive !== packet.keepAlive) properties.serverKeepAlive = keepAlive;
  if (packet.clientId === '') properties.assignedClientIdentifier = clientId;
  if (packet.properties?.requestResponseInformation) {
    properties.responseInformation = responseInformation(packet, clientId, config);
  }
  return properties;
}

/** Undefined where there is none, or none for a client of that name. */
function responseInformation(
  { username }: ConnectPacket,
  clientId: string,
  { response_information }: MqttConfig,
): string | undefined {
  if (response_information === '') return undefined;
  const filled = fillTopic(response_information, { c: clientId, u: username });
  return 'error' in filled ? undefined : filled.topic;
}

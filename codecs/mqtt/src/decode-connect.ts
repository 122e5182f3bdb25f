import type { ConnackPacket, ConnectPacket, ProtocolVersion, QoS, WillMessage } from './packet.js';
import type { PacketReader } from './packet-reader.js';
import { readProperties } from './read-properties.js';
import { ReturnCode, reasonCodeName } from './reason-codes.js';
import { checkResponseTopic, readWillTopic } from './topic-name.js';

/** Bits of the Connect Flags, MQTT 5 §3.1.2.3. */
const RESERVED = 0x01;
const CLEAN_START = 0x02;
const WILL = 0x04;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USER_NAME = 0x80;

/** Protocol names and the levels that go with them. */
const PROTOCOL_LEVELS: Readonly<Record<string, readonly number[]>> = { MQIsdp: [3], MQTT: [4, 5] };

/** MQTT 5 §3.1. Sets the reader's version, so that every later fault says in which version to answer. */
export function decodeConnect(reader: PacketReader): ConnectPacket {
  const version = readProtocolVersion(reader);
  reader.version = version;
  if (version === 5) reader.checkRemainingLength();
  const flags = reader.byte();
  checkConnectFlags(reader, version, flags);
  const keepAlive = reader.twoByteInteger();
  const properties = version === 5 ? readProperties(reader, 'connect') : undefined;
  if (properties?.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw reader.fault('protocol_error', 'authentication data without a method');
  }
  const clientId = reader.utf8String();
  const will = flags & WILL ? readWill(reader, version, flags) : undefined;
  const username = flags & USER_NAME && !isMissing(reader, version) ? reader.utf8String() : undefined;
  const password = flags & PASSWORD && !isMissing(reader, version) ? reader.binaryData() : undefined;
  return {
    type: 'connect',
    protocolVersion: version,
    cleanStart: (flags & CLEAN_START) !== 0,
    keepAlive,
    clientId,
    will,
    username,
    password,
    properties,
  };
}

function readProtocolVersion(reader: PacketReader): ProtocolVersion {
  const name = reader.utf8String();
  const level = reader.byte();
  const levels = Object.hasOwn(PROTOCOL_LEVELS, name) ? PROTOCOL_LEVELS[name] : undefined;
  if (levels?.includes(level)) return level as ProtocolVersion;
  reader.version = level === 5 ? 5 : 4;
  throw reader.fault('unsupported_protocol_version', `protocol ${JSON.stringify(name)} level ${level}`);
}

/** MQTT 3.1 says nothing of reserved or contradictory bits but that a password needs a user name. */
function checkConnectFlags(reader: PacketReader, version: ProtocolVersion, flags: number): void {
  if (version < 5 && flags & PASSWORD && !(flags & USER_NAME)) {
    throw reader.fault('malformed_packet', 'a password without a user name');
  }
  if (version === 3) return;
  if (flags & RESERVED) throw reader.fault('malformed_packet', 'the reserved connect flag is set');
  if (!(flags & WILL) && (flags & WILL_RETAIN || willQos(flags) !== 0)) {
    throw reader.fault('malformed_packet', 'will QoS or will retain without a will');
  }
}

function willQos(flags: number): number {
  return (flags >> 3) & 3;
}

function readWill(reader: PacketReader, version: ProtocolVersion, flags: number): WillMessage {
  const qos = willQos(flags);
  if (qos === 3) throw reader.fault('malformed_packet', 'will QoS 3');
  const properties = version === 5 ? readProperties(reader, 'will') : undefined;
  checkResponseTopic(reader, properties?.responseTopic);
  const topic = readWillTopic(reader);
  const payload = reader.binaryData();
  return { topic, payload, qos: qos as QoS, retain: (flags & WILL_RETAIN) !== 0, properties };
}

/** In MQTT 3.1 §3.1 the end of the packet takes precedence over the flags of user name and password. */
function isMissing(reader: PacketReader, version: ProtocolVersion): boolean {
  return version === 3 && reader.remaining === 0;
}

/** MQTT 5 §3.2. */
export function decodeConnack(reader: PacketReader): ConnackPacket {
  const flags = reader.byte();
  const reasonCode = reader.byte();
  if (reader.version === 3) return connack(reader, false, reasonCode);
  if (flags > 1) throw reader.fault('malformed_packet', 'reserved CONNACK flags are set');
  if (flags === 1 && reasonCode !== 0) {
    throw reader.fault('protocol_error', 'a session present for a refused client');
  }
  return connack(reader, flags === 1, reasonCode);
}

function connack(reader: PacketReader, sessionPresent: boolean, reasonCode: number): ConnackPacket {
  const known =
    reader.version === 5
      ? reasonCodeName('connack', reasonCode) !== undefined
      : reasonCode <= ReturnCode.notAuthorized;
  if (!known) throw reader.fault('protocol_error', `CONNACK code ${reasonCode}`);
  const properties = reader.version === 5 ? readProperties(reader, 'connack') : undefined;
  return { type: 'connack', sessionPresent, reasonCode, properties };
}

import { decodeConnack, decodeConnect } from './decode-connect.js';
import type {
  AckPacket,
  AuthPacket,
  ControlPacket,
  DisconnectPacket,
  PacketType,
  PingPacket,
  QoS,
  SubackPacket,
  SubscribePacket,
  SubscriptionRequest,
  UnsubackPacket,
  UnsubscribePacket,
} from './packet.js';
import type { PacketReader } from './packet-reader.js';
import { readProperties } from './read-properties.js';
import { reasonCodeName, SUBACK_FAILURE } from './reason-codes.js';

type Decode = (reader: PacketReader) => ControlPacket;

/** How to read each packet but PUBLISH. */
export const CONTROL_DECODERS: Readonly<Record<ControlPacket['type'], Decode>> = {
  connect: decodeConnect,
  connack: decodeConnack,
  puback: (reader) => decodeAck(reader, 'puback'),
  pubrec: (reader) => decodeAck(reader, 'pubrec'),
  pubrel: (reader) => decodeAck(reader, 'pubrel'),
  pubcomp: (reader) => decodeAck(reader, 'pubcomp'),
  subscribe: decodeSubscribe,
  suback: decodeSuback,
  unsubscribe: decodeUnsubscribe,
  unsuback: decodeUnsuback,
  pingreq: () => PINGREQ,
  pingresp: () => PINGRESP,
  disconnect: decodeDisconnect,
  auth: decodeAuth,
};

const PINGREQ: PingPacket = { type: 'pingreq' };
const PINGRESP: PingPacket = { type: 'pingresp' };

function readReasonCode(reader: PacketReader, packet: PacketType): number {
  const code = reader.byte();
  if (reasonCodeName(packet, code) === undefined) {
    throw reader.fault('protocol_error', `reason code ${code} in ${packet}`);
  }
  return code;
}

/** MQTT 5 §3.4: reason code and properties may both be left out, or only the properties. */
function decodeAck(reader: PacketReader, type: AckPacket['type']): AckPacket {
  const packetId = reader.packetId();
  if (reader.version < 5 || reader.remaining === 0) {
    return { type, packetId, reasonCode: 0, properties: undefined };
  }
  const reasonCode = readReasonCode(reader, type);
  const properties = reader.remaining > 0 ? readProperties(reader, type) : undefined;
  return { type, packetId, reasonCode, properties };
}

/** MQTT 5 §3.8. */
function decodeSubscribe(reader: PacketReader): SubscribePacket {
  const packetId = reader.packetId();
  const properties = reader.version === 5 ? readProperties(reader, 'subscribe') : undefined;
  const subscriptions: SubscriptionRequest[] = [];
  while (reader.remaining > 0) subscriptions.push(readSubscription(reader));
  if (subscriptions.length === 0) throw reader.fault('protocol_error', 'a SUBSCRIBE without a topic filter');
  return { type: 'subscribe', packetId, subscriptions, properties };
}

/** MQTT 5 §3.8.3.1; before MQTT 5 the options are only the QoS. */
function readSubscription(reader: PacketReader): SubscriptionRequest {
  const filter = reader.utf8String();
  const options = reader.byte();
  const reserved = reader.version === 5 ? 0xc0 : 0xfc;
  if (options & reserved) throw reader.fault('malformed_packet', 'reserved subscription options are set');
  const qos = options & 3;
  if (qos === 3) throw reader.fault('protocol_error', 'QoS 3');
  const retainHandling = (options >> 4) & 3;
  if (retainHandling === 3) throw reader.fault('protocol_error', 'retain handling 3');
  const noLocal = (options & 4) !== 0;
  if (noLocal && filter.startsWith('$share/')) {
    throw reader.fault('protocol_error', 'No Local on a shared subscription');
  }
  return {
    filter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & 8) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  };
}

/** MQTT 5 §3.9. */
function decodeSuback(reader: PacketReader): SubackPacket {
  const packetId = reader.packetId();
  const properties = reader.version === 5 ? readProperties(reader, 'suback') : undefined;
  const reasonCodes: number[] = [];
  while (reader.remaining > 0) reasonCodes.push(readSubackCode(reader));
  if (reasonCodes.length === 0) throw reader.fault('protocol_error', 'a SUBACK without a reason code');
  return { type: 'suback', packetId, reasonCodes, properties };
}

function readSubackCode(reader: PacketReader): number {
  if (reader.version === 5) return readReasonCode(reader, 'suback');
  const code = reader.byte();
  if (code > 2 && code !== SUBACK_FAILURE) throw reader.fault('protocol_error', `SUBACK code ${code}`);
  return code;
}

/** MQTT 5 §3.10. */
function decodeUnsubscribe(reader: PacketReader): UnsubscribePacket {
  const packetId = reader.packetId();
  const properties = reader.version === 5 ? readProperties(reader, 'unsubscribe') : undefined;
  const filters: string[] = [];
  while (reader.remaining > 0) filters.push(reader.utf8String());
  if (filters.length === 0) throw reader.fault('protocol_error', 'an UNSUBSCRIBE without a topic filter');
  return { type: 'unsubscribe', packetId, filters, properties };
}

/** MQTT 5 §3.11. */
function decodeUnsuback(reader: PacketReader): UnsubackPacket {
  const packetId = reader.packetId();
  if (reader.version < 5) return { type: 'unsuback', packetId, reasonCodes: [], properties: undefined };
  const properties = readProperties(reader, 'unsuback');
  const reasonCodes: number[] = [];
  while (reader.remaining > 0) reasonCodes.push(readReasonCode(reader, 'unsuback'));
  if (reasonCodes.length === 0) throw reader.fault('protocol_error', 'an UNSUBACK without a reason code');
  return { type: 'unsuback', packetId, reasonCodes, properties };
}

/** MQTT 5 §3.14: reason code and properties may both be left out, or only the properties. */
function decodeDisconnect(reader: PacketReader): DisconnectPacket {
  if (reader.version < 5 || reader.remaining === 0) {
    return { type: 'disconnect', reasonCode: 0, properties: undefined };
  }
  const reasonCode = readReasonCode(reader, 'disconnect');
  const properties = reader.remaining > 0 ? readProperties(reader, 'disconnect') : undefined;
  return { type: 'disconnect', reasonCode, properties };
}

/** MQTT 5 §3.15: only an empty packet has neither reason code nor method. */
function decodeAuth(reader: PacketReader): AuthPacket {
  if (reader.remaining === 0) return { type: 'auth', reasonCode: 0, properties: undefined };
  const reasonCode = readReasonCode(reader, 'auth');
  const properties = readProperties(reader, 'auth');
  if (properties?.authenticationMethod === undefined) {
    throw reader.fault('protocol_error', 'an AUTH without an authentication method');
  }
  return { type: 'auth', reasonCode, properties };
}

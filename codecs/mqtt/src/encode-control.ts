import type {
  AckPacket,
  AuthPacket,
  ConnackPacket,
  ConnectPacket,
  ControlPacket,
  DisconnectPacket,
  ProtocolVersion,
  SubackPacket,
  SubscribePacket,
  SubscriptionRequest,
  UnsubackPacket,
  UnsubscribePacket,
} from './packet.js';
import type { PacketWriter } from './packet-writer.js';
import { propertiesSize, writeProperties } from './write-properties.js';

type Write<Type> = (
  writer: PacketWriter,
  packet: ControlPacket & { readonly type: Type },
  version: ProtocolVersion,
) => void;

/** How to write each packet but PUBLISH. */
const CONTROL_WRITERS: { readonly [Type in ControlPacket['type']]: Write<Type> } = {
  connect: writeConnect,
  connack: writeConnack,
  puback: writeAck,
  pubrec: writeAck,
  pubrel: writeAck,
  pubcomp: writeAck,
  subscribe: writeSubscribe,
  suback: writeSuback,
  unsubscribe: writeUnsubscribe,
  unsuback: writeUnsuback,
  pingreq: writeNothing,
  pingresp: writeNothing,
  disconnect: writeReason,
  auth: writeReason,
};

/** Writes all of a packet that is not PUBLISH but its fixed header. */
export function writeControl(writer: PacketWriter, packet: ControlPacket, version: ProtocolVersion): void {
  const write = CONTROL_WRITERS[packet.type] as Write<unknown>;
  write(writer, packet, version);
}

/** MQTT 5 §3.1. */
function writeConnect(writer: PacketWriter, packet: ConnectPacket): void {
  const version = packet.protocolVersion;
  writer.utf8String(version === 3 ? 'MQIsdp' : 'MQTT');
  writer.byte(version);
  writer.byte(connectFlags(packet));
  writer.twoByteInteger(packet.keepAlive);
  if (version === 5) writeProperties(writer, 'connect', packet.properties);
  writer.utf8String(packet.clientId);
  if (packet.will !== undefined) {
    if (version === 5) writeProperties(writer, 'will', packet.will.properties);
    writer.utf8String(packet.will.topic);
    writer.binaryData(packet.will.payload);
  }
  if (packet.username !== undefined) writer.utf8String(packet.username);
  if (packet.password !== undefined) writer.binaryData(packet.password);
}

/** MQTT 5 §3.1.2.3. */
function connectFlags(packet: ConnectPacket): number {
  let flags = packet.cleanStart ? 0x02 : 0;
  if (packet.will !== undefined) flags |= 0x04 | (packet.will.qos << 3) | (packet.will.retain ? 0x20 : 0);
  if (packet.password !== undefined) flags |= 0x40;
  if (packet.username !== undefined) flags |= 0x80;
  return flags;
}

/** MQTT 5 §3.2; MQTT 3.1 reserves the byte of the flags. */
function writeConnack(writer: PacketWriter, packet: ConnackPacket, version: ProtocolVersion): void {
  writer.boolean(packet.sessionPresent && version !== 3);
  writer.byte(packet.reasonCode);
  if (version === 5) writeProperties(writer, 'connack', packet.properties);
}

/** MQTT 5 §3.4: leaves out what may be left out. */
function writeAck(writer: PacketWriter, packet: AckPacket, version: ProtocolVersion): void {
  writer.twoByteInteger(packet.packetId);
  if (version < 5) return;
  const hasProperties = propertiesSize(packet.type, packet.properties) > 0;
  if (packet.reasonCode === 0 && !hasProperties) return;
  writer.byte(packet.reasonCode);
  if (hasProperties) writeProperties(writer, packet.type, packet.properties);
}

/** MQTT 5 §3.8. */
function writeSubscribe(writer: PacketWriter, packet: SubscribePacket, version: ProtocolVersion): void {
  writer.twoByteInteger(packet.packetId);
  if (version === 5) writeProperties(writer, 'subscribe', packet.properties);
  for (const subscription of packet.subscriptions) {
    writer.utf8String(subscription.filter);
    writer.byte(version === 5 ? subscriptionOptions(subscription) : subscription.qos);
  }
}

/** MQTT 5 §3.8.3.1. */
function subscriptionOptions(subscription: SubscriptionRequest): number {
  let options = subscription.qos | (subscription.retainHandling << 4);
  if (subscription.noLocal) options |= 0x04;
  if (subscription.retainAsPublished) options |= 0x08;
  return options;
}

/** MQTT 5 §3.9. */
function writeSuback(writer: PacketWriter, packet: SubackPacket, version: ProtocolVersion): void {
  writer.twoByteInteger(packet.packetId);
  if (version === 5) writeProperties(writer, 'suback', packet.properties);
  for (const code of packet.reasonCodes) writer.byte(code);
}

/** MQTT 5 §3.10. */
function writeUnsubscribe(writer: PacketWriter, packet: UnsubscribePacket, version: ProtocolVersion): void {
  writer.twoByteInteger(packet.packetId);
  if (version === 5) writeProperties(writer, 'unsubscribe', packet.properties);
  for (const filter of packet.filters) writer.utf8String(filter);
}

/** MQTT 5 §3.11; before MQTT 5 there are no codes. */
function writeUnsuback(writer: PacketWriter, packet: UnsubackPacket, version: ProtocolVersion): void {
  writer.twoByteInteger(packet.packetId);
  if (version < 5) return;
  writeProperties(writer, 'unsuback', packet.properties);
  for (const code of packet.reasonCodes) writer.byte(code);
}

/** MQTT 5 §3.14 and §3.15: a reason code 0 without properties leaves the packet empty. */
function writeReason(
  writer: PacketWriter,
  packet: DisconnectPacket | AuthPacket,
  version: ProtocolVersion,
): void {
  if (version < 5) return;
  if (packet.reasonCode === 0 && propertiesSize(packet.type, packet.properties) === 0) return;
  writer.byte(packet.reasonCode);
  writeProperties(writer, packet.type, packet.properties);
}

/** MQTT 5 §3.12 and §3.13: a fixed header is all there is. */
function writeNothing(): void {}

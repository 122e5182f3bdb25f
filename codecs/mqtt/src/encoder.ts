import { BufferSink, type ByteSink } from '@portico/frame';
import { writeControl } from './encode-control.js';
import { encodePublish } from './encode-publish.js';
import type { AckPacket, ControlPacket, Packet, ProtocolVersion } from './packet.js';
import { firstByteOf } from './packet-types.js';
import { PacketFiller, PacketSizer, variableByteIntegerSize } from './packet-writer.js';

const sizer = new PacketSizer();
const filler = new PacketFiller();

/**
 * Writes a packet as `version` has it; what that version does not know (properties, reason codes of
 * acknowledgements, subscription options) is left out.
 * @throws EncodeError when a field or the packet is longer than MQTT can carry
 */
export function encode(packet: Packet, version: ProtocolVersion, sink: ByteSink): void {
  if (packet.type === 'publish') encodePublish(packet, version, sink);
  else if (isPlainAck(packet)) encodePlainAck(packet, sink);
  else encodeControl(packet, version, sink);
}

function encodeControl(packet: ControlPacket, version: ProtocolVersion, sink: ByteSink): void {
  sizer.size = 0;
  writeControl(sizer, packet, version);
  const remaining = sizer.size;
  const start = sink.reserve(1 + variableByteIntegerSize(remaining) + remaining);
  filler.open(sink.buffer, start);
  filler.byte(firstByteOf(packet.type));
  filler.variableByteInteger(remaining);
  writeControl(filler, packet, version);
  filler.close();
}

/** The bytes of one packet. */
export function encodeToBuffer(packet: Packet, version: ProtocolVersion): Buffer {
  const sink = new BufferSink();
  encode(packet, version, sink);
  return sink.take();
}

/** True for an acknowledgement of nothing but a packet identifier: by far the most common packet but PUBLISH. */
function isPlainAck(packet: Packet): packet is AckPacket {
  return (
    'packetId' in packet &&
    'reasonCode' in packet &&
    packet.reasonCode === 0 &&
    packet.properties === undefined
  );
}

function encodePlainAck(packet: AckPacket, sink: ByteSink): void {
  let at = sink.reserve(4);
  const bytes = sink.buffer;
  bytes[at++] = firstByteOf(packet.type);
  bytes[at++] = 2;
  bytes[at++] = packet.packetId >> 8;
  bytes[at] = packet.packetId;
}

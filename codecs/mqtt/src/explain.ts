import { cutFrames, type ExplainedFrame, explained, type FieldReader, type Piece } from '@portico/frame';
import { MqttDecoder } from './decoder.js';
import { FIELDS, readVariableByteInteger } from './explain-fields.js';
import type { PacketType, ProtocolVersion, ReceivedPacket } from './packet.js';
import { controlTypeOf, PUBLISH } from './packet-types.js';

export interface ExplainOptions {
  /** What is spoken, unless a CONNECT among the bytes says otherwise; 4 unless given. */
  readonly version?: ProtocolVersion;
}

/** The greatest packet that the format has, MQTT 5 §2.1.4. */
const MAX_PACKET_SIZE = 268_435_460;

/** Packets in which a password, or what proves an identity, may stand. */
const WITH_SECRETS: readonly (PacketType | undefined)[] = ['connect', 'connack', 'auth'];

/** Explains all packets of a byte stream, as far as they can be read. Never throws for what a peer sends. */
export function explain(stream: Buffer, { version = 4 }: ExplainOptions = {}): ExplainedFrame[] {
  const decoder = new MqttDecoder({ maxPacketSize: MAX_PACKET_SIZE, version });
  return Array.from(cutFrames(decoder, stream), (piece) => explainPiece(piece, decoder.version));
}

function explainPiece({ offset, bytes, faults }: Piece<ReceivedPacket>, version: ProtocolVersion) {
  const firstByte = bytes[0] ?? 0;
  const type = typeOf(firstByte, version);
  const title = type?.toUpperCase() ?? 'no packet';
  const secretRest = WITH_SECRETS.includes(type);
  return explained({ title, offset, bytes, faults, secretRest }, (reader) => {
    readFixedHeader(reader, type);
    if (type !== undefined) FIELDS[type](reader, { version, firstByte });
  });
}

/** Undefined for a type that is reserved in the version. */
function typeOf(firstByte: number, version: ProtocolVersion): PacketType | undefined {
  const type = firstByte >> 4 === PUBLISH ? 'publish' : controlTypeOf(firstByte)?.type;
  return type === 'auth' && version < 5 ? undefined : type;
}

/** MQTT 5 §2.1. */
function readFixedHeader(reader: FieldReader, type: PacketType | undefined): void {
  const byte = reader.bytes.readUInt8(reader.take(1));
  reader.note('type', 1, `${byte >> 4} (${type?.toUpperCase() ?? 'reserved'})`);
  if (type === 'publish') {
    reader.note('DUP', 1, String((byte >> 3) & 1));
    reader.note('QoS', 1, String((byte >> 1) & 3));
    reader.note('RETAIN', 1, String(byte & 1));
  } else reader.note('flags', 1, `0x${(byte & 0x0f).toString(16)}`);
  readVariableByteInteger(reader, 'remaining length', 'bytes');
}

import { BufferSink, type ByteSink } from '@portico/frame';
import type { ProtocolVersion, Publish, PublishProperties } from './packet.js';
import { PUBLISH } from './packet-types.js';
import {
  EncodeError,
  MAX_STRING_BYTES,
  MAX_VARIABLE_BYTE_INTEGER,
  PacketFiller,
  variableByteIntegerSize,
} from './packet-writer.js';
import { propertiesSize, writePropertyList } from './write-properties.js';

const DUP = 0x08;

/** Sizes and writes topics, quickly where one comes again and again, as it mostly does. */
class TopicWriter {
  #topic = '';
  /** With the two bytes of the length in front. */
  #size = 2;
  /** The topic as it stands in a packet, once it has come a second time. */
  #bytes: Buffer | undefined = undefined;

  /** Bytes that `topic` takes with its length; the next `write` writes this one. */
  size(topic: string): number {
    if (topic === this.#topic) {
      this.#bytes ??= this.#encoded();
      return this.#size;
    }
    const length = Buffer.byteLength(topic);
    if (length > MAX_STRING_BYTES) throw new EncodeError(`a topic of ${length} bytes is too long for MQTT`);
    this.#topic = topic;
    this.#size = 2 + length;
    this.#bytes = undefined;
    return this.#size;
  }

  /** Writes the topic sized last; returns where it ends. */
  write(bytes: Buffer, at: number): number {
    if (this.#bytes === undefined) this.#fill(bytes, at);
    else bytes.set(this.#bytes, at);
    return at + this.#size;
  }

  #encoded(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#size);
    this.#fill(bytes, 0);
    return bytes;
  }

  #fill(bytes: Buffer, at: number): void {
    const length = this.#size - 2;
    bytes[at] = length >> 8;
    bytes[at + 1] = length;
    bytes.write(this.#topic, at + 2, length, length === this.#topic.length ? 'latin1' : 'utf8');
  }
}

const topicWriter = new TopicWriter();
const filler = new PacketFiller();

/** Bytes behind the fixed header. */
function remainingLength(publish: Publish, version: ProtocolVersion, propertyBytes: number): number {
  let length = topicWriter.size(publish.topic) + publish.payload.length;
  if (publish.qos > 0) length += 2;
  if (version === 5) length += variableByteIntegerSize(propertyBytes) + propertyBytes;
  if (length > MAX_VARIABLE_BYTE_INTEGER) throw new EncodeError(`${length} bytes are too many for MQTT`);
  return length;
}

/** Number of bytes that {@link encodePublish} writes, to compare with a Maximum Packet Size. */
export function publishSize(publish: Publish, version: ProtocolVersion): number {
  const propertyBytes = version === 5 ? propertiesSize('publish', publish.properties) : 0;
  const remaining = remainingLength(publish, version, propertyBytes);
  return 1 + variableByteIntegerSize(remaining) + remaining;
}

/**
 * Writes a PUBLISH packet, MQTT 5 §3.3; before MQTT 5 without its properties.
 * @throws EncodeError when a field or the packet is longer than MQTT can carry
 */
export function encodePublish(publish: Publish, version: ProtocolVersion, sink: ByteSink): void {
  const { qos, payload, properties } = publish;
  const propertyBytes = version === 5 ? propertiesSize('publish', properties) : 0;
  const remaining = remainingLength(publish, version, propertyBytes);
  let at = sink.reserve(1 + variableByteIntegerSize(remaining) + remaining);
  const bytes = sink.buffer;
  bytes[at++] = (PUBLISH << 4) | (publish.dup ? DUP : 0) | (qos << 1) | (publish.retain ? 1 : 0);
  let rest = remaining;
  for (; rest > 0x7f; rest >>= 7) bytes[at++] = rest | 0x80;
  bytes[at++] = rest;
  at = topicWriter.write(bytes, at);
  if (qos > 0) {
    bytes[at++] = publish.packetId >> 8;
    bytes[at++] = publish.packetId;
  }
  if (version === 5) {
    if (properties === undefined) bytes[at++] = 0;
    else at = fillProperties(bytes, at, propertyBytes, properties);
  }
  bytes.set(payload, at);
}

function fillProperties(bytes: Buffer, at: number, size: number, properties: PublishProperties): number {
  filler.open(bytes, at);
  filler.variableByteInteger(size);
  writePropertyList(filler, 'publish', properties);
  return filler.close();
}

/** Bytes of the fixed header that a packet begins with. */
function fixedHeaderSize(packet: Buffer): number {
  let size = 2;
  while ((packet[size - 1] as number) > 0x7f) size++;
  return size;
}

/**
 * A PUBLISH packet encoded once for many receivers, whose copies differ in packet identifier and DUP only.
 */
export class PublishTemplate {
  /** The packet with DUP 0 and packet identifier 0. */
  readonly #bytes: Buffer;
  /** Where the packet identifier stands; 0 when there is none. */
  readonly #packetIdAt: number;

  constructor(publish: Publish, version: ProtocolVersion) {
    const { type, topic, payload, qos, retain, properties } = publish;
    const sink = new BufferSink(0);
    encodePublish({ type, topic, payload, qos, retain, properties, packetId: 0, dup: false }, version, sink);
    // An empty sink grows to just what the one packet takes.
    this.#bytes = sink.buffer;
    this.#packetIdAt = qos === 0 ? 0 : fixedHeaderSize(sink.buffer) + topicWriter.size(topic);
  }

  /** @param packetId and `dup` are of no effect for QoS 0 */
  write(sink: ByteSink, packetId: number, dup: boolean): void {
    const start = sink.reserve(this.#bytes.length);
    const bytes = sink.buffer;
    bytes.set(this.#bytes, start);
    const at = this.#packetIdAt;
    if (at === 0) return;
    if (dup) bytes[start] = (bytes[start] as number) | DUP;
    bytes[start + at] = packetId >> 8;
    bytes[start + at + 1] = packetId;
  }
}

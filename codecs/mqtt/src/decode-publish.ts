import { PublishPacket } from './packet.js';
import type { PacketReader } from './packet-reader.js';
import { readProperties } from './read-properties.js';
import { checkResponseTopic, readTopicName, type TopicMemo } from './topic-name.js';

const DUP = 0x08;

/** MQTT 5 §3.3. */
export function decodePublish(reader: PacketReader, flags: number, memo: TopicMemo): PublishPacket {
  const qos = (flags >> 1) & 3;
  if (qos === 3) throw reader.fault('malformed_packet', 'QoS 3');
  if (qos === 0 && flags & DUP) throw reader.fault('protocol_error', 'DUP with QoS 0');
  const topic = readTopicName(reader, memo);
  const packetId = qos === 0 ? 0 : reader.packetId();
  const properties = reader.version === 5 ? readProperties(reader, 'publish') : undefined;
  if (topic === '') checkEmptyTopic(reader, properties?.topicAlias);
  if (properties !== undefined) checkResponseTopic(reader, properties.responseTopic);
  const payload = reader.position;
  reader.position = reader.end;
  return new PublishPacket(topic, flags, packetId, properties, reader.bytes, payload, reader.end);
}

function checkEmptyTopic(reader: PacketReader, topicAlias: number | undefined): void {
  if (reader.version < 5) throw reader.fault('topic_name_invalid', 'an empty topic name');
  if (topicAlias === undefined) throw reader.fault('protocol_error', 'neither topic name nor topic alias');
}

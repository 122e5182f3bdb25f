import { Message, type MessageProperties, type QoS } from './message.js';

/** Format of a stored message; the first byte of the record. */
const FORMAT = 1;

interface RecordHeader {
  topic: string;
  qos: QoS;
  retain: boolean;
  timestamp: number;
  properties?: Omit<MessageProperties, 'correlationData'> & { correlationData?: string };
}

/**
 * A message as stored: format byte, length of the header (4 bytes, big-endian), header as JSON, payload. Who
 * published it is not kept.
 */
export function encodeMessageRecord(message: Message): Buffer {
  const { correlationData, ...properties } = message.properties ?? {};
  const header: RecordHeader = {
    topic: message.topic,
    qos: message.qos,
    retain: message.retain,
    timestamp: message.timestamp,
    properties: {
      ...properties,
      ...(correlationData === undefined ? {} : { correlationData: correlationData.toString('base64') }),
    },
  };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(5);
  prefix[0] = FORMAT;
  prefix.writeUInt32BE(json.length, 1);
  return Buffer.concat([prefix, json, message.payload]);
}

/** @throws Error when the record is not one of {@link encodeMessageRecord} */
export function decodeMessageRecord(record: Buffer): Message {
  if (record[0] !== FORMAT) throw new Error(`a message record of format ${record[0]} is not known`);
  const end = 5 + record.readUInt32BE(1);
  const header = JSON.parse(record.toString('utf8', 5, end)) as RecordHeader;
  const { correlationData, ...properties } = header.properties ?? {};
  return new Message({
    topic: header.topic,
    payload: record.subarray(end),
    qos: header.qos,
    retain: header.retain,
    timestamp: header.timestamp,
    owned: true,
    properties: {
      ...properties,
      ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData, 'base64') }),
    },
  });
}

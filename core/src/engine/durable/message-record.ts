import { Message, type MessageProperties, type QoS } from '../message.js';

/** What of a message is kept. */
type StoredMessage = Pick<Message, 'topic' | 'payload' | 'qos' | 'retain' | 'properties' | 'timestamp'>;

/** Format of a stored message; the first byte of the record. */
const FORMAT = 1;

const RETAIN = 0x04;

/** Bytes before the topic: format, flags, timestamp, lengths of topic and properties. */
const FIXED = 1 + 1 + 8 + 4 + 4;

/**
 * A message as stored: format byte, flags (bits 0 and 1: QoS, bit 2: retain), timestamp as a double, the lengths of
 * topic and properties in 4 bytes, the topic, the properties as JSON (none for none), the payload. All big-endian.
 * Who published it is not kept.
 */
export function encodeMessageRecord(message: StoredMessage): Buffer {
  const { topic, payload, qos, retain, properties, timestamp } = message;
  const text = properties === undefined ? '' : propertiesText(properties);
  const topicLength = Buffer.byteLength(topic);
  const textLength = Buffer.byteLength(text);
  const record = Buffer.allocUnsafe(FIXED + topicLength + textLength + payload.length);
  record[0] = FORMAT;
  record[1] = qos | (retain ? RETAIN : 0);
  record.writeDoubleBE(timestamp, 2);
  record.writeUInt32BE(topicLength, 10);
  record.writeUInt32BE(textLength, 14);
  record.write(topic, FIXED);
  record.write(text, FIXED + topicLength);
  payload.copy(record, FIXED + topicLength + textLength);
  return record;
}

/** @throws Error when the record is not one of {@link encodeMessageRecord} */
export function decodeMessageRecord(record: Buffer): Message {
  if (record[0] !== FORMAT) throw new Error(`a message record of format ${record[0]} is not known`);
  const flags = record.readUInt8(1);
  const propertiesAt = FIXED + record.readUInt32BE(10);
  const payloadAt = propertiesAt + record.readUInt32BE(14);
  return new Message({
    topic: record.toString('utf8', FIXED, propertiesAt),
    payload: record.subarray(payloadAt),
    qos: (flags & 3) as QoS,
    retain: (flags & RETAIN) !== 0,
    timestamp: record.readDoubleBE(2),
    owned: true,
    properties: parsedProperties(record.toString('utf8', propertiesAt, payloadAt)),
  });
}

/** As JSON has no bytes, correlation data is Base64 there. */
type PropertiesInJson = Omit<MessageProperties, 'correlationData'> & { correlationData?: string };

function propertiesText({ correlationData, ...rest }: MessageProperties): string {
  const data = correlationData && { correlationData: correlationData.toString('base64') };
  return JSON.stringify({ ...rest, ...data });
}

function parsedProperties(text: string): MessageProperties | undefined {
  if (text === '') return undefined;
  const { correlationData, ...rest } = JSON.parse(text) as PropertiesInJson;
  return correlationData === undefined
    ? rest
    : { ...rest, correlationData: Buffer.from(correlationData, 'base64') };
}

import { DEFAULT_CLIENT_POLICY } from '../../access/client-policy.js';
import { restoredClient, type StoredClient, storedClient } from '../durable/client-record.js';
import { decodeMessageRecord, encodeMessageRecord } from '../durable/message-record.js';
import { Message } from '../message.js';

/** Format of a stored message; the first byte of the record. */
const FORMAT = 1;

/** Bytes before the client: format, length of the client. */
const FIXED = 1 + 4;

/**
 * A message that waits as stored: format byte, the length of the client in 4 bytes, big-endian, who published it as
 * JSON (none for the hub itself), the record of the message.
 * @param topic where it is published in the end
 */
export function encodeDelayed(message: Message, topic: string): Buffer {
  const { from, payload, qos, retain, properties, timestamp } = message;
  const client = Buffer.from(from === undefined ? '' : JSON.stringify(storedClient(from)));
  const head = Buffer.alloc(FIXED);
  head[0] = FORMAT;
  head.writeUInt32BE(client.length, 1);
  const record = encodeMessageRecord({ topic, payload, qos, retain, properties, timestamp });
  return Buffer.concat([head, client, record]);
}

/** @throws Error when the record is not one of {@link encodeDelayed} */
export function decodeDelayed(record: Buffer): Message {
  if (record[0] !== FORMAT) throw new Error(`a delayed message of format ${record[0]} is not known`);
  const messageAt = FIXED + record.readUInt32BE(1);
  const client = record.toString('utf8', FIXED, messageAt);
  const { topic, payload, qos, retain, properties, timestamp } = decodeMessageRecord(
    record.subarray(messageAt),
  );
  const from =
    client === '' ? undefined : restoredClient(JSON.parse(client) as StoredClient, DEFAULT_CLIENT_POLICY, 0);
  return new Message({ topic, payload, qos, retain, properties, timestamp, from, owned: true });
}

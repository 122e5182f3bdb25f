import type { Message, QoS } from '../message.js';
import { decodeMessageRecord, encodeMessageRecord } from './message-record.js';

/** What is known of a delivery beside its message. */
export interface DeliveryFacts {
  /** Number of the session whose it is. */
  readonly session: number;
  readonly packetId: number;
  readonly qos: QoS;
  readonly retain: boolean;
  /** See `PriorityQueue`. */
  readonly priority: number;
  /** Whether it may have been sent already. */
  readonly sent: boolean;
}

export interface DeliveryRecord extends DeliveryFacts {
  /** Number of the message where it is stored for several; undefined when the client has it. */
  readonly body: number | 'own' | undefined;
  /** Bytes of the message. */
  readonly size: number;
  /** Topic filter of the subscription that it belongs to, as the client asked for it. */
  readonly filter: string;
  readonly subscriptionIds: readonly number[] | undefined;
}

/** Format of the record; its first byte. */
const FORMAT = 1;

const RETAIN = 0x04;
const SENT = 0x08;
const HAS_BODY = 0x10;
const OWN_BODY = 0x20;

/** Bytes before the filter: format, flags, packet id, session, body, priority, size, length of the filter, ids. */
const FIXED = 1 + 1 + 2 + 6 + 6 + 8 + 4 + 2 + 2;

/**
 * Format byte, flags (bits 0 and 1: QoS), packet id, session and body number in 6 bytes, priority as a double, size
 * of the message in 4 bytes, the length of the filter, the number of subscription identifiers, the filter, identifiers
 * of 4 bytes; then the message, where it is the delivery's own. All big-endian.
 */
export function encodeDelivery(record: DeliveryRecord, message?: Message): Buffer {
  const { session, packetId, qos, retain, priority, sent, body, size, filter, subscriptionIds = [] } = record;
  const filterLength = Buffer.byteLength(filter);
  const bytes = Buffer.allocUnsafe(FIXED + filterLength + 4 * subscriptionIds.length);
  bytes[0] = FORMAT;
  bytes[1] = qos | (retain ? RETAIN : 0) | (sent ? SENT : 0) | bodyFlag(body);
  bytes.writeUInt16BE(packetId, 2);
  bytes.writeUIntBE(session, 4, 6);
  bytes.writeUIntBE(typeof body === 'number' ? body : 0, 10, 6);
  bytes.writeDoubleBE(priority, 16);
  bytes.writeUInt32BE(size, 24);
  bytes.writeUInt16BE(filterLength, 28);
  bytes.writeUInt16BE(subscriptionIds.length, 30);
  bytes.write(filter, FIXED);
  let at = FIXED + filterLength;
  for (const id of subscriptionIds) at = bytes.writeUInt32BE(id, at);
  return message === undefined ? bytes : Buffer.concat([bytes, encodeMessageRecord(message)]);
}

function bodyFlag(body: DeliveryRecord['body']): number {
  if (body === undefined) return 0;
  return body === 'own' ? OWN_BODY : HAS_BODY;
}

/** @throws Error when the record is not one of {@link encodeDelivery} */
export function decodeDelivery(bytes: Buffer): DeliveryRecord {
  if (bytes[0] !== FORMAT) throw new Error(`a delivery record of format ${bytes[0]} is not known`);
  const flags = bytes.readUInt8(1);
  const idsAt = FIXED + bytes.readUInt16BE(28);
  const ids: number[] = [];
  for (let i = 0; i < bytes.readUInt16BE(30); i++) ids.push(bytes.readUInt32BE(idsAt + 4 * i));
  return {
    session: bytes.readUIntBE(4, 6),
    packetId: bytes.readUInt16BE(2),
    qos: (flags & 3) as QoS,
    retain: (flags & RETAIN) !== 0,
    priority: bytes.readDoubleBE(16),
    sent: (flags & SENT) !== 0,
    body: bodyOf(flags, bytes),
    size: bytes.readUInt32BE(24),
    filter: bytes.toString('utf8', FIXED, idsAt),
    subscriptionIds: ids.length === 0 ? undefined : ids,
  };
}

function bodyOf(flags: number, bytes: Buffer): DeliveryRecord['body'] {
  if ((flags & OWN_BODY) !== 0) return 'own';
  return (flags & HAS_BODY) !== 0 ? bytes.readUIntBE(10, 6) : undefined;
}

/**
 * The message of a delivery that has its own.
 * @throws Error when the record is none of such a delivery
 */
export function decodeOwnMessage(bytes: Buffer): Message {
  if (bytes[0] !== FORMAT || (bytes.readUInt8(1) & OWN_BODY) === 0)
    throw new Error('a delivery without message');
  const end = FIXED + bytes.readUInt16BE(28) + 4 * bytes.readUInt16BE(30);
  return decodeMessageRecord(bytes.subarray(end));
}

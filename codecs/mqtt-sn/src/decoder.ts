import { isUtf8 } from 'node:buffer';
import { FrameError } from '@portico/frame';
import { Flag, qosOf, topicIdTypeBits } from './flags.js';
import {
  type BareMessage,
  type ConnectMessage,
  type DisconnectMessage,
  type EncapsulatedMessage,
  type MsgIdMessage,
  type PlainMessage,
  type PlainMessageType,
  type PublishMessage,
  type ReturnCodeMessage,
  type SnMessage,
  type TopicAckMessage,
  TopicIdType,
  type TopicReference,
  type WillMsgMessage,
  type WillTopicMessage,
} from './message.js';
import { ENCAPSULATED, MESSAGE_TYPES, type MessageTypeRow } from './message-types.js';

const LONG_LENGTH = 0x01;
const ENCAPSULATION_HEADER = 3;
const RADIUS_BITS = 0b11;
const RESERVED_TOPIC_ID_TYPE = 3;

/** What can be wrong with a datagram. MQTT-SN knows no answer to any of it. */
export type SnErrorCode =
  /** Length is not that of the datagram, or too small for a header. */
  | 'length'
  /** A reserved MsgType, §5.2.2. */
  | 'message_type'
  /** An encapsulated message within another, or with a Length of three octets: §5.5 has neither. */
  | 'encapsulation'
  /** The message ends within its fields. */
  | 'truncated'
  /** Octets behind the last field. */
  | 'too_long'
  /** The reserved TopicIdType: what follows it cannot be read, §5.3.4. */
  | 'topic_id_type'
  /** A ClientId, TopicName, WillTopic or short topic name that is not UTF-8. */
  | 'utf8';

/**
 * Reads one message, which must fill the datagram. Its Buffers are views into the datagram. The shape is that
 * of `DatagramDecoder.decode`.
 *
 * Other values that the specification reserves are passed on, for whoever knows the answer to them: return
 * codes, ProtocolId, topic ids 0 and 0xFFFF, QoS -1 outside PUBLISH. Flags that a message does not use are
 * not looked at.
 * @throws FrameError<SnErrorCode> for anything that is not a message
 */
export function decode(datagram: Buffer): SnMessage {
  // 0x01 is no length of one octet: the 0xFE behind it is the high octet of a length of three.
  if (datagram[0] !== LONG_LENGTH && datagram[1] === ENCAPSULATED) return readEncapsulated(datagram);
  return readMessage(datagram, 0);
}

/** `Length, MsgType, Ctrl, Wireless Node Id`, to whose end Length counts; the message behind has its own. */
function readEncapsulated(datagram: Buffer): EncapsulatedMessage {
  const headerLength = datagram[0] as number;
  if (headerLength < ENCAPSULATION_HEADER || headerLength > datagram.length) {
    throw fault('length', 0, `an encapsulation of ${headerLength} octets in ${datagram.length}`);
  }
  return {
    type: 'encapsulated',
    radius: (datagram[2] as number) & RADIUS_BITS,
    wirelessNodeId: datagram.subarray(ENCAPSULATION_HEADER, headerLength),
    message: readMessage(datagram, headerLength),
  };
}

/** Reads the message from `start` to the end of the datagram. */
function readMessage(bytes: Buffer, start: number): PlainMessage {
  const isLong = bytes[start] === LONG_LENGTH;
  const typeAt = start + (isLong ? 3 : 1);
  if (typeAt >= bytes.length) throw fault('length', start, 'the datagram ends within the header');
  const length = isLong ? uint16(bytes, start + 1) : uint8(bytes, start);
  if (length !== bytes.length - start && !(isLong && isPahoLength(length, bytes.length - start))) {
    throw fault('length', start, `Length ${length}, but ${bytes.length - start} octets`);
  }
  const bodyAt = typeAt + 1;
  return rowOf(bytes, typeAt, bytes.length - bodyAt).read(bytes, bodyAt);
}

/**
 * The Paho client for C decides for a Length of three octets at 255, before 2020 at 256, but has then counted
 * it as one. What it means is clear, and the message would be lost whenever it is sent again.
 */
function isPahoLength(length: number, octets: number): boolean {
  return octets === length + 2 && (length === 255 || length === 256);
}

/** The row of the MsgType at `typeAt`, when so many octets behind it can be right. */
function rowOf(bytes: Buffer, typeAt: number, bodyLength: number): Row {
  const value = bytes[typeAt] as number;
  const row = ROWS[value];
  if (row === undefined) {
    if (value === ENCAPSULATED) throw fault('encapsulation', typeAt, 'an encapsulation in the wrong place');
    throw fault('message_type', typeAt, `MsgType 0x${value.toString(16).padStart(2, '0')} is reserved`);
  }
  if (bodyLength < row.min) throw fault('truncated', bytes.length, `${row.type} ends within its fields`);
  if (bodyLength > row.max) throw tooLong(typeAt + 1 + row.max, row.type);
  return row;
}

/** Reads the fields from `at` to the end of the datagram, of which there are at least `min` octets. */
type Reader = (bytes: Buffer, at: number) => PlainMessage;

const READERS: { readonly [type in PlainMessageType]: Reader } = {
  advertise: (bytes, at) => ({ type: 'advertise', gwId: uint8(bytes, at), duration: uint16(bytes, at + 1) }),
  searchgw: (bytes, at) => ({ type: 'searchgw', radius: uint8(bytes, at) }),
  gwinfo: (bytes, at) => ({ type: 'gwinfo', gwId: uint8(bytes, at), gwAdd: bytes.subarray(at + 1) }),
  connect: readConnect,
  connack: readReturnCode('connack'),
  willtopicreq: readBare('willtopicreq'),
  willtopic: readWillTopic('willtopic'),
  willmsgreq: readBare('willmsgreq'),
  willmsg: readWillMsg('willmsg'),
  register: (bytes, at) => ({
    type: 'register',
    topicId: uint16(bytes, at),
    msgId: uint16(bytes, at + 2),
    topicName: text(bytes, at + 4),
  }),
  regack: readTopicAck('regack'),
  publish: readPublish,
  puback: readTopicAck('puback'),
  pubcomp: readMsgId('pubcomp'),
  pubrec: readMsgId('pubrec'),
  pubrel: readMsgId('pubrel'),
  subscribe: (bytes, at) => ({
    type: 'subscribe',
    dup: (uint8(bytes, at) & Flag.dup) !== 0,
    qos: qosOf(uint8(bytes, at)),
    msgId: uint16(bytes, at + 1),
    ...topicReference(bytes, at),
  }),
  suback: (bytes, at) => ({
    type: 'suback',
    qos: qosOf(uint8(bytes, at)),
    topicId: uint16(bytes, at + 1),
    msgId: uint16(bytes, at + 3),
    returnCode: uint8(bytes, at + 5),
  }),
  unsubscribe: (bytes, at) => ({
    type: 'unsubscribe',
    msgId: uint16(bytes, at + 1),
    ...topicReference(bytes, at),
  }),
  unsuback: readMsgId('unsuback'),
  pingreq: (bytes, at) => ({ type: 'pingreq', clientId: text(bytes, at) }),
  pingresp: readBare('pingresp'),
  disconnect: readDisconnect,
  willtopicupd: readWillTopic('willtopicupd'),
  willtopicresp: readReturnCode('willtopicresp'),
  willmsgupd: readWillMsg('willmsgupd'),
  willmsgresp: readReturnCode('willmsgresp'),
};

interface Row extends MessageTypeRow {
  readonly type: PlainMessageType;
  readonly read: Reader;
}

/** What there is to know of each message, at the place of its MsgType. */
const ROWS: (Row | undefined)[] = [];
for (const type of Object.keys(MESSAGE_TYPES) as PlainMessageType[]) {
  const row = MESSAGE_TYPES[type];
  ROWS[row.value] = { ...row, type, read: READERS[type] };
}

function readBare(type: BareMessage['type']): Reader {
  return () => ({ type });
}

function readReturnCode(type: ReturnCodeMessage['type']): Reader {
  return (bytes, at) => ({ type, returnCode: uint8(bytes, at) });
}

function readMsgId(type: MsgIdMessage['type']): Reader {
  return (bytes, at) => ({ type, msgId: uint16(bytes, at) });
}

function readTopicAck(type: TopicAckMessage['type']): Reader {
  return (bytes, at) => ({
    type,
    topicId: uint16(bytes, at),
    msgId: uint16(bytes, at + 2),
    returnCode: uint8(bytes, at + 4),
  });
}

function readWillMsg(type: WillMsgMessage['type']): Reader {
  return (bytes, at) => ({ type, willMsg: bytes.subarray(at) });
}

/**
 * An empty message deletes the will (§5.4.7). Of Flags without a topic the specification says nothing; the
 * Paho client for C writes this for no topic, so it is taken as the empty message.
 */
function readWillTopic(type: WillTopicMessage['type']): Reader {
  return (bytes, at) => {
    if (bytes.length - at <= 1) return { type, qos: 0, retain: false, willTopic: '' };
    const flags = uint8(bytes, at);
    return { type, qos: qosOf(flags), retain: (flags & Flag.retain) !== 0, willTopic: text(bytes, at + 1) };
  };
}

function readConnect(bytes: Buffer, at: number): ConnectMessage {
  const flags = uint8(bytes, at);
  return {
    type: 'connect',
    will: (flags & Flag.will) !== 0,
    cleanSession: (flags & Flag.cleanSession) !== 0,
    protocolId: uint8(bytes, at + 1),
    duration: uint16(bytes, at + 2),
    clientId: text(bytes, at + 4),
  };
}

function readPublish(bytes: Buffer, at: number): PublishMessage {
  const flags = uint8(bytes, at);
  const topicIdType = readTopicIdType(flags, at);
  if (topicIdType === TopicIdType.short) checkUtf8(bytes, at + 1, at + 3);
  return {
    type: 'publish',
    dup: (flags & Flag.dup) !== 0,
    qos: qosOf(flags),
    retain: (flags & Flag.retain) !== 0,
    topicIdType,
    topicId: uint16(bytes, at + 1),
    msgId: uint16(bytes, at + 3),
    data: bytes.subarray(at + 5),
  };
}

function readDisconnect(bytes: Buffer, at: number): DisconnectMessage {
  const rest = bytes.length - at;
  if (rest === 1) throw fault('truncated', bytes.length, 'disconnect ends within its Duration');
  return { type: 'disconnect', duration: rest === 0 ? undefined : uint16(bytes, at) };
}

/** The end of SUBSCRIBE and UNSUBSCRIBE, whose Flags are at `at`; MsgId lies between. */
function topicReference(bytes: Buffer, at: number): TopicReference {
  const topicIdType = readTopicIdType(uint8(bytes, at), at);
  const topicAt = at + 3;
  if (topicIdType === TopicIdType.normal) return { topicIdType, topicName: text(bytes, topicAt) };
  if (bytes.length < topicAt + 2)
    throw fault('truncated', bytes.length, 'a topic id of less than two octets');
  if (bytes.length > topicAt + 2) throw tooLong(topicAt + 2, 'a topic id');
  if (topicIdType === TopicIdType.short) return { topicIdType, topicName: text(bytes, topicAt) };
  return { topicIdType, topicId: uint16(bytes, topicAt) };
}

function readTopicIdType(flags: number, at: number): TopicIdType {
  const value = topicIdTypeBits(flags);
  if (value === RESERVED_TOPIC_ID_TYPE) throw fault('topic_id_type', at, `TopicIdType ${value} is reserved`);
  return value as TopicIdType;
}

/** The text from `at` to the end of the datagram, in memory of its own. */
function text(bytes: Buffer, at: number): string {
  if (at === bytes.length) return '';
  checkUtf8(bytes, at, bytes.length);
  return bytes.toString('utf8', at);
}

function checkUtf8(bytes: Buffer, start: number, end: number): void {
  if (!isUtf8(bytes.subarray(start, end))) throw fault('utf8', start, 'a string that is not UTF-8');
}

function uint8(bytes: Buffer, at: number): number {
  return bytes[at] as number;
}

function uint16(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function tooLong(offset: number, what: string): FrameError<SnErrorCode> {
  return fault('too_long', offset, `octets behind ${what}`);
}

function fault(code: SnErrorCode, offset: number, reason: string): FrameError<SnErrorCode> {
  return new FrameError(code, offset, reason);
}

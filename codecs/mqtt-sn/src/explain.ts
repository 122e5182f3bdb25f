import { type ExplainedFrame, explained, type FieldReader, faultsOf } from '@portico/frame';
import { decode } from './decoder.js';
import { Flag, qosOf, topicIdTypeBits } from './flags.js';
import { type PlainMessageType, ReturnCode, TopicIdType } from './message.js';
import { ENCAPSULATED, MESSAGE_TYPES } from './message-types.js';
import { shortTopicName } from './short-topic.js';

const TYPE_NAMES = new Map(
  (Object.keys(MESSAGE_TYPES) as PlainMessageType[]).map((type) => [MESSAGE_TYPES[type].value, type]),
);
const RETURN_CODES = new Map<number, string>(Object.entries(ReturnCode).map(([name, code]) => [code, name]));
const TOPIC_ID_TYPES = new Map<number, string>(
  Object.entries(TopicIdType).map(([name, type]) => [type, name]),
);

/** Explains one datagram, as far as it can be read. Never throws for what a peer sends. */
export function explain(datagram: Buffer): ExplainedFrame[] {
  const type = typeAt(datagram, encapsulationLength(datagram));
  const title = type?.toUpperCase() ?? 'no message';
  const what = { title, offset: 0, bytes: datagram, faults: faultsOf(decode, datagram) };
  return [
    explained(what, (reader) => {
      if (encapsulationLength(datagram) > 0) readEncapsulation(reader);
      readHeader(reader);
      if (type !== undefined) FIELDS[type](reader);
    }),
  ];
}

/** §5.5: bytes before the message that is forwarded; 0 where there is none. */
function encapsulationLength(datagram: Buffer): number {
  return datagram[0] !== LONG_LENGTH && datagram[1] === ENCAPSULATED ? (datagram[0] as number) : 0;
}

/** First octet of a Length of three (§5.2.1). */
const LONG_LENGTH = 0x01;

function typeAt(datagram: Buffer, start: number): PlainMessageType | undefined {
  const isLong = datagram[start] === LONG_LENGTH;
  return TYPE_NAMES.get(datagram[start + (isLong ? 3 : 1)] ?? ENCAPSULATED);
}

function readEncapsulation(reader: FieldReader): void {
  const length = reader.quantity('encapsulation length', 1, 'octets');
  reader.uint('encapsulation type', 1, () => 'ENCAPSULATED');
  reader.uint('radius', 1);
  const size = Math.max(length - 3, 0);
  reader.take(size);
  reader.note('wireless node id', size, `${size} octets`);
}

/** §5.2. */
function readHeader(reader: FieldReader): void {
  if (reader.bytes[reader.at] === LONG_LENGTH) {
    reader.take(1);
    reader.note('Length', 1, 'in the next two octets');
    reader.quantity('Length', 2, 'octets');
  } else reader.quantity('Length', 1, 'octets');
  reader.uint('MsgType', 1, (type) => TYPE_NAMES.get(type)?.toUpperCase() ?? 'reserved');
}

type ReadFields = (reader: FieldReader) => void;

/** The variable part of each message (§5.4), read for people. */
const FIELDS: { readonly [type in PlainMessageType]: ReadFields } = {
  advertise(reader) {
    reader.uint('GwId', 1);
    reader.quantity('Duration', 2, 's');
  },
  searchgw: (reader) => reader.uint('Radius', 1),
  gwinfo(reader) {
    reader.uint('GwId', 1);
    if (reader.left > 0) reader.data('GwAdd');
  },
  connect(reader) {
    reader.uint('Flags', 1, connectFlags);
    reader.uint('ProtocolId', 1);
    reader.quantity('Duration', 2, 's');
    reader.text('ClientId', reader.left);
  },
  connack: readReturnCode,
  willtopicreq() {},
  willtopic: readWillTopic,
  willmsgreq() {},
  willmsg: readWillMsg,
  register(reader) {
    reader.uint('TopicId', 2);
    reader.uint('MsgId', 2);
    reader.text('TopicName', reader.left);
  },
  regack: readTopicAck,
  publish(reader) {
    const flags = reader.uint('Flags', 1, publishFlags);
    const isShort = topicIdTypeBits(flags) === TopicIdType.short;
    reader.uint('TopicId', 2, (id) => (isShort ? JSON.stringify(shortTopicName(id)) : undefined));
    reader.uint('MsgId', 2);
    if (reader.left > 0) reader.data('Data');
  },
  puback: readTopicAck,
  pubcomp: readMsgId,
  pubrec: readMsgId,
  pubrel: readMsgId,
  subscribe: readTopicRequest,
  suback(reader) {
    reader.uint('Flags', 1, (flags) => `QoS ${qosOf(flags)}`);
    readTopicAck(reader);
  },
  unsubscribe: readTopicRequest,
  unsuback: readMsgId,
  pingreq(reader) {
    if (reader.left > 0) reader.text('ClientId', reader.left);
  },
  pingresp() {},
  disconnect(reader) {
    if (reader.left > 0) reader.quantity('Duration', 2, 's');
  },
  willtopicupd: readWillTopic,
  willtopicresp: readReturnCode,
  willmsgupd: readWillMsg,
  willmsgresp: readReturnCode,
};

function readReturnCode(reader: FieldReader): void {
  reader.uint('ReturnCode', 1, (code) => RETURN_CODES.get(code) ?? 'reserved');
}

function readMsgId(reader: FieldReader): void {
  reader.uint('MsgId', 2);
}

function readTopicAck(reader: FieldReader): void {
  reader.uint('TopicId', 2);
  reader.uint('MsgId', 2);
  readReturnCode(reader);
}

function readWillTopic(reader: FieldReader): void {
  if (reader.left === 0) return;
  reader.uint('Flags', 1, (flags) => [`QoS ${qosOf(flags)}`, ...set(flags, 'retain')].join(', '));
  reader.text('WillTopic', reader.left);
}

function readWillMsg(reader: FieldReader): void {
  reader.data('WillMsg');
}

/** SUBSCRIBE and UNSUBSCRIBE. */
function readTopicRequest(reader: FieldReader): void {
  const flags = reader.uint('Flags', 1, publishFlags);
  readMsgId(reader);
  if (topicIdTypeBits(flags) === TopicIdType.predefined) reader.uint('TopicId', 2);
  else reader.text('TopicName', reader.left);
}

function connectFlags(flags: number): string {
  return [...set(flags, 'will'), ...set(flags, 'cleanSession')].join(', ') || 'none';
}

function publishFlags(flags: number): string {
  const topicIdType = TOPIC_ID_TYPES.get(topicIdTypeBits(flags)) ?? 'reserved';
  const parts = [`QoS ${qosOf(flags)}`, ...set(flags, 'dup'), ...set(flags, 'retain')];
  return [...parts, `topic id type ${topicIdType}`].join(', ');
}

function set(flags: number, name: keyof typeof Flag): string[] {
  return flags & Flag[name] ? [name] : [];
}

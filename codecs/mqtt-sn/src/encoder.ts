import type { ByteSink } from '@portico/frame';
import { Flag, qosBits } from './flags.js';
import {
  type BareMessage,
  type EncapsulatedMessage,
  MAX_MESSAGE_LENGTH,
  MAX_WIRELESS_NODE_ID_LENGTH,
  type MsgIdMessage,
  type PlainMessage,
  type PlainMessageType,
  type ReturnCodeMessage,
  type SnMessage,
  type SubscribeMessage,
  type TopicAckMessage,
  TopicIdType,
  type TopicReference,
  type UnsubscribeMessage,
  type WillMsgMessage,
  type WillTopicMessage,
} from './message.js';
import { ENCAPSULATED, MESSAGE_TYPES } from './message-types.js';
import { shortTopicId } from './short-topic.js';

const LONG_LENGTH = 0x01;
const LONGEST_SHORT = 255;
const SHORT_HEADER = 2;
const LONG_HEADER = 4;
const ENCAPSULATION_HEADER = 3;
const MAX_RADIUS = 3;

/**
 * Writes one message with the shortest Length. Numbers are written with as many bits as their field has.
 * @throws RangeError when the caller breaks the type's rules: a message or Wireless Node Id that is too long,
 *   a short topic name that has not two octets, a radius above 3. Nothing is written then.
 */
export function encode(message: SnMessage, sink: ByteSink): void {
  const length = encodedLength(message);
  const at = sink.reserve(length);
  const target = sink.buffer;
  if (message.type !== 'encapsulated') {
    writeMessage(message, target, at, length);
    return;
  }
  const headerLength = encapsulationLength(message);
  target[at] = headerLength;
  target[at + 1] = ENCAPSULATED;
  target[at + 2] = message.radius;
  message.wirelessNodeId.copy(target, at + ENCAPSULATION_HEADER);
  writeMessage(message.message, target, at + headerLength, length - headerLength);
}

/**
 * Octets of the message as {@link encode} writes it.
 * @throws RangeError as `encode` does
 */
export function encodedLength(message: SnMessage): number {
  if (message.type !== 'encapsulated') return messageLength(message);
  return encapsulationLength(message) + messageLength(message.message);
}

function encapsulationLength({ wirelessNodeId, radius }: EncapsulatedMessage): number {
  if (wirelessNodeId.length > MAX_WIRELESS_NODE_ID_LENGTH) {
    throw new RangeError(`a Wireless Node Id of ${wirelessNodeId.length} octets`);
  }
  if (radius > MAX_RADIUS) throw new RangeError(`a radius of ${radius}`);
  return ENCAPSULATION_HEADER + wirelessNodeId.length;
}

function messageLength(message: PlainMessage): number {
  const bodyLength = layoutOf(message).length(message);
  const length = bodyLength + SHORT_HEADER;
  if (length <= LONGEST_SHORT) return length;
  if (bodyLength + LONG_HEADER > MAX_MESSAGE_LENGTH) throw new RangeError(`${bodyLength} octets of fields`);
  return bodyLength + LONG_HEADER;
}

function writeMessage(message: PlainMessage, target: Buffer, start: number, length: number): void {
  let at = start;
  if (length <= LONGEST_SHORT) {
    target[at++] = length;
  } else {
    target[at++] = LONG_LENGTH;
    at = writeUint16(length, target, at);
  }
  target[at++] = MESSAGE_TYPES[message.type].value;
  layoutOf(message).write(message, target, at);
}

/** The fields behind the header of one kind of message. */
interface Layout<Message> {
  /** How many octets they have. */
  length(message: Message): number;
  /** Writes them from `at` on. */
  write(message: Message, target: Buffer, at: number): void;
}

type MessageOf<Type extends PlainMessageType> = Extract<PlainMessage, { readonly type: Type }>;

/** Every message has the layout of its type; the compiler cannot follow this through a union. */
function layoutOf<Message extends PlainMessage>(message: Message): Layout<Message> {
  return LAYOUTS[message.type] as Layout<Message>;
}

const BARE: Layout<BareMessage> = {
  length: () => 0,
  write() {},
};

const RETURN_CODE: Layout<ReturnCodeMessage> = {
  length: () => 1,
  write({ returnCode }, target, at) {
    target[at] = returnCode;
  },
};

const MSG_ID: Layout<MsgIdMessage> = {
  length: () => 2,
  write({ msgId }, target, at) {
    writeUint16(msgId, target, at);
  },
};

const TOPIC_ACK: Layout<TopicAckMessage> = {
  length: () => 5,
  write({ topicId, msgId, returnCode }, target, at) {
    writeUint16(topicId, target, at);
    writeUint16(msgId, target, at + 2);
    target[at + 4] = returnCode;
  },
};

const WILL_TOPIC: Layout<WillTopicMessage> = {
  length: ({ willTopic }) => (willTopic === '' ? 0 : 1 + Buffer.byteLength(willTopic)),
  write({ qos, retain, willTopic }, target, at) {
    if (willTopic === '') return;
    target[at] = qosBits(qos) | (retain ? Flag.retain : 0);
    target.write(willTopic, at + 1);
  },
};

const WILL_MSG: Layout<WillMsgMessage> = {
  length: ({ willMsg }) => willMsg.length,
  write({ willMsg }, target, at) {
    willMsg.copy(target, at);
  },
};

const SUBSCRIPTION: Layout<SubscribeMessage | UnsubscribeMessage> = {
  length: (message) => 3 + topicLength(message),
  write(message, target, at) {
    const own = message.type === 'subscribe' ? qosBits(message.qos) | (message.dup ? Flag.dup : 0) : 0;
    target[at] = own | message.topicIdType;
    writeUint16(message.msgId, target, at + 1);
    if (message.topicIdType === TopicIdType.predefined) writeUint16(message.topicId, target, at + 3);
    else target.write(message.topicName, at + 3);
  },
};

const LAYOUTS: { readonly [Type in PlainMessageType]: Layout<MessageOf<Type>> } = {
  advertise: {
    length: () => 3,
    write({ gwId, duration }, target, at) {
      target[at] = gwId;
      writeUint16(duration, target, at + 1);
    },
  },
  searchgw: {
    length: () => 1,
    write({ radius }, target, at) {
      target[at] = radius;
    },
  },
  gwinfo: {
    length: ({ gwAdd }) => 1 + gwAdd.length,
    write({ gwId, gwAdd }, target, at) {
      target[at] = gwId;
      gwAdd.copy(target, at + 1);
    },
  },
  connect: {
    length: ({ clientId }) => 4 + Buffer.byteLength(clientId),
    write({ will, cleanSession, protocolId, duration, clientId }, target, at) {
      target[at] = (will ? Flag.will : 0) | (cleanSession ? Flag.cleanSession : 0);
      target[at + 1] = protocolId;
      writeUint16(duration, target, at + 2);
      target.write(clientId, at + 4);
    },
  },
  connack: RETURN_CODE,
  willtopicreq: BARE,
  willtopic: WILL_TOPIC,
  willmsgreq: BARE,
  willmsg: WILL_MSG,
  register: {
    length: ({ topicName }) => 4 + Buffer.byteLength(topicName),
    write({ topicId, msgId, topicName }, target, at) {
      writeUint16(topicId, target, at);
      writeUint16(msgId, target, at + 2);
      target.write(topicName, at + 4);
    },
  },
  regack: TOPIC_ACK,
  publish: {
    length: ({ data }) => 5 + data.length,
    write({ dup, qos, retain, topicIdType, topicId, msgId, data }, target, at) {
      target[at] = (dup ? Flag.dup : 0) | qosBits(qos) | (retain ? Flag.retain : 0) | topicIdType;
      writeUint16(topicId, target, at + 1);
      writeUint16(msgId, target, at + 3);
      data.copy(target, at + 5);
    },
  },
  puback: TOPIC_ACK,
  pubcomp: MSG_ID,
  pubrec: MSG_ID,
  pubrel: MSG_ID,
  subscribe: SUBSCRIPTION,
  suback: {
    length: () => 6,
    write({ qos, topicId, msgId, returnCode }, target, at) {
      target[at] = qosBits(qos);
      writeUint16(topicId, target, at + 1);
      writeUint16(msgId, target, at + 3);
      target[at + 5] = returnCode;
    },
  },
  unsubscribe: SUBSCRIPTION,
  unsuback: MSG_ID,
  pingreq: {
    length: ({ clientId }) => Buffer.byteLength(clientId),
    write({ clientId }, target, at) {
      target.write(clientId, at);
    },
  },
  pingresp: BARE,
  disconnect: {
    length: ({ duration }) => (duration === undefined ? 0 : 2),
    write({ duration }, target, at) {
      if (duration !== undefined) writeUint16(duration, target, at);
    },
  },
  willtopicupd: WILL_TOPIC,
  willtopicresp: RETURN_CODE,
  willmsgupd: WILL_MSG,
  willmsgresp: RETURN_CODE,
};

function topicLength(topic: TopicReference): number {
  if (topic.topicIdType === TopicIdType.predefined) return 2;
  if (topic.topicIdType === TopicIdType.short && shortTopicId(topic.topicName) === undefined) {
    throw new RangeError(`${JSON.stringify(topic.topicName)} is no short topic name`);
  }
  return Buffer.byteLength(topic.topicName);
}

function writeUint16(value: number, target: Buffer, at: number): number {
  target[at] = value >> 8;
  target[at + 1] = value;
  return at + 2;
}

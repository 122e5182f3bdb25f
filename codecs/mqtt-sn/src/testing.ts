/** Shared by this package's tests: vectors as they are written in `vectors/`, generators for properties. */

import { readFileSync } from 'node:fs';
import { BufferSink } from '@portico/frame';
import fc from 'fast-check';
import type { SnErrorCode } from './decoder.js';
import { encode } from './encoder.js';
import {
  MAX_WIRELESS_NODE_ID_LENGTH,
  type PlainMessage,
  type PlainMessageType,
  type Qos,
  type SnMessage,
  TopicIdType,
} from './message.js';
import { MESSAGE_TYPES } from './message-types.js';
import { shortTopicId } from './short-topic.js';

export interface GoodVector {
  readonly name: string;
  readonly hex: string;
  /** As {@link plain} shows it. */
  readonly message: unknown;
}

export interface BadVector {
  readonly name: string;
  readonly hex: string;
  readonly error: SnErrorCode;
  readonly offset: number;
}

/** Reads `vectors/<name>.json`. */
export function loadVectors<Vector>(name: string): readonly Vector[] {
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors;
}

/** A message in the form of the vectors: Buffers as hex, absent fields left out. */
export function plain(message: SnMessage): unknown {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    if (Buffer.isBuffer(value)) shown[name] = value.toString('hex');
    else if (name === 'message') shown[name] = plain(value);
    else if (value !== undefined) shown[name] = value;
  }
  return shown;
}

/** The message alone in a buffer. */
export function encoded(message: SnMessage): Buffer {
  const sink = new BufferSink(16);
  encode(message, sink);
  return sink.take();
}

const uint8 = fc.nat(0xff);
const uint16 = fc.nat(0xffff);
const flag = fc.boolean();
const qos = fc.constantFrom<Qos>(-1, 0, 1, 2);
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const data = fc.oneof(bytes(40), fc.integer({ min: 240, max: 1500 }).map(Buffer.alloc));
const shortName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 2 })
  .filter((name) => shortTopicId(name) !== undefined);

const topicReference = fc.oneof(
  fc.record({ topicIdType: fc.constant(TopicIdType.normal), topicName: text }),
  fc.record({ topicIdType: fc.constant(TopicIdType.short), topicName: shortName }),
  fc.record({ topicIdType: fc.constant(TopicIdType.predefined), topicId: uint16 }),
);
const publishedTopic = fc.oneof(
  fc.record({
    topicIdType: fc.constantFrom(TopicIdType.normal, TopicIdType.predefined),
    topicId: uint16,
  }),
  fc.record({ topicIdType: fc.constant(TopicIdType.short), topicId: shortName.map(shortTopicId) }),
);
const returnCode = fc.record({ returnCode: uint8 });
const msgId = fc.record({ msgId: uint16 });
const topicAck = fc.record({ topicId: uint16, msgId: uint16, returnCode: uint8 });
const willMsg = fc.record({ willMsg: data });
const nothing = fc.constant({});
const willTopic = fc.oneof(
  fc.record({ qos, retain: flag, willTopic: fc.string({ minLength: 1, maxLength: 300 }) }),
  fc.constant({ qos: 0, retain: false, willTopic: '' }),
);

/** The fields of each message. */
const FIELDS: { readonly [type in PlainMessageType]: fc.Arbitrary<object> } = {
  advertise: fc.record({ gwId: uint8, duration: uint16 }),
  searchgw: fc.record({ radius: uint8 }),
  gwinfo: fc.record({ gwId: uint8, gwAdd: bytes(20) }),
  connect: fc.record({ will: flag, cleanSession: flag, protocolId: uint8, duration: uint16, clientId: text }),
  connack: returnCode,
  willtopicreq: nothing,
  willtopic: willTopic,
  willmsgreq: nothing,
  willmsg: willMsg,
  register: fc.record({ topicId: uint16, msgId: uint16, topicName: text }),
  regack: topicAck,
  publish: fc
    .tuple(fc.record({ dup: flag, qos, retain: flag, msgId: uint16, data }), publishedTopic)
    .map(([fields, topic]) => ({ ...fields, ...topic })),
  puback: topicAck,
  pubcomp: msgId,
  pubrec: msgId,
  pubrel: msgId,
  subscribe: fc
    .tuple(fc.record({ dup: flag, qos, msgId: uint16 }), topicReference)
    .map(([fields, topic]) => ({ ...fields, ...topic })),
  suback: fc.record({ qos, topicId: uint16, msgId: uint16, returnCode: uint8 }),
  unsubscribe: fc.tuple(msgId, topicReference).map(([fields, topic]) => ({ ...fields, ...topic })),
  unsuback: msgId,
  pingreq: fc.record({ clientId: text }),
  pingresp: nothing,
  disconnect: fc.record({ duration: fc.option(uint16, { nil: undefined }) }),
  willtopicupd: willTopic,
  willtopicresp: returnCode,
  willmsgupd: willMsg,
  willmsgresp: returnCode,
};

const ALL_TYPES = Object.keys(MESSAGE_TYPES) as PlainMessageType[];

/** Any message that is not encapsulated, each type as often as any other. */
const anyPlainMessage: fc.Arbitrary<PlainMessage> = fc
  .constantFrom(...ALL_TYPES)
  .chain((type) => FIELDS[type].map((fields) => ({ type, ...fields }) as PlainMessage));

/** Any message, one in four of them encapsulated. */
export const anyMessage: fc.Arbitrary<SnMessage> = fc.oneof(
  { weight: 3, arbitrary: anyPlainMessage },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('encapsulated' as const),
      radius: fc.nat(3),
      wirelessNodeId: bytes(MAX_WIRELESS_NODE_ID_LENGTH),
      message: anyPlainMessage,
    }),
  },
);

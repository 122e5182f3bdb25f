import {
  type PlainMessage,
  ReturnCode,
  type SnMessage,
  TopicIdType,
  type TopicReference,
} from './message.js';
import { shortTopicName } from './short-topic.js';

const RETURN_CODES = namesOf(ReturnCode);
const TOPIC_ID_TYPES = namesOf(TopicIdType);

/**
 * A message in one line, for people and logs: `PUBLISH Q1 D0 R0 msgId=5 topic=predefined:3 data=4 bytes`,
 * `ENCAPSULATED node=0a01 radius=0 PINGREQ clientId=dev1`.
 */
export function describe(message: SnMessage): string {
  if (message.type !== 'encapsulated') return describePlain(message);
  const { wirelessNodeId, radius } = message;
  return `ENCAPSULATED node=${wirelessNodeId.toString('hex')} radius=${radius} ${describePlain(message.message)}`;
}

function describePlain(message: PlainMessage): string {
  return [message.type.toUpperCase(), ...detailsOf(message)].join(' ');
}

function detailsOf(message: PlainMessage): readonly string[] {
  switch (message.type) {
    case 'publish': {
      const { qos, dup, retain, msgId, topicIdType, topicId, data } = message;
      const topic = topicIdType === TopicIdType.short ? printable(shortTopicName(topicId)) : String(topicId);
      const named = `topic=${TOPIC_ID_TYPES[topicIdType]}:${topic}`;
      return [`Q${qos}`, flag('D', dup), flag('R', retain), `msgId=${msgId}`, named, ...fields({ data })];
    }
    case 'subscribe':
      return [`Q${message.qos}`, flag('D', message.dup), `msgId=${message.msgId}`, reference(message)];
    case 'unsubscribe':
      return [`msgId=${message.msgId}`, reference(message)];
    case 'suback':
      return [`Q${message.qos}`, ...acknowledgement(message)];
    case 'regack':
    case 'puback':
      return acknowledgement(message);
    case 'connack':
    case 'willtopicresp':
    case 'willmsgresp':
      return [returnCode(message.returnCode)];
    case 'willtopic':
    case 'willtopicupd': {
      const { qos, retain, willTopic } = message;
      return willTopic === '' ? ['none'] : [`Q${qos}`, flag('R', retain), ...fields({ willTopic })];
    }
    case 'pingreq':
      return message.clientId === '' ? [] : fields({ clientId: message.clientId });
    default: {
      const { type, ...rest } = message;
      return fields(rest);
    }
  }
}

function acknowledgement(message: { topicId: number; msgId: number; returnCode: number }): string[] {
  return [`msgId=${message.msgId}`, `topicId=${message.topicId}`, returnCode(message.returnCode)];
}

function reference(topic: TopicReference): string {
  const value =
    topic.topicIdType === TopicIdType.predefined ? String(topic.topicId) : printable(topic.topicName);
  return `topic=${TOPIC_ID_TYPES[topic.topicIdType]}:${value}`;
}

function returnCode(code: number): string {
  return RETURN_CODES[code] ?? `code=${code}`;
}

function flag(letter: string, value: boolean): string {
  return letter + (value ? '1' : '0');
}

function fields(values: object): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${show(value)}`);
}

function show(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  return typeof value === 'string' ? printable(value) : String(value);
}

/** Without line breaks and other control characters, so that a client cannot write log lines of its own. */
function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function namesOf(values: Readonly<Record<string, number>>): readonly string[] {
  const names: string[] = [];
  for (const [name, value] of Object.entries(values)) names[value] = name;
  return names;
}

import type { PacketReader } from './packet-reader.js';

/** Topics remembered for a connection, and how long they may be in bytes: bounds what a memo grows to. */
const REMEMBERED = 4;
const LONGEST_REMEMBERED = 256;

interface RememberedTopic {
  readonly bytes: Buffer;
  readonly topic: string;
}

/**
 * The topics of the previous PUBLISH packets of a connection: devices mostly publish to few topics in turn,
 * and then the string is there already, checked and with its hash computed.
 */
export class TopicMemo {
  readonly #topics: RememberedTopic[] = [];
  #next = 0;

  /** The remembered string, if the bytes from `start` to `end` are those it was made of. */
  recall(bytes: Buffer, start: number, end: number): string | undefined {
    const length = end - start;
    for (const known of this.#topics) {
      if (known.bytes.length === length && endAlike(known.bytes, bytes, end)) return known.topic;
    }
    return undefined;
  }

  remember(bytes: Buffer, start: number, end: number, topic: string): void {
    if (end - start > LONGEST_REMEMBERED) return;
    this.#topics[this.#next] = { bytes: Buffer.from(bytes.subarray(start, end)), topic };
    this.#next = (this.#next + 1) % REMEMBERED;
  }
}

/** Whether the bytes before `end` are `known`. Looks from the end, where topics of one device differ first. */
function endAlike(known: Buffer, bytes: Buffer, end: number): boolean {
  for (let i = known.length - 1, at = end - 1; i >= 0; i--, at--) {
    if (known[i] !== bytes[at]) return false;
  }
  return true;
}

/** The topic name of a PUBLISH packet, which may be empty, MQTT 5 §3.3.2.1. */
export function readTopicName(reader: PacketReader, memo: TopicMemo): string {
  const length = reader.twoByteInteger();
  const start = reader.take(length);
  const end = start + length;
  const known = memo.recall(reader.bytes, start, end);
  if (known !== undefined) return known;
  const topic = reader.text(start, end);
  checkWildcards(reader, topic);
  memo.remember(reader.bytes, start, end, topic);
  return topic;
}

/** The topic name of a will, MQTT 5 §3.1.3.3. */
export function readWillTopic(reader: PacketReader): string {
  const topic = reader.utf8String();
  if (topic === '') throw reader.fault('topic_name_invalid', 'an empty will topic');
  checkWildcards(reader, topic);
  return topic;
}

function checkWildcards(reader: PacketReader, topic: string): void {
  if (hasWildcard(topic)) throw reader.fault('topic_name_invalid', 'a topic name with a wildcard');
}

/** MQTT 5 §3.3.2.3.5. */
export function checkResponseTopic(reader: PacketReader, topic: string | undefined): void {
  if (topic !== undefined && hasWildcard(topic)) {
    throw reader.fault('protocol_error', 'a response topic with a wildcard');
  }
}

function hasWildcard(topic: string): boolean {
  return topic.includes('+') || topic.includes('#');
}

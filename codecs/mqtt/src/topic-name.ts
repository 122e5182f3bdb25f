import type { PacketReader } from './packet-reader.js';

/** Longest topic remembered, in bytes: bounds what a connection's memo can grow to. */
const LONGEST_REMEMBERED = 256;

/**
 * The topic of the previous PUBLISH of a connection: devices mostly publish to the same one again, and then
 * its string is there already, checked and with its hash computed.
 */
export class TopicMemo {
  #bytes: Buffer | undefined = undefined;
  #length = -1;
  #topic = '';

  /** The remembered string, if the bytes from `start` to `end` are those it was made of. */
  recall(bytes: Buffer, start: number, end: number): string | undefined {
    const known = this.#bytes;
    const length = end - start;
    if (known === undefined || length !== this.#length) return undefined;
    for (let i = 0; i < length; i++) {
      if (bytes[start + i] !== known[i]) return undefined;
    }
    return this.#topic;
  }

  remember(bytes: Buffer, start: number, end: number, topic: string): void {
    const length = end - start;
    if (length > LONGEST_REMEMBERED) return;
    if (this.#bytes === undefined || length > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(length);
    }
    for (let i = 0; i < length; i++) this.#bytes[i] = bytes[start + i] as number;
    this.#length = length;
    this.#topic = topic;
  }
}

/** The topic name of a PUBLISH packet, which may be empty, MQTT 5 §3.3.2.1. */
export function readTopicName(reader: PacketReader, memo: TopicMemo): string {
  const length = reader.twoByteInteger();
  const start = reader.skip(length);
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

const LENGTH = 2;
const FIRST_BEYOND_ASCII = 0x80;

/**
 * The name that the TopicId of a PUBLISH stands for when its type is short: two characters, or one of two
 * octets in UTF-8.
 */
export function shortTopicName(topicId: number): string {
  const high = topicId >> 8;
  const low = topicId & 0xff;
  if ((high | low) < FIRST_BEYOND_ASCII) return String.fromCharCode(high, low);
  return Buffer.of(high, low).toString();
}

/** The TopicId of a short topic name; undefined for a name that has not exactly two octets. */
export function shortTopicId(name: string): number | undefined {
  if (name.length > LENGTH || Buffer.byteLength(name) !== LENGTH) return undefined;
  return Buffer.from(name).readUInt16BE(0);
}

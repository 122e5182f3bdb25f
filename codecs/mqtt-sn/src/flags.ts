import type { Qos } from './message.js';

/** The bits of Flags, table 4 (§5.3.4). A message ignores those that it does not use, and writes them 0. */
export const Flag = { dup: 0x80, retain: 0x10, will: 0x08, cleanSession: 0x04 } as const;

const QOS_SHIFT = 5;
const QOS_OF_BITS: readonly Qos[] = [0, 1, 2, -1];
const TWO_BITS = 0b11;

export function qosOf(flags: number): Qos {
  return QOS_OF_BITS[(flags >> QOS_SHIFT) & TWO_BITS] as Qos;
}

/** The QoS in its place; -1 is both bits. */
export function qosBits(qos: Qos): number {
  return (qos & TWO_BITS) << QOS_SHIFT;
}

/** 0 to 3, of which 3 is reserved. */
export function topicIdTypeBits(flags: number): number {
  return flags & TWO_BITS;
}

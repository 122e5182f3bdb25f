import type { ControlPacket, PacketType } from './packet.js';

/** The type of PUBLISH in the high four bits of the first byte; the low four are DUP, QoS and RETAIN. */
export const PUBLISH = 3;

interface ControlTypeRow {
  /** High four bits of the first byte. */
  readonly code: number;
  readonly type: ControlPacket['type'];
  /** Low four bits of the first byte. */
  readonly flags: number;
  /** Whether only servers send it. */
  readonly fromServer?: true;
}

/** MQTT 5 tables 2-1 and 2-2, without PUBLISH. */
const CONTROL_TYPES: readonly ControlTypeRow[] = [
  { code: 1, type: 'connect', flags: 0 },
  { code: 2, type: 'connack', flags: 0, fromServer: true },
  { code: 4, type: 'puback', flags: 0 },
  { code: 5, type: 'pubrec', flags: 0 },
  { code: 6, type: 'pubrel', flags: 2 },
  { code: 7, type: 'pubcomp', flags: 0 },
  { code: 8, type: 'subscribe', flags: 2 },
  { code: 9, type: 'suback', flags: 0, fromServer: true },
  { code: 10, type: 'unsubscribe', flags: 2 },
  { code: 11, type: 'unsuback', flags: 0, fromServer: true },
  { code: 12, type: 'pingreq', flags: 0 },
  { code: 13, type: 'pingresp', flags: 0, fromServer: true },
  { code: 14, type: 'disconnect', flags: 0 },
  { code: 15, type: 'auth', flags: 0 },
];

const BY_CODE: (ControlTypeRow | undefined)[] = [];
const FIRST_BYTES: Record<string, number> = { publish: PUBLISH << 4 };
for (const row of CONTROL_TYPES) {
  BY_CODE[row.code] = row;
  FIRST_BYTES[row.type] = (row.code << 4) | row.flags;
}

/** The row of a packet that is not PUBLISH, by its first byte; undefined when there is no such packet. */
export function controlTypeOf(firstByte: number): ControlTypeRow | undefined {
  return BY_CODE[firstByte >> 4];
}

/** The first byte of a packet, for PUBLISH without its flags. */
export function firstByteOf(type: PacketType): number {
  return FIRST_BYTES[type] as number;
}

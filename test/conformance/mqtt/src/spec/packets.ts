/** Protocol level: 3 is MQTT 3.1, 4 is MQTT 3.1.1, 5 is MQTT 5.0. */
export type Version = 3 | 4 | 5;

export type PacketName = keyof typeof PACKETS;

/** Who sends a packet. */
type Sender = 'client' | 'server' | 'both';

interface PacketRow {
  /** The upper four bits of the first byte. */
  readonly number: number;
  /** The lower four bits; undefined where they mean something (PUBLISH). */
  readonly flags: number | undefined;
  readonly sender: Sender;
  /** The first version that has it. */
  readonly since: Version;
}

/** MQTT 3.1.1 and MQTT 5, tables 2-1 and 2-2. */
export const PACKETS = {
  connect: { number: 1, flags: 0, sender: 'client', since: 3 },
  connack: { number: 2, flags: 0, sender: 'server', since: 3 },
  publish: { number: 3, flags: undefined, sender: 'both', since: 3 },
  puback: { number: 4, flags: 0, sender: 'both', since: 3 },
  pubrec: { number: 5, flags: 0, sender: 'both', since: 3 },
  pubrel: { number: 6, flags: 2, sender: 'both', since: 3 },
  pubcomp: { number: 7, flags: 0, sender: 'both', since: 3 },
  subscribe: { number: 8, flags: 2, sender: 'client', since: 3 },
  suback: { number: 9, flags: 0, sender: 'server', since: 3 },
  unsubscribe: { number: 10, flags: 2, sender: 'client', since: 3 },
  unsuback: { number: 11, flags: 0, sender: 'server', since: 3 },
  pingreq: { number: 12, flags: 0, sender: 'client', since: 3 },
  pingresp: { number: 13, flags: 0, sender: 'server', since: 3 },
  disconnect: { number: 14, flags: 0, sender: 'both', since: 3 },
  auth: { number: 15, flags: 0, sender: 'both', since: 5 },
} as const satisfies Record<string, PacketRow>;

export const PACKET_NAMES = Object.keys(PACKETS) as PacketName[];

/** The packet with that number; undefined for 0. */
export function packetName(number: number): PacketName | undefined {
  return PACKET_NAMES.find((name) => PACKETS[name].number === number);
}

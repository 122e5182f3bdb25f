import type { PacketName } from './packets.js';

/** Data types of MQTT 5 §1.5. */
export type Kind = 'byte' | 'u16' | 'u32' | 'varint' | 'string' | 'binary' | 'pair';

/** A packet with properties, or the Will inside CONNECT. */
export type Carrier = PacketName | 'will';

export interface PropertyRow {
  readonly id: number;
  readonly name: string;
  readonly kind: Kind;
  readonly carriers: readonly Carrier[];
  /** Whether a packet may have it more than once. */
  readonly repeats?: true;
}

const ACKS = ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const;
const ANSWERS = ['connack', ...ACKS, 'suback', 'unsuback', 'disconnect', 'auth'] as const;
const EVERYWHERE = [...ANSWERS, 'connect', 'will', 'publish', 'subscribe', 'unsubscribe'] as const;

/** MQTT 5 table 2-4. */
export const PROPERTIES = [
  { id: 1, name: 'Payload Format Indicator', kind: 'byte', carriers: ['publish', 'will'] },
  { id: 2, name: 'Message Expiry Interval', kind: 'u32', carriers: ['publish', 'will'] },
  { id: 3, name: 'Content Type', kind: 'string', carriers: ['publish', 'will'] },
  { id: 8, name: 'Response Topic', kind: 'string', carriers: ['publish', 'will'] },
  { id: 9, name: 'Correlation Data', kind: 'binary', carriers: ['publish', 'will'] },
  {
    id: 11,
    name: 'Subscription Identifier',
    kind: 'varint',
    carriers: ['publish', 'subscribe'],
    repeats: true,
  },
  { id: 17, name: 'Session Expiry Interval', kind: 'u32', carriers: ['connect', 'connack', 'disconnect'] },
  { id: 18, name: 'Assigned Client Identifier', kind: 'string', carriers: ['connack'] },
  { id: 19, name: 'Server Keep Alive', kind: 'u16', carriers: ['connack'] },
  { id: 21, name: 'Authentication Method', kind: 'string', carriers: ['connect', 'connack', 'auth'] },
  { id: 22, name: 'Authentication Data', kind: 'binary', carriers: ['connect', 'connack', 'auth'] },
  { id: 23, name: 'Request Problem Information', kind: 'byte', carriers: ['connect'] },
  { id: 24, name: 'Will Delay Interval', kind: 'u32', carriers: ['will'] },
  { id: 25, name: 'Request Response Information', kind: 'byte', carriers: ['connect'] },
  { id: 26, name: 'Response Information', kind: 'string', carriers: ['connack'] },
  { id: 28, name: 'Server Reference', kind: 'string', carriers: ['connack', 'disconnect'] },
  { id: 31, name: 'Reason String', kind: 'string', carriers: ANSWERS },
  { id: 33, name: 'Receive Maximum', kind: 'u16', carriers: ['connect', 'connack'] },
  { id: 34, name: 'Topic Alias Maximum', kind: 'u16', carriers: ['connect', 'connack'] },
  { id: 35, name: 'Topic Alias', kind: 'u16', carriers: ['publish'] },
  { id: 36, name: 'Maximum QoS', kind: 'byte', carriers: ['connack'] },
  { id: 37, name: 'Retain Available', kind: 'byte', carriers: ['connack'] },
  { id: 38, name: 'User Property', kind: 'pair', carriers: EVERYWHERE, repeats: true },
  { id: 39, name: 'Maximum Packet Size', kind: 'u32', carriers: ['connect', 'connack'] },
  { id: 40, name: 'Wildcard Subscription Available', kind: 'byte', carriers: ['connack'] },
  { id: 41, name: 'Subscription Identifier Available', kind: 'byte', carriers: ['connack'] },
  { id: 42, name: 'Shared Subscription Available', kind: 'byte', carriers: ['connack'] },
] as const satisfies readonly PropertyRow[];

export type PropertyName = (typeof PROPERTIES)[number]['name'];

const BY_NAME = new Map<string, PropertyRow>(PROPERTIES.map((row) => [row.name, row]));
const BY_ID = new Map<number, PropertyRow>(PROPERTIES.map((row) => [row.id, row]));

export function property(name: PropertyName): PropertyRow {
  const row = BY_NAME.get(name);
  if (row === undefined) throw new Error(`no property ${name}`);
  return row;
}

/** Undefined when the standard has no property of that identifier. */
export function propertyById(id: number): PropertyRow | undefined {
  return BY_ID.get(id);
}

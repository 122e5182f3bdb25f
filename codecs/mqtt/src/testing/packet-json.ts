import type { Packet } from '../packet.js';

/** The fields that are bytes; vectors have them in hex. */
const BINARY = new Set(['payload', 'password', 'correlationData', 'authenticationData']);

/** A packet as the vectors write it: bytes in hex, nothing that is undefined. */
export function packetToJson(packet: Packet): unknown {
  if (packet.type !== 'publish') return plain(packet);
  const { type, topic, payload, qos, retain, dup, packetId, properties } = packet;
  return plain({ type, topic, payload, qos, retain, dup, packetId, properties });
}

function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(present.map(([name, field]) => [name, plain(field)]));
}

/** The packet of a vector. */
export function packetFromJson(text: string): Packet {
  return JSON.parse(text, (key, value) => (BINARY.has(key) ? Buffer.from(value, 'hex') : value)) as Packet;
}

import type { Packet } from './packet.js';
import { reasonCodeName } from './reason-codes.js';

/**
 * A packet in one line for the trace log: `PUBLISH Q1 D0 R0 id=5 topic=a/b payload=12 bytes`. Passwords and
 * authentication data show as their length only.
 */
export function describe(packet: Packet): string {
  const details = [packet.type.toUpperCase(), ...detailsOf(packet)];
  if ('properties' in packet && packet.properties !== undefined) details.push(...fields(packet.properties));
  return details.join(' ');
}

function detailsOf(packet: Packet): readonly string[] {
  switch (packet.type) {
    case 'connect': {
      const { protocolVersion, cleanStart, keepAlive, clientId, username, password, will } = packet;
      const own = fields({ version: protocolVersion, cleanStart, keepAlive, clientId, username, password });
      if (will === undefined) return own;
      return [
        ...own,
        `will=Q${will.qos}`,
        flag('R', will.retain),
        ...fields({ topic: will.topic, ...will.properties }),
      ];
    }
    case 'publish': {
      const { qos, dup, retain, packetId, topic, payload } = packet;
      return [`Q${qos}`, flag('D', dup), flag('R', retain), ...fields({ id: packetId, topic, payload })];
    }
    case 'connack':
      return [...fields({ sessionPresent: packet.sessionPresent }), reason(packet.type, packet.reasonCode)];
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return [`id=${packet.packetId}`, reason(packet.type, packet.reasonCode)];
    case 'subscribe':
      return [
        `id=${packet.packetId}`,
        ...packet.subscriptions.map(({ filter, qos }) => `${printable(filter)}:Q${qos}`),
      ];
    case 'unsubscribe':
      return [`id=${packet.packetId}`, ...packet.filters.map(printable)];
    case 'suback':
    case 'unsuback':
      return [`id=${packet.packetId}`, ...packet.reasonCodes.map((code) => reason(packet.type, code))];
    case 'disconnect':
    case 'auth':
      return [reason(packet.type, packet.reasonCode)];
    case 'pingreq':
    case 'pingresp':
      return [];
  }
}

function flag(letter: string, value: boolean): string {
  return letter + (value ? '1' : '0');
}

function reason(type: Packet['type'], code: number): string {
  const hex = `0x${code.toString(16).padStart(2, '0')}`;
  const name = reasonCodeName(type, code);
  return name === undefined ? hex : `${hex} (${name})`;
}

function fields(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${show(value)}`);
}

function show(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.map(show).join(',');
  return typeof value === 'string' ? printable(value) : String(value);
}

/** Without line breaks and other control characters, so that a client cannot write log lines of its own. */
function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

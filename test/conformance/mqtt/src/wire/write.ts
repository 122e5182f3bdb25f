import { PACKETS, type PacketName, type Version } from '../spec/packets.js';
import { type PropertyName, property } from '../spec/properties.js';

/**
 * Builds packets byte by byte, right ones and wrong ones. Nothing here is checked against the standard, and
 * nothing is shared with the codec under test.
 */

/** Bytes, or hex digits with any white space between them. */
export type Bytes = Buffer | string;

/** The value of a property: a pair for `User Property`; hex digits or bytes for binary data. */
export type PropertyValue = number | string | Buffer | readonly [name: string, value: string];

/** Properties in the order in which they are written; one name may come more than once. */
export type PropertyList = readonly (readonly [name: PropertyName, value: PropertyValue])[];

export function hex(bytes: Bytes): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes.replace(/\s/g, ''), 'hex') : bytes;
}

export const byte = (value: number): Buffer => Buffer.from([value]);

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** A length of two bytes and the bytes themselves. */
function binary(bytes: Bytes): Buffer {
  const data = hex(bytes);
  return Buffer.concat([u16(data.length), data]);
}

/** UTF-8 with its length. */
export function text(value: string | Buffer): Buffer {
  return binary(Buffer.isBuffer(value) ? value : Buffer.from(value));
}

/** One property: its identifier and its value. */
export function propertyBytes(name: PropertyName, value: PropertyValue): Buffer {
  const row = property(name);
  return Buffer.concat([varint(row.id), propertyValue(row.kind, value)]);
}

function propertyValue(kind: string, value: PropertyValue): Buffer {
  if (typeof value === 'number') {
    return { byte, u16, u32, varint }[kind as 'byte' | 'u16' | 'u32' | 'varint'](value);
  }
  if (Buffer.isBuffer(value)) return binary(value);
  if (typeof value === 'string') return kind === 'binary' ? binary(value) : text(value);
  return Buffer.concat([text(value[0]), text(value[1])]);
}

/** Properties with their length before them; a Buffer is taken for the properties' bytes as they are. */
function properties(list: PropertyList | Buffer = []): Buffer {
  const bytes = Buffer.isBuffer(list)
    ? list
    : Buffer.concat(list.map(([name, value]) => propertyBytes(name, value)));
  return Buffer.concat([varint(bytes.length), bytes]);
}

/** A packet of any first byte around any contents, with the length that is true. */
export function frame(firstByte: number, ...parts: readonly Bytes[]): Buffer {
  const body = Buffer.concat(parts.map(hex));
  return Buffer.concat([byte(firstByte), varint(body.length), body]);
}

/** A packet with the fixed header that belongs to it; `flags` for others. */
export function packet(name: PacketName, parts: readonly Bytes[], flags?: number): Buffer {
  const row = PACKETS[name];
  return frame((row.number << 4) | (flags ?? row.flags ?? 0), ...parts);
}

export interface Will {
  readonly topic?: string | Buffer;
  readonly payload?: string | Buffer;
  readonly qos?: number;
  readonly retain?: boolean;
  readonly properties?: PropertyList | Buffer;
}

export interface Connect {
  readonly version?: Version | number;
  readonly protocol?: string | Buffer;
  readonly cleanStart?: boolean;
  readonly keepAlive?: number;
  readonly clientId?: string | Buffer;
  readonly will?: Will;
  readonly username?: string | Buffer;
  readonly password?: string | Buffer;
  readonly properties?: PropertyList | Buffer;
  /** Connect Flags, instead of those that the fields make. */
  readonly flags?: number;
  /** Bytes behind the payload. */
  readonly trailer?: Bytes;
}

/** A CONNECT of client `c` with clean start and no keep alive, unless told otherwise. */
export function connect(fields: Connect & { readonly version: number }): Buffer {
  const { version, will, username, password, keepAlive = 0, clientId = 'c', trailer = '' } = fields;
  const { protocol = version === 3 ? 'MQIsdp' : 'MQTT', flags = connectFlags(fields) } = fields;
  const parts = [text(protocol), byte(version), byte(flags), u16(keepAlive)];
  if (version === 5) parts.push(properties(fields.properties));
  parts.push(text(clientId));
  if (will !== undefined) {
    if (version === 5) parts.push(properties(will.properties));
    parts.push(text(will.topic ?? 'will'), text(will.payload ?? 'gone'));
  }
  if (username !== undefined) parts.push(text(username));
  if (password !== undefined) parts.push(text(password));
  return packet('connect', [...parts, trailer]);
}

function connectFlags({ cleanStart = true, will, username, password }: Connect): number {
  let flags = cleanStart ? 0x02 : 0;
  if (will !== undefined) flags |= 0x04 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0);
  if (username !== undefined) flags |= 0x80;
  if (password !== undefined) flags |= 0x40;
  return flags;
}

export interface Publish {
  readonly version: number;
  readonly topic?: string | Buffer;
  readonly payload?: string | Buffer;
  readonly qos?: number;
  readonly retain?: boolean;
  readonly dup?: boolean;
  /** 1 unless given, for QoS 1 and 2. */
  readonly packetId?: number;
  readonly properties?: PropertyList | Buffer;
}

/** A PUBLISH of `x` to `t` with QoS 0, unless told otherwise. */
export function publish(fields: Publish): Buffer {
  const { version, topic = 't', payload = 'x', qos = 0, retain = false, dup = false, packetId = 1 } = fields;
  const parts = [text(topic)];
  if (qos > 0) parts.push(u16(packetId));
  if (version === 5) parts.push(properties(fields.properties));
  parts.push(Buffer.from(payload));
  return packet('publish', parts, (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0));
}

export interface Ack {
  readonly version: number;
  readonly packetId?: number;
  /** Left out, with the properties, unless given. */
  readonly code?: number;
  readonly properties?: PropertyList | Buffer;
}

export function ack(name: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', fields: Ack): Buffer {
  const { packetId = 1, code } = fields;
  const parts = [u16(packetId)];
  if (code !== undefined) parts.push(byte(code));
  if (fields.properties !== undefined) parts.push(properties(fields.properties));
  return packet(name, parts);
}

export interface Subscribe {
  readonly version: number;
  readonly packetId?: number;
  /** Filters with their Subscription Options: `['a/#', 1]`. */
  readonly filters: readonly (readonly [filter: string | Buffer, options: number])[];
  readonly properties?: PropertyList | Buffer;
}

export function subscribe({ version, packetId = 1, filters, ...fields }: Subscribe): Buffer {
  const parts = [u16(packetId)];
  if (version === 5) parts.push(properties(fields.properties));
  for (const [filter, options] of filters) parts.push(text(filter), byte(options));
  return packet('subscribe', parts);
}

export interface Unsubscribe {
  readonly version: number;
  readonly packetId?: number;
  readonly filters: readonly (string | Buffer)[];
  readonly properties?: PropertyList | Buffer;
}

export function unsubscribe({ version, packetId = 1, filters, ...fields }: Unsubscribe): Buffer {
  const parts = [u16(packetId)];
  if (version === 5) parts.push(properties(fields.properties));
  for (const filter of filters) parts.push(text(filter));
  return packet('unsubscribe', parts);
}

export interface Ending {
  readonly code?: number;
  readonly properties?: PropertyList | Buffer;
}

/** DISCONNECT, in MQTT 5 with a code and properties where given. */
export function disconnect({ code, ...fields }: Ending = {}): Buffer {
  return ending('disconnect', code, fields.properties);
}

export function auth({ code, ...fields }: Ending = {}): Buffer {
  return ending('auth', code, fields.properties);
}

function ending(name: 'disconnect' | 'auth', code?: number, list?: PropertyList | Buffer): Buffer {
  const parts: Buffer[] = [];
  if (code !== undefined) parts.push(byte(code));
  if (list !== undefined) parts.push(properties(list));
  return packet(name, parts);
}

export const PINGREQ = packet('pingreq', []);

import { type FieldReader, FrameError } from '@portico/frame';
import type { PacketType, ProtocolVersion } from './packet.js';
import { type PropertyCarrier, type PropertyRow, propertyRow } from './property-table.js';
import { ReturnCode, reasonCodeName, SUBACK_FAILURE } from './reason-codes.js';

/** What the fields of a packet depend on. */
interface Context {
  readonly version: ProtocolVersion;
  readonly firstByte: number;
}

type ReadFields = (reader: FieldReader, context: Context) => void;

/** The variable header and payload of each packet (MQTT 5 §3), read for people. */
export const FIELDS: Readonly<Record<PacketType, ReadFields>> = {
  connect: readConnect,
  connack(reader, { version }) {
    reader.uint('session present', 1);
    reader.uint('reason code', 1, (value) => connackCode(value, version));
    if (version === 5) readProperties(reader, 'connack');
  },
  publish: readPublish,
  puback: readAck('puback'),
  pubrec: readAck('pubrec'),
  pubrel: readAck('pubrel'),
  pubcomp: readAck('pubcomp'),
  subscribe(reader, { version }) {
    reader.uint('packet id', 2);
    if (version === 5) readProperties(reader, 'subscribe');
    while (reader.left > 0) {
      readText(reader, 'filter');
      reader.uint('options', 1, (options) => optionsText(options, version));
    }
  },
  suback(reader, { version }) {
    reader.uint('packet id', 2);
    if (version === 5) readProperties(reader, 'suback');
    while (reader.left > 0) reader.uint('reason code', 1, (code) => subackCode(code, version));
  },
  unsubscribe(reader, { version }) {
    reader.uint('packet id', 2);
    if (version === 5) readProperties(reader, 'unsubscribe');
    while (reader.left > 0) readText(reader, 'filter');
  },
  unsuback(reader, { version }) {
    reader.uint('packet id', 2);
    if (version < 5) return;
    readProperties(reader, 'unsuback');
    while (reader.left > 0) readReason(reader, 'unsuback');
  },
  pingreq() {},
  pingresp() {},
  disconnect: readEnd('disconnect'),
  auth: readEnd('auth'),
};

/** MQTT 5 §3.1. The version is that of the packet itself. */
function readConnect(reader: FieldReader): void {
  readText(reader, 'protocol name');
  const version = reader.uint('protocol version', 1, (value) => VERSION_NAMES[value]);
  const flags = reader.uint('connect flags', 1, connectFlags);
  reader.quantity('keep alive', 2, 's');
  if (version === 5) readProperties(reader, 'connect');
  readText(reader, 'client id');
  if (flags & 0x04) {
    if (version === 5) readProperties(reader, 'will');
    readText(reader, 'will topic');
    reader.data('will payload', reader.uint('will payload length', 2));
  }
  if (flags & 0x80 && reader.left > 0) readText(reader, 'user name');
  if (flags & 0x40 && reader.left > 0) reader.secret('password', reader.uint('password length', 2));
}

const VERSION_NAMES: Readonly<Record<number, string>> = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5.0' };

const CONNECT_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x01, 'reserved'],
  [0x02, 'clean start'],
  [0x04, 'will'],
  [0x20, 'will retain'],
  [0x40, 'password'],
  [0x80, 'user name'],
];

/** MQTT 5 §3.1.2.3. */
function connectFlags(flags: number): string {
  const set = CONNECT_FLAGS.filter(([bit]) => flags & bit).map(([, name]) => name);
  if (flags & 0x04) set.push(`will QoS ${(flags >> 3) & 3}`);
  return set.join(', ') || 'none';
}

/** MQTT 5 §3.3. */
function readPublish(reader: FieldReader, { version, firstByte }: Context): void {
  readText(reader, 'topic');
  if (firstByte & 0x06) reader.uint('packet id', 2);
  if (version === 5) readProperties(reader, 'publish');
  if (reader.left > 0) reader.data('payload');
}

function readAck(type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'): ReadFields {
  return (reader, { version }) => {
    reader.uint('packet id', 2);
    if (version < 5 || reader.left === 0) return;
    readReason(reader, type);
    if (reader.left > 0) readProperties(reader, type);
  };
}

function readEnd(type: 'disconnect' | 'auth'): ReadFields {
  return (reader, { version }) => {
    if (version < 5 || reader.left === 0) return;
    readReason(reader, type);
    if (reader.left > 0) readProperties(reader, type);
  };
}

function readReason(reader: FieldReader, type: PacketType): void {
  reader.uint('reason code', 1, (code) => reasonCodeName(type, code));
}

const RETURN_CODES = new Map<number, string>(Object.entries(ReturnCode).map(([name, code]) => [code, name]));

function connackCode(code: number, version: ProtocolVersion): string | undefined {
  return version === 5 ? reasonCodeName('connack', code) : RETURN_CODES.get(code);
}

function subackCode(code: number, version: ProtocolVersion): string | undefined {
  if (version < 5 && code === SUBACK_FAILURE) return 'Failure';
  return reasonCodeName('suback', code);
}

/** MQTT 5 §3.8.3.1. */
function optionsText(options: number, version: ProtocolVersion): string {
  const parts = [`QoS ${options & 3}`];
  if (version < 5) return parts.join();
  if (options & 4) parts.push('no local');
  if (options & 8) parts.push('retain as published');
  parts.push(`retain handling ${(options >> 4) & 3}`);
  return parts.join(', ');
}

function readText(reader: FieldReader, name: string): void {
  reader.text(name, reader.uint(`${name} length`, 2));
}

/** MQTT 5 §2.2.2. */
function readProperties(reader: FieldReader, carrier: PropertyCarrier): void {
  const prefix = carrier === 'will' ? 'will properties' : 'properties';
  const length = readVariableByteInteger(reader, `${prefix} length`, 'bytes');
  const { end } = reader;
  if (length > reader.left) throw new FrameError('truncated', reader.at, 'properties longer than the packet');
  reader.end = reader.at + length;
  while (reader.left > 0) readProperty(reader, carrier, prefix);
  reader.end = end;
}

function readProperty(reader: FieldReader, carrier: PropertyCarrier, prefix: string): void {
  const id = reader.bytes[reader.at] ?? 0;
  const row = propertyRow(carrier, id);
  if (row === undefined) throw new FrameError('property', reader.at, `property ${id} in ${carrier}`);
  reader.uint(`${prefix} id`, 1, () => row.name);
  PROPERTY_READERS[row.type](reader, `${prefix}.${row.name}`);
}

/** How a value of each data type is read, MQTT 5 §1.5. */
const PROPERTY_READERS: Readonly<Record<PropertyRow['type'], (reader: FieldReader, name: string) => void>> = {
  boolean: (reader, name) => reader.uint(name, 1),
  byte: (reader, name) => reader.uint(name, 1),
  twoByteInteger: (reader, name) => reader.uint(name, 2),
  fourByteInteger: (reader, name) => reader.uint(name, 4),
  variableByteInteger: (reader, name) => readVariableByteInteger(reader, name),
  utf8String: readText,
  utf8StringPair(reader, name) {
    readText(reader, `${name} name`);
    readText(reader, `${name} value`);
  },
  binaryData(reader, name) {
    const size = reader.uint(`${name} length`, 2);
    if (name.endsWith('.authenticationData')) reader.secret(name, size);
    else reader.data(name, size);
  },
};

/** MQTT 5 §1.5.5. @returns the value */
export function readVariableByteInteger(reader: FieldReader, name: string, unit = ''): number {
  let value = 0;
  let size = 0;
  let byte: number;
  do {
    byte = reader.bytes.readUInt8(reader.take(1));
    value += (byte & 0x7f) * 128 ** size;
    size++;
  } while (byte > 0x7f && size < 4);
  reader.note(name, size, `${value} ${unit}`.trim());
  return value;
}

import fc from 'fast-check';
import type { ControlPacket, Packet, PacketType, ProtocolVersion, QoS } from '../packet.js';
import { type PropertyCarrier, type PropertyRow, propertyRow } from '../property-table.js';
import { reasonCodeName } from '../reason-codes.js';

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const VALUES = Array.from({ length: 256 }, (_, value) => value);

const LARGEST = {
  byte: 0xff,
  twoByteInteger: 0xffff,
  fourByteInteger: 0xffff_ffff,
  variableByteInteger: 268_435_455,
};

/** Text without U+0000 and lone surrogates, with characters of every length. */
/** Without what a strict decoder refuses, MQTT 5 §1.5.4. */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((value) => value.replaceAll(/[\p{Cc}\p{Noncharacter_Code_Point}]/gu, ''));
const topicName = text.map((value) => `t/${value.replaceAll(/[+#]/g, '')}`);
const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
const packetId = fc.integer({ min: 1, max: 0xffff });
const qos = fc.constantFrom<QoS>(0, 1, 2);

function propertyValue(row: PropertyRow): fc.Arbitrary<unknown> {
  switch (row.type) {
    case 'boolean':
      return fc.boolean();
    case 'utf8String':
      return row.name === 'responseTopic' ? topicName : text;
    case 'utf8StringPair':
      return fc.tuple(text, text);
    case 'binaryData':
      return bytes;
    default:
      return fc.integer({ min: row.minimum ?? 0, max: row.maximum ?? LARGEST[row.type] });
  }
}

/** Any properties that `carrier` may have, in any order; undefined for none. */
function properties(carrier: PropertyCarrier, version: ProtocolVersion): fc.Arbitrary<unknown> {
  if (version < 5) return fc.constant(undefined);
  const rows = VALUES.map((id) => propertyRow(carrier, id)).filter((row) => row !== undefined);
  const fields = rows.map((row): [string, fc.Arbitrary<unknown>] => {
    const value = propertyValue(row);
    return [row.name, row.repeatable ? fc.array(value, { minLength: 1, maxLength: 3 }) : value];
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] }).map((some: Record<string, unknown>) => {
    const allowed = Object.entries(some).filter(
      ([name]) => name !== 'authenticationData' || some.authenticationMethod !== undefined,
    );
    return allowed.length === 0 ? undefined : Object.fromEntries(allowed);
  });
}

function reasonCode(packet: PacketType, version: ProtocolVersion): fc.Arbitrary<number> {
  if (version < 5) return fc.constant(0);
  return fc.constantFrom(...VALUES.filter((code) => reasonCodeName(packet, code) !== undefined));
}

function will(version: ProtocolVersion): fc.Arbitrary<unknown> {
  const retain = fc.boolean();
  const all = fc.record({
    topic: topicName,
    payload: bytes,
    qos,
    retain,
    properties: properties('will', version),
  });
  return fc.option(all, { nil: undefined });
}

/** `password` needs `username` before MQTT 5. */
function credentials(version: ProtocolVersion): fc.Arbitrary<object> {
  const username = fc.option(text, { nil: undefined });
  const password = fc.option(bytes, { nil: undefined });
  return fc
    .record({ username, password })
    .map((both) => (version < 5 && both.username === undefined ? {} : both));
}

function connect(version: ProtocolVersion): fc.Arbitrary<object> {
  const fields = fc.record({
    type: fc.constant('connect'),
    protocolVersion: fc.constant(version),
    cleanStart: fc.boolean(),
    keepAlive: fc.integer({ min: 0, max: 0xffff }),
    clientId: text,
    will: will(version),
    properties: properties('connect', version),
  });
  return fc.tuple(fields, credentials(version)).map(([own, login]) => ({ ...own, ...login }));
}

function connack(version: ProtocolVersion): Fields {
  const code = version < 5 ? fc.integer({ min: 0, max: 5 }) : reasonCode('connack', version);
  return { reasonCode: code, sessionPresent: fc.boolean(), properties: properties('connack', version) };
}

function subscriptions(version: ProtocolVersion): fc.Arbitrary<unknown> {
  const options = {
    noLocal: version < 5 ? fc.constant(false) : fc.boolean(),
    retainAsPublished: version < 5 ? fc.constant(false) : fc.boolean(),
    retainHandling: version < 5 ? fc.constant(0) : fc.constantFrom(0, 1, 2),
  };
  return fc.array(fc.record({ filter: text, qos, ...options }), { minLength: 1, maxLength: 5 });
}

function reasonCodes(packet: 'suback' | 'unsuback', version: ProtocolVersion): fc.Arbitrary<unknown> {
  if (version < 5 && packet === 'unsuback') return fc.constant([]);
  const code = version < 5 ? fc.constantFrom(0, 1, 2, 0x80) : reasonCode(packet, version);
  return fc.array(code, { minLength: 1, maxLength: 5 });
}

function acknowledgement(type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', version: ProtocolVersion): Fields {
  return { packetId, reasonCode: reasonCode(type, version), properties: properties(type, version) };
}

function fieldsOf(type: ControlPacket['type'], version: ProtocolVersion): Fields {
  switch (type) {
    case 'connack':
      return connack(version);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return acknowledgement(type, version);
    case 'subscribe':
      return { packetId, subscriptions: subscriptions(version), properties: properties(type, version) };
    case 'unsubscribe':
      return {
        packetId,
        filters: fc.array(text, { minLength: 1, maxLength: 5 }),
        properties: properties(type, version),
      };
    case 'suback':
    case 'unsuback':
      return { packetId, reasonCodes: reasonCodes(type, version), properties: properties(type, version) };
    case 'disconnect':
    case 'auth':
      return { reasonCode: reasonCode(type, version), properties: properties(type, version) };
    default:
      return {};
  }
}

/** A control packet; AUTH with a method, and no session present for a client that is refused. */
function control(type: ControlPacket['type'], version: ProtocolVersion): fc.Arbitrary<Packet> {
  const fields = fc.record({ type: fc.constant(type), ...fieldsOf(type, version) });
  return fields.map((made: Record<string, unknown>) => {
    if (type === 'connack' && (made.reasonCode !== 0 || version === 3)) {
      return { ...made, sessionPresent: false };
    }
    if (type === 'auth') {
      return { ...made, properties: { authenticationMethod: 'M', ...(made.properties ?? {}) } };
    }
    return made;
  }) as fc.Arbitrary<object> as fc.Arbitrary<Packet>;
}

function publish(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const fields = {
    type: fc.constant('publish' as const),
    topic: topicName,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    dup: fc.boolean(),
    packetId,
    properties: properties('publish', version) as fc.Arbitrary<undefined>,
  };
  return fc.record(fields).map((made) => (made.qos === 0 ? { ...made, dup: false, packetId: 0 } : made));
}

/** Any packet of that type that the version has and the standard allows. */
export function packetOf(type: PacketType, version: ProtocolVersion): fc.Arbitrary<Packet> {
  if (type === 'connect') return connect(version) as fc.Arbitrary<Packet>;
  return type === 'publish' ? publish(version) : control(type, version);
}

/** All types of packets of a version. */
export function packetTypes(version: ProtocolVersion): readonly PacketType[] {
  const types: PacketType[] = ['connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp'];
  types.push('subscribe', 'suback', 'unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect');
  return version < 5 ? types : [...types, 'auth'];
}

/** Any packet of a version. */
export function anyPacket(version: ProtocolVersion): fc.Arbitrary<Packet> {
  return fc.oneof(...packetTypes(version).map((type) => packetOf(type, version)));
}

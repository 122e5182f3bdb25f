import type { Sequence, Step, Table } from '../../sequence.js';
import {
  type Carrier,
  type Kind,
  PROPERTIES,
  type PropertyName,
  type PropertyRow,
} from '../../spec/properties.js';
import { connects, gets, getsNothing, isClosed, isEnded, isRefused, opens, sends } from '../../steps.js';
import {
  ack,
  auth,
  byte,
  connect,
  disconnect,
  type PropertyValue,
  propertyBytes,
  publish,
  subscribe,
  unsubscribe,
} from '../../wire/write.js';

const version = 5;

/** How a packet of a client carries properties, and what comes when they are right. */
interface Bearer {
  readonly carrier: Carrier;
  /** The packet with these bytes as its properties, without their length. */
  readonly bytes: (properties: Buffer) => Buffer;
  readonly accepted: readonly Step[];
}

/** AUTH is missing: without an authentication method in CONNECT any is a protocol error, see the tables of §4.12. */
const BEARERS: readonly Bearer[] = [
  {
    carrier: 'connect',
    bytes: (properties) => connect({ version, properties }),
    accepted: [gets({ type: 'connack', code: 0 })],
  },
  {
    carrier: 'will',
    bytes: (properties) => connect({ version, will: { properties } }),
    accepted: [gets({ type: 'connack', code: 0 })],
  },
  { carrier: 'publish', bytes: (properties) => publish({ version, properties }), accepted: [getsNothing()] },
  {
    carrier: 'puback',
    bytes: (properties) => ack('puback', { version, code: 0, properties }),
    accepted: [getsNothing()],
  },
  {
    carrier: 'pubrec',
    bytes: (properties) => ack('pubrec', { version, code: 0, properties }),
    accepted: [gets({ type: 'pubrel', code: 0x92 })],
  },
  {
    carrier: 'pubrel',
    bytes: (properties) => ack('pubrel', { version, code: 0, properties }),
    accepted: [gets({ type: 'pubcomp', code: 0x92 })],
  },
  {
    carrier: 'pubcomp',
    bytes: (properties) => ack('pubcomp', { version, code: 0, properties }),
    accepted: [getsNothing()],
  },
  {
    carrier: 'subscribe',
    bytes: (properties) => subscribe({ version, filters: [['a', 0]], properties }),
    accepted: [gets({ type: 'suback', codes: [0] })],
  },
  {
    carrier: 'unsubscribe',
    bytes: (properties) => unsubscribe({ version, filters: ['a'], properties }),
    accepted: [gets({ type: 'unsuback', codes: [0x11] })],
  },
  {
    carrier: 'disconnect',
    bytes: (properties) => disconnect({ code: 0, properties }),
    accepted: [isClosed()],
  },
];

const AUTH: Bearer = {
  carrier: 'auth',
  bytes: (properties) => auth({ code: 0x19, properties }),
  accepted: [],
};

/** A value of each data type that every property of that type may have. */
const VALUES: Readonly<Record<Kind, PropertyValue>> = {
  byte: 1,
  u16: 1,
  u32: 1,
  varint: 1,
  string: 'a',
  binary: '61',
  pair: ['n', 'v'],
};

function good(row: PropertyRow): Buffer {
  return propertyBytes(row.name as PropertyName, VALUES[row.kind]);
}

/** The steps of a packet that must be refused. */
function refused({ carrier, bytes }: Bearer, properties: Buffer, code: number): Step[] {
  const inConnect = carrier === 'connect' || carrier === 'will';
  return inConnect
    ? [opens(), sends(bytes(properties)), isRefused(code)]
    : [connects(), sends(bytes(properties)), isEnded(code)];
}

function taken({ carrier, bytes, accepted }: Bearer, properties: Buffer): Step[] {
  const inConnect = carrier === 'connect' || carrier === 'will';
  return [inConnect ? opens() : connects(), sends(bytes(properties)), ...accepted];
}

function isCarried(row: PropertyRow, carrier: Carrier): boolean {
  return row.carriers.includes(carrier);
}

const upper = (carrier: Carrier) => (carrier === 'will' ? 'a will' : carrier.toUpperCase());

/** What a client may not send although the packet could carry it, or may send only with something else. */
const NOT_ALONE: readonly [Carrier, PropertyName][] = [
  ['publish', 'Subscription Identifier'],
  ['connect', 'Authentication Method'],
  ['connect', 'Authentication Data'],
  ['connect', 'Maximum Packet Size'],
  ['disconnect', 'Session Expiry Interval'],
];

const allowed: Sequence[] = BEARERS.flatMap((bearer) =>
  (PROPERTIES as readonly PropertyRow[])
    .filter((row) => isCarried(row, bearer.carrier))
    .filter((row) => !NOT_ALONE.some(([carrier, name]) => carrier === bearer.carrier && name === row.name))
    .map((row) => ({
      name: `${upper(bearer.carrier)} with ${row.name}`,
      version,
      shows: [],
      steps: taken(bearer, good(row)),
    })),
);

const notAllowed: Sequence[] = [...BEARERS, AUTH].flatMap((bearer) =>
  (PROPERTIES as readonly PropertyRow[])
    .filter((row) => !isCarried(row, bearer.carrier))
    .map((row) => ({
      name: `${upper(bearer.carrier)} with ${row.name}, which it cannot carry`,
      version,
      shows: [],
      steps: refused(bearer, good(row), 0x81),
    })),
);

const unknown: Sequence[] = [...BEARERS, AUTH].flatMap((bearer) =>
  ['00 00', '04 00', '1b 00', '2b 00', '7f 00', '8001 00'].map((hex) => ({
    name: `${upper(bearer.carrier)} with a property that does not exist, ${hex}`,
    version,
    shows: [],
    steps: refused(bearer, Buffer.from(hex.replace(' ', ''), 'hex'), 0x81),
  })),
);

const twice: Sequence[] = [...BEARERS, AUTH].flatMap((bearer) =>
  (PROPERTIES as readonly PropertyRow[])
    .filter((row) => isCarried(row, bearer.carrier))
    .filter((row) => !row.repeats || (row.kind === 'varint' && bearer.carrier === 'subscribe'))
    .map((row) => ({
      name: `${upper(bearer.carrier)} with ${row.name} twice`,
      version,
      shows: [],
      steps: refused(bearer, Buffer.concat([good(row), good(row)]), 0x82),
    })),
);

const manyUserProperties: Sequence[] = BEARERS.map((bearer) => ({
  name: `${upper(bearer.carrier)} with several user properties, of one name too`,
  version,
  shows: [],
  steps: taken(
    bearer,
    Buffer.concat([
      propertyBytes('User Property', ['n', 'v']),
      propertyBytes('User Property', ['n', 'v']),
      propertyBytes('User Property', ['', '']),
    ]),
  ),
}));

const cutShort: Sequence[] = [...BEARERS, AUTH].flatMap((bearer) =>
  (PROPERTIES as readonly PropertyRow[])
    .filter((row) => isCarried(row, bearer.carrier))
    .map((row) => ({
      name: `${upper(bearer.carrier)} whose properties end inside ${row.name}`,
      version,
      shows: [],
      steps: refused(bearer, good(row).subarray(0, -1), 0x81),
    })),
);

/** Values that a data type allows and a property does not, MQTT 5 §3. */
const OUT_OF_RANGE: readonly [PropertyName, PropertyValue, Carrier, number][] = [
  ['Payload Format Indicator', 2, 'publish', 0x82],
  ['Payload Format Indicator', 255, 'publish', 0x82],
  ['Payload Format Indicator', 2, 'will', 0x82],
  ['Request Problem Information', 2, 'connect', 0x82],
  ['Request Problem Information', 255, 'connect', 0x82],
  ['Request Response Information', 2, 'connect', 0x82],
  ['Receive Maximum', 0, 'connect', 0x82],
  ['Maximum Packet Size', 0, 'connect', 0x82],
  ['Topic Alias', 0, 'publish', 0x94],
  ['Subscription Identifier', 0, 'subscribe', 0x82],
  ['Subscription Identifier', 1, 'publish', 0x82],
  ['Subscription Identifier', 268_435_455, 'publish', 0x82],
  ['Response Topic', 'a/+', 'publish', 0x82],
  ['Response Topic', '#', 'publish', 0x82],
  ['Response Topic', 'a/#', 'will', 0x82],
  ['Authentication Data', '61', 'connect', 0x82],
  ['Authentication Method', 'no such', 'connect', 0x8c],
  ['Session Expiry Interval', 1, 'disconnect', 0x82],
];

/** The least and the greatest values that are right. */
const IN_RANGE: readonly [PropertyName, PropertyValue, Carrier][] = [
  ['Payload Format Indicator', 0, 'publish'],
  ['Message Expiry Interval', 0, 'publish'],
  ['Message Expiry Interval', 0xffffffff, 'publish'],
  ['Content Type', '', 'publish'],
  ['Response Topic', 'a/b', 'publish'],
  ['Correlation Data', '', 'publish'],
  ['Topic Alias', 1, 'publish'],
  ['Will Delay Interval', 0, 'will'],
  ['Will Delay Interval', 0xffffffff, 'will'],
  ['Session Expiry Interval', 0, 'connect'],
  ['Session Expiry Interval', 0xffffffff, 'connect'],
  ['Session Expiry Interval', 0, 'disconnect'],
  ['Receive Maximum', 1, 'connect'],
  ['Receive Maximum', 65535, 'connect'],
  ['Maximum Packet Size', 0xffffffff, 'connect'],
  ['Topic Alias Maximum', 0, 'connect'],
  ['Topic Alias Maximum', 65535, 'connect'],
  ['Request Problem Information', 0, 'connect'],
  ['Request Response Information', 0, 'connect'],
  ['Subscription Identifier', 1, 'subscribe'],
  ['Subscription Identifier', 127, 'subscribe'],
  ['Subscription Identifier', 128, 'subscribe'],
  ['Subscription Identifier', 16_383, 'subscribe'],
  ['Subscription Identifier', 16_384, 'subscribe'],
  ['Subscription Identifier', 2_097_151, 'subscribe'],
  ['Subscription Identifier', 2_097_152, 'subscribe'],
  ['Subscription Identifier', 268_435_455, 'subscribe'],
];

function bearerOf(carrier: Carrier): Bearer {
  const bearer = BEARERS.find((candidate) => candidate.carrier === carrier);
  if (bearer === undefined) throw new Error(`no bearer of ${carrier}`);
  return bearer;
}

const outOfRange: Sequence[] = OUT_OF_RANGE.map(([name, value, carrier, code]) => ({
  name: `${upper(carrier)} with ${name} ${value}`,
  version,
  shows: name === 'Response Topic' ? ['MQTT-3.3.2-14'] : [],
  steps: refused(bearerOf(carrier), propertyBytes(name, value), code),
}));

const inRange: Sequence[] = IN_RANGE.map(([name, value, carrier]) => ({
  name: `${upper(carrier)} with ${name} ${JSON.stringify(value)}, which is right`,
  version,
  shows: [],
  steps: taken(bearerOf(carrier), propertyBytes(name, value)),
}));

/** Variable byte integers of a Subscription Identifier that are not encoded as they should be. */
const badIntegers: Sequence[] = ['0b 8100', '0b 818000', '0b 81808000', '0b ffffffff01', '0b 80'].map(
  (hex) => ({
    name: `SUBSCRIBE with a subscription identifier ill encoded, ${hex}`,
    version,
    shows: ['MQTT-1.5.5-1'],
    steps: refused(bearerOf('subscribe'), Buffer.from(hex.replace(' ', ''), 'hex'), 0x81),
  }),
);

/** A property identifier is a variable byte integer too. */
const longIdentifier: Sequence[] = BEARERS.map((bearer) => ({
  name: `${upper(bearer.carrier)} with a property identifier encoded longer than needed`,
  version,
  shows: ['MQTT-1.5.5-1'],
  steps: refused(bearer, Buffer.concat([byte(0xa6), byte(0), Buffer.from('00016e000176', 'hex')]), 0x81),
}));

/** Properties of MQTT 5: where they may be, how often, and what they may say. */
export const propertiesTable: Table = {
  title: 'malformed: properties',
  sequences: [
    ...allowed,
    ...notAllowed,
    ...unknown,
    ...twice,
    ...manyUserProperties,
    ...cutShort,
    ...outOfRange,
    ...inRange,
    ...badIntegers,
    ...longIdentifier,
  ],
};

import type { Sequence, Table } from '../../sequence.js';
import type { PacketName, Version } from '../../spec/packets.js';
import { connects, getsNothing, isClosed, isEnded, isRefused, opens, sends } from '../../steps.js';
import {
  ack,
  auth,
  connect,
  disconnect,
  frame,
  PINGREQ,
  type PropertyList,
  publish,
  subscribe,
  unsubscribe,
} from '../../wire/write.js';

const USER_PROPERTY: PropertyList = [['User Property', ['n', 'v']]];

/** A valid packet, of which parts are cut off. */
interface Sample {
  readonly name: string;
  readonly type: PacketName;
  readonly bytes: Buffer;
  /** Lengths of the body, shorter than the whole, at which it is valid too; these are not sent. */
  readonly valid?: readonly number[];
  /** Lengths at which the packet can be read but says too little: a protocol error. */
  readonly protocolError?: readonly number[];
}

function samples(version: Version): Sample[] {
  const properties = version === 5 ? USER_PROPERTY : undefined;
  const given = { version, properties } as const;
  const acks = (['puback', 'pubrec', 'pubrel', 'pubcomp'] as const).map((type) => ({
    name: type.toUpperCase(),
    type,
    bytes: version === 5 ? ack(type, { ...given, code: 0 }) : ack(type, { version }),
    valid: [2, 3],
  }));
  return [
    ...acks,
    { name: 'PUBLISH of QoS 1', type: 'publish', bytes: publish({ ...given, qos: 1, payload: '' }) },
    {
      name: 'SUBSCRIBE',
      type: 'subscribe',
      bytes: subscribe({ ...given, filters: [['ab', 1]] }),
      protocolError: [version === 5 ? 10 : 2],
    },
    {
      name: 'UNSUBSCRIBE',
      type: 'unsubscribe',
      bytes: unsubscribe({ ...given, filters: ['ab'] }),
      protocolError: [version === 5 ? 10 : 2],
    },
  ];
}

/** A packet with its body cut to `length` bytes, the remaining length made to fit. */
function cut(bytes: Buffer, length: number): Buffer {
  return frame(bytes.readUInt8(0), bytes.subarray(2, 2 + length));
}

function tooShort(version: 4 | 5): Sequence[] {
  return samples(version).flatMap(({ name, bytes, valid, protocolError }) => {
    const lengths = Array.from({ length: bytes.length - 2 }, (_, length) => length);
    return lengths
      .filter((length) => !valid?.includes(length))
      .map((length) => ({
        name: `${name} of ${length} bytes, cut short`,
        version,
        shows: [],
        steps: [
          connects(),
          sends(cut(bytes, length)),
          isEnded(protocolError?.includes(length) ? 0x82 : 0x81),
        ],
      }));
  });
}

/** Packets whose contents end before the remaining length does. */
function tooLong(version: 4 | 5): Sequence[] {
  const others: Pick<Sample, 'name' | 'bytes'>[] = [{ name: 'PINGREQ', bytes: PINGREQ }];
  others.push({
    name: 'DISCONNECT',
    bytes: version === 5 ? disconnect({ code: 0, properties: [] }) : disconnect(),
  });
  const acks = samples(version).filter(({ type }) => type.startsWith('pub') && type !== 'publish');
  return [...acks, ...others].map(({ name, bytes }) => ({
    name: `${name} with a byte behind its end`,
    version,
    shows: [],
    steps: [connects(), sends(frame(bytes.readUInt8(0), bytes.subarray(2), '00')), isEnded(0x81)],
  }));
}

/** A CONNECT with everything in it. */
function fullConnect(version: Version): Buffer {
  const properties = version === 5 ? USER_PROPERTY : undefined;
  const will = { topic: 'w', payload: 'p', properties };
  return connect({ version, clientId: 'c', will, username: 'u', password: 'p', properties });
}

/** That CONNECT has the fields that its flags announce, in their order, and is refused without them. */
const CONNECT_FORM = {
  4: ['MQTT-3.1.4-1', 'MQTT-3.1.3-1', 'MQTT-3.1.3-3', 'MQTT-3.2.2-6'],
  5: ['MQTT-3.1.4-1', 'MQTT-3.1.3-1', 'MQTT-3.1.3-3', 'MQTT-3.1.2-9', 'MQTT-3.1.2-17', 'MQTT-3.1.2-19'],
} as const;

/** Bytes of a CONNECT up to the protocol level, without which nobody knows in which version to answer. */
const UP_TO_LEVEL = 7;

function connectTooShort(version: 4 | 5): Sequence[] {
  const bytes = fullConnect(version);
  return Array.from({ length: bytes.length - 2 }, (_, length) => ({
    name: `CONNECT of ${length} bytes, cut short`,
    version,
    shows: CONNECT_FORM[version],
    steps: [
      opens(),
      sends(cut(bytes, length)),
      version === 5 && length >= UP_TO_LEVEL ? isRefused(0x81) : isClosed(),
    ],
  }));
}

const connectTooLong = ([4, 5] as const).map((version) => ({
  name: 'CONNECT with a byte behind its end',
  version,
  shows: CONNECT_FORM[version],
  steps: [opens(), sends(connect({ version, trailer: '00' })), version === 5 ? isRefused(0x81) : isClosed()],
}));

/** Property lengths that do not fit the packet. */
const propertyLengths: Sequence[] = [
  ['longer than the packet', '0a'],
  ['of more than four bytes', '8080808001'],
  ['longer encoded than needed', '8000'],
].flatMap(([how, length]) =>
  [
    ['PUBLISH', '30', '0001 74'],
    ['PUBACK', '40', '0001 00'],
    ['PUBREC', '50', '0001 00'],
    ['PUBREL', '62', '0001 00'],
    ['PUBCOMP', '70', '0001 00'],
    ['SUBSCRIBE', '82', '0001'],
    ['UNSUBSCRIBE', 'a2', '0001'],
    ['DISCONNECT', 'e0', '00'],
    ['AUTH', 'f0', '18'],
  ].map(([name, first = '', head = '']) => ({
    name: `${name} with a property length ${how}`,
    version: 5 as const,
    shows: how === 'longer than the packet' ? [] : ['MQTT-1.5.5-1'],
    steps: [connects(), sends(frame(Number.parseInt(first, 16), head, length ?? '')), isEnded(0x81)],
  })),
);

/** What MQTT 5 lets be left out. */
const mayBeShort: Sequence[] = [
  ['PUBACK', ack('puback', { version: 5 })],
  ['PUBACK', ack('puback', { version: 5, code: 0 })],
  ['PUBACK', ack('puback', { version: 5, code: 0, properties: [] })],
  ['PUBCOMP', ack('pubcomp', { version: 5 })],
  ['PUBCOMP', ack('pubcomp', { version: 5, code: 0 })],
  ['PUBCOMP', ack('pubcomp', { version: 5, code: 0, properties: [] })],
].map(([name, bytes]) => ({
  name: `${name} of ${(bytes?.length ?? 0) - 2} bytes`,
  version: 5 as const,
  shows: [],
  steps: [connects(), sends(bytes ?? ''), getsNothing()],
}));

const shortEnds: Sequence[] = [
  disconnect(),
  disconnect({ code: 0 }),
  disconnect({ code: 0, properties: [] }),
].map((bytes) => ({
  name: `DISCONNECT of ${bytes.length - 2} bytes`,
  version: 5 as const,
  shows: [],
  steps: [connects(), sends(bytes), isClosed()],
}));

const authLengths: Sequence[] = [auth(), auth({ code: 0x18 }), auth({ code: 0x18, properties: [] })].map(
  (bytes) => ({
    name: `AUTH of ${bytes.length - 2} bytes of a client without an authentication method`,
    version: 5 as const,
    shows: [],
    steps: [connects(), sends(bytes), isEnded(bytes.length === 3 ? 0x81 : 0x82)],
  }),
);

/** Packets that are shorter or longer than what is in them. */
export const lengthsTable: Table = {
  title: 'malformed: lengths',
  sequences: [
    ...tooShort(4),
    ...tooShort(5),
    ...tooLong(4),
    ...tooLong(5),
    ...connectTooShort(4),
    ...connectTooShort(5),
    ...connectTooLong,
    ...propertyLengths,
    ...mayBeShort,
    ...shortEnds,
    ...authLengths,
  ],
};

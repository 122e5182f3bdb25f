import { each, type Sequence, type Table } from '../../sequence.js';
import { PACKET_NAMES, PACKETS, type PacketName, type Version } from '../../spec/packets.js';
import { connects, gets, getsNothing, isClosed, isEnded, isRefused, opens, sends } from '../../steps.js';
import { byte, connect, frame, PINGREQ, publish, subscribe, text } from '../../wire/write.js';

const FLAGS = Array.from({ length: 16 }, (_, flags) => flags);

const binary = (flags: number) => flags.toString(2).padStart(4, '0');

function existsIn(version: Version): PacketName[] {
  return PACKET_NAMES.filter((name) => name !== 'publish' && PACKETS[name].since <= version);
}

/** Statements about the flags of one packet; the same number in both standards, where both have it. */
const FLAG_STATEMENTS: Readonly<Partial<Record<PacketName, string>>> = {
  pubrel: 'MQTT-3.6.1-1',
  subscribe: 'MQTT-3.8.1-1',
  unsubscribe: 'MQTT-3.10.1-1',
  disconnect: 'MQTT-3.14.1-1',
  auth: 'MQTT-3.15.1-1',
};

/** Every packet of a connected client with every value of its flags that is not the right one. */
function wrongFlags(version: 4 | 5): Sequence[] {
  return existsIn(version).flatMap((name) => {
    const row = PACKETS[name];
    const general = version === 5 ? ['MQTT-2.1.3-1'] : ['MQTT-2.2.2-1', 'MQTT-2.2.2-2'];
    const own = FLAG_STATEMENTS[name];
    const shows = own === undefined ? general : [...general, own];
    // What only a server sends is wrong whatever its flags say.
    const code = row.sender === 'server' ? 0x82 : 0x81;
    return FLAGS.filter((flags) => flags !== row.flags).map((flags) => ({
      name: `${name.toUpperCase()} with flags ${binary(flags)}`,
      version,
      shows: row.sender === 'server' ? [] : shows,
      steps: [connects(), sends(frame((row.number << 4) | flags, '0001')), isEnded(code)],
    }));
  });
}

/** A CONNECT whose flags are wrong says nothing of its version that could be believed. */
const wrongConnectFlags = FLAGS.slice(1).flatMap((flags) =>
  each(
    `a first CONNECT with flags ${binary(flags)}`,
    { 4: ['MQTT-2.2.2-2'], 5: ['MQTT-2.1.3-1'] },
    (version) => {
      const bytes = Buffer.from(connect({ version }));
      bytes.writeUInt8(0x10 | flags);
      return [opens(), sends(bytes), isClosed()];
    },
  ),
);

const publishFlags = [
  ...each('PUBLISH with QoS 3', { 4: ['MQTT-3.3.1-4'], 5: ['MQTT-3.3.1-4'] }, (version) => [
    connects(),
    sends(publish({ version, qos: 3 })),
    isEnded(0x81),
  ]),
  ...each(
    'PUBLISH with QoS 3 and DUP and RETAIN',
    { 4: ['MQTT-3.3.1-4'], 5: ['MQTT-3.3.1-4'] },
    (version) => [connects(), sends(publish({ version, qos: 3, dup: true, retain: true })), isEnded(0x81)],
  ),
  ...each('PUBLISH with QoS 0 and DUP', { 4: ['MQTT-3.3.1-2'], 5: ['MQTT-3.3.1-2'] }, (version) => [
    connects(),
    sends(publish({ version, qos: 0, dup: true })),
    isEnded(0x82),
  ]),
];

/** Type 0 everywhere, and type 15 before MQTT 5 had AUTH. */
const reservedTypes = [
  ...FLAGS.flatMap((flags) =>
    each(`packet type 0 with flags ${binary(flags)}`, { 4: [], 5: [] }, () => [
      connects(),
      sends(frame(flags)),
      isEnded(0x81),
    ]),
  ),
  ...FLAGS.flatMap((flags) =>
    each(`packet type 15 with flags ${binary(flags)}`, { 4: [] }, () => [
      connects(),
      sends(frame(0xf0 | flags)),
      isEnded(0x81),
    ]),
  ),
];

/** PUBLISH, so that a length of any size would do. */
function lengthCase(length: string, topic: Buffer, payload = ''): Buffer {
  return Buffer.concat([byte(0x30), Buffer.from(length, 'hex'), topic, Buffer.from(payload)]);
}

/** A CONNECT whose remaining length, of one byte, is written with `more` bytes beside. */
function paddedConnect(version: Version, more: number): Buffer {
  const bytes = connect({ version });
  const length = Buffer.alloc(1 + more, 0x80);
  length.writeUInt8(bytes.readUInt8(1) | 0x80);
  length.writeUInt8(0, more);
  return Buffer.concat([bytes.subarray(0, 1), length, bytes.subarray(2)]);
}

const remainingLength = [
  ...[1, 2, 3].flatMap((more) => [
    ...each(`CONNECT with a remaining length longer than needed by ${more}`, { 5: ['MQTT-1.5.5-1'] }, () => [
      opens(),
      sends(paddedConnect(5, more)),
      isRefused(0x81),
    ]),
    ...each(
      `CONNECT with a remaining length longer than needed by ${more}, which MQTT 3.1.1 allows`,
      { 4: [] },
      () => [opens(), sends(paddedConnect(4, more)), gets({ type: 'connack', code: 0 }), getsNothing()],
    ),
  ]),
  ...['ffffffff', 'ffffffff7f', '8080808001', '80808080'].flatMap((length) =>
    each(`a remaining length of ${length}, more than four bytes`, { 4: [], 5: ['MQTT-1.5.5-1'] }, () => [
      connects(),
      sends(lengthCase(length, text('t'), 'xxxx')),
      isEnded(0x81),
    ]),
  ),
  ...['8300', '838000', '83808000'].flatMap((length) => [
    ...each(`a remaining length of ${length}, longer than needed`, { 5: ['MQTT-1.5.5-1'] }, () => [
      connects(),
      sends(lengthCase(length, text('t'))),
      isEnded(0x81),
    ]),
    ...each(`a remaining length of ${length}, longer than needed, which MQTT 3.1.1 allows`, { 4: [] }, () => [
      connects(),
      sends(lengthCase(length, text('t'))),
      getsNothing(),
    ]),
  ]),
  ...each('a remaining length of four bytes beyond the maximum packet size', { 4: [], 5: [] }, () => [
    connects(),
    sends(lengthCase('ffffff7f', text('t'))),
    isEnded(0x95),
  ]),
  ...each(
    'a remaining length of one byte more than the maximum packet size, before the rest',
    { 4: [], 5: [] },
    () => [connects(), sends('30 ff07'), isEnded(0x95)],
    { config: { max_packet_size: 1025 } },
  ),
  ...each(
    'a packet of exactly the maximum packet size',
    { 4: [], 5: [] },
    (version) => [
      connects(),
      sends(publish({ version, topic: 't', payload: 'x'.repeat(version === 5 ? 1018 : 1019) })),
      getsNothing(),
    ],
    { config: { max_packet_size: 1025 } },
  ),
  ...each('a packet that comes byte by byte', { 4: [], 5: [] }, (version) => [
    connects(),
    ...[...subscribe({ version, packetId: 3, filters: [['t', 1]] })].map((value) => sends(byte(value))),
    gets({ type: 'suback', packetId: 3, codes: [1] }),
  ]),
  ...each('two packets and a half at once, then the rest', { 4: [], 5: [] }, (version) => {
    const bytes = publish({ version, qos: 1, packetId: 2 });
    return [
      connects(),
      sends(Buffer.concat([PINGREQ, bytes, bytes.subarray(0, 3)])),
      gets({ type: 'pingresp' }),
      gets({ type: 'puback', packetId: 2 }),
      sends(bytes.subarray(3)),
      gets({ type: 'puback', packetId: 2 }),
    ];
  }),
];

/** What is wrong in the first two to five bytes of a packet. */
export const fixedHeaderTable: Table = {
  title: 'malformed: fixed header',
  sequences: [
    ...wrongFlags(4),
    ...wrongFlags(5),
    ...wrongConnectFlags,
    ...publishFlags,
    ...reservedTypes,
    ...remainingLength,
  ],
};

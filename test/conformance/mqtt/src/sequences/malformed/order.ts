import { each, type Sequence, type Step, type Table } from '../../sequence.js';
import { PACKET_NAMES, PACKETS, type Version } from '../../spec/packets.js';
import {
  connects,
  gets,
  getsNothing,
  isClosed,
  isEnded,
  isRefused,
  opens,
  passes,
  sends,
} from '../../steps.js';
import {
  ack,
  connect,
  disconnect,
  frame,
  PINGREQ,
  packet,
  publish,
  subscribe,
  unsubscribe,
} from '../../wire/write.js';

/** Every packet but CONNECT, well-formed where a client may send it. */
function others(version: Version): Readonly<Record<string, Buffer>> {
  return {
    PUBLISH: publish({ version }),
    'PUBLISH of QoS 1': publish({ version, qos: 1 }),
    'PUBLISH of QoS 2': publish({ version, qos: 2 }),
    PUBACK: ack('puback', { version }),
    PUBREC: ack('pubrec', { version }),
    PUBREL: ack('pubrel', { version }),
    PUBCOMP: ack('pubcomp', { version }),
    SUBSCRIBE: subscribe({ version, filters: [['a', 0]] }),
    UNSUBSCRIBE: unsubscribe({ version, filters: ['a'] }),
    PINGREQ,
    DISCONNECT: disconnect(),
    CONNACK: packet('connack', ['0000']),
    SUBACK: packet('suback', ['0001 00']),
    UNSUBACK: packet('unsuback', ['0001']),
    PINGRESP: packet('pingresp', []),
    AUTH: packet('auth', ['18 00']),
  };
}

const beforeConnect = ([4, 5] as const).flatMap((version) =>
  Object.entries(others(version)).map(([name, bytes]) => ({
    name: `${name} before CONNECT`,
    version,
    shows: ['MQTT-3.1.0-1'],
    steps: [opens(), sends(bytes), isClosed()],
  })),
);

const secondConnect = [
  ...each('a second CONNECT', { 3: [], 4: ['MQTT-3.1.0-2'], 5: ['MQTT-3.1.0-2'] }, (version) => [
    connects(),
    sends(connect({ version })),
    isEnded(0x82),
  ]),
  ...each('a second CONNECT of another version', { 4: ['MQTT-3.1.0-2'], 5: ['MQTT-3.1.0-2'] }, (version) => [
    connects(),
    sends(connect({ version: version === 4 ? 5 : 4 })),
    isEnded(0x82),
  ]),
  ...each('a second CONNECT that is malformed', { 4: ['MQTT-3.1.0-2'], 5: ['MQTT-3.1.0-2'] }, () => [
    connects(),
    sends(frame(0x10, '0004 4d515454')),
    isEnded(0x81),
  ]),
];

/** Packets of the other direction, whatever they hold. */
const fromServer: Sequence[] = PACKET_NAMES.filter((name) => PACKETS[name].sender === 'server').flatMap(
  (name) =>
    ['', '00', '0000', '0001 00', '0001 00 00', 'ffffffffff'].flatMap((body) =>
      each(`${name.toUpperCase()} from a client, holding [${body}]`, { 4: [], 5: [] }, () => [
        connects(),
        sends(packet(name, [body])),
        isEnded(0x82),
      ]),
    ),
);

type Acknowledgement = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';

/** What a client that has a message in flight may not answer with. */
const wrongAnswers: readonly [qos: 1 | 2, answer: Acknowledgement][] = [
  [1, 'pubrec'],
  [1, 'pubcomp'],
  [2, 'puback'],
  [2, 'pubcomp'],
];

/** A client that has been sent a message of that QoS, with packet identifier 1. */
function inFlight(version: Version, qos: number): Step[] {
  return [
    connects(),
    sends(subscribe({ version, filters: [['t', qos]] })),
    gets({ type: 'suback', codes: [qos] }),
    connects({}, 'other'),
    sends(publish({ version, topic: 't', qos, packetId: 4 }), 'other'),
    gets({ type: 'publish', qos, packetId: 1 }),
  ];
}

const acknowledgements = [
  ...wrongAnswers.flatMap(([qos, answer]) =>
    each(
      `${answer.toUpperCase()} for a message of QoS ${qos}`,
      { 4: ['MQTT-4.8.0-1'], 5: ['MQTT-4.13.1-1'] },
      (version) => [...inFlight(version, qos), sends(ack(answer, { version })), isEnded(0x82)],
    ),
  ),
  ...each('PUBACK after PUBREC', { 4: ['MQTT-4.8.0-1'], 5: ['MQTT-4.13.1-1'] }, (version) => [
    ...inFlight(version, 2),
    sends(ack('pubrec', { version })),
    gets({ type: 'pubrel', packetId: 1 }),
    sends(ack('puback', { version })),
    isEnded(0x82),
  ]),
  ...each('PUBREC twice', { 4: [], 5: [] }, (version) => [
    ...inFlight(version, 2),
    sends(ack('pubrec', { version })),
    gets({ type: 'pubrel', packetId: 1 }),
    sends(ack('pubrec', { version })),
    gets({ type: 'pubrel', packetId: 1 }),
    sends(ack('pubcomp', { version })),
    getsNothing(),
  ]),
  ...(['puback', 'pubcomp'] as const).flatMap((answer) =>
    each(
      `${answer.toUpperCase()} for a packet identifier that is not in use`,
      { 4: [], 5: [] },
      (version) => [connects(), sends(ack(answer, { version, packetId: 77 })), getsNothing()],
    ),
  ),
  ...each('PUBREL for a packet identifier that is not in use', { 4: [], 5: [] }, (version) => [
    connects(),
    sends(ack('pubrel', { version, packetId: 77 })),
    gets({ type: 'pubcomp', packetId: 77, ...(version === 5 && { code: 0x92 }) }),
  ]),
];

/** 0 as packet identifier, in everything that has one. */
const packetIdZero = (
  ['publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'unsubscribe'] as const
).flatMap((name) =>
  each(
    `${name.toUpperCase()} with packet identifier 0`,
    { 4: ['MQTT-2.3.1-1'], 5: ['MQTT-2.2.1-3'] },
    (version) => {
      const packetId = 0;
      const bytes = {
        publish: () => publish({ version, qos: 1, packetId }),
        subscribe: () => subscribe({ version, packetId, filters: [['a', 0]] }),
        unsubscribe: () => unsubscribe({ version, packetId, filters: ['a'] }),
      };
      const write =
        name in bytes
          ? bytes[name as keyof typeof bytes]
          : () => ack(name as Acknowledgement, { version, packetId });
      return [connects(), sends(write()), isEnded(0x82)];
    },
  ),
);

const nothing = [
  ...each('no CONNECT within the idle timeout', { 4: [], 5: [] }, () => [opens(), passes(16), isClosed()]),
  ...each('half a CONNECT within the idle timeout', { 4: [], 5: [] }, (version) => [
    opens(),
    sends(connect({ version }).subarray(0, 9)),
    passes(16),
    isClosed(),
  ]),
];

const protocolNames: Sequence[] = [
  ...['', 'M', 'MQT', 'MQTTT', 'mqtt', 'MQIsdq', 'HTTP'].flatMap((protocol) =>
    each(
      `CONNECT of protocol ${JSON.stringify(protocol)}`,
      { 4: ['MQTT-3.1.2-1'], 5: ['MQTT-3.1.2-1'] },
      (version) => [opens(), sends(connect({ version, protocol })), isRefused(version === 5 ? 0x84 : 1)],
    ),
  ),
  ...[0, 1, 2, 3, 6, 7, 0x7f, 0x83, 0x84, 0xff].map((level) => ({
    name: `CONNECT of protocol level ${level}`,
    version: 4 as const,
    shows: ['MQTT-3.1.2-2'],
    steps: [opens(), sends(connect({ version: level, protocol: 'MQTT' })), isRefused(1)],
  })),
  {
    name: 'CONNECT of MQIsdp with level 5',
    version: 5,
    shows: ['MQTT-3.1.2-2'],
    steps: [opens(), sends(connect({ version: 5, protocol: 'MQIsdp' })), isRefused(0x84)],
  },
];

const connectFlags: Sequence[] = [
  ...[0x01, 0x03, 0x81, 0xc3].flatMap((flags) =>
    each(
      `CONNECT with the reserved flag, ${flags.toString(16)}`,
      { 4: ['MQTT-3.1.2-3'], 5: ['MQTT-3.1.2-3'] },
      (version) => [
        opens(),
        sends(connect({ version, flags, username: 'u', password: 'p' })),
        version === 5 ? isRefused(0x81) : isClosed(),
      ],
    ),
  ),
  ...[0x0a, 0x12, 0x1a].flatMap((flags) =>
    each(
      `CONNECT with a will QoS but no will, ${flags.toString(16)}`,
      { 4: ['MQTT-3.1.2-13'], 5: ['MQTT-3.1.2-11'] },
      (version) => [
        opens(),
        sends(connect({ version, flags })),
        version === 5 ? isRefused(0x81) : isClosed(),
      ],
    ),
  ),
  ...each(
    'CONNECT with will retain but no will',
    { 4: ['MQTT-3.1.2-15'], 5: ['MQTT-3.1.2-13'] },
    (version) => [
      opens(),
      sends(connect({ version, flags: 0x22 })),
      version === 5 ? isRefused(0x81) : isClosed(),
    ],
  ),
  ...each('CONNECT with will QoS 3', { 4: ['MQTT-3.1.2-14'], 5: ['MQTT-3.1.2-12'] }, (version) => [
    opens(),
    sends(connect({ version, will: { qos: 3 } })),
    version === 5 ? isRefused(0x81) : isClosed(),
  ]),
  {
    name: 'CONNECT with a password but no user name',
    version: 4,
    shows: ['MQTT-3.1.2-22'],
    steps: [opens(), sends(connect({ version: 4, password: 'p' })), isClosed()],
  },
  {
    name: 'CONNECT with a password but no user name, which MQTT 5 allows',
    version: 5,
    shows: [],
    steps: [opens(), sends(connect({ version: 5, password: 'p' })), gets({ type: 'connack', code: 0 })],
  },
];

/** Right packets at the wrong moment, and what is wrong in the first bytes of a CONNECT. */
export const orderTable: Table = {
  title: 'malformed: order and state',
  sequences: [
    ...beforeConnect,
    ...secondConnect,
    ...fromServer,
    ...acknowledgements,
    ...packetIdZero,
    ...nothing,
    ...protocolNames,
    ...connectFlags,
  ],
};

import { mqtt5, type Step, type Table } from '../../sequence.js';
import { connects, gets, getsNothing, isClosed, isRefused, opens, sends } from '../../steps.js';
import { ack, connect, type PropertyList, publish, subscribe, unsubscribe } from '../../wire/write.js';

/** What gets an answer with a Reason String. */
interface Refused {
  readonly name: string;
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp' | 'suback' | 'unsuback';
  readonly shows: string;
  readonly sent: Buffer;
  /** Reason codes of the answer. */
  readonly got: { readonly code: number } | { readonly codes: readonly number[] };
  readonly reason: string;
  /** Bytes of the answer without its Reason String. */
  readonly bytes: number;
}

const ILL = 'ill-formed or of too many levels';
const DEEP = 'a/b/c/d';
const MISSING = 'no such message is on its way';

const REFUSED: readonly Refused[] = [
  {
    name: 'PUBACK',
    type: 'puback',
    shows: 'MQTT-3.4.2-2',
    sent: publish({ version: 5, topic: DEEP, qos: 1 }),
    got: { code: 0x90 },
    reason: ILL,
    bytes: 5,
  },
  {
    name: 'PUBREC',
    type: 'pubrec',
    shows: 'MQTT-3.5.2-2',
    sent: publish({ version: 5, topic: DEEP, qos: 2 }),
    got: { code: 0x90 },
    reason: ILL,
    bytes: 5,
  },
  {
    name: 'PUBREL',
    type: 'pubrel',
    shows: 'MQTT-3.6.2-2',
    sent: ack('pubrec', { version: 5 }),
    got: { code: 0x92 },
    reason: MISSING,
    bytes: 5,
  },
  {
    name: 'PUBCOMP',
    type: 'pubcomp',
    shows: 'MQTT-3.7.2-2',
    sent: ack('pubrel', { version: 5 }),
    got: { code: 0x92 },
    reason: MISSING,
    bytes: 5,
  },
  {
    name: 'SUBACK',
    type: 'suback',
    shows: 'MQTT-3.9.2-1',
    sent: subscribe({
      version: 5,
      filters: [
        ['a', 0],
        [DEEP, 1],
        ['b', 2],
      ],
    }),
    got: { codes: [0, 0x8f, 2] },
    reason: `filter 2: ${ILL}`,
    bytes: 8,
  },
  {
    name: 'UNSUBACK',
    type: 'unsuback',
    shows: 'MQTT-3.11.2-1',
    sent: unsubscribe({ version: 5, filters: ['a#'] }),
    got: { codes: [0x8f] },
    reason: `filter 1: ${ILL}`,
    bytes: 6,
  },
];

const SHALLOW = { config: { max_topic_levels: 3 } };

/** Bytes with the Reason String: identifier and length of the string, and the length of properties where it was left out. */
function withReason({ type, bytes, reason }: Refused): number {
  const omitted = type === 'suback' || type === 'unsuback' ? 0 : 1;
  return bytes + omitted + 3 + reason.length;
}

function asked(refused: Refused, properties: PropertyList, reason: string | undefined): Step[] {
  const { type, sent, got } = refused;
  const expected = { type, packetId: 1, ...got, properties: { 'Reason String': reason && [reason] } };
  return [connects({ properties }), sends(sent), gets(expected as Parameters<typeof gets>[0]), getsNothing()];
}

const answers = REFUSED.flatMap((refused) => {
  const { name, shows, reason } = refused;
  const room = withReason(refused);
  return [
    mqtt5(`${name} has a reason string`, [shows], asked(refused, [], reason), SHALLOW),
    mqtt5(
      `${name} has a reason string where there is just room for it`,
      [shows],
      asked(refused, [['Maximum Packet Size', room]], reason),
      SHALLOW,
    ),
    mqtt5(
      `${name} has no reason string where it lacks one byte of room`,
      [shows],
      asked(refused, [['Maximum Packet Size', room - 1]], undefined),
      SHALLOW,
    ),
    mqtt5(
      `${name} has no reason string when the client wants none`,
      ['MQTT-3.1.2-29'],
      asked(refused, [['Request Problem Information', 0]], undefined),
      SHALLOW,
    ),
    mqtt5(
      `${name} has a reason string when the client asks for it`,
      [shows],
      asked(refused, [['Request Problem Information', 1]], reason),
      SHALLOW,
    ),
  ];
});

const LONG_NAME = connect({ version: 5, clientId: 'too long' });
const connack = (properties: PropertyList) => connect({ version: 5, clientId: 'too long', properties });
const SHORT_NAMES = { config: { max_clientid_len: 4 } };

/** Bytes of a CONNACK of refusal with this Reason String. */
const CONNACK_LENGTH = 2 + 3 + 3 + 'empty or too long'.length;

const connacks = [
  mqtt5(
    'CONNACK has a reason string',
    ['MQTT-3.2.2-7'],
    [
      opens(),
      sends(LONG_NAME),
      gets({ type: 'connack', code: 0x85, properties: { 'Reason String': ['empty or too long'] } }),
      isClosed(),
    ],
    SHORT_NAMES,
  ),
  ...[0, 1].map((lacking) =>
    mqtt5(
      `CONNACK, ${lacking === 0 ? 'just room' : 'one byte too little room'} for its reason string`,
      ['MQTT-3.2.2-19'],
      [
        opens(),
        sends(connack([['Maximum Packet Size', CONNACK_LENGTH - lacking]])),
        gets({
          type: 'connack',
          code: 0x85,
          properties: { 'Reason String': lacking === 0 ? ['empty or too long'] : undefined },
        }),
        isClosed(),
      ],
      SHORT_NAMES,
    ),
  ),
  mqtt5(
    'CONNACK to a client that takes nothing longer than it, without properties',
    ['MQTT-3.2.2-19', 'MQTT-3.1.2-24'],
    [opens(), sends(connack([['Maximum Packet Size', 5]])), isRefused(0x85)],
    SHORT_NAMES,
  ),
  mqtt5(
    'no CONNACK to a client that takes none of any length',
    ['MQTT-3.1.2-24'],
    [opens(), sends(connack([['Maximum Packet Size', 4]])), isClosed()],
    SHORT_NAMES,
  ),
];

const QOS_3 = publish({ version: 5, qos: 3 });
const DISCONNECT_LENGTH = 2 + 1 + 1 + 3 + 'QoS 3'.length;

/** The CONNACK before it has few properties, or it would not fit. */
const disconnects = [0, 1].map((lacking) =>
  mqtt5(
    `DISCONNECT, ${lacking === 0 ? 'just room' : 'one byte too little room'} for its reason string`,
    ['MQTT-3.14.2-3'],
    [
      connects({ properties: [['Maximum Packet Size', DISCONNECT_LENGTH - lacking]] }),
      sends(QOS_3),
      gets({
        type: 'disconnect',
        code: 0x81,
        properties: { 'Reason String': lacking === 0 ? ['QoS 3'] : undefined },
      }),
      isClosed(),
    ],
    { config: { max_topic_alias: 0, max_awaiting_rel: 0 } },
  ),
);

/** Reason Strings, and when they are left out: MQTT 5 §3.1.2.11.7 and the packets that have them. */
export const reasonStringsTable: Table = {
  title: 'reason strings',
  sequences: [...answers, ...connacks, ...disconnects],
};

import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  counts,
  drops,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  opens,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, connect, type PropertyList, publish, subscribe, unsubscribe } from '../../wire/write.js';

const SIZE = 64;
const LIMITED: PropertyList = [['Maximum Packet Size', SIZE]];

const TOO_LARGE = ['MQTT-3.1.2-24', 'MQTT-3.1.2-25'];
const LARGE = 'x'.repeat(SIZE);

/** Properties of a message and the bytes that they take. */
const PROPERTIES: readonly (readonly [name: string, bytes: number, list: PropertyList])[] = [
  ['none', 0, []],
  ['a payload format indicator', 2, [['Payload Format Indicator', 1]]],
  ['a content type', 7, [['Content Type', 'text']]],
  ['a response topic', 4, [['Response Topic', 'a']]],
  ['correlation data', 5, [['Correlation Data', '0102']]],
  ['a user property', 7, [['User Property', ['a', 'b']]]],
  ['a message expiry interval', 5, [['Message Expiry Interval', 60]]],
];

const toTheByte = PROPERTIES.flatMap(([name, bytes, properties]) =>
  ([0, 1, 2] as const).map((qos) => {
    // Fixed header 2, topic 3, packet identifier 2 above QoS 0, property length 1.
    const room = SIZE - 6 - (qos > 0 ? 2 : 0) - bytes;
    return mqtt5(`a message of QoS ${qos} with ${name}, as long as may be and one byte longer`, TOO_LARGE, [
      connects({ properties: LIMITED }),
      subscribes('t', qos),
      connects({}, 'p'),
      publishes({ qos, payload: 'y'.repeat(room + 1), properties }, 'p'),
      getsNothing(),
      counts('delivery.dropped.too_large', 1),
      publishes({ qos, payload: 'x'.repeat(room), properties }, 'p'),
      takes({ qos, payload: 'x'.repeat(room) }),
      getsNothing(),
    ]);
  }),
);

const identified = [1, 127, 128, 16_384, 2_097_152].map((value) => {
  const bytes = 1 + (value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4);
  const room = SIZE - 6 - bytes;
  return mqtt5(`the subscription identifier ${value} takes room in the packet`, TOO_LARGE, [
    connects({ properties: LIMITED }),
    subscribes('t', 0, 'c', [['Subscription Identifier', value]]),
    connects({}, 'p'),
    publishes({ payload: 'y'.repeat(room + 1) }, 'p'),
    getsNothing(),
    publishes({ payload: 'x'.repeat(room) }, 'p'),
    takes({ payload: 'x'.repeat(room), properties: { 'Subscription Identifier': [value] } }),
  ]);
});

const left = [
  ...([1, 2] as const).map((qos) =>
    mqtt5(`a message of QoS ${qos} that is too large takes no quota`, TOO_LARGE, [
      connects({ properties: [...LIMITED, ['Receive Maximum', 1]] }),
      subscribes('t', qos),
      connects({}, 'p'),
      ...[1, 2, 3].map(() => publishes({ qos, payload: LARGE }, 'p')),
      publishes({ qos, payload: 'small' }, 'p'),
      takes({ payload: 'small' }),
      getsNothing(),
    ]),
  ),
  mqtt5('a message that was too large is not kept for later', TOO_LARGE, [
    resumes(false, 'c', { properties: LIMITED }),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1, payload: LARGE }, 'p'),
    getsNothing(),
    drops(),
    resumes(true),
    getsNothing(),
  ]),
  mqtt5('a message that waited and is too large for the connection that comes', TOO_LARGE, [
    resumes(false),
    subscribes('t', 1),
    drops(),
    connects({}, 'p'),
    publishes({ qos: 1, payload: LARGE }, 'p'),
    publishes({ qos: 1, payload: 'small' }, 'p'),
    resumes(true, 'c', { properties: LIMITED }),
    takes({ payload: 'small' }),
    getsNothing(),
    counts('delivery.dropped.too_large', 1),
    drops(),
    resumes(true),
    getsNothing(),
  ]),
  mqtt5('a message that is to be sent again and is too large now', TOO_LARGE, [
    resumes(false),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1, payload: LARGE }, 'p'),
    publishes({ qos: 1, payload: 'small' }, 'p'),
    gets({ payload: LARGE, packetId: 1 }),
    gets({ payload: 'small', packetId: 2 }),
    drops(),
    resumes(true, 'c', { properties: LIMITED }),
    takes({ payload: 'small', packetId: 2, dup: true }),
    getsNothing(),
  ]),
  mqtt5('a retained message that is too large', TOO_LARGE, [
    connects({}, 'p'),
    publishes({ topic: 'a', retain: true, payload: LARGE }, 'p'),
    publishes({ topic: 'b', retain: true, payload: 'small' }, 'p'),
    connects({ properties: LIMITED }),
    subscribes('+'),
    takes({ topic: 'b', payload: 'small' }),
    getsNothing(),
  ]),
  mqtt5('a will that is too large', TOO_LARGE, [
    connects({ properties: LIMITED }, 'watch'),
    subscribes('will', 1, 'watch'),
    connects({ will: { payload: LARGE } }),
    drops(),
    getsNothing('watch'),
    connects({ will: { payload: 'small' } }),
    drops(),
    takes({ payload: 'small' }, 'watch'),
  ]),
  mqtt5('what is too large for one is not for another', TOO_LARGE, [
    connects({ properties: LIMITED }, 'small'),
    subscribes('t', 1, 'small'),
    connects({ properties: [['Maximum Packet Size', 1000]] }, 'larger'),
    subscribes('t', 1, 'larger'),
    connects({}, 'any'),
    subscribes('t', 1, 'any'),
    connects({}, 'p'),
    publishes({ qos: 1, payload: LARGE }, 'p'),
    getsNothing('small'),
    takes({ payload: LARGE }, 'larger'),
    takes({ payload: LARGE }, 'any'),
  ]),
  mqtt5(
    'the publisher of what is too large is told of success',
    ['MQTT-3.1.2-25', 'MQTT-3.3.4-1'],
    [
      connects({ properties: LIMITED }),
      subscribes('t', 1),
      connects({}, 'p'),
      sends(publish({ version: 5, qos: 1, payload: LARGE }), 'p'),
      gets({ type: 'puback', code: 0 }, 'p'),
    ],
  ),
];

const FILTERS = Array.from({ length: 60 }, (_, i) => `f${i}`);

const answers = [
  mqtt5(
    'SUBACK that is too long for the client ends it',
    ['MQTT-3.1.2-24'],
    [
      connects({ properties: LIMITED }),
      // Fixed header 2, packet identifier 2, property length 1: 59 codes.
      sends(subscribe({ version: 5, filters: FILTERS.slice(0, 59).map((filter) => [filter, 0] as const) })),
      gets({ type: 'suback', codes: FILTERS.slice(0, 59).map(() => 0) }),
      sends(subscribe({ version: 5, filters: FILTERS.map((filter) => [filter, 0] as const) })),
      isEnded(0x95),
    ],
  ),
  mqtt5(
    'UNSUBACK that is too long for the client ends it',
    ['MQTT-3.1.2-24'],
    [
      connects({ properties: LIMITED }),
      sends(unsubscribe({ version: 5, filters: FILTERS.slice(0, 59) })),
      gets({ type: 'unsuback', codes: FILTERS.slice(0, 59).map(() => 0x11) }),
      sends(unsubscribe({ version: 5, filters: FILTERS })),
      isEnded(0x95),
    ],
  ),
  ...[4, 5, 6, 10].map((size) =>
    mqtt5(
      `a client that takes ${size} bytes, less than the CONNACK`,
      ['MQTT-3.1.2-24'],
      [opens(), sends(connect({ version: 5, properties: [['Maximum Packet Size', size]] })), isClosed()],
    ),
  ),
  mqtt5(
    'acknowledgements fit into little',
    ['MQTT-3.1.2-24'],
    [
      connects({ properties: [['Maximum Packet Size', 20]] }),
      subscribes('t', 2),
      publishes({ topic: 'own', qos: 1 }),
      publishes({ topic: 'own', qos: 2 }),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      takes({ qos: 2, payload: 'x' }),
      sends(ack('pubrel', { version: 5, packetId: 9 })),
      gets({ type: 'pubcomp', packetId: 9, code: 0x92 }),
    ],
  ),
];

/** What the server takes. */
const TAKEN = 128;
const taken = { config: { max_packet_size: TAKEN } };

/** A PUBLISH of exactly that many bytes, its topic `t`. */
function ofLength(bytes: number, qos: number): Buffer {
  const room = bytes - (bytes > 129 ? 7 : 6) - (qos > 0 ? 2 : 0);
  return publish({ version: 5, qos, payload: 'x'.repeat(room) });
}

function incoming(qos: number): Step[] {
  return [
    connects({}, 'c', { properties: { 'Maximum Packet Size': [TAKEN] } }),
    sends(ofLength(TAKEN, qos)),
    getsOnly(qos === 0 ? [] : [{ type: qos === 1 ? 'puback' : 'pubrec' }]),
    sends(ofLength(TAKEN + 2, qos)),
    isEnded(0x95),
  ];
}

const received = [
  ...([0, 1, 2] as const).map((qos) =>
    mqtt5(
      `PUBLISH of QoS ${qos}, as long as the server takes and longer`,
      ['MQTT-4.13.1-1'],
      incoming(qos),
      taken,
    ),
  ),
  mqtt5(
    'CONNECT that is longer than the server takes, whose version nobody reads',
    ['MQTT-3.1.4-2'],
    [opens(), sends(connect({ version: 5, clientId: 'x'.repeat(TAKEN) })), isClosed()],
    taken,
  ),
  mqtt5(
    'SUBSCRIBE that is longer than the server takes',
    ['MQTT-4.13.1-1'],
    [connects(), sends(subscribe({ version: 5, filters: [['x'.repeat(TAKEN), 0]] })), isEnded(0x95)],
    taken,
  ),
  mqtt5(
    'the beginning of a packet that is longer than the server takes is enough',
    ['MQTT-4.13.1-1'],
    [connects(), sends('30 ffffff7f'), isEnded(0x95)],
    taken,
  ),
  mqtt5(
    'who sends too much leaves its will',
    ['MQTT-3.1.2-8', 'MQTT-4.13.1-1'],
    [
      connects({}, 'watch'),
      subscribes('will', 0, 'watch'),
      connects({ will: {} }),
      sends(ofLength(TAKEN + 2, 0)),
      isEnded(0x95),
      takes({ topic: 'will' }, 'watch'),
    ],
    taken,
  ),
];

/** Maximum Packet Size both ways, MQTT 5 §3.1.2.11.4 and §3.2.2.3.6. */
export const packetSizesTable: Table = {
  title: 'packet sizes',
  sequences: [...toTheByte, ...identified, ...left, ...answers, ...received],
};

import { each, type Table } from '../../sequence.js';
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
import { ack, connect, publish } from '../../wire/write.js';

const SMALL = 64;

const packetSize = [
  ...each(
    'a message that is too large for a client is left out',
    { 5: ['MQTT-3.1.2-24', 'MQTT-3.1.2-25'] },
    () => [
      connects({ properties: [['Maximum Packet Size', SMALL]] }),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1, payload: 'x'.repeat(SMALL) }, 'p'),
      getsNothing(),
      counts('delivery.dropped.too_large', 1),
      publishes({ qos: 1, payload: 'small' }, 'p'),
      takes({ payload: 'small' }),
    ],
  ),
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(`a message of exactly the maximum packet size, QoS ${qos}`, { 5: ['MQTT-3.1.2-24'] }, () => {
      // Fixed header 2, topic 3, packet identifier 2 above QoS 0, property length 1.
      const room = SMALL - 6 - (qos > 0 ? 2 : 0);
      return [
        connects({ properties: [['Maximum Packet Size', SMALL]] }),
        subscribes('t', qos),
        connects({}, 'p'),
        publishes({ qos, payload: 'x'.repeat(room + 1) }, 'p'),
        getsNothing(),
        publishes({ qos, payload: 'x'.repeat(room) }, 'p'),
        takes({ payload: 'x'.repeat(room) }),
      ];
    }),
  ),
  ...each('a client that comes back with a smaller maximum', { 5: ['MQTT-3.1.2-25'] }, () => [
    resumes(false),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1, payload: 'x'.repeat(SMALL) }, 'p'),
    gets({ type: 'publish', packetId: 1 }),
    drops(),
    resumes(true, 'c', { properties: [['Maximum Packet Size', SMALL]] }),
    getsNothing(),
  ]),
  ...each('a client that takes no CONNACK', { 5: ['MQTT-3.1.2-24'] }, (version) => [
    opens(),
    sends(connect({ version, properties: [['Maximum Packet Size', 4]] })),
    isClosed(),
  ]),
  ...each(
    'what a client sends is bounded by what the server has told',
    { 5: [] },
    (version) => [
      connects({}, 'c', { properties: { 'Maximum Packet Size': [128] } }),
      sends(publish({ version, payload: 'x'.repeat(200) })),
      isEnded(0x95),
    ],
    { config: { max_packet_size: 128 } },
  ),
];

const aliases = [
  ...each('an alias stands for the topic that came with it', { 5: ['MQTT-3.3.2-12'] }, (version) => [
    connects({}, 'watch'),
    subscribes('#', 0, 'watch'),
    connects(),
    sends(publish({ version, topic: 'long/topic', properties: [['Topic Alias', 1]], payload: '1' })),
    sends(publish({ version, topic: '', properties: [['Topic Alias', 1]], payload: '2' })),
    sends(publish({ version, topic: 'other', properties: [['Topic Alias', 1]], payload: '3' })),
    sends(publish({ version, topic: '', properties: [['Topic Alias', 1]], payload: '4' })),
    getsNothing(),
    getsOnly(
      [
        { topic: 'long/topic', payload: '1' },
        { topic: 'long/topic', payload: '2' },
        { topic: 'other', payload: '3' },
        { topic: 'other', payload: '4' },
      ],
      'watch',
    ),
  ]),
  ...each(
    'the greatest alias is good',
    { 5: ['MQTT-3.3.2-12'] },
    (version) => [
      connects({}, 'c', { properties: { 'Topic Alias Maximum': [5] } }),
      sends(publish({ version, properties: [['Topic Alias', 5]] })),
      getsNothing(),
    ],
    { config: { max_topic_alias: 5 } },
  ),
  ...each(
    'an alias above the maximum',
    { 5: ['MQTT-4.13.1-1'] },
    (version) => [connects(), sends(publish({ version, properties: [['Topic Alias', 6]] })), isEnded(0x94)],
    { config: { max_topic_alias: 5 } },
  ),
  ...each(
    'an alias where there are none',
    { 5: ['MQTT-4.13.1-1'] },
    (version) => [
      connects({}, 'c', { properties: { 'Topic Alias Maximum': undefined } }),
      sends(publish({ version, properties: [['Topic Alias', 1]] })),
      isEnded(0x94),
    ],
    { config: { max_topic_alias: 0 } },
  ),
  ...each('alias 0', { 5: ['MQTT-3.3.2-8'] }, (version) => [
    connects(),
    sends(publish({ version, properties: [['Topic Alias', 0]] })),
    isEnded(0x94),
  ]),
  ...each('an alias that stands for nothing', { 5: ['MQTT-4.13.1-1'] }, (version) => [
    connects(),
    sends(publish({ version, topic: '', properties: [['Topic Alias', 1]] })),
    isEnded(0x82),
  ]),
  ...each('aliases of the client end with its connection', { 5: ['MQTT-3.3.2-7'] }, (version) => [
    resumes(false),
    sends(publish({ version, topic: 'a', properties: [['Topic Alias', 1]] })),
    getsNothing(),
    drops(),
    resumes(true),
    sends(publish({ version, topic: '', properties: [['Topic Alias', 1]] })),
    isEnded(0x82),
  ]),
  ...each(
    'the server uses the aliases that a client takes',
    { 5: ['MQTT-3.1.2-26', 'MQTT-3.3.2-11'] },
    () => [
      connects({ properties: [['Topic Alias Maximum', 1]] }),
      subscribes('#'),
      connects({}, 'p'),
      publishes({ topic: 'first/topic' }, 'p'),
      takes({ topic: 'first/topic', properties: { 'Topic Alias': [1] } }),
      publishes({ topic: 'first/topic' }, 'p'),
      takes({ topic: '', properties: { 'Topic Alias': [1] } }),
      publishes({ topic: 'second/topic' }, 'p'),
      takes({ topic: 'second/topic', properties: { 'Topic Alias': undefined } }),
    ],
  ),
  ...each('no aliases for a client that takes none', { 5: ['MQTT-3.1.2-27'] }, () => [
    connects(),
    subscribes('#'),
    connects({ properties: [['Topic Alias Maximum', 0]] }, 'none'),
    subscribes('#', 0, 'none'),
    connects({}, 'p'),
    publishes({ topic: 'long/topic' }, 'p'),
    publishes({ topic: 'long/topic' }, 'p'),
    ...['c', 'none'].flatMap((client) => [
      takes({ topic: 'long/topic', properties: { 'Topic Alias': undefined } }, client),
      takes({ topic: 'long/topic', properties: { 'Topic Alias': undefined } }, client),
    ]),
  ]),
  ...each('aliases of the server end with the connection', { 5: ['MQTT-3.3.2-7'] }, () => [
    resumes(false, 'c', { properties: [['Topic Alias Maximum', 5]] }),
    subscribes('#'),
    connects({}, 'p'),
    publishes({ topic: 'long/topic' }, 'p'),
    takes({ topic: 'long/topic', properties: { 'Topic Alias': [1] } }),
    drops(),
    resumes(true, 'c', { properties: [['Topic Alias Maximum', 5]] }),
    publishes({ topic: 'long/topic' }, 'p'),
    takes({ topic: 'long/topic', properties: { 'Topic Alias': [1] } }),
  ]),
];

const receiveMaximum = [
  ...[1, 2, 5].flatMap((maximum) =>
    each(
      `the server sends no more than ${maximum} unacknowledged messages`,
      { 5: ['MQTT-3.3.4-9', 'MQTT-4.9.0-1', 'MQTT-4.9.0-2'] },
      (version) => [
        connects({ properties: [['Receive Maximum', maximum]] }),
        subscribes('t', 1),
        connects({}, 'p'),
        ...Array.from({ length: maximum + 1 }, () => publishes({ qos: 1 }, 'p')),
        getsOnly(
          Array.from({ length: maximum }, (_, index) => ({ type: 'publish' as const, packetId: index + 1 })),
        ),
        sends(ack('puback', { version, packetId: 1 })),
        gets({ type: 'publish', packetId: maximum + 1 }),
      ],
    ),
  ),
  ...each('a QoS 2 message counts until PUBCOMP', { 5: ['MQTT-3.3.4-9', 'MQTT-4.9.0-2'] }, (version) => [
    connects({ properties: [['Receive Maximum', 1]] }),
    subscribes('t', 2),
    connects({}, 'p'),
    publishes({ qos: 2 }, 'p'),
    publishes({ qos: 2 }, 'p'),
    gets({ type: 'publish', packetId: 1 }),
    sends(ack('pubrec', { version })),
    getsOnly([{ type: 'pubrel', packetId: 1 }]),
    sends(ack('pubcomp', { version })),
    gets({ type: 'publish', packetId: 2 }),
  ]),
  ...each(
    'a QoS 2 message that is refused counts no more',
    { 5: ['MQTT-3.3.4-9', 'MQTT-4.4.0-2'] },
    (version) => [
      resumes(false, 'c', { properties: [['Receive Maximum', 1]] }),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2, payload: '1' }, 'p'),
      publishes({ qos: 2, payload: '2' }, 'p'),
      gets({ payload: '1', packetId: 1 }),
      sends(ack('pubrec', { version, code: 0x80 })),
      gets({ payload: '2' }),
      drops(),
      resumes(true),
      getsOnly([{ payload: '2', dup: true }]),
    ],
  ),
  ...each('a QoS 1 message that is refused is not sent again', { 5: ['MQTT-4.4.0-2'] }, (version) => [
    resumes(false),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    gets({ type: 'publish', packetId: 1 }),
    sends(ack('puback', { version, code: 0x80 })),
    getsNothing(),
    drops(),
    resumes(true),
    getsNothing(),
  ]),
  ...each('everything else goes on meanwhile', { 5: ['MQTT-3.3.4-10', 'MQTT-4.9.0-3'] }, (version) => [
    connects({ properties: [['Receive Maximum', 1]] }),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    gets({ type: 'publish', packetId: 1 }),
    publishes({ qos: 1, payload: 'waits' }, 'p'),
    publishes({ qos: 0, payload: 'passes' }, 'p'),
    getsOnly([{ qos: 0, payload: 'passes' }]),
    sends(publish({ version, topic: 'x', qos: 1, packetId: 3 })),
    getsOnly([{ type: 'puback', packetId: 3 }]),
    subscribes('y', 1),
    sends(ack('puback', { version })),
    takes({ payload: 'waits' }),
  ]),
  ...each(
    'a client that exceeds the receive maximum',
    { 5: ['MQTT-3.3.4-7', 'MQTT-4.13.1-1'] },
    (version) => [
      connects({}, 'c', { properties: { 'Receive Maximum': [2] } }),
      sends(publish({ version, qos: 2, packetId: 1 })),
      sends(publish({ version, qos: 2, packetId: 2 })),
      getsOnly([{ type: 'pubrec' }, { type: 'pubrec' }]),
      sends(publish({ version, qos: 2, packetId: 2, dup: true })),
      getsOnly([{ type: 'pubrec' }]),
      sends(publish({ version, qos: 2, packetId: 3 })),
      isEnded(0x93),
    ],
    { config: { max_awaiting_rel: 2 } },
  ),
];

/** What each side tells the other to keep to: Maximum Packet Size, Topic Alias Maximum, Receive Maximum. */
export const flowControlTable: Table = {
  title: 'flow control',
  sequences: [...packetSize, ...aliases, ...receiveMaximum],
};

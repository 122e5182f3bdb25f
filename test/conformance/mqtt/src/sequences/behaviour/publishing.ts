import { each, type Table } from '../../sequence.js';
import {
  connects,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  publishes,
  sends,
  subscribes,
  takes,
  unsubscribes,
} from '../../steps.js';
import { ack, publish } from '../../wire/write.js';

const received = [
  ...each(
    'QoS 0 is not answered',
    {
      3: [],
      4: ['MQTT-3.3.4-1', 'MQTT-2.3.1-5', 'MQTT-4.3.1-1'],
      5: ['MQTT-3.3.4-1', 'MQTT-2.2.1-2', 'MQTT-4.3.1-1', 'MQTT-2.2.2-1'],
    },
    () => [
      connects({}, 'watch'),
      subscribes('t', 2, 'watch'),
      connects(),
      publishes({ payload: 'x' }),
      getsOnly([{ type: 'publish', topic: 't', payload: 'x', qos: 0, dup: false, properties: {} }], 'watch'),
    ],
  ),
  ...[1, 2, 255, 256, 32_768, 65_535].flatMap((packetId) =>
    each(
      `QoS 1 is answered with PUBACK, packet identifier ${packetId}`,
      {
        3: [],
        4: ['MQTT-3.3.4-1', 'MQTT-4.3.2-2', 'MQTT-2.3.1-6', 'MQTT-2.3.1-1'],
        5: ['MQTT-3.3.4-1', 'MQTT-4.3.2-4', 'MQTT-2.2.1-5', 'MQTT-2.2.1-3'],
      },
      (version) => [
        connects(),
        sends(publish({ version, qos: 1, packetId })),
        getsOnly([{ type: 'puback', packetId }]),
      ],
    ),
  ),
  ...[1, 2, 255, 256, 32_768, 65_535].flatMap((packetId) =>
    each(
      `QoS 2 is answered with PUBREC and PUBCOMP, packet identifier ${packetId}`,
      {
        3: [],
        4: ['MQTT-3.3.4-1', 'MQTT-4.3.3-2', 'MQTT-2.3.1-6'],
        5: ['MQTT-3.3.4-1', 'MQTT-4.3.3-8', 'MQTT-4.3.3-11', 'MQTT-2.2.1-5'],
      },
      (version) => [
        connects(),
        sends(publish({ version, qos: 2, packetId })),
        getsOnly([{ type: 'pubrec', packetId }]),
        sends(ack('pubrel', { version, packetId })),
        getsOnly([{ type: 'pubcomp', packetId }]),
      ],
    ),
  ),
  ...each(
    'a packet identifier of QoS 1 may be used again at once, also with DUP',
    { 3: [], 4: ['MQTT-4.3.2-2'], 5: ['MQTT-4.3.2-5'] },
    () => [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      publishes({ qos: 1, packetId: 5, payload: '1' }),
      publishes({ qos: 1, packetId: 5, payload: '2' }),
      publishes({ qos: 1, packetId: 5, payload: '3', dup: true }),
      getsOnly([{ payload: '1' }, { payload: '2' }, { payload: '3', dup: false }], 'watch'),
    ],
  ),
  ...each(
    'a duplicate of QoS 2 is acknowledged and not published again, until PUBREL',
    { 3: [], 4: ['MQTT-4.3.3-2'], 5: ['MQTT-4.3.3-10', 'MQTT-4.3.3-12'] },
    (version) => [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      sends(publish({ version, qos: 2, packetId: 5, payload: '1' })),
      gets({ type: 'pubrec', packetId: 5 }),
      sends(publish({ version, qos: 2, packetId: 5, payload: '1', dup: true })),
      gets({ type: 'pubrec', packetId: 5 }),
      sends(publish({ version, qos: 2, packetId: 5, payload: '1' })),
      gets({ type: 'pubrec', packetId: 5 }),
      sends(ack('pubrel', { version, packetId: 5 })),
      gets({ type: 'pubcomp', packetId: 5 }),
      publishes({ qos: 2, packetId: 5, payload: '2' }),
      getsOnly([{ payload: '1' }, { payload: '2' }], 'watch'),
    ],
  ),
  ...each(
    'PUBREL twice is completed twice',
    { 3: [], 4: ['MQTT-4.3.3-2'], 5: ['MQTT-4.3.3-11'] },
    (version) => [
      connects(),
      publishes({ qos: 2, packetId: 5 }),
      sends(ack('pubrel', { version, packetId: 5 })),
      gets({ type: 'pubcomp', packetId: 5 }),
    ],
  ),
  ...each(
    'QoS 2 messages are published when they come, not when they are released',
    { 4: ['MQTT-4.3.3-2'], 5: ['MQTT-4.3.3-8'] },
    (version) => [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      sends(publish({ version, qos: 2, packetId: 5 })),
      gets({ type: 'pubrec', packetId: 5 }),
      takes({ topic: 't' }, 'watch'),
    ],
  ),
  ...each(
    'acknowledgements come in the order of the messages',
    {
      3: [],
      4: ['MQTT-4.6.0-2', 'MQTT-4.6.0-3', 'MQTT-4.6.0-4'],
      5: ['MQTT-4.6.0-2', 'MQTT-4.6.0-3', 'MQTT-4.6.0-4'],
    },
    (version) => [
      connects(),
      sends(
        Buffer.concat([
          publish({ version, qos: 1, packetId: 9 }),
          publish({ version, qos: 2, packetId: 7 }),
          publish({ version, qos: 1, packetId: 8 }),
          publish({ version, qos: 2, packetId: 6 }),
        ]),
      ),
      getsOnly([
        { type: 'puback', packetId: 9 },
        { type: 'pubrec', packetId: 7 },
        { type: 'puback', packetId: 8 },
        { type: 'pubrec', packetId: 6 },
      ]),
      sends(
        Buffer.concat([ack('pubrel', { version, packetId: 7 }), ack('pubrel', { version, packetId: 6 })]),
      ),
      getsOnly([
        { type: 'pubcomp', packetId: 7 },
        { type: 'pubcomp', packetId: 6 },
      ]),
    ],
  ),
  ...each(
    'PUBREL packets come in the order of PUBREC',
    { 4: ['MQTT-4.6.0-4'], 5: ['MQTT-4.6.0-4', 'MQTT-4.3.3-4'] },
    (version) => [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ packetId: 1 }),
      gets({ packetId: 2 }),
      sends(
        Buffer.concat([ack('pubrec', { version, packetId: 2 }), ack('pubrec', { version, packetId: 1 })]),
      ),
      gets({ type: 'pubrel', packetId: 2 }),
      gets({ type: 'pubrel', packetId: 1 }),
    ],
  ),
  ...[0, 1, 127, 128, 16_383, 16_384, 300_000].flatMap((length) =>
    each(`a payload of ${length} bytes`, { 3: [], 4: [], 5: [] }, () => [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      publishes({ qos: 1, payload: 'x'.repeat(length) }),
      takes({ payload: 'x'.repeat(length) }, 'watch'),
    ]),
  ),
  ...each('nobody subscribes: MQTT 5 is told so', { 5: ['MQTT-3.4.2-1', 'MQTT-3.5.2-1'] }, (version) => [
    connects(),
    sends(publish({ version, qos: 1 })),
    gets({ type: 'puback', code: 0x10 }),
    sends(publish({ version, qos: 2 })),
    gets({ type: 'pubrec', code: 0x10 }),
  ]),
  ...each(
    'a PUBREC that refused frees the packet identifier',
    { 5: ['MQTT-4.3.3-9'] },
    (version) => [
      connects(),
      sends(publish({ version, topic: 'closed', qos: 2, packetId: 5 })),
      gets({ type: 'pubrec', packetId: 5, code: 0x87 }),
      subscribes('t', 0),
      sends(publish({ version, topic: 't', qos: 2, packetId: 5, payload: 'new' })),
      gets({ type: 'publish', payload: 'new' }),
      gets({ type: 'pubrec', packetId: 5, code: 0 }),
    ],
    { sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed'] }] } } },
  ),
];

/** What becomes of a message that access control refuses. */
const CLOSED = { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed/#'] }] } };

const denied = [
  ...([1, 2] as const).flatMap((qos) =>
    each(
      `a message of QoS ${qos} that is not allowed is acknowledged and dropped`,
      { 3: [], 4: ['MQTT-3.3.5-2'], 5: [] },
      (version) => [
        connects({}, 'watch'),
        subscribes('#', 0, 'watch'),
        connects(),
        sends(publish({ version, topic: 'closed/t', qos })),
        gets({ type: qos === 1 ? 'puback' : 'pubrec', ...(version === 5 && { code: 0x87 }) }),
        getsNothing(),
        getsNothing('watch'),
      ],
      { sections: CLOSED },
    ),
  ),
  ...each(
    'a message of QoS 0 that is not allowed is dropped',
    { 3: [], 4: ['MQTT-3.3.5-2'], 5: [] },
    () => [
      connects({}, 'watch'),
      subscribes('#', 0, 'watch'),
      connects(),
      publishes({ topic: 'closed/t' }),
      getsNothing('watch'),
    ],
    { sections: CLOSED },
  ),
  ...each(
    'or it ends the connection',
    { 3: [], 4: ['MQTT-3.3.5-2'], 5: [] },
    (version) => [
      connects(),
      sends(publish({ version, topic: 'closed/t', qos: 1 })),
      version === 5 ? isEnded(0x87) : isClosed(),
    ],
    { sections: { access: { ...CLOSED.access, acl_deny_action: 'disconnect' } } },
  ),
];

const sent = [
  ...([0, 1, 2] as const).flatMap((published) =>
    ([0, 1, 2] as const).flatMap((granted) =>
      each(
        `published with QoS ${published}, subscribed with ${granted}`,
        { 3: [], 4: ['MQTT-3.8.4-6'], 5: ['MQTT-3.8.4-8'] },
        () => [
          connects({}, 'watch'),
          subscribes('t', granted, 'watch'),
          connects(),
          publishes({ qos: published }),
          takes({ qos: Math.min(published, granted), dup: false }, 'watch'),
          getsNothing('watch'),
        ],
      ),
    ),
  ),
  ...each(
    'packet identifiers of the server are not 0 and not in use',
    {
      3: [],
      4: ['MQTT-2.3.1-4', 'MQTT-2.3.1-1', 'MQTT-4.3.2-1', 'MQTT-4.3.3-1'],
      5: ['MQTT-2.2.1-4', 'MQTT-4.3.2-1', 'MQTT-4.3.3-1', 'MQTT-4.3.2-2', 'MQTT-4.3.3-2'],
    },
    (version) => [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ qos: 1, packetId: 1, dup: false }),
      gets({ qos: 2, packetId: 2, dup: false }),
      sends(ack('puback', { version, packetId: 1 })),
      publishes({ qos: 1 }, 'p'),
      gets({ qos: 1, packetId: 3, dup: false }),
    ],
  ),
  ...each(
    'DUP of the publisher is not handed on',
    { 3: [], 4: ['MQTT-3.3.1-3'], 5: ['MQTT-3.3.1-3'] },
    () => [
      connects({}, 'watch'),
      subscribes('t', 2, 'watch'),
      connects(),
      publishes({ qos: 1, dup: true }),
      takes({ qos: 1, dup: false }, 'watch'),
      publishes({ qos: 2, dup: true }),
      takes({ qos: 2, dup: false }, 'watch'),
    ],
  ),
  ...each(
    'QoS 2 goes on step by step',
    { 3: [], 4: ['MQTT-4.3.3-1', 'MQTT-2.3.1-6'], 5: ['MQTT-4.3.3-4', 'MQTT-2.2.1-5', 'MQTT-3.6.2-1'] },
    (version) => [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ qos: 2, packetId: 1 }),
      getsNothing(),
      sends(ack('pubrec', { version })),
      getsOnly([{ type: 'pubrel', flags: 2, packetId: 1 }]),
      sends(ack('pubcomp', { version })),
      getsNothing(),
    ],
  ),
  ...each(
    'messages of one client to a topic come in their order, with any QoS',
    { 3: [], 4: ['MQTT-4.6.0-5', 'MQTT-4.6.0-6'], 5: ['MQTT-4.6.0-5', 'MQTT-4.6.0-6'] },
    (version) => [
      connects({}, 'watch'),
      subscribes('t', 2, 'watch'),
      connects(),
      sends(
        Buffer.concat(
          [1, 2, 3, 4, 5, 6].map((n) => publish({ version, qos: 1, packetId: n, payload: String(n) })),
        ),
      ),
      getsOnly([1, 2, 3, 4, 5, 6].map((packetId) => ({ type: 'puback', packetId }))),
      getsOnly(
        ['1', '2', '3', '4', '5', '6'].map((payload) => ({ type: 'publish', payload })),
        'watch',
      ),
    ],
  ),
  ...each(
    'more than the window waits and comes in order',
    { 3: [], 4: ['MQTT-4.6.0-6'], 5: ['MQTT-4.6.0-5'] },
    () => [
      connects({}, 'watch'),
      subscribes('t', 1, 'watch'),
      connects(),
      ...['1', '2', '3'].map((payload) => publishes({ qos: 1, payload })),
      takes({ payload: '1' }, 'watch'),
      takes({ payload: '2' }, 'watch'),
      takes({ payload: '3' }, 'watch'),
      getsNothing('watch'),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each('every subscriber gets a message', { 3: [], 4: ['MQTT-4.5.0-1'], 5: ['MQTT-4.5.0-1'] }, () => [
    ...['a', 'b', 'c'].flatMap((client) => [connects({}, client), subscribes('t', 1, client)]),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    ...['a', 'b', 'c'].map((client) => takes({ topic: 't' }, client)),
  ]),
  ...each(
    'a delivery that has begun is completed after UNSUBSCRIBE, a new one does not begin',
    {
      3: [],
      4: ['MQTT-3.10.4-2', 'MQTT-3.10.4-3'],
      5: ['MQTT-3.10.4-2', 'MQTT-3.10.4-3'],
    },
    (version) => [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ qos: 2, packetId: 1 }),
      unsubscribes('t'),
      publishes({ qos: 2 }, 'p'),
      sends(ack('pubrec', { version })),
      getsOnly([{ type: 'pubrel', packetId: 1 }]),
      sends(ack('pubcomp', { version })),
      getsNothing(),
    ],
  ),
];

/** MQTT 5 §3.3 to §3.7, §4.3, §4.5, §4.6; MQTT 3.1.1 the same. */
export const publishingTable: Table = {
  title: 'publishing',
  sequences: [...received, ...denied, ...sent],
};

import { each, type Step, type Table } from '../../sequence.js';
import type { Version } from '../../spec/packets.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  isRefused,
  opens,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, connect, disconnect, frame, PINGREQ, publish, subscribe } from '../../wire/write.js';

const watch: Step[] = [connects({}, 'watch'), subscribes('#', 2, 'watch')];

/** What ends a connection without a goodbye. */
const ENDS: Readonly<Record<string, (version: Version) => readonly Step[]>> = {
  'is lost': () => [drops()],
  'falls silent': () => [passes(16), isEnded(0x8d)],
  'sends a packet type that does not exist': () => [sends(frame(0x00)), isEnded(0x81)],
  'sends a second CONNECT': (version) => [sends(connect({ version })), isEnded(0x82)],
  'publishes with QoS 3': (version) => [sends(publish({ version, qos: 3 })), isEnded(0x81)],
  'publishes to a wildcard': (version) => [sends(publish({ version, topic: '#' })), isEnded(0x90)],
  'subscribes to nothing': (version) => [sends(subscribe({ version, filters: [] })), isEnded(0x82)],
  'sends what only servers send': () => [sends(frame(0xd0)), isEnded(0x82)],
  'is lost in the middle of a packet': (version) => [
    sends(publish({ version, topic: 'never' }).subarray(0, 5)),
    drops(),
  ],
};

/** MQTT 3.1.1 §3.1.2.5, MQTT 5 §3.1.2.5. */
const withoutGoodbye = Object.entries(ENDS).flatMap(([name, end]) => [
  ...each(
    `a client that ${name} leaves its will and its session`,
    { 3: [], 4: ['MQTT-3.1.2-8', 'MQTT-3.1.2-4'], 5: ['MQTT-3.1.2-8', 'MQTT-3.1.2-5'] },
    (version) => [
      ...watch,
      connects({}, 'p'),
      resumes(false, 'c', { keepAlive: 10, will: { qos: 1, payload: 'gone' } }),
      subscribes('t', 1),
      ...end(version),
      takes({ topic: 'will', payload: 'gone', qos: 1 }, 'watch'),
      getsNothing('watch'),
      publishes({ topic: 't', qos: 1, payload: 'waited' }, 'p'),
      takes({ payload: 'waited' }, 'watch'),
      resumes(true),
      takes({ payload: 'waited', qos: 1 }),
    ],
  ),
  ...each(
    `a client that ${name} disturbs nobody else`,
    { 3: [], 4: ['MQTT-4.8.0-1'], 5: ['MQTT-4.13.1-1'] },
    (version) => [
      connects({}, 'other'),
      subscribes('t', 1, 'other'),
      connects({}, 'p'),
      connects({ keepAlive: 10 }),
      ...end(version),
      getsNothing('other'),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't' }, 'other'),
    ],
  ),
]);

const GOODBYE = { 3: [], 4: ['MQTT-3.14.4-3', 'MQTT-3.1.2-10'], 5: ['MQTT-3.14.4-3'] } as const;

const goodbyes = [
  ...each('what comes behind DISCONNECT is not processed', GOODBYE, (version) => [
    ...watch,
    connects({ will: {} }),
    sends(Buffer.concat([disconnect(), publish({ version, topic: 'after' }), PINGREQ])),
    isClosed(),
    getsNothing('watch'),
  ]),
  ...each('what is malformed behind DISCONNECT does not bring the will back', GOODBYE, () => [
    ...watch,
    connects({ will: {} }),
    sends(Buffer.concat([disconnect(), frame(0x00), frame(0xff, 'ffff')])),
    isClosed(),
    getsNothing('watch'),
  ]),
  ...each(
    'a DISCONNECT behind what is malformed does not take the will back',
    { 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] },
    () => [
      ...watch,
      connects({ will: {} }),
      sends(Buffer.concat([frame(0x00), disconnect()])),
      isEnded(0x81),
      takes({ topic: 'will' }, 'watch'),
    ],
  ),
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(
      `a message of QoS ${qos} right before DISCONNECT is published`,
      { 3: [], 4: ['MQTT-4.5.0-1'], 5: ['MQTT-4.5.0-1'] },
      (version) => [
        ...watch,
        opens(),
        sends(Buffer.concat([connect({ version }), publish({ version, qos }), disconnect()])),
        gets({ type: 'connack', code: 0 }),
        ...(qos === 0 ? [] : [gets({ type: qos === 1 ? 'puback' : 'pubrec' })]),
        isClosed(),
        takes({ topic: 't', qos }, 'watch'),
      ],
    ),
  ),
  ...each('CONNECT and DISCONNECT at once', GOODBYE, (version) => [
    ...watch,
    opens(),
    sends(Buffer.concat([connect({ version, will: {} }), disconnect()])),
    gets({ type: 'connack', code: 0 }),
    isClosed(),
    getsNothing('watch'),
  ]),
  ...each('a goodbye keeps the session', { 3: [], 4: ['MQTT-3.1.2-4', 'MQTT-4.1.0-1'], 5: [] }, () => [
    resumes(false),
    subscribes('t', 1),
    sends(disconnect()),
    isClosed(),
    connects({}, 'p'),
    publishes({ qos: 1, payload: 'waited' }, 'p'),
    resumes(true),
    takes({ payload: 'waited', qos: 1 }),
  ]),
  ...each(
    'what was unacknowledged at the goodbye comes again',
    { 3: [], 4: ['MQTT-4.4.0-1'], 5: ['MQTT-4.4.0-1'] },
    () => [
      resumes(false),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ type: 'publish', packetId: 1 }),
      sends(disconnect()),
      isClosed(),
      resumes(true),
      takes({ packetId: 1, qos: 2, dup: true }),
    ],
  ),
  ...each(
    'after a goodbye a connection without a will has none',
    { 3: [], 4: ['MQTT-3.1.2-12', 'MQTT-3.1.2-10'], 5: [] },
    () => [
      ...watch,
      resumes(false, 'c', { will: {} }),
      sends(disconnect()),
      isClosed(),
      resumes(true),
      drops(),
      getsNothing('watch'),
    ],
  ),
];

/** Wills that are not like others. */
const wills = [
  ...([0, 1, 2] as const).flatMap((will) =>
    ([0, 1, 2] as const).flatMap((granted) =>
      each(
        `a will of QoS ${will} for a subscription of QoS ${granted}`,
        { 3: [], 4: ['MQTT-3.8.4-6', 'MQTT-3.1.2-8'], 5: ['MQTT-3.8.4-8', 'MQTT-3.1.2-8'] },
        () => [
          connects({}, 'watch'),
          subscribes('will', granted, 'watch'),
          connects({ will: { qos: will } }),
          drops(),
          takes({ topic: 'will', qos: Math.min(will, granted), dup: false }, 'watch'),
        ],
      ),
    ),
  ),
  ...each(
    'a retained will reaches those that are there without RETAIN, later ones with it',
    { 3: [], 4: ['MQTT-3.1.2-17', 'MQTT-3.3.1-9', 'MQTT-3.3.1-8'], 5: ['MQTT-3.1.2-15'] },
    () => [
      ...watch,
      connects({ will: { retain: true, qos: 1 } }),
      drops(),
      takes({ topic: 'will', retain: false, qos: 1 }, 'watch'),
      connects({}, 'late'),
      subscribes('will', 2, 'late'),
      takes({ topic: 'will', retain: true, qos: 1 }, 'late'),
    ],
  ),
  ...each(
    'an empty retained will removes what is stored',
    { 3: [], 4: ['MQTT-3.3.1-10', 'MQTT-3.1.2-17'], 5: ['MQTT-3.3.1-6'] },
    () => [
      connects({}, 'p'),
      publishes({ topic: 'will', retain: true }, 'p'),
      connects({ will: { retain: true, payload: '' } }),
      drops(),
      connects({}, 'late'),
      subscribes('will', 2, 'late'),
      getsNothing('late'),
    ],
  ),
  ...each(
    'a client without clean session gets its own will when it comes back',
    { 3: [], 4: ['MQTT-3.1.2-8', 'MQTT-4.5.0-1'], 5: ['MQTT-3.1.2-8', 'MQTT-4.5.0-1'] },
    () => [
      resumes(false, 'c', { will: { qos: 1 } }),
      subscribes('will', 1),
      drops(),
      resumes(true),
      takes({ topic: 'will', qos: 1 }),
      getsNothing(),
    ],
  ),
  ...each(
    'a will waits for a subscriber that is away',
    { 3: [], 4: ['MQTT-3.1.2-5', 'MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] },
    () => [
      resumes(false, 'watch'),
      subscribes('will', 1, 'watch'),
      drops('watch'),
      connects({ will: { qos: 2 } }),
      drops(),
      resumes(true, 'watch'),
      takes({ topic: 'will', qos: 1, dup: false }, 'watch'),
    ],
  ),
  ...each(
    'a will to where its client may not publish',
    { 3: [], 4: [], 5: [] },
    () => [...watch, connects({ will: { topic: 'closed/t' } }), drops(), getsNothing('watch')],
    { sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed/#'] }] } } },
  ),
  ...each(
    'a client that was refused leaves no will',
    { 3: [], 4: ['MQTT-3.1.4-5'], 5: [] },
    (version) => [
      connects({ username: 'ann', password: 'right' }, 'watch'),
      subscribes('#', 0, 'watch'),
      opens(),
      sends(connect({ version, will: {} })),
      isRefused(version === 5 ? 0x87 : 5),
      getsNothing('watch'),
    ],
    { sections: { access: { allow_anonymous: false, users: [{ username: 'ann', password: 'right' }] } } },
  ),
  ...each('a will of any bytes', { 3: [], 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    connects({ will: { payload: '\0\u0001\ufffe' } }),
    drops(),
    takes({ topic: 'will', payload: '\0\u0001\ufffe' }, 'watch'),
  ]),
  ...each('a will of 65,535 bytes', { 3: [], 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    connects({ will: { payload: 'x'.repeat(65_535) } }),
    drops(),
    takes({ topic: 'will', payload: 'x'.repeat(65_535) }, 'watch'),
  ]),
  ...each('the wills of many clients', { 3: [], 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    ...['1', '2', '3'].map((n) => connects({ clientId: n, will: { topic: `will/${n}` } }, n)),
    drops('2'),
    takes({ topic: 'will/2' }, 'watch'),
    drops('3'),
    takes({ topic: 'will/3' }, 'watch'),
    sends(disconnect(), '1'),
    isClosed('1'),
    getsNothing('watch'),
  ]),
];

const errors = [
  ...each(
    'what came before an error is done, what comes behind it is not',
    { 3: [], 4: ['MQTT-4.8.0-1'], 5: ['MQTT-4.13.1-1'] },
    (version) => [
      ...watch,
      connects(),
      sends(
        Buffer.concat([
          publish({ version, topic: 'before', qos: 1 }),
          publish({ version, qos: 3 }),
          publish({ version, topic: 'behind', qos: 1 }),
        ]),
      ),
      gets({ type: 'puback' }),
      isEnded(0x81),
      getsOnly([{ topic: 'before' }], 'watch'),
    ],
  ),
  ...each(
    'an error in the middle of QoS 2 does not lose it',
    { 3: [], 4: ['MQTT-4.3.3-2'], 5: ['MQTT-4.3.3-10'] },
    (version) => [
      ...watch,
      resumes(false),
      sends(publish({ version, qos: 2, packetId: 5 })),
      gets({ type: 'pubrec', packetId: 5 }),
      sends(frame(0x00)),
      isEnded(0x81),
      resumes(true),
      sends(ack('pubrel', { version, packetId: 5 })),
      gets({ type: 'pubcomp', packetId: 5 }),
      getsOnly([{ topic: 't' }], 'watch'),
    ],
  ),
];

/** How connections end: MQTT 5 §3.1.2.5, §3.14, §4.13, MQTT 3.1.1 §3.1.2.5, §3.14, §4.8. */
export const endingsTable: Table = {
  title: 'endings',
  sequences: [...withoutGoodbye, ...goodbyes, ...wills, ...errors],
};

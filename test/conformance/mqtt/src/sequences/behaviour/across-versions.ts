import type { Sequence, Step, Table } from '../../sequence.js';
import type { Version } from '../../spec/packets.js';
import {
  connects,
  drops,
  type Expected,
  gets,
  getsNothing,
  getsOnly,
  isEnded,
  passes,
  publishes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, type Connect, type PropertyList, publish } from '../../wire/write.js';

const VERSIONS = [3, 4, 5] as const;
const NAMES = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5' } as const;

/** The same for every version that sends with every version that receives, whose sequence it is. */
function everyPair(
  name: string,
  shows: Readonly<Record<4 | 5, readonly string[]>>,
  steps: (from: Version, to: Version) => readonly Step[],
): Sequence[] {
  return VERSIONS.flatMap((from) =>
    VERSIONS.map((to) => ({
      name: `from ${NAMES[from]}: ${name}`,
      version: to,
      shows: to === 3 ? [] : shows[to],
      steps: steps(from, to),
    })),
  );
}

const SESSION: PropertyList = [['Session Expiry Interval', 100]];

/** Connects without clean session in that version, to a session that is there or not. */
function comes(version: Version, present: boolean, fields: Connect = {}, client = 'c'): Step {
  // MQTT 3.1 cannot say it.
  const expected: Expected = { sessionPresent: present && version > 3 };
  return connects({ cleanStart: false, properties: SESSION, ...fields, version }, client, expected);
}

const messages = ([0, 1, 2] as const).flatMap((qos) =>
  everyPair(
    `a message of QoS ${qos}`,
    { 4: ['MQTT-4.5.0-1', 'MQTT-3.8.4-6'], 5: ['MQTT-4.5.0-1', 'MQTT-3.8.4-8'] },
    (version) => [
      connects(),
      subscribes('t', 2),
      connects({ version }, 'p'),
      publishes({ qos, payload: 'x' }, 'p'),
      takes({ topic: 't', payload: 'x', qos, retain: false, dup: false }),
      getsNothing(),
    ],
  ),
);

const kept = [
  ...everyPair(
    'a retained message',
    { 4: ['MQTT-3.3.1-6', 'MQTT-3.3.1-8'], 5: ['MQTT-3.3.1-9'] },
    (version) => [
      connects({ version }, 'p'),
      publishes({ qos: 1, retain: true, payload: 'kept' }, 'p'),
      connects(),
      subscribes('t', 1),
      takes({ payload: 'kept', qos: 1, retain: true }),
      getsNothing(),
    ],
  ),
  ...everyPair('a will', { 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] }, (version) => [
    connects(),
    subscribes('will', 2),
    connects({ version, will: { qos: 2, payload: 'gone' } }, 'lost'),
    drops('lost'),
    takes({ topic: 'will', payload: 'gone', qos: 2 }),
    getsNothing(),
  ]),
];

const sessions = [
  ...everyPair(
    'a session goes on in another version',
    { 4: ['MQTT-3.1.2-4', 'MQTT-3.2.2-2'], 5: ['MQTT-3.1.2-5', 'MQTT-3.2.2-3'] },
    (before, after) => [
      comes(before, false),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      publishes({ qos: 1, payload: '1' }, 'p'),
      comes(after, true),
      takes({ payload: '1', qos: 1, dup: false }),
      publishes({ qos: 1, payload: '2' }, 'p'),
      takes({ payload: '2', qos: 1, dup: false }),
    ],
  ),
  ...everyPair(
    'what was unacknowledged is sent again in another version',
    { 4: ['MQTT-4.4.0-1', 'MQTT-3.3.1-1'], 5: ['MQTT-4.4.0-1', 'MQTT-3.3.1-1'] },
    (before, after) => [
      comes(before, false),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 1, payload: '1' }, 'p'),
      publishes({ qos: 2, payload: '2' }, 'p'),
      gets({ payload: '1', packetId: 1 }),
      gets({ payload: '2', packetId: 2 }),
      drops(),
      comes(after, true),
      takes({ payload: '1', packetId: 1, dup: true }),
      takes({ payload: '2', packetId: 2, dup: true }),
      getsNothing(),
    ],
  ),
  ...everyPair(
    'a QoS 2 message of the client is completed in another version',
    { 4: ['MQTT-4.3.3-2'], 5: ['MQTT-4.3.3-10', 'MQTT-4.3.3-11'] },
    (before, after) => [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      comes(before, false),
      sends(publish({ version: before, qos: 2, packetId: 9 })),
      gets({ type: 'pubrec', packetId: 9 }),
      drops(),
      comes(after, true),
      sends(publish({ version: after, qos: 2, packetId: 9, dup: true })),
      gets({ type: 'pubrec', packetId: 9 }),
      sends(ack('pubrel', { version: after, packetId: 9 })),
      gets({ type: 'pubcomp', packetId: 9 }),
      getsOnly([{ type: 'publish', topic: 't' }], 'watch'),
    ],
  ),
  ...everyPair(
    'a client is taken over in another version',
    { 4: ['MQTT-3.1.4-2', 'MQTT-3.2.2-2'], 5: ['MQTT-3.1.4-3', 'MQTT-3.2.2-3'] },
    (before, after) => [
      comes(before, false, { clientId: 'same' }, 'first'),
      subscribes('t', 1, 'first'),
      comes(after, true, { clientId: 'same' }, 'second'),
      isEnded(0x8e, 'first'),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't', qos: 1 }, 'second'),
    ],
  ),
  ...everyPair(
    'clean session ends the session of another version',
    { 4: ['MQTT-3.1.2-6', 'MQTT-3.2.2-1'], 5: ['MQTT-3.1.2-4', 'MQTT-3.2.2-2'] },
    (before, after) => [
      comes(before, false),
      subscribes('t', 1),
      drops(),
      connects({ version: after }, 'c', { sessionPresent: false }),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      getsNothing(),
    ],
  ),
];

/** What MQTT 5 alone knows, before and after the boundary. */
const EVERYTHING: PropertyList = [
  ['Payload Format Indicator', 1],
  ['Message Expiry Interval', 60],
  ['Content Type', 'text/plain'],
  ['Response Topic', 'answers'],
  ['Correlation Data', '0102'],
  ['User Property', ['n', 'v']],
];

const properties: Sequence[] = ([3, 4] as const).flatMap((version) => [
  {
    name: 'the properties of a message stay behind',
    version,
    shows: [],
    steps: [
      connects(),
      subscribes('t', 1),
      connects({ version: 5 }, 'p'),
      publishes({ qos: 1, payload: 'x', properties: EVERYTHING }, 'p'),
      takes({ topic: 't', payload: 'x', qos: 1 }),
    ],
  },
  {
    name: 'a message expires for a client that never heard of it',
    version,
    shows: [],
    steps: [
      comes(version, false),
      subscribes('t', 1),
      drops(),
      connects({ version: 5 }, 'p'),
      publishes({ qos: 1, payload: 'short', properties: [['Message Expiry Interval', 10]] }, 'p'),
      publishes({ qos: 1, payload: 'long', properties: [['Message Expiry Interval', 60]] }, 'p'),
      passes(11),
      comes(version, true),
      takes({ payload: 'long' }),
      getsNothing(),
    ],
  },
  {
    name: 'a topic alias is resolved',
    version,
    shows: [],
    steps: [
      connects(),
      subscribes('long/topic'),
      connects({ version: 5 }, 'p'),
      publishes({ topic: 'long/topic', payload: '1', properties: [['Topic Alias', 1]] }, 'p'),
      publishes({ topic: '', payload: '2', properties: [['Topic Alias', 1]] }, 'p'),
      takes({ topic: 'long/topic', payload: '1' }),
      takes({ topic: 'long/topic', payload: '2' }),
    ],
  },
  {
    name: 'a session with subscription identifiers goes on without them',
    version,
    shows: [],
    steps: [
      comes(5, false),
      subscribes('t', 1, 'c', [['Subscription Identifier', 7]]),
      drops(),
      comes(version, true),
      connects({ version: 5 }, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't', qos: 1 }),
    ],
  },
  {
    name: 'a session with No Local and Retain As Published keeps to them',
    version,
    shows: [],
    steps: [
      comes(5, false),
      subscribes('t', 0x0c),
      drops(),
      comes(version, true),
      publishes({ payload: 'own' }),
      getsNothing(),
      connects({}, 'p'),
      publishes({ payload: 'kept', retain: true }, 'p'),
      takes({ payload: 'kept', retain: true }),
    ],
  },
]);

const from3: Sequence[] = ([3, 4] as const).map((version) => ({
  name: `from ${NAMES[version]}: a message has no properties`,
  version: 5,
  shows: ['MQTT-2.2.2-1'],
  steps: [
    connects(),
    subscribes('t', 1),
    connects({ version }, 'p'),
    publishes({ qos: 1 }, 'p'),
    gets({ type: 'publish', properties: {} }),
  ],
}));

/** Clients of different versions on one hub. */
export const acrossVersionsTable: Table = {
  title: 'across versions',
  sequences: [...messages, ...kept, ...sessions, ...properties, ...from3],
};

import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  leaves,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
  unsubscribes,
} from '../../steps.js';
import { ack, publish, subscribe, unsubscribe } from '../../wire/write.js';

const IN_TURN = { sections: { broker: { shared_subscription_strategy: 'round_robin' } } };
const AS_PUBLISHED = 8;
const NEVER = 0x20;

const SHARED = ['MQTT-4.8.2-1', 'MQTT-4.8.2-3'];

/** Members of group `g`. */
function members(names: readonly string[], filter: string, qos = 1): Step[] {
  return names.flatMap((name) => [connects({}, name), subscribes(filter, qos, name)]);
}

const qos = [0, 1, 2].flatMap((published) =>
  [0, 1, 2].map((granted) =>
    mqtt5(
      `published with QoS ${published}, shared with ${granted}`,
      ['MQTT-4.8.2-3', 'MQTT-3.8.4-8'],
      [
        connects(),
        subscribes('$share/g/t', granted),
        connects({}, 'p'),
        publishes({ qos: published }, 'p'),
        takes({ topic: 't', qos: Math.min(published, granted), retain: false, dup: false }),
        getsNothing(),
      ],
    ),
  ),
);

const names = ['a', 'A', '1', 'group with spaces', '\u00fc', '$', '.', 'x'.repeat(200)].map((name) =>
  mqtt5(
    `the share name ${name.length > 30 ? 'of 200 characters' : JSON.stringify(name)}`,
    ['MQTT-4.8.2-1'],
    [
      connects(),
      subscribes(`$share/${name}/a/+`, 1),
      connects({}, 'p'),
      publishes({ topic: 'a/b', qos: 1 }, 'p'),
      takes({ topic: 'a/b' }),
      unsubscribes(`$share/${name}/a/+`),
      publishes({ topic: 'a/b', qos: 1 }, 'p'),
      getsNothing(),
    ],
  ),
);

const sharing = [
  mqtt5(
    'three members, six messages',
    SHARED,
    [
      ...members(['a', 'b', 'c'], '$share/g/t'),
      connects({}, 'p'),
      ...[1, 2, 3, 4, 5, 6].map((n) => publishes({ qos: 1, payload: String(n) }, 'p')),
      ...['a', 'b', 'c', 'a', 'b', 'c'].map((name) => takes({ topic: 't', qos: 1 }, name)),
      ...['a', 'b', 'c'].map((name) => getsNothing(name)),
    ],
    IN_TURN,
  ),
  mqtt5('names that differ in case are two groups', SHARED, [
    ...members(['a'], '$share/g/t'),
    ...members(['b'], '$share/G/t'),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    takes({ topic: 't' }, 'a'),
    takes({ topic: 't' }, 'b'),
  ]),
  mqtt5('one name with two filters is two groups', SHARED, [
    ...members(['a'], '$share/g/t/+'),
    ...members(['b'], '$share/g/t/#'),
    connects({}, 'p'),
    publishes({ topic: 't/1', qos: 1 }, 'p'),
    takes({ topic: 't/1' }, 'a'),
    takes({ topic: 't/1' }, 'b'),
  ]),
  mqtt5(
    'one client in two groups gets a copy for each',
    [...SHARED, 'MQTT-3.3.4-5'],
    [
      connects(),
      subscribes('$share/g/t', 1, 'c', [['Subscription Identifier', 1]]),
      subscribes('$share/h/t', 1, 'c', [['Subscription Identifier', 2]]),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ properties: { 'Subscription Identifier': [1] } }),
      takes({ properties: { 'Subscription Identifier': [2] } }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'a client that shares and does not share gets a copy for each',
    [...SHARED, 'MQTT-3.3.4-5'],
    [
      connects(),
      subscribes('t', 1, 'c', [['Subscription Identifier', 1]]),
      subscribes('$share/g/t', 1, 'c', [['Subscription Identifier', 2]]),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ properties: { 'Subscription Identifier': [1] } }),
      takes({ properties: { 'Subscription Identifier': [2] } }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'giving up the shared subscription leaves the other',
    ['MQTT-3.10.4-1'],
    [
      connects(),
      subscribes('t'),
      subscribes('$share/g/t'),
      unsubscribes('$share/g/t'),
      connects({}, 'p'),
      publishes({}, 'p'),
      takes({ topic: 't' }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'giving up the other leaves the shared subscription',
    ['MQTT-3.10.4-1'],
    [
      connects(),
      subscribes('t'),
      subscribes('$share/g/t'),
      unsubscribes('t'),
      connects({}, 'p'),
      publishes({}, 'p'),
      takes({ topic: 't' }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'UNSUBSCRIBE of a group that the client is not in',
    ['MQTT-3.10.4-5', 'MQTT-3.11.3-2'],
    [
      ...members(['a'], '$share/g/t'),
      connects(),
      sends(unsubscribe({ version: 5, filters: ['$share/g/t', 't'] })),
      gets({ type: 'unsuback', codes: [0x11, 0x11] }),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't' }, 'a'),
    ],
  ),
  mqtt5(
    'subscribing again changes the QoS and makes no second member',
    ['MQTT-4.8.2-3'],
    [
      connects(),
      subscribes('$share/g/t', 2),
      subscribes('$share/g/t', 0),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      takes({ qos: 0 }),
      getsNothing(),
    ],
  ),
  mqtt5('the last member leaves: nobody is subscribed', SHARED, [
    ...members(['a'], '$share/g/t'),
    leaves('a'),
    connects({}, 'p'),
    sends(publish({ version: 5, qos: 1 }), 'p'),
    gets({ type: 'puback', code: 0x10 }, 'p'),
  ]),
  mqtt5('a member that is lost with its session: the others get everything', SHARED, [
    ...members(['a', 'b'], '$share/g/t'),
    drops('a'),
    connects({}, 'p'),
    ...['1', '2', '3'].map((payload) => publishes({ qos: 1, payload }, 'p')),
    ...['1', '2', '3'].map((payload) => takes({ payload }, 'b')),
  ]),
  mqtt5('the only member is away: the messages wait for it', SHARED, [
    resumes(false, 'a'),
    subscribes('$share/g/t', 1, 'a'),
    drops('a'),
    connects({}, 'p'),
    publishes({ qos: 1, payload: '1' }, 'p'),
    publishes({ qos: 1, payload: '2' }, 'p'),
    resumes(true, 'a'),
    takes({ payload: '1' }, 'a'),
    takes({ payload: '2' }, 'a'),
  ]),
  mqtt5(
    'a message that was sent and not acknowledged goes to its member again',
    ['MQTT-4.8.2-4', 'MQTT-4.4.0-1'],
    [
      resumes(false, 'a'),
      subscribes('$share/g/t', 2, 'a'),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ type: 'publish', packetId: 1 }, 'a'),
      drops('a'),
      resumes(true, 'a'),
      takes({ packetId: 1, dup: true }, 'a'),
      getsNothing('a'),
    ],
  ),
  mqtt5('a member hears itself', SHARED, [
    connects(),
    subscribes('$share/g/t'),
    sends(publish({ version: 5 })),
    takes({ topic: 't' }),
  ]),
  mqtt5('a will reaches a group', SHARED, [
    ...members(['a'], '$share/g/will'),
    connects({ will: { qos: 1 } }),
    drops(),
    takes({ topic: 'will', qos: 1 }, 'a'),
    getsNothing('a'),
  ]),
  mqtt5(
    'a filter that begins with a wildcard does not match $ topics in a group either',
    ['MQTT-4.7.2-1'],
    [
      connects(),
      subscribes('$share/g/#'),
      subscribes('$share/g/+/t'),
      connects({}, 'p'),
      publishes({ topic: '$other/t' }, 'p'),
      getsNothing(),
      subscribes('$share/g/$other/t'),
      publishes({ topic: '$other/t' }, 'p'),
      takes({ topic: '$other/t' }),
    ],
  ),
  ...[0, AS_PUBLISHED, NEVER, AS_PUBLISHED | NEVER].map((options) =>
    mqtt5(`no retained messages for a group, options ${options.toString(16)}`, SHARED, [
      connects({}, 'p'),
      publishes({ retain: true }, 'p'),
      connects(),
      subscribes('$share/g/t', options),
      getsNothing(),
      publishes({ retain: true }, 'p'),
      takes({ retain: (options & AS_PUBLISHED) !== 0 }),
    ]),
  ),
  mqtt5(
    'shared and other filters in one SUBSCRIBE',
    ['MQTT-3.8.4-5', 'MQTT-3.9.3-1'],
    [
      connects(),
      sends(
        subscribe({
          version: 5,
          filters: [
            ['$share/g/a', 2],
            ['b', 1],
            ['$share//c', 1],
            ['$share/g', 1],
            ['$share/g/d', 0],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [2, 1, 0x8f, 0x8f, 0] }),
    ],
  ),
];

const kept = [
  mqtt5(
    'a shared subscription goes on with its session',
    ['MQTT-3.1.2-5', 'MQTT-4.8.2-3'],
    [
      resumes(false),
      subscribes('$share/g/t', 1),
      drops(),
      resumes(true),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      takes({ qos: 1 }),
    ],
  ),
  ...([1, 2] as const).map((level) =>
    mqtt5(
      `what is on its way with QoS ${level} is completed after UNSUBSCRIBE`,
      ['MQTT-3.10.4-3'],
      [
        connects(),
        subscribes('$share/g/t', level),
        connects({}, 'p'),
        publishes({ qos: level }, 'p'),
        gets({ type: 'publish', packetId: 1 }),
        unsubscribes('$share/g/t'),
        sends(ack(level === 1 ? 'puback' : 'pubrec', { version: 5 })),
        ...(level === 1
          ? []
          : [gets({ type: 'pubrel', packetId: 1 }), sends(ack('pubcomp', { version: 5 }))]),
        getsNothing(),
      ],
    ),
  ),
];

/** Shared subscriptions, MQTT 5 §4.8.2. */
export const groupsTable: Table = { title: 'groups', sequences: [...qos, ...names, ...sharing, ...kept] };

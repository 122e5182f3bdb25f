import { each, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  getsOnly,
  leaves,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
  unsubscribes,
} from '../../steps.js';
import { publish, subscribe, unsubscribe } from '../../wire/write.js';

const QUALITIES = [0, 1, 2] as const;
const ONCE = { 3: [], 4: ['MQTT-3.3.5-1'], 5: ['MQTT-3.3.4-2'] } as const;

const highest = QUALITIES.flatMap((wide) =>
  QUALITIES.flatMap((narrow) =>
    each(`t/# with QoS ${wide} and t/a with QoS ${narrow}`, ONCE, () => [
      connects(),
      subscribes('t/#', wide),
      subscribes('t/a', narrow),
      connects({}, 'p'),
      publishes({ topic: 't/a', qos: 2 }, 'p'),
      takes({ topic: 't/a', qos: Math.max(wide, narrow) }),
      getsNothing(),
    ]),
  ),
);

const together = [
  ...each('five filters that match, one message', ONCE, (version) => [
    connects(),
    sends(
      subscribe({
        version,
        filters: [
          ['#', 0],
          ['+/+/+', 1],
          ['a/#', 0],
          ['a/+/c', 2],
          ['a/b/c', 1],
        ],
      }),
    ),
    gets({ type: 'suback', codes: [0, 1, 0, 2, 1] }),
    connects({}, 'p'),
    publishes({ topic: 'a/b/c', qos: 2 }, 'p'),
    takes({ topic: 'a/b/c', qos: 2 }),
    getsNothing(),
  ]),
  ...each('one message for a session that is away, too', ONCE, () => [
    resumes(false),
    subscribes('a/#', 1),
    subscribes('a/b', 2),
    drops(),
    connects({}, 'p'),
    publishes({ topic: 'a/b', qos: 2 }, 'p'),
    resumes(true),
    takes({ topic: 'a/b', qos: 2 }),
    getsNothing(),
  ]),
  ...each(
    'one of two is unsubscribed, the other goes on',
    { 3: [], 4: ['MQTT-3.10.4-1', 'MQTT-3.10.4-2'], 5: ['MQTT-3.10.4-1', 'MQTT-3.10.4-2'] },
    () => [
      connects(),
      subscribes('a/#', 1),
      subscribes('a/b', 2),
      unsubscribes('a/b'),
      connects({}, 'p'),
      publishes({ topic: 'a/b', qos: 2 }, 'p'),
      takes({ topic: 'a/b', qos: 1 }),
      unsubscribes('a/#'),
      publishes({ topic: 'a/b', qos: 2 }, 'p'),
      getsNothing(),
    ],
  ),
  ...each(
    'subscriptions of different clients have nothing to do with each other',
    { 3: [], 4: ['MQTT-3.8.4-6'], 5: ['MQTT-3.8.4-8'] },
    () => [
      connects({}, 'a'),
      subscribes('t', 0, 'a'),
      connects({}, 'b'),
      subscribes('t', 1, 'b'),
      connects({}, 'd'),
      subscribes('t', 2, 'd'),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      takes({ qos: 0 }, 'a'),
      takes({ qos: 1 }, 'b'),
      takes({ qos: 2 }, 'd'),
      unsubscribes('t', 'b'),
      publishes({ qos: 2 }, 'p'),
      takes({ qos: 0 }, 'a'),
      getsNothing('b'),
      takes({ qos: 2 }, 'd'),
    ],
  ),
];

const REPLACES = { 3: [], 4: ['MQTT-3.8.4-3'], 5: ['MQTT-3.8.4-3'] } as const;

const replaced = [
  ...QUALITIES.flatMap((before) =>
    QUALITIES.flatMap((after) =>
      each(`QoS ${before} and then QoS ${after} for the same filter`, REPLACES, () => [
        connects(),
        subscribes('a/+', before),
        subscribes('a/+', after),
        connects({}, 'p'),
        publishes({ topic: 'a/b', qos: 2 }, 'p'),
        takes({ topic: 'a/b', qos: after }),
        getsNothing(),
        unsubscribes('a/+'),
        publishes({ topic: 'a/b', qos: 2 }, 'p'),
        getsNothing(),
      ]),
    ),
  ),
  ...each(
    'the same filter three times in one SUBSCRIBE: the last one holds',
    { 3: [], 4: ['MQTT-3.8.4-4', 'MQTT-3.8.4-3'], 5: ['MQTT-3.8.4-5', 'MQTT-3.8.4-3'] },
    (version) => [
      connects(),
      sends(
        subscribe({
          version,
          filters: [
            ['t', 0],
            ['t', 2],
            ['t', 1],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [0, 2, 1] }),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      takes({ qos: 1 }),
      getsNothing(),
    ],
  ),
  ...each('a session that goes on subscribes again', REPLACES, () => [
    resumes(false),
    subscribes('t', 2),
    drops(),
    resumes(true),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 2 }, 'p'),
    takes({ qos: 1 }),
    getsNothing(),
  ]),
  ...each('messages go on while a subscription is replaced', REPLACES, (version) => [
    connects(),
    subscribes('t', 1),
    sends(
      Buffer.concat([
        publish({ version, payload: '1' }),
        subscribe({ version, filters: [['t', 0]] }),
        publish({ version, payload: '2' }),
        subscribe({ version, filters: [['t', 2]] }),
        publish({ version, payload: '3' }),
      ]),
    ),
    getsOnly([
      { type: 'publish', payload: '1' },
      { type: 'suback', codes: [0] },
      { type: 'publish', payload: '2' },
      { type: 'suback', codes: [2] },
      { type: 'publish', payload: '3' },
    ]),
  ]),
];

const MANY = Array.from({ length: 300 }, (_, i) => `many/${i}/+`);

const many = [
  ...each(
    'three hundred filters in one SUBSCRIBE and one UNSUBSCRIBE',
    {
      3: [],
      4: ['MQTT-3.8.4-4', 'MQTT-3.9.3-1', 'MQTT-3.10.4-6'],
      5: ['MQTT-3.8.4-5', 'MQTT-3.9.3-1', 'MQTT-3.10.4-6', 'MQTT-3.11.3-1'],
    },
    (version) => [
      connects(),
      sends(subscribe({ version, packetId: 7, filters: MANY.map((filter, i) => [filter, i % 3]) })),
      gets({ type: 'suback', packetId: 7, codes: MANY.map((_, i) => i % 3) }),
      connects({}, 'p'),
      publishes({ topic: 'many/299/x', qos: 2 }, 'p'),
      takes({ topic: 'many/299/x', qos: 2 }),
      sends(unsubscribe({ version, packetId: 8, filters: MANY })),
      gets({ type: 'unsuback', packetId: 8 }),
      publishes({ topic: 'many/299/x', qos: 2 }, 'p'),
      getsNothing(),
    ],
  ),
  ...each(
    'requests with the same packet identifier are answered one by one',
    { 3: [], 4: ['MQTT-2.3.1-7'], 5: ['MQTT-2.2.1-6'] },
    (version) => [
      connects(),
      sends(
        Buffer.concat([
          subscribe({ version, packetId: 5, filters: [['a', 1]] }),
          unsubscribe({ version, packetId: 5, filters: ['a'] }),
          publish({ version, packetId: 5, qos: 1 }),
          subscribe({ version, packetId: 5, filters: [['b', 2]] }),
        ]),
      ),
      getsOnly([
        { type: 'suback', packetId: 5, codes: [1] },
        { type: 'unsuback', packetId: 5 },
        { type: 'puback', packetId: 5 },
        { type: 'suback', packetId: 5, codes: [2] },
      ]),
    ],
  ),
];

const GONE = { 3: [], 4: ['MQTT-3.10.4-1', 'MQTT-3.10.4-2'], 5: ['MQTT-3.10.4-1', 'MQTT-3.10.4-2'] } as const;

const unsubscribed = [
  ...each('# does not stand for all subscriptions', GONE, () => [
    connects(),
    subscribes('a'),
    subscribes('a/b'),
    unsubscribes('#'),
    unsubscribes('+'),
    connects({}, 'p'),
    publishes({ topic: 'a' }, 'p'),
    takes({ topic: 'a' }),
    publishes({ topic: 'a/b' }, 'p'),
    takes({ topic: 'a/b' }),
  ]),
  ...each('a subscription that has been given up does not come back with the session', GONE, () => [
    resumes(false),
    subscribes('a', 1),
    subscribes('b', 1),
    unsubscribes('a'),
    leaves(),
    resumes(true),
    connects({}, 'p'),
    publishes({ topic: 'a', qos: 1 }, 'p'),
    publishes({ topic: 'b', qos: 1 }, 'p'),
    takes({ topic: 'b' }),
    getsNothing(),
  ]),
  ...each('what is published after UNSUBSCRIBE does not wait for a client that is away', GONE, () => [
    resumes(false),
    subscribes('a', 1),
    unsubscribes('a'),
    leaves(),
    connects({}, 'p'),
    publishes({ topic: 'a', qos: 1 }, 'p'),
    resumes(true),
    getsNothing(),
  ]),
  ...each('and subscribed again', { 3: [], 4: ['MQTT-3.8.4-1'], 5: ['MQTT-3.8.4-1'] }, () => [
    connects(),
    subscribes('a', 1),
    unsubscribes('a'),
    subscribes('a', 2),
    connects({}, 'p'),
    publishes({ topic: 'a', qos: 2 }, 'p'),
    takes({ topic: 'a', qos: 2 }),
    getsNothing(),
  ]),
];

/** MQTT 5 §3.3.4, §3.8.4, §3.10.4, MQTT 3.1.1 §3.3.5, §3.8.4, §3.10.4. */
export const overlappingTable: Table = {
  title: 'overlapping and replaced subscriptions',
  sequences: [...highest, ...together, ...replaced, ...many, ...unsubscribed],
};

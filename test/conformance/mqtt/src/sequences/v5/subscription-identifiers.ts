import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  isEnded,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
  unsubscribes,
} from '../../steps.js';
import { type PropertyList, publish, subscribe } from '../../wire/write.js';

const NO_LOCAL = 4;

function id(value: number): PropertyList {
  return [['Subscription Identifier', value]];
}

/** Identifiers of a message, in any order. */
function ids(...values: readonly number[]) {
  return { 'Subscription Identifier': values.length === 0 ? undefined : values };
}

/** The least and greatest of each length of a variable byte integer, MQTT 5 §1.5.5. */
const VALUES = [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455];

const SENT = ['MQTT-3.3.4-3'];

const values = VALUES.map((value) =>
  mqtt5(
    `the subscription identifier ${value}`,
    [...SENT, 'MQTT-1.5.5-1'],
    [
      connects(),
      subscribes('t', 2, 'c', id(value)),
      connects({}, 'p'),
      ...[0, 1, 2].flatMap((qos) => [publishes({ qos }, 'p'), takes({ qos, properties: ids(value) })]),
    ],
  ),
);

const ways = [
  mqtt5('a message that waited has its identifier', SENT, [
    resumes(false),
    subscribes('t', 1, 'c', id(9)),
    drops(),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    resumes(true),
    takes({ properties: ids(9) }),
  ]),
  mqtt5('a message that is sent again has its identifier', SENT, [
    resumes(false),
    subscribes('t', 1, 'c', id(9)),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    gets({ properties: ids(9) }),
    drops(),
    resumes(true),
    takes({ dup: true, properties: ids(9) }),
  ]),
  mqtt5('a will comes with the identifier of those who subscribed to it', SENT, [
    connects({}, 'watch'),
    subscribes('will', 1, 'watch', id(9)),
    connects({ will: {} }),
    drops(),
    takes({ topic: 'will', properties: ids(9) }, 'watch'),
  ]),
  mqtt5('a shared subscription has its identifier', SENT, [
    connects(),
    subscribes('$share/g/t', 1, 'c', id(9)),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    takes({ properties: ids(9) }),
  ]),
  mqtt5(
    'members of a group have identifiers of their own',
    SENT,
    [
      connects({}, 'a'),
      subscribes('$share/g/t', 1, 'a', id(1)),
      connects({}, 'b'),
      subscribes('$share/g/t', 1, 'b', id(2)),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ properties: ids(1) }, 'a'),
      takes({ properties: ids(2) }, 'b'),
    ],
    { sections: { broker: { shared_subscription_strategy: 'round_robin' } } },
  ),
  mqtt5('each client gets the identifiers of its own subscriptions', SENT, [
    connects({}, 'a'),
    subscribes('t', 0, 'a', id(1)),
    connects({}, 'b'),
    subscribes('t', 0, 'b', id(2)),
    connects({}, 'none'),
    subscribes('t', 0, 'none'),
    connects({ version: 4 }, 'old'),
    subscribes('t', 0, 'old'),
    connects({}, 'p'),
    publishes({}, 'p'),
    takes({ properties: ids(1) }, 'a'),
    takes({ properties: ids(2) }, 'b'),
    takes({ properties: ids() }, 'none'),
    takes({ topic: 't' }, 'old'),
  ]),
  mqtt5(
    'all filters of a SUBSCRIBE have its identifier',
    [...SENT, 'MQTT-3.8.4-5'],
    [
      connects(),
      sends(
        subscribe({
          version: 5,
          filters: [
            ['a', 0],
            ['b/#', 0],
          ],
          properties: id(300),
        }),
      ),
      gets({ type: 'suback', codes: [0, 0] }),
      connects({}, 'p'),
      publishes({ topic: 'a' }, 'p'),
      takes({ topic: 'a', properties: ids(300) }),
      publishes({ topic: 'b/c' }, 'p'),
      takes({ topic: 'b/c', properties: ids(300) }),
    ],
  ),
];

/** Several subscriptions that match, each with these identifiers; none where 0. */
function overlapping(filters: readonly (readonly [filter: string, value: number])[]): Step[] {
  return filters.map(([filter, value]) => subscribes(filter, 1, 'c', value === 0 ? [] : id(value)));
}

const several = [
  mqtt5(
    'four identifiers on one message',
    [...SENT, 'MQTT-3.3.4-4'],
    [
      connects(),
      ...overlapping([
        ['a/b/c', 1],
        ['a/b/+', 2],
        ['a/#', 3],
        ['#', 4],
      ]),
      connects({}, 'p'),
      publishes({ topic: 'a/b/c', qos: 1 }, 'p'),
      takes({ topic: 'a/b/c', properties: ids(1, 2, 3, 4) }),
      getsNothing(),
      unsubscribes('a/b/c'),
      unsubscribes('a/#'),
      publishes({ topic: 'a/x/c', qos: 1 }, 'p'),
      takes({ properties: ids(4) }),
      unsubscribes('#'),
      publishes({ topic: 'a/b/d', qos: 1 }, 'p'),
      takes({ properties: ids(2) }),
    ],
  ),
  mqtt5(
    'one of two subscriptions that match has an identifier',
    [...SENT, 'MQTT-3.3.4-4'],
    [
      connects(),
      ...overlapping([
        ['a/b', 5],
        ['a/#', 0],
      ]),
      connects({}, 'p'),
      publishes({ topic: 'a/b', qos: 1 }, 'p'),
      takes({ properties: ids(5) }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'a subscription that does not match does not add its identifier',
    [...SENT, 'MQTT-3.3.4-4'],
    [
      connects(),
      ...overlapping([
        ['a/b', 5],
        ['a/c', 6],
        ['b/#', 7],
      ]),
      connects({}, 'p'),
      publishes({ topic: 'a/b', qos: 1 }, 'p'),
      takes({ properties: ids(5) }),
    ],
  ),
  mqtt5(
    'no local leaves the identifier of its subscription out',
    [...SENT, 'MQTT-3.8.3-3'],
    [
      connects(),
      subscribes('t', NO_LOCAL, 'c', id(1)),
      subscribes('#', 0, 'c', id(2)),
      sends(publish({ version: 5 })),
      takes({ properties: ids(2) }),
      connects({}, 'p'),
      publishes({}, 'p'),
      gets({ type: 'publish' }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'several identifiers go on with the session',
    [...SENT, 'MQTT-3.1.2-5'],
    [
      resumes(false),
      subscribes('a/b', 0, 'c', id(1)),
      subscribes('c', 0, 'c', id(200)),
      drops(),
      resumes(true),
      connects({}, 'p'),
      publishes({ topic: 'c' }, 'p'),
      takes({ properties: ids(200) }),
      publishes({ topic: 'a/b' }, 'p'),
      takes({ properties: ids(1) }),
    ],
  ),
];

const changed = [
  mqtt5(
    'subscribing again without an identifier takes it away',
    ['MQTT-3.8.4-3', 'MQTT-3.3.4-3'],
    [
      connects(),
      subscribes('t', 0, 'c', id(1)),
      subscribes('t', 0, 'c'),
      connects({}, 'p'),
      publishes({}, 'p'),
      takes({ properties: ids() }),
    ],
  ),
  mqtt5(
    'subscribing again with one gives it',
    ['MQTT-3.8.4-3', 'MQTT-3.3.4-3'],
    [
      connects(),
      subscribes('t', 0, 'c'),
      subscribes('t', 0, 'c', id(1)),
      connects({}, 'p'),
      publishes({}, 'p'),
      takes({ properties: ids(1) }),
    ],
  ),
  mqtt5(
    'a message that waits keeps the identifier that it came for',
    ['MQTT-3.8.4-3', 'MQTT-3.3.4-3'],
    [
      resumes(false),
      subscribes('t', 1, 'c', id(1)),
      drops(),
      connects({}, 'p'),
      publishes({ qos: 1, payload: '1' }, 'p'),
      resumes(true),
      takes({ payload: '1', properties: ids(1) }),
      subscribes('t', 1, 'c', id(2)),
      publishes({ qos: 1, payload: '2' }, 'p'),
      takes({ payload: '2', properties: ids(2) }),
    ],
  ),
  mqtt5(
    'a subscription that has been given up leaves no identifier',
    ['MQTT-3.10.4-2', 'MQTT-3.3.4-3'],
    [
      connects(),
      subscribes('t', 0, 'c', id(1)),
      unsubscribes('t'),
      subscribes('t', 0, 'c'),
      connects({}, 'p'),
      publishes({}, 'p'),
      takes({ properties: ids() }),
    ],
  ),
];

const wrong = [
  mqtt5(
    'the subscription identifier 0',
    ['MQTT-4.13.1-1'],
    [connects(), sends(subscribe({ version: 5, filters: [['t', 0]], properties: id(0) })), isEnded(0x82)],
  ),
  mqtt5(
    'two subscription identifiers in one SUBSCRIBE',
    ['MQTT-4.13.1-1'],
    [
      connects(),
      sends(subscribe({ version: 5, filters: [['t', 0]], properties: [...id(1), ...id(2)] })),
      isEnded(0x82),
    ],
  ),
  ...[1, 2].map((qos) =>
    mqtt5(
      `PUBLISH of QoS ${qos} with a subscription identifier`,
      ['MQTT-3.3.4-6'],
      [
        connects({}, 'watch'),
        subscribes('t', 0, 'watch'),
        connects(),
        sends(publish({ version: 5, qos, properties: id(1) })),
        isEnded(0x82),
        getsNothing('watch'),
      ],
    ),
  ),
];

/** Subscription identifiers, MQTT 5 §3.8.2.1.2 and §3.3.2.3.8. */
export const subscriptionIdentifiersTable: Table = {
  title: 'subscription identifiers',
  sequences: [...values, ...ways, ...several, ...changed, ...wrong],
};

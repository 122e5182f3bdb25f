import { each, type Step, type Table } from '../../sequence.js';
import type { Version } from '../../spec/packets.js';
import {
  connects,
  drops,
  getsNothing,
  getsOnly,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, publish } from '../../wire/write.js';

const ORDERED = { 3: [], 4: ['MQTT-4.6.0-5', 'MQTT-4.6.0-6'], 5: ['MQTT-4.6.0-5', 'MQTT-4.6.0-6'] } as const;

const NUMBERS = Array.from({ length: 20 }, (_, i) => i + 1);

/** The numbers as messages of one client, all at once, and the answers to them. */
function burst(version: Version, qos: number, client: string, topic = 't'): Step[] {
  const messages = NUMBERS.map((n) =>
    publish({ version, topic, qos, packetId: n, payload: `${client}${n}` }),
  );
  const type = qos === 1 ? 'puback' : 'pubrec';
  return [
    sends(Buffer.concat(messages), client),
    getsOnly(qos === 0 ? [] : NUMBERS.map((packetId) => ({ type, packetId })), client),
  ];
}

function numbers(client: string, qos: number) {
  return NUMBERS.map((n) => ({ type: 'publish' as const, payload: `${client}${n}`, qos }));
}

const bursts = ([0, 1, 2] as const).flatMap((published) =>
  ([0, 1, 2] as const).flatMap((granted) =>
    each(
      `twenty messages of QoS ${published} at once, for a subscription of QoS ${granted}`,
      ORDERED,
      (version) => [
        connects({}, 'watch'),
        subscribes('t', granted, 'watch'),
        connects({}, 'p'),
        ...burst(version, published, 'p'),
        getsOnly(numbers('p', Math.min(published, granted)), 'watch'),
      ],
    ),
  ),
);

const several = [
  ...each('two publishers: each in its own order', ORDERED, (version) => [
    connects({}, 'watch'),
    subscribes('#', 1, 'watch'),
    connects({}, 'p'),
    connects({}, 'q'),
    ...burst(version, 1, 'p', 'a'),
    ...burst(version, 1, 'q', 'b'),
    getsOnly([...numbers('p', 1), ...numbers('q', 1)].slice(0, 32), 'watch'),
  ]),
  ...each('three subscribers: all in the same order', ORDERED, (version) => [
    ...['a', 'b', 'c'].flatMap((client) => [connects({}, client), subscribes('t', 1, client)]),
    connects({}, 'p'),
    ...burst(version, 1, 'p'),
    ...['a', 'b', 'c'].map((client) => getsOnly(numbers('p', 1), client)),
  ]),
  ...each('a publisher that hears itself', ORDERED, (version) => [
    connects({}, 'p'),
    subscribes('t', 0, 'p'),
    sends(Buffer.concat(NUMBERS.map((n) => publish({ version, payload: `p${n}` }))), 'p'),
    getsOnly(numbers('p', 0), 'p'),
  ]),
  ...each('messages of QoS 1 and 2 take turns', ORDERED, () => [
    connects({}, 'watch'),
    subscribes('t', 2, 'watch'),
    connects({}, 'p'),
    ...[1, 2, 3, 4, 5, 6].map((n) => publishes({ qos: 1 + (n % 2), payload: String(n) }, 'p')),
    getsOnly(
      [1, 2, 3, 4, 5, 6].map((n) => ({ payload: String(n), qos: 1 + (n % 2) })),
      'watch',
    ),
  ]),
  ...each('messages of QoS 0, 1 and 2 take turns while the window is open', ORDERED, () => [
    connects({}, 'watch'),
    subscribes('t', 2, 'watch'),
    connects({}, 'p'),
    ...[0, 1, 2, 0, 1, 2].map((qos, i) => publishes({ qos, payload: String(i) }, 'p')),
    getsOnly(
      [0, 1, 2, 0, 1, 2].map((qos, i) => ({ payload: String(i), qos })),
      'watch',
    ),
  ]),
];

const away = [
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(
      `twenty messages of QoS ${qos} for a client that is away`,
      { 3: [], 4: ['MQTT-4.6.0-6', 'MQTT-3.1.2-5'], 5: ['MQTT-4.6.0-5'] },
      (version) => [
        resumes(false, 'watch'),
        subscribes('t', 2, 'watch'),
        drops('watch'),
        connects({}, 'p'),
        ...burst(version, qos, 'p'),
        resumes(true, 'watch'),
        getsOnly(numbers('p', qos), 'watch'),
      ],
    ),
  ),
  ...each('messages of all QoS for a client that is away come as they were published', ORDERED, () => [
    resumes(false, 'watch'),
    subscribes('t', 2, 'watch'),
    drops('watch'),
    connects({}, 'p'),
    ...[0, 1, 2, 0, 1, 2].map((qos, i) => publishes({ qos, payload: String(i) }, 'p')),
    resumes(true, 'watch'),
    getsOnly(
      [0, 1, 2, 0, 1, 2].map((qos, i) => ({ payload: String(i), qos })),
      'watch',
    ),
  ]),
  ...each(
    'what comes while the client catches up stands behind what waited',
    ORDERED,
    () => [
      resumes(false, 'watch'),
      subscribes('t', 1, 'watch'),
      drops('watch'),
      connects({}, 'p'),
      ...[1, 2, 3].map((n) => publishes({ qos: 1, payload: String(n) }, 'p')),
      resumes(true, 'watch'),
      ...[4, 5].map((n) => publishes({ qos: 1, payload: String(n) }, 'p')),
      ...[1, 2, 3, 4, 5].map((n) => takes({ payload: String(n), dup: false }, 'watch')),
      getsNothing('watch'),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each(
    'acknowledging from the end does not change the order of what is sent again',
    { 3: [], 4: ['MQTT-4.6.0-1'], 5: ['MQTT-4.6.0-1'] },
    (version) => [
      resumes(false),
      subscribes('t', 1),
      connects({}, 'p'),
      ...[1, 2, 3, 4].map((n) => publishes({ qos: 1, payload: String(n) }, 'p')),
      getsOnly([1, 2, 3, 4].map((packetId) => ({ type: 'publish', packetId }))),
      sends(Buffer.concat([4, 2].map((packetId) => ack('puback', { version, packetId })))),
      getsNothing(),
      drops(),
      resumes(true),
      getsOnly([1, 3].map((packetId) => ({ packetId, payload: String(packetId), dup: true }))),
    ],
  ),
  ...each(
    'a packet identifier in use is not given to another message',
    { 3: [], 4: ['MQTT-2.3.1-4'], 5: ['MQTT-2.2.1-4'] },
    (version) => [
      resumes(false),
      subscribes('t', 1),
      connects({}, 'p'),
      ...[1, 2, 3].map((n) => publishes({ qos: 1, payload: String(n) }, 'p')),
      getsOnly([1, 2, 3].map((packetId) => ({ packetId }))),
      sends(Buffer.concat([1, 2].map((packetId) => ack('puback', { version, packetId })))),
      getsNothing(),
      drops(),
      publishes({ qos: 1, payload: '4' }, 'p'),
      resumes(true),
      getsOnly([
        { packetId: 3, payload: '3', dup: true },
        { packetId: 4, payload: '4', dup: false },
      ]),
    ],
  ),
];

/** MQTT 5 §4.6, MQTT 3.1.1 §4.6. */
export const orderingTable: Table = { title: 'ordering', sequences: [...bursts, ...several, ...away] };

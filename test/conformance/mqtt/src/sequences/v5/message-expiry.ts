import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  counts,
  drops,
  gets,
  getsNothing,
  getsOnly,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, type PropertyList } from '../../wire/write.js';

const EVER = 0xffff_ffff;

function expires(seconds: number): PropertyList {
  return [['Message Expiry Interval', seconds]];
}

function left(seconds: number | undefined) {
  return { properties: { 'Message Expiry Interval': seconds === undefined ? undefined : [seconds] } };
}

const LESS = ['MQTT-3.3.2-6'];
const DELETED = ['MQTT-3.3.2-5'];

/** Places where a message waits. */
interface Place {
  readonly name: string;
  /** From the publication to where it waits. */
  readonly before: (properties: PropertyList) => readonly Step[];
  /** What lets it go. */
  readonly after: readonly Step[];
}

const PLACES: readonly Place[] = [
  {
    name: 'in the queue of a client that is away',
    before: (properties) => [
      resumes(false, 'c', {}, 10_000),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      publishes({ qos: 1, properties }, 'p'),
    ],
    after: [resumes(true, 'c', {}, 10_000)],
  },
  {
    name: 'of QoS 2 in the queue of a client that is away',
    before: (properties) => [
      resumes(false, 'c', {}, 10_000),
      subscribes('t', 2),
      drops(),
      connects({}, 'p'),
      publishes({ qos: 2, properties }, 'p'),
    ],
    after: [resumes(true, 'c', {}, 10_000)],
  },
  {
    name: 'of QoS 0 in the queue of a client that is away',
    before: (properties) => [
      resumes(false, 'c', {}, 10_000),
      subscribes('t', 0),
      drops(),
      connects({}, 'p'),
      publishes({ properties }, 'p'),
    ],
    after: [resumes(true, 'c', {}, 10_000)],
  },
  {
    name: 'retained',
    before: (properties) => [connects({}, 'p'), publishes({ retain: true, properties }, 'p'), connects()],
    after: [subscribes('t', 1)],
  },
  {
    name: 'behind a full window',
    before: (properties) => [
      connects({ properties: [['Receive Maximum', 1]] }),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1, payload: 'first' }, 'p'),
      gets({ payload: 'first', packetId: 1 }),
      publishes({ qos: 1, properties }, 'p'),
    ],
    after: [sends(ack('puback', { version: 5, packetId: 1 }))],
  },
  {
    name: 'for a group whose member is away',
    before: (properties) => [
      resumes(false, 'c', {}, 10_000),
      subscribes('$share/g/t', 1),
      drops(),
      connects({}, 'p'),
      publishes({ qos: 1, properties }, 'p'),
    ],
    after: [resumes(true, 'c', {}, 10_000)],
  },
];

const places = PLACES.flatMap(({ name, before, after }) => [
  ...[60, 3600].map((seconds) =>
    mqtt5(`a message ${name} has less of its ${seconds} s left`, LESS, [
      ...before(expires(seconds)),
      passes(25),
      ...after,
      takes({ payload: 'x', ...left(seconds - 25) }),
    ]),
  ),
  mqtt5(`a message ${name} is deleted when it has expired`, DELETED, [
    ...before(expires(60)),
    passes(62),
    ...after,
    getsNothing(),
  ]),
  mqtt5(`a message ${name} without an interval does not expire`, LESS, [
    ...before([]),
    passes(5000),
    ...after,
    takes({ payload: 'x', ...left(undefined) }),
  ]),
  mqtt5(`a message ${name} with the greatest interval`, LESS, [
    ...before(expires(EVER)),
    passes(100),
    ...after,
    takes({ payload: 'x', ...left(EVER - 100) }),
  ]),
]);

const more = [
  ...[1, 60, EVER].map((seconds) =>
    mqtt5(`a message with ${seconds} s that does not wait`, LESS, [
      connects(),
      subscribes('t'),
      connects({}, 'p'),
      publishes({ properties: expires(seconds) }, 'p'),
      takes(left(seconds)),
    ]),
  ),
  mqtt5('a message that is sent again has less left', LESS, [
    resumes(false),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1, properties: expires(60) }, 'p'),
    gets(left(60)),
    drops(),
    passes(25),
    resumes(true),
    takes({ dup: true, ...left(35) }),
  ]),
  mqtt5(
    'each of several has its own interval',
    [...LESS, ...DELETED],
    [
      resumes(false),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      ...[30, 10, 40, 20].map((seconds) =>
        publishes({ qos: 1, payload: String(seconds), properties: expires(seconds) }, 'p'),
      ),
      passes(25),
      resumes(true),
      takes({ payload: '30', ...left(5) }),
      takes({ payload: '40', ...left(15) }),
      getsNothing(),
      counts('delivery.dropped.expired', 2),
    ],
  ),
  mqtt5(
    'an older client gets no interval, and nothing that has expired',
    [...LESS, ...DELETED],
    [
      connects({ version: 4, cleanStart: false }, 'old'),
      subscribes('t', 1, 'old'),
      drops('old'),
      connects({}, 'p'),
      publishes({ qos: 1, payload: 'short', properties: expires(10) }, 'p'),
      publishes({ qos: 1, payload: 'long', properties: expires(60) }, 'p'),
      passes(20),
      connects({ version: 4, cleanStart: false }, 'old', { sessionPresent: true }),
      takes({ payload: 'long' }, 'old'),
      getsNothing('old'),
    ],
  ),
  mqtt5(
    'a retained message that has expired makes no room for the one before',
    [...DELETED, 'MQTT-3.3.1-5'],
    [
      connects({}, 'p'),
      publishes({ retain: true, payload: 'before' }, 'p'),
      publishes({ retain: true, payload: 'after', properties: expires(10) }, 'p'),
      passes(12),
      connects(),
      subscribes('t'),
      getsNothing(),
    ],
  ),
  mqtt5(
    'a retained message that replaces one with an interval does not expire with it',
    ['MQTT-3.3.1-5'],
    [
      connects({}, 'p'),
      publishes({ retain: true, payload: 'short', properties: expires(10) }, 'p'),
      publishes({ retain: true, payload: 'kept' }, 'p'),
      passes(12),
      connects(),
      subscribes('t'),
      takes({ payload: 'kept', ...left(undefined) }),
    ],
  ),
  mqtt5('two clients who come at different times', LESS, [
    connects({}, 'p'),
    publishes({ retain: true, properties: expires(60) }, 'p'),
    passes(10),
    connects({}, 'a'),
    subscribes('t', 0, 'a'),
    takes(left(50), 'a'),
    passes(10),
    connects({}, 'b'),
    subscribes('t', 0, 'b'),
    takes(left(40), 'b'),
  ]),
  mqtt5('a will that waits for nobody expires', DELETED, [
    resumes(false, 'watch'),
    subscribes('will', 1, 'watch'),
    drops('watch'),
    connects({ will: { qos: 1, properties: expires(10) } }),
    drops(),
    passes(12),
    resumes(true, 'watch'),
    getsNothing('watch'),
  ]),
  mqtt5('a retained will expires', DELETED, [
    connects({ will: { retain: true, properties: expires(10) } }),
    drops(),
    connects({}, 'early'),
    subscribes('will', 0, 'early'),
    takes({ topic: 'will', retain: true, ...left(10) }, 'early'),
    passes(12),
    connects({}, 'late'),
    subscribes('will', 0, 'late'),
    getsNothing('late'),
  ]),
  mqtt5(
    'an expired message does not hold up those behind it',
    [...DELETED, 'MQTT-4.6.0-5'],
    [
      connects({ properties: [['Receive Maximum', 1]] }),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1, payload: '1' }, 'p'),
      publishes({ qos: 1, payload: '2', properties: expires(5) }, 'p'),
      publishes({ qos: 1, payload: '3' }, 'p'),
      getsOnly([{ payload: '1', packetId: 1 }]),
      passes(7),
      sends(ack('puback', { version: 5, packetId: 1 })),
      takes({ payload: '3' }),
      getsNothing(),
    ],
  ),
  ...([1, 2] as const).map((qos) =>
    mqtt5(
      `a message of QoS ${qos} that was sent and has expired meanwhile is sent again`,
      ['MQTT-4.3.3-7', 'MQTT-4.4.0-1'],
      [
        resumes(false),
        subscribes('t', qos),
        connects({}, 'p'),
        publishes({ qos, properties: expires(10) }, 'p'),
        gets({ qos, packetId: 1 }),
        drops(),
        passes(20),
        resumes(true),
        takes({ qos, packetId: 1, dup: true }),
        getsNothing(),
      ],
    ),
  ),
];

/** The Message Expiry Interval, MQTT 5 §3.3.2.3.3. */
export const messageExpiryTable: Table = { title: 'message expiry', sequences: [...places, ...more] };

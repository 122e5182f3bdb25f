import { each, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  getsOnly,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
  unsubscribes,
} from '../../steps.js';
import { ack, publish, subscribe } from '../../wire/write.js';

const REACHES = { 3: [], 4: ['MQTT-3.3.1-6', 'MQTT-3.3.1-8'], 5: ['MQTT-3.3.1-9'] } as const;

/** A message that is kept for `t`, or another topic. */
function kept(topic = 't', qos = 0, payload = 'kept'): Step[] {
  return [connects({}, 'p'), publishes({ topic, qos, retain: true, payload }, 'p')];
}

const qualities = ([0, 1, 2] as const).flatMap((published) =>
  ([0, 1, 2] as const).flatMap((granted) =>
    each(
      `retained with QoS ${published}, subscribed with ${granted}`,
      { 3: [], 4: ['MQTT-3.3.1-5', 'MQTT-3.8.4-6'], 5: ['MQTT-3.3.1-5', 'MQTT-3.8.4-8'] },
      () => [
        ...kept('t', published),
        connects(),
        subscribes('t', granted),
        takes({ payload: 'kept', qos: Math.min(published, granted), retain: true, dup: false }),
        getsNothing(),
      ],
    ),
  ),
);

/** Filters, and which of these topics they find. */
const TOPICS = ['a', 'a/b', 'a/b/c', '/a', 'b', '$own/a'];
const FINDS: Readonly<Record<string, readonly string[]>> = {
  '#': ['a', 'a/b', 'a/b/c', '/a', 'b'],
  '+': ['a', 'b'],
  'a/#': ['a', 'a/b', 'a/b/c'],
  'a/+': ['a/b'],
  'a/+/#': ['a/b', 'a/b/c'],
  '+/b': ['a/b'],
  '+/+': ['a/b', '/a'],
  '/+': ['/a'],
  '/#': ['/a'],
  '+/a': ['/a'],
  '$own/#': ['$own/a'],
  '$own/+': ['$own/a'],
  'a/b/c': ['a/b/c'],
  'c/#': [],
};

const found = Object.entries(FINDS).flatMap(([filter, topics]) =>
  each(
    `the filter ${filter} finds ${topics.length} of ${TOPICS.length} retained messages`,
    { 3: [], 4: ['MQTT-3.3.1-6', 'MQTT-3.3.2-3'], 5: ['MQTT-3.3.1-9', 'MQTT-3.3.2-3'] },
    () => [
      connects({}, 'p'),
      ...TOPICS.map((topic) => publishes({ topic, retain: true, payload: topic }, 'p')),
      connects(),
      subscribes(filter),
      getsInAnyOrder(topics),
    ],
  ),
);

/** Exactly these topics, of which no standard says which comes first. */
function getsInAnyOrder(topics: readonly string[]): Step {
  return {
    what: `gets ${topics.join(', ')}`,
    run: async (stage) => {
      const packets = await stage.client('c').receiveAll();
      const came = packets.map(({ topic }) => topic);
      if (came.toSorted().join() !== topics.toSorted().join()) throw new Error(`came: ${came.join(', ')}`);
    },
  };
}

const changes = [
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(
      `an empty message of QoS ${qos} deletes what is retained`,
      { 3: [], 4: ['MQTT-3.3.1-10', 'MQTT-3.3.1-11'], 5: ['MQTT-3.3.1-6', 'MQTT-3.3.1-7'] },
      () => [
        ...kept('t', 2),
        publishes({ qos, retain: true, payload: '' }, 'p'),
        connects(),
        subscribes('t', 2),
        getsNothing(),
      ],
    ),
  ),
  ...([0, 1, 2] as const).flatMap((first) =>
    ([0, 1, 2] as const).flatMap((second) =>
      each(
        `a retained message of QoS ${second} takes the place of one of QoS ${first}`,
        { 3: [], 4: ['MQTT-3.3.1-5', 'MQTT-3.3.1-7'], 5: ['MQTT-3.3.1-5'] },
        () => [
          ...kept('t', first, 'old'),
          publishes({ qos: second, retain: true, payload: 'new' }, 'p'),
          connects(),
          subscribes('t', 2),
          takes({ payload: 'new', qos: second, retain: true }),
          getsNothing(),
        ],
      ),
    ),
  ),
  ...each('deleting what is not there', { 3: [], 4: ['MQTT-3.3.1-11'], 5: ['MQTT-3.3.1-7'] }, () => [
    connects({}, 'p'),
    publishes({ qos: 1, retain: true, payload: '' }, 'p'),
    connects(),
    subscribes('#', 1),
    getsNothing(),
  ]),
  ...each('one topic is deleted, its neighbours are not', REACHES, () => [
    ...kept('a/b', 0, '1'),
    publishes({ topic: 'a', retain: true, payload: '2' }, 'p'),
    publishes({ topic: 'a/b/c', retain: true, payload: '3' }, 'p'),
    publishes({ topic: 'a/b', retain: true, payload: '' }, 'p'),
    connects(),
    subscribes('#'),
    getsInAnyOrder(['a', 'a/b/c']),
  ]),
  ...each('a retained message that is set again after it was deleted', REACHES, () => [
    ...kept('t', 0, 'old'),
    publishes({ retain: true, payload: '' }, 'p'),
    publishes({ retain: true, payload: 'new' }, 'p'),
    connects(),
    subscribes('t'),
    takes({ payload: 'new', retain: true }),
  ]),
  ...each(
    'a duplicate of QoS 2 does not bring back what has been deleted',
    { 3: [], 4: ['MQTT-4.3.3-2'], 5: ['MQTT-4.3.3-10'] },
    (version) => [
      connects({}, 'p'),
      sends(publish({ version, qos: 2, packetId: 5, retain: true }), 'p'),
      gets({ type: 'pubrec', packetId: 5 }, 'p'),
      connects({}, 'q'),
      publishes({ retain: true, payload: '' }, 'q'),
      sends(publish({ version, qos: 2, packetId: 5, retain: true, dup: true }), 'p'),
      gets({ type: 'pubrec', packetId: 5 }, 'p'),
      connects(),
      subscribes('t'),
      getsNothing(),
    ],
  ),
];

const subscribers = [
  ...each('the retained message of two clients is the last', REACHES, () => [
    ...kept('t', 1, 'first'),
    connects({}, 'q'),
    publishes({ qos: 1, retain: true, payload: 'last' }, 'q'),
    connects(),
    subscribes('t', 1),
    takes({ payload: 'last' }),
    getsNothing(),
  ]),
  ...each('a publisher gets its own retained message', REACHES, () => [
    connects(),
    publishes({ retain: true, payload: 'own' }),
    subscribes('t'),
    takes({ payload: 'own', retain: true }),
  ]),
  ...each(
    'a session that goes on gets no retained messages anew',
    { 3: [], 4: ['MQTT-3.3.1-6'], 5: ['MQTT-3.3.1-9'] },
    () => [
      ...kept(),
      resumes(false),
      subscribes('t'),
      takes({ retain: true }),
      drops(),
      resumes(true),
      getsNothing(),
    ],
  ),
  ...each(
    'what is retained while a session waits comes to it as a message like others',
    { 3: [], 4: ['MQTT-3.3.1-9', 'MQTT-3.1.2-5'], 5: ['MQTT-3.3.1-12'] },
    () => [
      resumes(false),
      subscribes('t', 1),
      drops(),
      ...kept('t', 1),
      resumes(true),
      takes({ payload: 'kept', qos: 1, retain: false }),
      getsNothing(),
    ],
  ),
  ...each(
    'a retained message without PUBACK comes again with DUP and RETAIN',
    { 3: [], 4: ['MQTT-4.4.0-1', 'MQTT-3.3.1-8'], 5: ['MQTT-4.4.0-1'] },
    () => [
      ...kept('t', 1),
      resumes(false),
      subscribes('t', 1),
      gets({ payload: 'kept', packetId: 1, dup: false, retain: true }),
      drops(),
      resumes(true),
      takes({ payload: 'kept', packetId: 1, dup: true, retain: true }),
    ],
  ),
  ...each('a subscription after UNSUBSCRIBE is new', REACHES, () => [
    ...kept(),
    connects(),
    subscribes('t'),
    takes({ retain: true }),
    unsubscribes('t'),
    subscribes('t'),
    takes({ retain: true }),
    getsNothing(),
  ]),
  ...each('a session that was discarded gets them anew', REACHES, () => [
    ...kept(),
    resumes(false),
    subscribes('t'),
    takes({ retain: true }),
    drops(),
    connects(),
    subscribes('t'),
    takes({ retain: true }),
  ]),
  ...each(
    'two filters of one SUBSCRIBE that find the same message',
    { 3: [], 4: ['MQTT-3.8.4-4', 'MQTT-3.3.1-6'], 5: ['MQTT-3.8.4-5', 'MQTT-3.3.1-9'] },
    (version) => [
      ...kept('a/b'),
      connects(),
      sends(
        subscribe({
          version,
          filters: [
            ['a/#', 0],
            ['a/+', 0],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [0, 0] }),
      takes({ topic: 'a/b', retain: true }),
      takes({ topic: 'a/b', retain: true }),
      getsNothing(),
    ],
  ),
  ...each(
    'fifty retained messages of QoS 1 through a window of two',
    REACHES,
    () => [
      connects({}, 'p'),
      ...Array.from({ length: 50 }, (_, i) => publishes({ topic: `a/${i}`, qos: 1, retain: true }, 'p')),
      connects(),
      subscribes('a/+', 1),
      ...Array.from({ length: 50 }, () => takes({ qos: 1, retain: true, dup: false })),
      getsNothing(),
    ],
    { config: { max_inflight: 2 } },
  ),
  ...each(
    'retained messages that are not acknowledged stop at the window, others of QoS 0 go on',
    { 3: [], 4: [], 5: ['MQTT-4.9.0-3'] },
    (version) => [
      connects({}, 'p'),
      publishes({ topic: 'a/1', qos: 1, retain: true }, 'p'),
      publishes({ topic: 'a/2', qos: 1, retain: true }, 'p'),
      connects(),
      subscribes('a/+', 1),
      getsOnly([{ packetId: 1, retain: true }]),
      subscribes('t'),
      publishes({ topic: 't' }, 'p'),
      getsOnly([{ topic: 't', qos: 0 }]),
      sends(ack('puback', { version, packetId: 1 })),
      getsOnly([{ packetId: 2, retain: true }]),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each(
    'a refused subscription gets nothing',
    { 3: [], 4: ['MQTT-3.8.4-5'], 5: ['MQTT-3.8.4-7'] },
    (version) => [
      ...kept('closed/t'),
      connects(),
      sends(subscribe({ version, filters: [['closed/t', 0]] })),
      gets({ type: 'suback', codes: [version === 5 ? 0x87 : 0x80] }),
      getsNothing(),
    ],
    { sections: { access: { acl: [{ permit: 'deny', action: 'subscribe', topics: ['closed/#'] }] } } },
  ),
  ...each(
    'what may not be published is not retained',
    { 3: [], 4: ['MQTT-3.3.5-2'], 5: [] },
    (version) => [
      connects({}, 'p'),
      sends(publish({ version, topic: 'closed/t', qos: 1, retain: true }), 'p'),
      gets({ type: 'puback' }, 'p'),
      connects(),
      subscribes('#'),
      getsNothing(),
    ],
    { sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed/#'] }] } } },
  ),
];

/** MQTT 5 §3.3.1.3, MQTT 3.1.1 §3.3.1.3. */
export const retainedTable: Table = {
  title: 'retained messages',
  sequences: [...qualities, ...found, ...changes, ...subscribers],
};

import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  getsOnly,
  isEnded,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
  unsubscribes,
} from '../../steps.js';
import { publish, subscribe } from '../../wire/write.js';

interface Options {
  readonly qos: number;
  readonly noLocal: boolean;
  readonly asPublished: boolean;
  /** Retain Handling: 0 each time, 1 when the subscription is new, 2 never. */
  readonly handling: number;
}

const NO_LOCAL = 4;
const AS_PUBLISHED = 8;
const ONLY_NEW = 0x10;
const NEVER = 0x20;

const COMBINATIONS: readonly Options[] = [0, 1, 2].flatMap((qos) =>
  [false, true].flatMap((noLocal) =>
    [false, true].flatMap((asPublished) =>
      [0, 1, 2].map((handling) => ({ qos, noLocal, asPublished, handling })),
    ),
  ),
);

/** The Subscription Options byte, MQTT 5 §3.8.3.1. */
function bits({ qos, noLocal, asPublished, handling }: Options): number {
  return qos | (noLocal ? NO_LOCAL : 0) | (asPublished ? AS_PUBLISHED : 0) | (handling << 4);
}

function shown({ noLocal, asPublished, handling }: Options): string[] {
  return [
    ...(noLocal ? ['MQTT-3.8.3-3'] : []),
    asPublished ? 'MQTT-3.3.1-13' : 'MQTT-3.3.1-12',
    ['MQTT-3.3.1-9', 'MQTT-3.3.1-10', 'MQTT-3.3.1-11'][handling] ?? '',
    'MQTT-3.8.4-8',
  ];
}

/** A retained message as a new subscription gets it: with RETAIN, whatever Retain As Published says. */
function kept(qos: number, comes: boolean): Step {
  return comes ? takes({ payload: 'kept', qos, retain: true, dup: false }) : getsNothing();
}

/** What becomes of a retained message, of the client's own and of what others publish. */
function all(options: Options): Step[] {
  const { qos, noLocal, asPublished, handling } = options;
  return [
    connects({}, 'p'),
    publishes({ topic: 'kept/t', retain: true, qos: 2, payload: 'kept' }, 'p'),
    connects(),
    subscribes('+/t', bits(options)),
    kept(qos, handling < 2),
    subscribes('+/t', bits(options)),
    kept(qos, handling === 0),
    sends(publish({ version: 5, topic: 'own/t', retain: true, payload: 'own' })),
    noLocal ? getsNothing() : takes({ payload: 'own', qos: 0, retain: asPublished }),
    publishes({ topic: 'live/t', retain: true, qos: 2, payload: 'live' }, 'p'),
    takes({ payload: 'live', qos, retain: asPublished }),
    publishes({ topic: 'plain/t', qos: 2, payload: 'plain' }, 'p'),
    takes({ payload: 'plain', qos, retain: false }),
    getsNothing(),
  ];
}

const combinations = COMBINATIONS.map((options) => {
  const { qos, noLocal, asPublished, handling } = options;
  const flags = `${noLocal ? 'no local, ' : ''}${asPublished ? 'retain as published, ' : ''}`;
  return mqtt5(
    `subscribed with QoS ${qos}, ${flags}retain handling ${handling}`,
    shown(options),
    all(options),
  );
});

const keepsOne: readonly Step[] = [connects({}, 'p'), publishes({ retain: true, payload: 'kept' }, 'p')];

const handlings = [
  mqtt5(
    'retain handling 1 in a session that goes on',
    ['MQTT-3.3.1-10'],
    [
      ...keepsOne,
      resumes(false),
      subscribes('t', ONLY_NEW),
      takes({ payload: 'kept', retain: true }),
      drops(),
      resumes(true),
      getsNothing(),
      subscribes('t', ONLY_NEW),
      getsNothing(),
    ],
  ),
  mqtt5(
    'retain handling 1 in a session that begins anew',
    ['MQTT-3.3.1-10'],
    [
      ...keepsOne,
      resumes(false),
      subscribes('t', ONLY_NEW),
      takes({ payload: 'kept' }),
      connects(),
      subscribes('t', ONLY_NEW),
      takes({ payload: 'kept' }),
    ],
  ),
  mqtt5(
    'retain handling 0 in a session that goes on',
    ['MQTT-3.3.1-9', 'MQTT-3.8.4-4'],
    [
      ...keepsOne,
      resumes(false),
      subscribes('t'),
      takes({ payload: 'kept' }),
      drops(),
      resumes(true),
      getsNothing(),
      subscribes('t'),
      takes({ payload: 'kept', retain: true }),
    ],
  ),
  mqtt5(
    'retain handling 1 of a subscription that was made with 2',
    ['MQTT-3.3.1-10'],
    [...keepsOne, connects(), subscribes('t', NEVER), subscribes('t', ONLY_NEW), getsNothing()],
  ),
  mqtt5(
    'retain handling 1: other options do not make a subscription new',
    ['MQTT-3.3.1-10'],
    [
      ...keepsOne,
      connects(),
      subscribes('t', ONLY_NEW),
      takes({ payload: 'kept' }),
      subscribes('t', ONLY_NEW | NO_LOCAL | AS_PUBLISHED | 2, 'c', [['Subscription Identifier', 5]]),
      getsNothing(),
    ],
  ),
  mqtt5(
    'retain handling 1: another filter is new',
    ['MQTT-3.3.1-10'],
    [
      ...keepsOne,
      connects(),
      subscribes('t', ONLY_NEW),
      takes({ payload: 'kept' }),
      subscribes('+', ONLY_NEW),
      takes({ payload: 'kept' }),
    ],
  ),
  mqtt5(
    'each filter of a SUBSCRIBE has its retain handling',
    ['MQTT-3.3.1-9', 'MQTT-3.3.1-11', 'MQTT-3.8.4-5'],
    [
      connects({}, 'p'),
      ...['a', 'b', 'c'].map((topic) => publishes({ topic, retain: true, payload: topic }, 'p')),
      connects(),
      subscribes('b', ONLY_NEW),
      takes({ topic: 'b' }),
      sends(
        subscribe({
          version: 5,
          filters: [
            ['a', NEVER],
            ['b', ONLY_NEW],
            ['c', 0],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [0, 0, 0] }),
      takes({ topic: 'c', retain: true }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'retained messages come after the SUBACK',
    ['MQTT-3.3.1-9', 'MQTT-3.8.4-1'],
    [
      connects({}, 'p'),
      ...['a', 'b', 'c'].map((topic) => publishes({ topic, retain: true }, 'p')),
      connects(),
      sends(subscribe({ version: 5, packetId: 6, filters: [['+', 0]] })),
      gets({ type: 'suback', packetId: 6 }),
      getsOnly([{ type: 'publish' }, { type: 'publish' }, { type: 'publish' }]),
    ],
  ),
  mqtt5(
    'retained messages of two filters come for each of them',
    ['MQTT-3.3.1-9', 'MQTT-3.8.4-5'],
    [
      ...keepsOne,
      connects(),
      sends(
        subscribe({
          version: 5,
          filters: [
            ['t', 0],
            ['#', 0],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [0, 0] }),
      takes({ payload: 'kept' }),
      takes({ payload: 'kept' }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'a subscription that is refused gets no retained messages',
    ['MQTT-3.8.4-7'],
    [
      ...keepsOne,
      connects(),
      sends(subscribe({ version: 5, filters: [['t', 0]] })),
      getsOnly([{ type: 'suback', codes: [0x87] }]),
    ],
    { sections: { access: { acl: [{ permit: 'deny', action: 'subscribe', topics: ['t'] }] } } },
  ),
];

const local = [
  mqtt5(
    'no local: not a retained message of its own either',
    ['MQTT-3.8.3-3'],
    [
      connects(),
      publishes({ retain: true }),
      subscribes('t', NO_LOCAL),
      getsNothing(),
      connects({}, 'other'),
      subscribes('t', NO_LOCAL, 'other'),
      takes({ retain: true }, 'other'),
    ],
  ),
  ...([0, 1, 2] as const).map((qos) =>
    mqtt5(
      `no local holds for QoS ${qos}`,
      ['MQTT-3.8.3-3'],
      [connects(), subscribes('t', NO_LOCAL | 2), publishes({ qos }), getsNothing()],
    ),
  ),
  mqtt5(
    'no local holds in a session that goes on',
    ['MQTT-3.8.3-3', 'MQTT-3.1.2-5'],
    [
      resumes(false),
      subscribes('t', NO_LOCAL),
      drops(),
      resumes(true),
      publishes({ payload: 'own' }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'no local of one filter does not hold for another',
    ['MQTT-3.8.3-3', 'MQTT-3.3.4-2'],
    [
      connects(),
      subscribes('t', NO_LOCAL | 2),
      subscribes('#', 1),
      sends(publish({ version: 5, payload: 'own' })),
      takes({ payload: 'own' }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'subscribing again takes no local back',
    ['MQTT-3.8.3-3', 'MQTT-3.8.4-3'],
    [
      connects(),
      subscribes('t', NO_LOCAL),
      subscribes('t'),
      sends(publish({ version: 5, payload: 'own' })),
      takes({ payload: 'own' }),
    ],
  ),
  mqtt5(
    'no local is about the client identifier, not about the user',
    ['MQTT-3.8.3-3'],
    [
      connects({ username: 'ann' }),
      subscribes('t', NO_LOCAL),
      connects({ username: 'ann' }, 'other'),
      publishes({}, 'other'),
      takes({ topic: 't' }),
    ],
  ),
  mqtt5(
    'no local in one of several shared subscriptions: none of them is made',
    ['MQTT-3.8.3-4'],
    [
      connects(),
      sends(
        subscribe({
          version: 5,
          filters: [
            ['t', NO_LOCAL],
            ['$share/g/t', NO_LOCAL | 1],
          ],
        }),
      ),
      isEnded(0x82),
    ],
  ),
];

const published = [
  mqtt5(
    'retain as published: a message that waits keeps RETAIN',
    ['MQTT-3.3.1-13'],
    [
      resumes(false),
      subscribes('t', AS_PUBLISHED | 1),
      drops(),
      connects({}, 'p'),
      publishes({ retain: true, qos: 1, payload: '1' }, 'p'),
      publishes({ retain: false, qos: 1, payload: '2' }, 'p'),
      resumes(true),
      takes({ payload: '1', retain: true }),
      takes({ payload: '2', retain: false }),
    ],
  ),
  mqtt5(
    'without it a message that waits has none',
    ['MQTT-3.3.1-12'],
    [
      resumes(false),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      publishes({ retain: true, qos: 1 }, 'p'),
      resumes(true),
      takes({ retain: false }),
    ],
  ),
  mqtt5(
    'retain as published: sent again it still has RETAIN',
    ['MQTT-3.3.1-13', 'MQTT-3.3.1-1'],
    [
      resumes(false),
      subscribes('t', AS_PUBLISHED | 1),
      connects({}, 'p'),
      publishes({ retain: true, qos: 1 }, 'p'),
      gets({ retain: true, dup: false }),
      drops(),
      resumes(true),
      takes({ retain: true, dup: true }),
    ],
  ),
  mqtt5(
    'retain as published on a shared subscription',
    ['MQTT-3.3.1-13'],
    [
      connects(),
      subscribes('$share/g/t', AS_PUBLISHED),
      connects({}, 'p'),
      publishes({ retain: true }, 'p'),
      takes({ retain: true }),
    ],
  ),
  mqtt5(
    'an empty retained message, retain as published',
    ['MQTT-3.3.1-6', 'MQTT-3.3.1-13'],
    [
      connects(),
      subscribes('t', AS_PUBLISHED),
      connects({}, 'p'),
      publishes({ retain: true, payload: '' }, 'p'),
      takes({ payload: '', retain: true }),
    ],
  ),
  mqtt5(
    'after UNSUBSCRIBE the options are forgotten',
    ['MQTT-3.10.4-1', 'MQTT-3.3.1-12'],
    [
      connects(),
      subscribes('t', AS_PUBLISHED | NO_LOCAL | 2),
      unsubscribes('t'),
      subscribes('t'),
      sends(publish({ version: 5, retain: true, qos: 0, payload: 'own' })),
      takes({ payload: 'own', retain: false, qos: 0 }),
    ],
  ),
];

/** No Local, Retain As Published and Retain Handling, MQTT 5 §3.8.3.1 and §3.3.1.3. */
export const subscriptionOptionsTable: Table = {
  title: 'subscription options',
  sequences: [...combinations, ...handlings, ...local, ...published],
};

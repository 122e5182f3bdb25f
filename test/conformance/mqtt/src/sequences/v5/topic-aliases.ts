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
} from '../../steps.js';
import { ack, type PropertyList, type Publish, publish } from '../../wire/write.js';

const watch: readonly Step[] = [connects({}, 'watch'), subscribes('#', 2, 'watch')];

/** A message with an alias; to the topic that it stands for unless told otherwise. */
function aliased(alias: number, fields: Omit<Publish, 'version'> = {}): Step {
  const properties: PropertyList = [['Topic Alias', alias]];
  return sends(publish({ version: 5, topic: '', ...fields, properties }));
}

const ACCEPTED = ['MQTT-3.3.2-12'];

const accepted = [
  ...[1, 2, 31, 32].map((alias) =>
    mqtt5(`alias ${alias} of 32`, ACCEPTED, [
      ...watch,
      connects({}, 'c', { properties: { 'Topic Alias Maximum': [32] } }),
      aliased(alias, { topic: 'some/topic', payload: '1' }),
      aliased(alias, { payload: '2' }),
      getsNothing(),
      takes({ topic: 'some/topic', payload: '1', properties: { 'Topic Alias': undefined } }, 'watch'),
      takes({ topic: 'some/topic', payload: '2', properties: { 'Topic Alias': undefined } }, 'watch'),
    ]),
  ),
  ...[1, 255, 256, 65_535].map((maximum) =>
    mqtt5(
      `the greatest alias, ${maximum}, and the next one`,
      [...ACCEPTED, 'MQTT-4.13.1-1'],
      [
        ...watch,
        connects({}, 'c', { properties: { 'Topic Alias Maximum': [maximum] } }),
        aliased(maximum, { topic: 'some/topic' }),
        aliased(maximum),
        getsNothing(),
        getsOnly([{ topic: 'some/topic' }, { topic: 'some/topic' }], 'watch'),
        ...(maximum < 65_535 ? [aliased(maximum + 1, { topic: 'some/topic' }), isEnded(0x94)] : []),
        getsNothing('watch'),
      ],
      { config: { max_topic_alias: maximum } },
    ),
  ),
  ...([1, 2] as const).map((qos) =>
    mqtt5(`an alias in messages of QoS ${qos}`, ACCEPTED, [
      ...watch,
      connects(),
      aliased(1, { topic: 'some/topic', qos, packetId: 1 }),
      aliased(1, { qos, packetId: 2, payload: 'second' }),
      getsOnly([1, 2].map((packetId) => ({ type: qos === 1 ? 'puback' : 'pubrec', packetId, code: 0 }))),
      takes({ topic: 'some/topic', qos }, 'watch'),
      takes({ topic: 'some/topic', qos, payload: 'second' }, 'watch'),
    ]),
  ),
  mqtt5('all thirty-two aliases at once', ACCEPTED, [
    ...watch,
    connects(),
    ...Array.from({ length: 32 }, (_, i) => aliased(i + 1, { topic: `topic/${i + 1}` })),
    ...Array.from({ length: 32 }, (_, i) => aliased(32 - i)),
    getsNothing(),
    getsOnly(
      [
        ...Array.from({ length: 32 }, (_, i) => ({ topic: `topic/${i + 1}` })),
        ...Array.from({ length: 32 }, (_, i) => ({ topic: `topic/${32 - i}` })),
      ],
      'watch',
    ),
  ]),
  mqtt5('two aliases for one topic', ACCEPTED, [
    ...watch,
    connects(),
    aliased(1, { topic: 'some/topic' }),
    aliased(2, { topic: 'some/topic' }),
    aliased(1, { topic: 'other/topic' }),
    aliased(1, { payload: '1' }),
    aliased(2, { payload: '2' }),
    getsNothing(),
    getsOnly(
      [
        { topic: 'some/topic' },
        { topic: 'some/topic' },
        { topic: 'other/topic' },
        { topic: 'other/topic', payload: '1' },
        { topic: 'some/topic', payload: '2' },
      ],
      'watch',
    ),
  ]),
  mqtt5('a message without an alias does not change what one stands for', ACCEPTED, [
    ...watch,
    connects(),
    aliased(1, { topic: 'some/topic' }),
    sends(publish({ version: 5, topic: 'other' })),
    aliased(1),
    getsNothing(),
    getsOnly([{ topic: 'some/topic' }, { topic: 'other' }, { topic: 'some/topic' }], 'watch'),
  ]),
  mqtt5('aliases of two clients have nothing to do with each other', ACCEPTED, [
    ...watch,
    connects({}, 'a'),
    connects({}, 'b'),
    sends(publish({ version: 5, topic: 'of/a', properties: [['Topic Alias', 1]] }), 'a'),
    getsNothing('a'),
    sends(publish({ version: 5, topic: 'of/b', properties: [['Topic Alias', 1]] }), 'b'),
    getsNothing('b'),
    sends(publish({ version: 5, topic: '', properties: [['Topic Alias', 1]] }), 'a'),
    getsNothing('a'),
    getsOnly([{ topic: 'of/a' }, { topic: 'of/b' }, { topic: 'of/a' }], 'watch'),
  ]),
  mqtt5(
    'a retained message by an alias is stored under its topic',
    [...ACCEPTED, 'MQTT-3.3.1-5'],
    [
      connects(),
      aliased(1, { topic: 'some/topic', payload: 'first' }),
      aliased(1, { retain: true, payload: 'kept' }),
      getsNothing(),
      connects({}, 'late'),
      subscribes('some/topic', 0, 'late'),
      takes({ topic: 'some/topic', payload: 'kept', retain: true }, 'late'),
      aliased(1, { retain: true, payload: '' }),
      takes({ payload: '' }, 'late'),
      subscribes('some/topic', 0, 'late'),
      getsNothing('late'),
    ],
  ),
  mqtt5(
    'access control sees the topic that an alias stands for',
    ACCEPTED,
    [
      ...watch,
      connects(),
      aliased(1, { topic: 'closed', qos: 1 }),
      gets({ type: 'puback', code: 0x87 }),
      aliased(1, { qos: 1 }),
      gets({ type: 'puback', code: 0x87 }),
      getsNothing('watch'),
    ],
    { sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed'] }] } } },
  ),
  mqtt5(
    'a QoS 2 message that is sent again by its alias is published once',
    [...ACCEPTED, 'MQTT-4.3.3-10'],
    [
      ...watch,
      connects(),
      aliased(1, { topic: 'some/topic', qos: 2, packetId: 7 }),
      gets({ type: 'pubrec', packetId: 7 }),
      aliased(1, { qos: 2, packetId: 7, dup: true }),
      gets({ type: 'pubrec', packetId: 7 }),
      sends(ack('pubrel', { version: 5, packetId: 7 })),
      gets({ type: 'pubcomp', packetId: 7 }),
      getsOnly([{ topic: 'some/topic' }], 'watch'),
    ],
  ),
];

const refused = [
  ...[1, 32].map((alias) =>
    mqtt5(
      `alias ${alias} that stands for nothing, with QoS 1`,
      ['MQTT-4.13.1-1'],
      [connects(), aliased(alias, { qos: 1 }), isEnded(0x82)],
    ),
  ),
  ...[33, 256, 65_535].map((alias) =>
    mqtt5(
      `alias ${alias} of 32: the end, and the will is left`,
      ['MQTT-4.13.1-1', 'MQTT-3.1.2-8'],
      [
        ...watch,
        connects({ will: { payload: 'gone' } }),
        aliased(alias, { topic: 'some/topic' }),
        isEnded(0x94),
        getsOnly([{ topic: 'will', payload: 'gone' }], 'watch'),
      ],
    ),
  ),
  mqtt5('alias 0 with a topic', ['MQTT-3.3.2-8'], [connects(), aliased(0, { topic: 't' }), isEnded(0x94)]),
  mqtt5(
    'an alias for a topic with wildcards',
    ['MQTT-3.3.2-2'],
    [connects(), aliased(1, { topic: 'a/#' }), isEnded(0x90)],
  ),
  mqtt5(
    'neither a topic nor an alias',
    ['MQTT-4.7.3-1', 'MQTT-4.13.1-1'],
    [connects(), sends(publish({ version: 5, topic: '', qos: 1 })), isEnded(0x82)],
  ),
  mqtt5(
    'after a takeover the aliases are gone',
    ['MQTT-3.3.2-7'],
    [
      resumes(false, 'first', { clientId: 'same' }),
      sends(publish({ version: 5, topic: 'some/topic', properties: [['Topic Alias', 1]] }), 'first'),
      getsNothing('first'),
      resumes(true, 'second', { clientId: 'same' }),
      isEnded(0x8e, 'first'),
      sends(publish({ version: 5, topic: '', properties: [['Topic Alias', 1]] }), 'second'),
      isEnded(0x82, 'second'),
    ],
  ),
];

const alias = (value: number | undefined) => ({ 'Topic Alias': value === undefined ? undefined : [value] });

/** A client that takes so many aliases, and somebody who publishes. */
function taking(maximum: number, qos = 0): readonly Step[] {
  return [
    connects({ properties: [['Topic Alias Maximum', maximum]] }),
    subscribes('#', qos),
    connects({}, 'p'),
  ];
}

const given = [
  ...[1, 2, 5].map((maximum) =>
    mqtt5(
      `the server gives ${maximum} aliases to a client that takes so many`,
      ['MQTT-3.1.2-26', 'MQTT-3.3.2-11'],
      [
        ...taking(maximum),
        ...Array.from({ length: maximum + 2 }, (_, i) => [
          publishes({ topic: `topic/${i + 1}` }, 'p'),
          takes({ topic: `topic/${i + 1}`, properties: alias(i < maximum ? i + 1 : undefined) }),
        ]).flat(),
        ...Array.from({ length: maximum + 2 }, (_, i) => [
          publishes({ topic: `topic/${i + 1}` }, 'p'),
          i < maximum
            ? takes({ topic: '', properties: alias(i + 1) })
            : takes({ topic: `topic/${i + 1}`, properties: alias(undefined) }),
        ]).flat(),
      ],
    ),
  ),
  mqtt5(
    'the server gives no more aliases than its own maximum',
    ['MQTT-3.1.2-26'],
    [
      ...taking(100),
      publishes({ topic: 'topic/1' }, 'p'),
      publishes({ topic: 'topic/2' }, 'p'),
      takes({ topic: 'topic/1', properties: alias(1) }),
      takes({ topic: 'topic/2', properties: alias(undefined) }),
    ],
    { config: { max_topic_alias: 1 } },
  ),
  ...([1, 2] as const).map((qos) =>
    mqtt5(
      `aliases of the server in messages of QoS ${qos}`,
      ['MQTT-3.3.2-11', 'MQTT-3.3.4-1'],
      [
        ...taking(1, qos),
        publishes({ topic: 'some/topic', qos }, 'p'),
        takes({ topic: 'some/topic', qos, properties: alias(1) }),
        publishes({ topic: 'some/topic', qos }, 'p'),
        takes({ topic: '', qos, properties: alias(1) }),
      ],
    ),
  ),
  mqtt5(
    'what is sent again names its topic anew',
    ['MQTT-3.3.2-7', 'MQTT-4.4.0-1'],
    [
      resumes(false, 'c', { properties: [['Topic Alias Maximum', 5]] }),
      subscribes('#', 1),
      connects({}, 'p'),
      publishes({ topic: 'some/topic', qos: 1, payload: '1' }, 'p'),
      publishes({ topic: 'some/topic', qos: 1, payload: '2' }, 'p'),
      gets({ topic: 'some/topic', payload: '1', properties: alias(1) }),
      gets({ topic: '', payload: '2', properties: alias(1) }),
      drops(),
      resumes(true, 'c', { properties: [['Topic Alias Maximum', 5]] }),
      takes({ topic: 'some/topic', payload: '1', dup: true, properties: alias(1) }),
      takes({ topic: '', payload: '2', dup: true, properties: alias(1) }),
    ],
  ),
  mqtt5(
    'a client that comes back and takes no aliases any more',
    ['MQTT-3.1.2-27', 'MQTT-3.3.2-7'],
    [
      resumes(false, 'c', { properties: [['Topic Alias Maximum', 5]] }),
      subscribes('#', 1),
      connects({}, 'p'),
      publishes({ topic: 'some/topic', qos: 1 }, 'p'),
      gets({ topic: 'some/topic', properties: alias(1) }),
      drops(),
      resumes(true),
      takes({ topic: 'some/topic', dup: true, properties: alias(undefined) }),
      publishes({ topic: 'some/topic', qos: 1 }, 'p'),
      takes({ topic: 'some/topic', properties: alias(undefined) }),
    ],
  ),
  mqtt5(
    'retained messages and messages that waited come with aliases',
    ['MQTT-3.1.2-26'],
    [
      connects({}, 'p'),
      publishes({ topic: 'some/topic', retain: true, payload: 'kept' }, 'p'),
      resumes(false, 'c'),
      subscribes('some/topic', 1),
      takes({ payload: 'kept' }),
      drops(),
      publishes({ topic: 'some/topic', qos: 1, payload: 'waited' }, 'p'),
      resumes(true, 'c', { properties: [['Topic Alias Maximum', 5]] }),
      takes({ topic: 'some/topic', payload: 'waited', properties: alias(1) }),
      subscribes('some/topic', 1),
      takes({ topic: '', payload: 'kept', properties: alias(1) }),
    ],
  ),
  mqtt5(
    'a topic too short for an alias has none',
    ['MQTT-3.1.2-26'],
    [
      ...taking(5),
      publishes({ topic: 'abc' }, 'p'),
      takes({ topic: 'abc', properties: alias(undefined) }),
      publishes({ topic: 'abcd' }, 'p'),
      takes({ topic: 'abcd', properties: alias(1) }),
    ],
  ),
  mqtt5(
    'an alias that a large message would not have room for is not given',
    ['MQTT-3.1.2-24', 'MQTT-3.1.2-26'],
    [
      connects({
        properties: [
          ['Topic Alias Maximum', 5],
          ['Maximum Packet Size', 50],
        ],
      }),
      subscribes('#'),
      connects({}, 'p'),
      // Fixed header 2, topic 7, property length 1: two bytes of room, an alias has three.
      publishes({ topic: 'topic', payload: 'x'.repeat(38) }, 'p'),
      takes({ topic: 'topic', payload: 'x'.repeat(38), properties: alias(undefined) }),
      publishes({ topic: 'topic' }, 'p'),
      takes({ topic: 'topic', properties: alias(1) }),
      // What would not fit with its topic fits with its alias.
      publishes({ topic: 'topic', payload: 'x'.repeat(42) }, 'p'),
      takes({ topic: '', payload: 'x'.repeat(42), properties: alias(1) }),
    ],
  ),
];

/** Topic aliases both ways, MQTT 5 §3.3.2.3.4. */
export const topicAliasesTable: Table = {
  title: 'topic aliases',
  sequences: [...accepted, ...refused, ...given],
};

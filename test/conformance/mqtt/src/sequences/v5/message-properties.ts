import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  type Expected,
  gets,
  passes,
  publishes,
  resumes,
  subscribes,
  takes,
} from '../../steps.js';
import type { PropertyList } from '../../wire/write.js';

type Properties = NonNullable<Expected['properties']>;

/** A property of a message and how it must come out. */
interface Row {
  readonly name: string;
  readonly shows: readonly string[];
  readonly sent: PropertyList;
  readonly got: Properties;
}

const EVERY: PropertyList = [
  ['Payload Format Indicator', 1],
  ['Content Type', 'text/plain'],
  ['Response Topic', 'answers/\u00fc/1'],
  ['Correlation Data', '00ff'],
  ['User Property', ['k', '1']],
  ['User Property', ['k', '1']],
  ['User Property', ['', '']],
];

const ROWS: readonly Row[] = [
  ...[0, 1].map((indicator) => ({
    name: `Payload Format Indicator ${indicator}`,
    shows: ['MQTT-3.3.2-4'],
    sent: [['Payload Format Indicator', indicator]] satisfies PropertyList,
    got: { 'Payload Format Indicator': [indicator] },
  })),
  {
    name: 'Content Type',
    shows: ['MQTT-3.3.2-20'],
    sent: [['Content Type', 'application/cbor; \u65e5\u672c']],
    got: { 'Content Type': ['application/cbor; \u65e5\u672c'] },
  },
  {
    name: 'an empty Content Type',
    shows: ['MQTT-3.3.2-20'],
    sent: [['Content Type', '']],
    got: { 'Content Type': [''] },
  },
  {
    name: 'Response Topic',
    shows: ['MQTT-3.3.2-15'],
    sent: [['Response Topic', '/answers//1/']],
    got: { 'Response Topic': ['/answers//1/'] },
  },
  {
    name: 'Correlation Data',
    shows: ['MQTT-3.3.2-16'],
    sent: [['Correlation Data', '00c328ff']],
    got: { 'Correlation Data': [Buffer.from('00c328ff', 'hex')] },
  },
  {
    name: 'User Properties',
    shows: ['MQTT-3.3.2-17', 'MQTT-3.3.2-18'],
    sent: [
      ['User Property', ['z', '1']],
      ['User Property', ['a', '2']],
      ['User Property', ['z', '1']],
      ['User Property', ['', '']],
    ],
    got: {
      'User Property': [
        ['z', '1'],
        ['a', '2'],
        ['z', '1'],
        ['', ''],
      ],
    },
  },
  {
    name: 'every property at once',
    shows: ['MQTT-3.3.2-4', 'MQTT-3.3.2-20', 'MQTT-3.3.2-15', 'MQTT-3.3.2-16', 'MQTT-3.3.2-17'],
    sent: EVERY,
    got: {
      'Payload Format Indicator': [1],
      'Content Type': ['text/plain'],
      'Response Topic': ['answers/\u00fc/1'],
      'Correlation Data': [Buffer.from('00ff', 'hex')],
      'User Property': [
        ['k', '1'],
        ['k', '1'],
        ['', ''],
      ],
      'Topic Alias': undefined,
      'Message Expiry Interval': undefined,
      'Subscription Identifier': undefined,
    },
  },
];

/** The ways of a message from one client to another. */
const WAYS: Readonly<Record<string, (properties: PropertyList, got: Properties) => readonly Step[]>> = {
  'of a message of QoS 2 at once': (properties, got) => [
    connects(),
    subscribes('t', 2),
    connects({}, 'p'),
    publishes({ qos: 2, properties }, 'p'),
    takes({ qos: 2, properties: got }),
  ],
  'of a retained message': (properties, got) => [
    connects({}, 'p'),
    publishes({ qos: 1, retain: true, properties }, 'p'),
    drops('p'),
    passes(1000),
    connects(),
    subscribes('t', 1),
    takes({ retain: true, properties: got }),
  ],
  'of a message that waited': (properties, got) => [
    resumes(false),
    subscribes('t', 1),
    drops(),
    connects({}, 'p'),
    publishes({ qos: 1, properties }, 'p'),
    drops('p'),
    resumes(true),
    takes({ properties: got }),
  ],
  'of a message that is sent again': (properties, got) => [
    resumes(false),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1, properties }, 'p'),
    gets({ dup: false, properties: got }),
    drops(),
    resumes(true),
    takes({ dup: true, properties: got }),
  ],
  'of a will': (properties, got) => [
    connects(),
    subscribes('will', 1),
    connects({ will: { qos: 1, properties } }, 'lost'),
    drops('lost'),
    takes({ topic: 'will', properties: got }),
  ],
  'of a will that waited': (properties, got) => [
    connects(),
    subscribes('will', 1),
    resumes(false, 'lost', { will: { properties: [['Will Delay Interval', 10], ...properties] } }),
    drops('lost'),
    passes(12),
    takes({ topic: 'will', properties: { ...got, 'Will Delay Interval': undefined } }),
  ],
  'of a message for a group': (properties, got) => [
    connects(),
    subscribes('$share/g/t', 1),
    connects({}, 'p'),
    publishes({ qos: 1, properties }, 'p'),
    takes({ properties: got }),
  ],
  'of a message for several, one with an identifier, one with an alias': (properties, got) => [
    connects({}, 'a'),
    subscribes('topic', 1, 'a'),
    connects({}, 'b'),
    subscribes('topic', 1, 'b', [['Subscription Identifier', 300]]),
    connects({ properties: [['Topic Alias Maximum', 9]] }, 'c'),
    subscribes('topic', 1, 'c'),
    connects({}, 'd'),
    subscribes('topic', 0, 'd'),
    connects({}, 'p'),
    publishes({ topic: 'topic', qos: 1, properties }, 'p'),
    takes({ properties: got }, 'a'),
    takes({ properties: { ...got, 'Subscription Identifier': [300] } }, 'b'),
    takes({ properties: { ...got, 'Topic Alias': [1] } }, 'c'),
    takes({ properties: got, qos: 0 }, 'd'),
  ],
};

const SHOWN_OF_WILLS: Readonly<Record<string, readonly string[]>> = {
  'of a will': ['MQTT-3.1.3-10'],
  'of a will that waited': ['MQTT-3.1.3-10'],
};

const ways = Object.entries(WAYS).flatMap(([way, steps]) =>
  ROWS.map(({ name, shows, sent, got }) =>
    mqtt5(`${name} ${way}`, [...shows, ...(SHOWN_OF_WILLS[way] ?? [])], steps(sent, got)),
  ),
);

const MANY = Array.from({ length: 200 }, (_, i) => [`name ${i}`, `value ${i}`] as const);

const sizes = [
  mqtt5(
    'two hundred user properties',
    ['MQTT-3.3.2-17', 'MQTT-3.3.2-18'],
    [
      connects(),
      subscribes('t'),
      connects({}, 'p'),
      publishes({ properties: MANY.map((pair) => ['User Property', pair] as const) }, 'p'),
      takes({ properties: { 'User Property': MANY } }),
    ],
  ),
  ...[127, 128, 16_383, 16_384, 65_535].map((length) =>
    mqtt5(
      `a user property with a value of ${length} bytes`,
      ['MQTT-3.3.2-17'],
      [
        connects(),
        subscribes('t'),
        connects({}, 'p'),
        publishes({ properties: [['User Property', ['k', 'v'.repeat(length)]]] }, 'p'),
        takes({ properties: { 'User Property': [['k', 'v'.repeat(length)]] } }),
      ],
    ),
  ),
  ...[1, 255, 65_535].map((length) =>
    mqtt5(
      `correlation data of ${length} bytes`,
      ['MQTT-3.3.2-16'],
      [
        connects(),
        subscribes('t'),
        connects({}, 'p'),
        publishes({ properties: [['Correlation Data', Buffer.alloc(length, 0xfe)]] }, 'p'),
        takes({ properties: { 'Correlation Data': [Buffer.alloc(length, 0xfe)] } }),
      ],
    ),
  ),
];

const PLAIN: Properties = {
  'User Property': undefined,
  'Content Type': undefined,
  'Payload Format Indicator': undefined,
};

const apart = [
  mqtt5(
    'properties of one message are not those of the next',
    ['MQTT-3.3.2-17'],
    [
      connects(),
      subscribes('t'),
      connects({}, 'p'),
      publishes({ properties: EVERY }, 'p'),
      publishes({ payload: 'plain' }, 'p'),
      takes({ payload: 'x' }),
      takes({ payload: 'plain', properties: PLAIN }),
    ],
  ),
  mqtt5(
    'a retained message without properties replaces one that had them',
    ['MQTT-3.3.1-5'],
    [
      connects({}, 'p'),
      publishes({ retain: true, properties: EVERY }, 'p'),
      publishes({ retain: true, payload: 'plain' }, 'p'),
      connects(),
      subscribes('t'),
      takes({ payload: 'plain', properties: PLAIN }),
    ],
  ),
  mqtt5(
    'user properties of CONNECT, SUBSCRIBE and DISCONNECT go nowhere',
    ['MQTT-3.3.2-17'],
    [
      connects({ properties: [['User Property', ['a', 'b']]] }),
      subscribes('t', 0, 'c', [['User Property', ['a', 'b']]]),
      connects({}, 'p'),
      publishes({}, 'p'),
      takes({ properties: PLAIN }),
    ],
  ),
];

/** What travels with a message, MQTT 5 §3.3.2.3, on every way that it can take. */
export const messagePropertiesTable: Table = {
  title: 'properties of messages',
  sequences: [...ways, ...sizes, ...apart],
};

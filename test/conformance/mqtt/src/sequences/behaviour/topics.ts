import { each, type Sequence, type Step, type Table } from '../../sequence.js';
import {
  connects,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  isRefused,
  opens,
  publishes,
  sends,
  subscribes,
} from '../../steps.js';
import { connect, publish, subscribe, unsubscribe } from '../../wire/write.js';

const MULTI = { 4: ['MQTT-4.7.1-2'], 5: ['MQTT-4.7.1-1'] } as const;
const SINGLE = { 4: ['MQTT-4.7.1-3'], 5: ['MQTT-4.7.1-2'] } as const;
const DOLLAR = { 4: ['MQTT-4.7.2-1'], 5: ['MQTT-4.7.2-1'] } as const;
const AS_IT_IS = { 4: ['MQTT-4.7.3-4', 'MQTT-3.3.2-3'], 5: ['MQTT-4.7.3-4', 'MQTT-3.3.2-3'] } as const;

type Shows = Readonly<Record<4 | 5, readonly string[]>>;

/** Filter, topic, whether it matches. */
const MATCHES: readonly (readonly [filter: string, topic: string, matches: boolean, shows: Shows])[] = [
  ['sport/tennis/player1/#', 'sport/tennis/player1', true, MULTI],
  ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true, MULTI],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true, MULTI],
  ['sport/tennis/player1/#', 'sport/tennis/player2', false, MULTI],
  ['sport/tennis/player1/#', 'sport/tennis/player10', false, MULTI],
  ['sport/#', 'sport', true, MULTI],
  ['#', 'a', true, MULTI],
  ['#', '/', true, MULTI],
  ['#', 'a/b/c', true, MULTI],
  ['/#', '/a', true, MULTI],
  ['/#', 'a', false, MULTI],
  ['a/#', 'a/', true, MULTI],
  ['a/#', 'ab', false, MULTI],
  ['sport/tennis/+', 'sport/tennis/player1', true, SINGLE],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false, SINGLE],
  ['sport/+', 'sport', false, SINGLE],
  ['sport/+', 'sport/', true, SINGLE],
  ['+', 'a', true, SINGLE],
  ['+', 'a/b', false, SINGLE],
  ['+/+', '/finance', true, SINGLE],
  ['/+', '/finance', true, SINGLE],
  ['+', '/finance', false, SINGLE],
  ['+/tennis/#', 'sport/tennis', true, SINGLE],
  ['+/tennis/#', 'sport/tennis/a/b', true, SINGLE],
  ['+/tennis/#', '/tennis', true, SINGLE],
  ['a/+/c', 'a/b/c', true, SINGLE],
  ['a/+/c', 'a//c', true, SINGLE],
  ['a/+/c', 'a/b/d', false, SINGLE],
  ['a/+/+', 'a/b', false, SINGLE],
  ['+/+/+', 'a/b/c', true, SINGLE],
  ['+/b', 'a/b', true, SINGLE],
  ['#', '$own/a', false, DOLLAR],
  ['+/a', '$own/a', false, DOLLAR],
  ['+/#', '$own/a', false, DOLLAR],
  ['+', '$own', false, DOLLAR],
  ['$own/#', '$own/a', true, DOLLAR],
  ['$own/+', '$own/a', true, DOLLAR],
  ['$own/a', '$own/a', true, DOLLAR],
  ['a/#', 'a/$own', true, DOLLAR],
  ['a/+', 'a/$own', true, DOLLAR],
  ['a', 'A', false, AS_IT_IS],
  ['a', 'a', true, AS_IT_IS],
  ['a', 'a/', false, AS_IT_IS],
  ['a', '/a', false, AS_IT_IS],
  ['a/', 'a/', true, AS_IT_IS],
  ['/', '/', true, AS_IT_IS],
  ['//', '//', true, AS_IT_IS],
  ['a//b', 'a/b', false, AS_IT_IS],
  ['a b', 'a b', true, AS_IT_IS],
  [' a', 'a', false, AS_IT_IS],
  ['a/../b', 'b', false, AS_IT_IS],
  ['a/./b', 'a/b', false, AS_IT_IS],
  ['b\u00fcro', 'b\u00fcro', true, AS_IT_IS],
  ['b\u00fcro', 'bu\u0308ro', false, AS_IT_IS],
  ['%2f', '/', false, AS_IT_IS],
  ['\u{1f680}/+', '\u{1f680}/x', true, AS_IT_IS],
];

const matching = MATCHES.flatMap(([filter, topic, matches, shows]) =>
  each(`${filter} ${matches ? 'matches' : 'does not match'} ${topic}`, { 3: [], ...shows }, () => [
    connects(),
    subscribes(filter),
    connects({}, 'p'),
    publishes({ topic }, 'p'),
    matches ? getsOnly([{ type: 'publish', topic }]) : getsNothing(),
  ]),
);

/** What is no topic filter. */
const ILL_FORMED: readonly (readonly [filter: string, shows: Shows])[] = [
  ['sport/tennis#', MULTI],
  ['sport/tennis/#/ranking', MULTI],
  ['#/a', MULTI],
  ['##', MULTI],
  ['a#', MULTI],
  ['#a', MULTI],
  ['sport+', SINGLE],
  ['+sport', SINGLE],
  ['a/b+/c', SINGLE],
  ['++', SINGLE],
  ['a/+b', SINGLE],
  ['+#', SINGLE],
  ['', { 4: ['MQTT-4.7.3-1'], 5: ['MQTT-4.7.3-1'] }],
];

const SHARED_ILL_FORMED: readonly (readonly [filter: string, statement: string])[] = [
  ['$share/', 'MQTT-4.8.2-1'],
  ['$share//a', 'MQTT-4.8.2-1'],
  ['$share/g', 'MQTT-4.8.2-2'],
  ['$share/g/', 'MQTT-4.8.2-2'],
  ['$share/g+/a', 'MQTT-4.8.2-2'],
  ['$share/g#/a', 'MQTT-4.8.2-2'],
  ['$share/+/a', 'MQTT-4.8.2-2'],
  ['$share/g/a#', 'MQTT-4.8.2-2'],
];

/** The filter is refused by its own code, and ends the connection in strict mode. */
function illFormed(filter: string, shows: Shows): Sequence[] {
  const shown = { 4: shows[4], 5: shows[5] };
  const strict = { config: { strict_mode: true } };
  return [
    ...each(`the filter ${JSON.stringify(filter)} is refused`, shown, (version) => [
      connects(),
      sends(subscribe({ version, filters: [[filter, 0]] })),
      getsOnly([{ type: 'suback', codes: [version === 5 ? 0x8f : 0x80] }]),
    ]),
    ...each(
      `the filter ${JSON.stringify(filter)} is malformed in strict mode`,
      shown,
      (version) => [connects(), sends(subscribe({ version, filters: [[filter, 0]] })), isEnded(0x81)],
      strict,
    ),
    ...each(
      `the filter ${JSON.stringify(filter)} in UNSUBSCRIBE is malformed in strict mode`,
      shown,
      (version) => [connects(), sends(unsubscribe({ version, filters: [filter] })), isEnded(0x81)],
      strict,
    ),
  ];
}

const filters = [
  ...ILL_FORMED.flatMap(([filter, shows]) => illFormed(filter, shows)),
  ...SHARED_ILL_FORMED.flatMap(([filter, statement]) => illFormed(filter, { 4: [], 5: [statement] })),
  ...each(`a filter of 65,535 bytes`, { 4: [], 5: [] }, () => [connects(), subscribes('a'.repeat(65_535))]),
  ...each(
    'a filter of more levels than allowed',
    { 4: [], 5: ['MQTT-3.8.4-7'] },
    (version) => [
      connects(),
      subscribes('a/b/c', 0),
      sends(subscribe({ version, filters: [['a/b/c/d', 0]] })),
      getsOnly([{ type: 'suback', codes: [version === 5 ? 0x8f : 0x80] }]),
    ],
    { config: { max_topic_levels: 3 } },
  ),
];

/** How a PUBLISH ends whose topic name is none, and a CONNECT with such a will. */
const names: Sequence[] = ['+', '#', 'a/+', 'a/#', 'a+', '#a', 'a/+/b'].flatMap((topic) => [
  ...each(
    `a PUBLISH to ${topic}`,
    { 4: ['MQTT-3.3.2-2', 'MQTT-4.7.1-1'], 5: ['MQTT-3.3.2-2', 'MQTT-4.7.0-1'] },
    (version) => [connects(), sends(publish({ version, topic })), isEnded(0x90)],
  ),
  ...each(`a will to ${topic}`, { 4: ['MQTT-4.7.1-1'], 5: ['MQTT-4.7.0-1'] }, (version): Step[] => [
    opens(),
    sends(connect({ version, will: { topic } })),
    version === 5 ? isRefused(0x90) : isClosed(),
  ]),
]);

const empty = [
  ...each('a PUBLISH to an empty topic', { 4: ['MQTT-4.7.3-1'], 5: ['MQTT-4.7.3-1'] }, (version) => [
    connects(),
    sends(publish({ version, topic: '' })),
    isEnded(0x82),
  ]),
  ...each('a will to an empty topic', { 4: ['MQTT-4.7.3-1'], 5: ['MQTT-4.7.3-1'] }, (version): Step[] => [
    opens(),
    sends(connect({ version, will: { topic: '' } })),
    version === 5 ? isRefused(0x90) : isClosed(),
  ]),
];

/** MQTT 5 §4.7, MQTT 3.1.1 §4.7. */
export const topicsTable: Table = {
  title: 'topics and filters',
  sequences: [...matching, ...filters, ...names, ...empty],
};

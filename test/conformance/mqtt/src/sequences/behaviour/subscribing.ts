import { each, type Table } from '../../sequence.js';
import {
  connects,
  gets,
  getsNothing,
  getsOnly,
  isEnded,
  publishes,
  sends,
  subscribes,
  takes,
  unsubscribes,
} from '../../steps.js';
import { frame, publish, subscribe, unsubscribe } from '../../wire/write.js';

const answers = [
  ...[1, 255, 256, 65_535].flatMap((packetId) =>
    each(
      `SUBACK and UNSUBACK have the packet identifier ${packetId} of the request`,
      {
        3: [],
        4: ['MQTT-3.8.4-1', 'MQTT-3.8.4-2', 'MQTT-2.3.1-7', 'MQTT-3.10.4-4'],
        5: ['MQTT-3.8.4-1', 'MQTT-3.8.4-2', 'MQTT-2.2.1-6', 'MQTT-3.10.4-4', 'MQTT-3.10.4-5'],
      },
      (version) => [
        connects(),
        sends(subscribe({ version, packetId, filters: [['a', 0]] })),
        getsOnly([{ type: 'suback', packetId }]),
        sends(unsubscribe({ version, packetId, filters: ['a'] })),
        getsOnly([{ type: 'unsuback', packetId }]),
      ],
    ),
  ),
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(
      `QoS ${qos} is granted`,
      {
        3: [],
        4: ['MQTT-3.8.4-5', 'MQTT-3.9.3-2'],
        5: ['MQTT-3.8.4-6', 'MQTT-3.8.4-7', 'MQTT-3.9.3-2'],
      },
      () => [connects(), subscribes('a', qos)],
    ),
  ),
  ...each(
    'several filters have their codes in their order',
    {
      3: [],
      4: ['MQTT-3.8.4-4', 'MQTT-3.8.4-5', 'MQTT-3.9.3-1'],
      5: ['MQTT-3.8.4-5', 'MQTT-3.8.4-6', 'MQTT-3.9.3-1'],
    },
    (version) => [
      connects(),
      sends(
        subscribe({
          version,
          filters: [
            ['a', 2],
            ['b', 0],
            ['c', 1],
            ['a', 0],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [2, 0, 1, 0] }),
      connects({}, 'p'),
      publishes({ topic: 'a', qos: 2 }, 'p'),
      takes({ topic: 'a', qos: 0 }),
      publishes({ topic: 'b', qos: 2 }, 'p'),
      takes({ topic: 'b', qos: 0 }),
      publishes({ topic: 'c', qos: 2 }, 'p'),
      takes({ topic: 'c', qos: 1 }),
      getsNothing(),
    ],
  ),
  ...each(
    'several filters of UNSUBSCRIBE have one answer, with codes in their order',
    { 3: [], 4: ['MQTT-3.10.4-6'], 5: ['MQTT-3.10.4-6', 'MQTT-3.11.3-1', 'MQTT-3.11.3-2'] },
    (version) => [
      connects(),
      subscribes('a'),
      subscribes('c'),
      sends(unsubscribe({ version, packetId: 4, filters: ['a', 'b', 'c', 'a'] })),
      getsOnly([{ type: 'unsuback', packetId: 4, ...(version === 5 && { codes: [0, 0x11, 0, 0x11] }) }]),
      connects({}, 'p'),
      publishes({ topic: 'a' }, 'p'),
      publishes({ topic: 'c' }, 'p'),
      getsNothing(),
    ],
  ),
  ...each(
    'UNSUBSCRIBE is answered when nothing was subscribed',
    { 3: [], 4: ['MQTT-3.10.4-5'], 5: ['MQTT-3.10.4-5', 'MQTT-3.11.3-2'] },
    () => [connects(), unsubscribes('a')],
  ),
  ...each(
    'UNSUBSCRIBE compares character by character',
    { 3: [], 4: ['MQTT-3.10.4-1'], 5: ['MQTT-3.10.4-1'] },
    () => [
      connects(),
      subscribes('a/+'),
      unsubscribes('a/#'),
      unsubscribes('a/b'),
      unsubscribes('A/+'),
      connects({}, 'p'),
      publishes({ topic: 'a/b' }, 'p'),
      takes({ topic: 'a/b' }),
      unsubscribes('a/+'),
      publishes({ topic: 'a/b' }, 'p'),
      getsNothing(),
    ],
  ),
  ...each(
    'the same filter again replaces the subscription',
    { 3: [], 4: ['MQTT-3.8.4-3'], 5: ['MQTT-3.8.4-3'] },
    () => [
      connects(),
      subscribes('a', 2),
      subscribes('a', 0),
      connects({}, 'p'),
      publishes({ topic: 'a', qos: 2 }, 'p'),
      takes({ topic: 'a', qos: 0 }),
      getsNothing(),
    ],
  ),
  ...each(
    'subscriptions that are refused get a code of their own, the others hold',
    { 3: [], 4: ['MQTT-3.8.4-5', 'MQTT-3.9.3-2'], 5: ['MQTT-3.8.4-7', 'MQTT-3.9.3-2'] },
    (version) => [
      connects(),
      sends(
        subscribe({
          version,
          filters: [
            ['a', 1],
            ['closed', 1],
            ['b', 1],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [1, version === 5 ? 0x87 : 0x80, 1] }),
      connects({}, 'p'),
      publishes({ topic: 'closed' }, 'p'),
      publishes({ topic: 'b' }, 'p'),
      takes({ topic: 'b' }),
    ],
    { sections: { access: { acl: [{ permit: 'deny', action: 'subscribe', topics: ['closed'] }] } } },
  ),
  ...each(
    'a server without wildcards refuses filters that have them',
    { 3: [], 4: ['MQTT-3.8.3-2'], 5: ['MQTT-3.8.4-7'] },
    (version) => [
      connects({}, 'c', version === 5 ? { properties: { 'Wildcard Subscription Available': [0] } } : {}),
      sends(
        subscribe({
          version,
          filters: [
            ['a/#', 1],
            ['+', 1],
            ['a', 1],
          ],
        }),
      ),
      gets({ type: 'suback', codes: version === 5 ? [0xa2, 0xa2, 1] : [0x80, 0x80, 1] }),
    ],
    { config: { wildcard_subscription: false } },
  ),
  ...each(
    'a server that takes QoS 0 alone still grants what is asked',
    { 5: ['MQTT-3.2.2-9', 'MQTT-3.2.2-10'] },
    (version) => [
      connects({}, 'c', { properties: { 'Maximum QoS': [0] } }),
      sends(
        subscribe({
          version,
          filters: [
            ['a', 0],
            ['b', 1],
            ['c', 2],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [0, 0, 0] }),
      sends(publish({ version, qos: 1 })),
      isEnded(0x9b),
    ],
    { config: { max_qos_allowed: 0 } },
  ),
  ...each(
    'more subscriptions than allowed',
    { 4: [], 5: ['MQTT-3.8.4-7'] },
    (version) => [
      connects(),
      subscribes('a', 1),
      subscribes('b', 1),
      sends(subscribe({ version, filters: [['c', 1]] })),
      gets({ type: 'suback', codes: [version === 5 ? 0x97 : 0x80] }),
      subscribes('a', 0),
    ],
    { config: { max_subscriptions: 2 } },
  ),
];

const malformed = [
  ...each('SUBSCRIBE without a filter', { 3: [], 4: ['MQTT-3.8.3-3'], 5: ['MQTT-3.8.3-2'] }, (version) => [
    connects(),
    sends(subscribe({ version, filters: [] })),
    isEnded(0x82),
  ]),
  ...each(
    'UNSUBSCRIBE without a filter',
    { 3: [], 4: ['MQTT-3.10.3-2'], 5: ['MQTT-3.10.3-2'] },
    (version) => [connects(), sends(unsubscribe({ version, filters: [] })), isEnded(0x82)],
  ),
  ...Array.from({ length: 253 }, (_, index) => index + 3).flatMap((options) =>
    each(
      `SUBSCRIBE with the option bits ${options.toString(16).padStart(2, '0')} for MQTT 3.1.1`,
      { 4: ['MQTT-3.8.3-4'] },
      (version) => [connects(), sends(subscribe({ version, filters: [['a', options]] })), isEnded(0x82)],
    ),
  ),
  ...[0x40, 0x80, 0xc0, 0x41, 0xbf].flatMap((options) =>
    each(
      `SUBSCRIBE with reserved option bits, ${options.toString(16)}`,
      { 5: ['MQTT-3.8.3-5'] },
      (version) => [connects(), sends(subscribe({ version, filters: [['a', options]] })), isEnded(0x81)],
    ),
  ),
  ...[0x03, 0x07, 0x0b, 0x30, 0x31, 0x3c].flatMap((options) =>
    each(
      `SUBSCRIBE with QoS 3 or retain handling 3, ${options.toString(16)}`,
      { 5: ['MQTT-4.13.1-1'] },
      (version) => [connects(), sends(subscribe({ version, filters: [['a', options]] })), isEnded(0x82)],
    ),
  ),
  ...each(
    'the second filter of a SUBSCRIBE is wrong: none is subscribed',
    { 4: ['MQTT-4.8.0-1'], 5: ['MQTT-4.13.1-1'] },
    (version) => [
      connects(),
      sends(frame(0x82, version === 5 ? '0001 00' : '0001', '0001 61 00', '0001 62 03')),
      isEnded(0x82),
    ],
  ),
];

/** No Local, Retain As Published and Retain Handling, MQTT 5 §3.8.3.1. */
const NO_LOCAL = 4;
const AS_PUBLISHED = 8;
const ONLY_NEW = 0x10;
const NEVER = 0x20;

const options = [
  ...each('no local: not what the client itself publishes', { 5: ['MQTT-3.8.3-3'] }, (version) => [
    connects(),
    subscribes('t', NO_LOCAL),
    sends(publish({ version, payload: 'own' })),
    getsNothing(),
    connects({}, 'p'),
    publishes({ payload: 'other' }, 'p'),
    takes({ payload: 'other' }),
  ]),
  ...each('without no local the client hears itself', { 3: [], 4: [], 5: [] }, (version) => [
    connects(),
    subscribes('t'),
    sends(publish({ version, payload: 'own' })),
    takes({ payload: 'own' }),
  ]),
  ...each('no local on a shared subscription', { 5: ['MQTT-3.8.3-4'] }, (version) => [
    connects(),
    sends(subscribe({ version, filters: [['$share/g/a', NO_LOCAL]] })),
    isEnded(0x82),
  ]),
  ...[false, true].flatMap((retain) =>
    each(`retain as published keeps RETAIN ${retain ? 1 : 0}`, { 5: ['MQTT-3.3.1-13'] }, () => [
      connects(),
      subscribes('t', AS_PUBLISHED),
      connects({}, 'p'),
      publishes({ retain }, 'p'),
      takes({ retain }),
    ]),
  ),
  ...[false, true].flatMap((retain) =>
    each(`without it RETAIN ${retain ? 1 : 0} becomes 0`, { 5: ['MQTT-3.3.1-12'] }, () => [
      connects(),
      subscribes('t'),
      connects({}, 'p'),
      publishes({ retain }, 'p'),
      takes({ retain: false }),
    ]),
  ),
  ...each('retain handling 0: retained messages each time', { 5: ['MQTT-3.3.1-9'] }, () => [
    connects({}, 'p'),
    publishes({ retain: true }, 'p'),
    connects(),
    subscribes('t'),
    takes({ retain: true }),
    subscribes('t'),
    takes({ retain: true }),
  ]),
  ...each('retain handling 1: when the subscription is new', { 5: ['MQTT-3.3.1-10'] }, () => [
    connects({}, 'p'),
    publishes({ retain: true }, 'p'),
    connects(),
    subscribes('t', ONLY_NEW),
    takes({ retain: true }),
    subscribes('t', ONLY_NEW),
    getsNothing(),
    unsubscribes('t'),
    subscribes('t', ONLY_NEW),
    takes({ retain: true }),
  ]),
  ...each('retain handling 2: never', { 5: ['MQTT-3.3.1-11'] }, () => [
    connects({}, 'p'),
    publishes({ retain: true }, 'p'),
    connects(),
    subscribes('t', NEVER),
    getsNothing(),
    subscribes('t', NEVER),
    getsNothing(),
  ]),
];

const overlapping = [
  ...each(
    'overlapping subscriptions deliver once, with the highest QoS',
    { 4: ['MQTT-3.3.5-1'], 5: ['MQTT-3.3.4-2'] },
    () => [
      connects(),
      subscribes('a/#', 0),
      subscribes('a/+', 2),
      subscribes('a/b', 1),
      connects({}, 'p'),
      publishes({ topic: 'a/b', qos: 2 }, 'p'),
      takes({ topic: 'a/b', qos: 2 }),
      getsNothing(),
    ],
  ),
  ...each('one subscription identifier', { 5: ['MQTT-3.3.4-3'] }, () => [
    connects(),
    subscribes('a', 0, 'c', [['Subscription Identifier', 268_435_455]]),
    connects({}, 'p'),
    publishes({ topic: 'a' }, 'p'),
    takes({ properties: { 'Subscription Identifier': [268_435_455] } }),
  ]),
  ...each('several subscription identifiers on one message', { 5: ['MQTT-3.3.4-3', 'MQTT-3.3.4-4'] }, () => [
    connects(),
    subscribes('a/#', 0, 'c', [['Subscription Identifier', 1]]),
    subscribes('a/+', 0, 'c', [['Subscription Identifier', 200]]),
    subscribes('a/b', 0, 'c'),
    connects({}, 'p'),
    publishes({ topic: 'a/b' }, 'p'),
    takes({ properties: { 'Subscription Identifier': [1, 200] } }),
    getsNothing(),
  ]),
  ...each('the same subscription with another identifier', { 5: ['MQTT-3.8.4-3', 'MQTT-3.3.4-3'] }, () => [
    connects(),
    subscribes('a', 0, 'c', [['Subscription Identifier', 1]]),
    subscribes('a', 0, 'c', [['Subscription Identifier', 2]]),
    connects({}, 'p'),
    publishes({ topic: 'a' }, 'p'),
    takes({ properties: { 'Subscription Identifier': [2] } }),
    subscribes('a', 0),
    publishes({ topic: 'a' }, 'p'),
    takes({ properties: { 'Subscription Identifier': undefined } }),
  ]),
  ...each('a subscription identifier on a retained message', { 5: ['MQTT-3.3.4-3'] }, () => [
    connects({}, 'p'),
    publishes({ retain: true }, 'p'),
    connects(),
    subscribes('t', 0, 'c', [['Subscription Identifier', 7]]),
    takes({ retain: true, properties: { 'Subscription Identifier': [7] } }),
  ]),
  ...each('PUBLISH of a client with a subscription identifier', { 5: ['MQTT-3.3.4-6'] }, (version) => [
    connects(),
    sends(publish({ version, properties: [['Subscription Identifier', 1]] })),
    isEnded(0x82),
  ]),
];

/** MQTT 5 §3.8 to §3.11, MQTT 3.1.1 §3.8 to §3.11. */
export const subscribingTable: Table = {
  title: 'subscribing',
  sequences: [...answers, ...malformed, ...options, ...overlapping],
};

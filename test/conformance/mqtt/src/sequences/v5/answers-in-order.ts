import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  type Expected,
  gets,
  getsNothing,
  getsOnly,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, PINGREQ, publish, subscribe, unsubscribe } from '../../wire/write.js';

const DENYING = {
  sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed'] }] } },
  config: { max_topic_levels: 2 },
} as const;

/** Topics and the reason codes of messages to them, in one order. */
const MIXED: readonly (readonly [topic: string, code: number])[] = [
  ['t', 0],
  ['nobody', 0x10],
  ['closed', 0x87],
  ['a/b/c', 0x90],
  ['t', 0],
  ['closed', 0x87],
  ['nobody', 0x10],
];

function mixed(qos: number): Step {
  return sends(
    Buffer.concat(MIXED.map(([topic], i) => publish({ version: 5, topic, qos, packetId: i + 1 }))),
  );
}

function answered(type: 'puback' | 'pubrec'): Expected[] {
  return MIXED.map(([, code], i) => ({ type, packetId: i + 1, code }));
}

const publishing = [
  mqtt5(
    'PUBACK of messages that are taken and refused',
    ['MQTT-4.6.0-2', 'MQTT-3.4.2-1'],
    [connects({}, 'watch'), subscribes('t', 0, 'watch'), connects(), mixed(1), getsOnly(answered('puback'))],
    DENYING,
  ),
  mqtt5(
    'PUBREC of messages that are taken and refused',
    ['MQTT-4.6.0-3', 'MQTT-3.5.2-1'],
    [connects({}, 'watch'), subscribes('t', 0, 'watch'), connects(), mixed(2), getsOnly(answered('pubrec'))],
    DENYING,
  ),
  mqtt5(
    'PUBCOMP in the order of PUBREL, whatever that of PUBLISH was',
    ['MQTT-4.3.3-11', 'MQTT-4.6.0-4'],
    [
      connects(),
      sends(Buffer.concat([1, 2, 3, 4].map((packetId) => publish({ version: 5, qos: 2, packetId })))),
      getsOnly([1, 2, 3, 4].map((packetId) => ({ type: 'pubrec', packetId }))),
      sends(Buffer.concat([3, 9, 1, 4, 2].map((packetId) => ack('pubrel', { version: 5, packetId })))),
      getsOnly(
        [3, 9, 1, 4, 2].map((packetId) => ({ type: 'pubcomp', packetId, code: packetId === 9 ? 0x92 : 0 })),
      ),
    ],
  ),
  mqtt5(
    'PUBREL in the order of PUBREC, for what is known and what is not',
    ['MQTT-4.6.0-4', 'MQTT-4.3.3-4'],
    [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      sends(Buffer.concat([1, 2, 3].map((packetId) => publish({ version: 5, qos: 2, packetId }))), 'p'),
      getsOnly(
        [1, 2, 3].map((packetId) => ({ type: 'pubrec', packetId })),
        'p',
      ),
      getsOnly([1, 2, 3].map((packetId) => ({ type: 'publish', packetId }))),
      sends(Buffer.concat([2, 8, 3, 1].map((packetId) => ack('pubrec', { version: 5, packetId })))),
      getsOnly(
        [2, 8, 3, 1].map((packetId) => ({ type: 'pubrel', packetId, code: packetId === 8 ? 0x92 : 0 })),
      ),
    ],
  ),
];

/** A request of each kind, and its answer. */
const REQUESTS: readonly (readonly [request: Buffer, answer: Expected])[] = [
  [subscribe({ version: 5, packetId: 1, filters: [['s', 2]] }), { type: 'suback', packetId: 1 }],
  [publish({ version: 5, qos: 1, packetId: 2 }), { type: 'puback', packetId: 2 }],
  [PINGREQ, { type: 'pingresp' }],
  [publish({ version: 5, qos: 2, packetId: 3 }), { type: 'pubrec', packetId: 3 }],
  [unsubscribe({ version: 5, packetId: 4, filters: ['s'] }), { type: 'unsuback', packetId: 4 }],
  [ack('pubrel', { version: 5, packetId: 3 }), { type: 'pubcomp', packetId: 3, code: 0 }],
];

/** One answer after the other, without a PINGREQ behind them. */
function getsEach(expected: readonly Expected[]): Step[] {
  return expected.map((answer) => gets(answer));
}

const mixedRequests = [
  ...[1, 20].map((times) =>
    mqtt5(
      `requests of every kind, ${times} times in one piece`,
      ['MQTT-3.12.4-1', 'MQTT-3.8.4-1', 'MQTT-3.10.4-4'],
      [
        connects(),
        sends(
          Buffer.concat(Array.from({ length: times }, () => REQUESTS.map(([request]) => request)).flat()),
        ),
        ...getsEach(Array.from({ length: times }, () => REQUESTS.map(([, answer]) => answer)).flat()),
        getsNothing(),
      ],
    ),
  ),
  mqtt5(
    'a hundred PINGREQ',
    ['MQTT-3.12.4-1'],
    [
      connects(),
      sends(Buffer.concat(Array.from({ length: 100 }, () => PINGREQ))),
      ...getsEach(Array.from({ length: 100 }, () => ({ type: 'pingresp' as const }))),
      getsNothing(),
    ],
  ),
  mqtt5(
    'PINGREQ among messages that come',
    ['MQTT-3.12.4-1', 'MQTT-4.6.0-5'],
    [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      ...[1, 2, 3].flatMap((packetId) => [
        sends(publish({ version: 5, qos: 1, packetId, payload: String(packetId) }), 'p'),
        takes({ payload: String(packetId) }),
        sends(PINGREQ),
        ...getsEach([{ type: 'pingresp' }]),
      ]),
    ],
  ),
];

/** Answers in the order of what they answer, MQTT 5 §4.6. */
export const answersInOrderTable: Table = {
  title: 'answers in order',
  sequences: [...publishing, ...mixedRequests],
};

import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  type Expected,
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
import { ack, PINGREQ, type PropertyList, publish } from '../../wire/write.js';

function maximum(value: number): PropertyList {
  return [['Receive Maximum', value]];
}

/** Messages `1`, `2` … of client `p`. */
function messages(count: number, qos: number, from = 1): Step[] {
  return Array.from({ length: count }, (_, i) => publishes({ qos, payload: String(from + i) }, 'p'));
}

function inFlight(from: number, to: number): Step {
  const expected: Expected[] = [];
  for (let n = from; n <= to; n++) expected.push({ type: 'publish', payload: String(n) });
  return getsOnly(expected);
}

const QUOTA = ['MQTT-3.3.4-9', 'MQTT-4.9.0-2'];

const outgoing = [
  ...([1, 2] as const).flatMap((qos) =>
    [1, 2, 3, 10].map((value) =>
      mqtt5(
        `QoS ${qos}: ${value} and no more`,
        ['MQTT-4.9.0-1', ...QUOTA],
        [
          connects({ properties: maximum(value) }),
          subscribes('t', qos),
          connects({}, 'p'),
          ...messages(value + 2, qos),
          inFlight(1, value),
          sends(ack(qos === 1 ? 'puback' : 'pubrec', { version: 5, packetId: 1 })),
          ...(qos === 1
            ? []
            : [
                getsOnly([{ type: 'pubrel', packetId: 1 }]),
                sends(ack('pubcomp', { version: 5, packetId: 1 })),
              ]),
          inFlight(value + 1, value + 1),
        ],
      ),
    ),
  ),
  mqtt5(
    'the configured window is smaller than the receive maximum',
    ['MQTT-4.9.0-1'],
    [
      connects({ properties: maximum(100) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(5, 1),
      inFlight(1, 2),
    ],
    { config: { max_inflight: 2 } },
  ),
  mqtt5(
    'the receive maximum is smaller than the configured window',
    ['MQTT-4.9.0-1'],
    [
      connects({ properties: maximum(2) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(5, 1),
      inFlight(1, 2),
    ],
    { config: { max_inflight: 100 } },
  ),
  mqtt5(
    'a receive maximum where the configured window has no limit',
    ['MQTT-4.9.0-1'],
    [
      connects({ properties: maximum(2) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(5, 1),
      inFlight(1, 2),
    ],
    { config: { max_inflight: 0 } },
  ),
  mqtt5(
    'the greatest receive maximum',
    ['MQTT-4.9.0-1'],
    [
      connects({ properties: maximum(65_535) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(100, 1),
      inFlight(1, 100),
    ],
    { config: { max_inflight: 0 } },
  ),
  ...[0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99].flatMap((code) =>
    ([1, 2] as const).map((qos) =>
      mqtt5(`${qos === 1 ? 'PUBACK' : 'PUBREC'} with 0x${code.toString(16)} gives the quota back`, QUOTA, [
        connects({ properties: maximum(1) }),
        subscribes('t', qos),
        connects({}, 'p'),
        ...messages(2, qos),
        inFlight(1, 1),
        sends(ack(qos === 1 ? 'puback' : 'pubrec', { version: 5, code })),
        inFlight(2, 2),
      ]),
    ),
  ),
  mqtt5('PUBACK with 0x10 gives the quota back', QUOTA, [
    connects({ properties: maximum(1) }),
    subscribes('t', 1),
    connects({}, 'p'),
    ...messages(2, 1),
    inFlight(1, 1),
    sends(ack('puback', { version: 5, code: 0x10 })),
    inFlight(2, 2),
  ]),
  mqtt5('PUBREC with 0x10 does not, PUBCOMP does', QUOTA, [
    connects({ properties: maximum(1) }),
    subscribes('t', 2),
    connects({}, 'p'),
    ...messages(2, 2),
    inFlight(1, 1),
    sends(ack('pubrec', { version: 5, code: 0x10 })),
    getsOnly([{ type: 'pubrel', packetId: 1 }]),
    sends(ack('pubcomp', { version: 5 })),
    inFlight(2, 2),
  ]),
  mqtt5('PUBCOMP with 0x92 gives the quota back', QUOTA, [
    connects({ properties: maximum(1) }),
    subscribes('t', 2),
    connects({}, 'p'),
    ...messages(2, 2),
    inFlight(1, 1),
    sends(ack('pubrec', { version: 5 })),
    gets({ type: 'pubrel' }),
    sends(ack('pubcomp', { version: 5, code: 0x92 })),
    inFlight(2, 2),
  ]),
  mqtt5('messages of QoS 1 and 2 share the quota', QUOTA, [
    connects({ properties: maximum(2) }),
    subscribes('t', 2),
    connects({}, 'p'),
    ...messages(1, 1),
    ...messages(1, 2, 2),
    ...messages(2, 1, 3),
    inFlight(1, 2),
    sends(ack('pubrec', { version: 5, packetId: 2 })),
    getsOnly([{ type: 'pubrel', packetId: 2 }]),
    sends(ack('puback', { version: 5, packetId: 1 })),
    inFlight(3, 3),
    sends(ack('pubcomp', { version: 5, packetId: 2 })),
    inFlight(4, 4),
  ]),
  mqtt5('a quota of one, a hundred messages', QUOTA, [
    connects({ properties: maximum(1) }),
    subscribes('t', 1),
    connects({}, 'p'),
    ...messages(100, 1),
    ...Array.from({ length: 100 }, (_, i) => takes({ payload: String(i + 1) })),
    getsNothing(),
  ]),
];

const meanwhile: Readonly<Record<string, readonly Step[]>> = {
  PINGREQ: [sends(PINGREQ), gets({ type: 'pingresp' })],
  SUBSCRIBE: [subscribes('other', 1)],
  UNSUBSCRIBE: [unsubscribes('other')],
  'its own PUBLISH of QoS 0': [publishes({ topic: 'own' })],
  'its own PUBLISH of QoS 1': [publishes({ topic: 'own', qos: 1, packetId: 77 })],
  'its own PUBLISH of QoS 2': [publishes({ topic: 'own', qos: 2, packetId: 77 })],
  'a PUBREL for nothing': [
    sends(ack('pubrel', { version: 5, packetId: 9 })),
    gets({ type: 'pubcomp', packetId: 9, code: 0x92 }),
  ],
};

const others = Object.entries(meanwhile).map(([name, steps]) =>
  mqtt5(
    `without quota ${name} is answered`,
    ['MQTT-3.3.4-10', 'MQTT-4.9.0-3'],
    [
      connects({ properties: maximum(1) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(2, 1),
      inFlight(1, 1),
      ...steps,
      getsNothing(),
      sends(ack('puback', { version: 5 })),
      inFlight(2, 2),
    ],
  ),
);

const again = [
  mqtt5(
    'a new connection has a quota of its own: a smaller one',
    ['MQTT-4.9.0-1', 'MQTT-4.4.0-1'],
    [
      resumes(false, 'c', { properties: maximum(3) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(4, 1),
      inFlight(1, 3),
      drops(),
      resumes(true, 'c', { properties: maximum(1) }),
      takes({ payload: '1', packetId: 1, dup: true }),
      takes({ payload: '2', packetId: 2, dup: true }),
      takes({ payload: '3', packetId: 3, dup: true }),
      takes({ payload: '4', dup: false }),
      getsNothing(),
    ],
  ),
  mqtt5(
    'a smaller quota holds for what is sent again',
    ['MQTT-3.3.4-9', 'MQTT-4.9.0-1'],
    [
      resumes(false, 'c', { properties: maximum(3) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(3, 1),
      inFlight(1, 3),
      drops(),
      resumes(true, 'c', { properties: maximum(2) }),
      getsOnly([
        { packetId: 1, dup: true },
        { packetId: 2, dup: true },
      ]),
      sends(ack('puback', { version: 5, packetId: 1 })),
      getsOnly([{ packetId: 3, dup: true }]),
    ],
  ),
  mqtt5(
    'a new connection has a quota of its own: a greater one',
    ['MQTT-4.9.0-1', 'MQTT-4.4.0-1'],
    [
      resumes(false, 'c', { properties: maximum(1) }),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(4, 1),
      inFlight(1, 1),
      drops(),
      resumes(true, 'c', { properties: maximum(3) }),
      getsOnly([
        { payload: '1', dup: true },
        { payload: '2', dup: false },
        { payload: '3', dup: false },
      ]),
    ],
  ),
  mqtt5(
    'PUBREL that is sent again counts',
    ['MQTT-3.3.4-9', 'MQTT-4.4.0-1'],
    [
      resumes(false, 'c', { properties: maximum(1) }),
      subscribes('t', 2),
      connects({}, 'p'),
      ...messages(2, 2),
      inFlight(1, 1),
      sends(ack('pubrec', { version: 5 })),
      gets({ type: 'pubrel', packetId: 1 }),
      drops(),
      resumes(true, 'c', { properties: maximum(1) }),
      getsOnly([{ type: 'pubrel', packetId: 1 }]),
      sends(ack('pubcomp', { version: 5, packetId: 1 })),
      inFlight(2, 2),
    ],
  ),
];

const TOLD = { config: { max_awaiting_rel: 3 } };

const incoming = [
  mqtt5(
    'the server tells its receive maximum',
    ['MQTT-3.3.4-7'],
    [connects({}, 'c', { properties: { 'Receive Maximum': [3] } })],
    TOLD,
  ),
  mqtt5(
    'where there is no limit none is told',
    [],
    [connects({}, 'c', { properties: { 'Receive Maximum': undefined } })],
    { config: { max_awaiting_rel: 0 } },
  ),
  mqtt5(
    'as many QoS 2 messages as it takes, again and again',
    ['MQTT-3.3.4-7'],
    [
      connects(),
      ...[1, 2, 3, 4, 5].flatMap(() => [
        ...[1, 2, 3].flatMap((packetId) => [
          sends(publish({ version: 5, qos: 2, packetId })),
          gets({ type: 'pubrec', packetId }),
        ]),
        ...[1, 2, 3].flatMap((packetId) => [
          sends(ack('pubrel', { version: 5, packetId })),
          gets({ type: 'pubcomp', packetId, code: 0 }),
        ]),
      ]),
    ],
    TOLD,
  ),
  mqtt5(
    'one more than it takes: 0x93, and the message is not published',
    ['MQTT-3.3.4-7', 'MQTT-4.13.1-1'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects({ will: {} }),
      sends(
        Buffer.concat(
          [1, 2, 3, 4].map((n) => publish({ version: 5, qos: 2, packetId: n, payload: String(n) })),
        ),
      ),
      gets({ type: 'pubrec', packetId: 1 }),
      gets({ type: 'pubrec', packetId: 2 }),
      gets({ type: 'pubrec', packetId: 3 }),
      isEnded(0x93),
      getsOnly([{ payload: '1' }, { payload: '2' }, { payload: '3' }], 'watch'),
    ],
    TOLD,
  ),
  mqtt5(
    'messages of QoS 1 are acknowledged at once and never too many',
    ['MQTT-3.3.4-7'],
    [
      connects(),
      sends(
        Buffer.concat(Array.from({ length: 50 }, (_, i) => publish({ version: 5, qos: 1, packetId: i + 1 }))),
      ),
      getsOnly(Array.from({ length: 50 }, (_, i) => ({ type: 'puback', packetId: i + 1 }))),
    ],
    TOLD,
  ),
  mqtt5(
    'a refused QoS 2 message does not count',
    ['MQTT-3.3.4-7'],
    [
      connects(),
      ...[1, 2, 3, 4, 5].flatMap((packetId) => [
        sends(publish({ version: 5, topic: 'closed', qos: 2, packetId })),
        gets({ type: 'pubrec', packetId, code: 0x87 }),
      ]),
    ],
    {
      ...TOLD,
      sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed'] }] } },
    },
  ),
  mqtt5(
    'a new connection begins with the whole quota',
    ['MQTT-3.3.4-7'],
    [
      connects(),
      ...[1, 2, 3].flatMap((packetId) => [
        sends(publish({ version: 5, qos: 2, packetId })),
        gets({ type: 'pubrec', packetId }),
      ]),
      drops(),
      connects(),
      ...[1, 2, 3].flatMap((packetId) => [
        sends(publish({ version: 5, qos: 2, packetId })),
        gets({ type: 'pubrec', packetId }),
      ]),
    ],
    TOLD,
  ),
];

/** Flow control, MQTT 5 §4.9. */
export const receiveMaximumTable: Table = {
  title: 'receive maximum',
  sequences: [...outgoing, ...others, ...again, ...incoming],
};

import { each, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  opens,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, type Connect, connect, publish } from '../../wire/write.js';

const TAKEN = { 3: [], 4: ['MQTT-3.1.4-2'], 5: ['MQTT-3.1.4-3'] } as const;

/** The first connection of `same`, whose session lasts. */
function first(fields: Connect = {}): Step {
  return resumes(false, 'first', { clientId: 'same', ...fields });
}

/** The second, which finds the session. */
function second(fields: Connect = {}): Step {
  return resumes(true, 'second', { clientId: 'same', ...fields });
}

const isTaken = isEnded(0x8e, 'first');

const whose = [
  ...each(
    'a clean start takes the connection and not the session',
    { 3: [], 4: ['MQTT-3.1.4-2', 'MQTT-3.1.2-6', 'MQTT-3.2.2-1'], 5: ['MQTT-3.1.4-3', 'MQTT-3.1.2-4'] },
    () => [
      first(),
      subscribes('t', 1, 'first'),
      connects({ clientId: 'same' }, 'second', { sessionPresent: false }),
      isTaken,
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      getsNothing('second'),
    ],
  ),
  ...each(
    'there is no session to take of a client with a clean start',
    { 3: [], 4: ['MQTT-3.1.2-6', 'MQTT-3.2.2-3'], 5: ['MQTT-3.1.4-3'] },
    () => [
      connects({ clientId: 'same' }, 'first'),
      subscribes('t', 1, 'first'),
      resumes(false, 'second', { clientId: 'same' }),
      isTaken,
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      getsNothing('second'),
    ],
  ),
  ...each('client identifiers that differ in case are two clients', TAKEN, () => [
    connects({ clientId: 'Same' }, 'first'),
    connects({ clientId: 'same' }, 'second'),
    getsNothing('first'),
    getsNothing('second'),
  ]),
  ...each('ten connections in a row: the last one stays', TAKEN, () => [
    ...Array.from({ length: 10 }, (_, i) => connects({ clientId: 'same' }, `connection ${i}`)),
    ...Array.from({ length: 9 }, (_, i) => isEnded(0x8e, `connection ${i}`)),
    getsNothing('connection 9'),
  ]),
  ...each('a CONNECT that is refused takes nothing over', TAKEN, (version) => [
    connects({ clientId: 'same' }, 'first'),
    opens('second'),
    sends(connect({ version, clientId: 'same', flags: 0x04 | 0x18 }), 'second'),
    version === 5 ? gets({ type: 'connack', code: 0x81 }, 'second') : isClosed('second'),
    getsNothing('first'),
  ]),
  ...each(
    'a wrong password takes nothing over',
    TAKEN,
    (version) => [
      connects({ clientId: 'same', username: 'ann', password: 'right' }, 'first'),
      opens('second'),
      sends(connect({ version, clientId: 'same', username: 'ann', password: 'wrong' }), 'second'),
      gets({ type: 'connack', code: version === 5 ? 0x86 : 4 }, 'second'),
      getsNothing('first'),
    ],
    { sections: { access: { allow_anonymous: false, users: [{ username: 'ann', password: 'right' }] } } },
  ),
];

const onTheirWay = [
  ...([1, 2] as const).flatMap((qos) =>
    each(
      `a message of QoS ${qos} that the first has not acknowledged goes to the second`,
      { 3: [], 4: ['MQTT-4.4.0-1', 'MQTT-3.3.1-1'], 5: ['MQTT-4.4.0-1', 'MQTT-3.3.1-1'] },
      () => [
        first(),
        subscribes('t', qos, 'first'),
        connects({}, 'p'),
        publishes({ qos, payload: 'x' }, 'p'),
        gets({ payload: 'x', packetId: 1, dup: false }, 'first'),
        second(),
        isTaken,
        takes({ payload: 'x', packetId: 1, dup: true }, 'second'),
        getsNothing('second'),
      ],
    ),
  ),
  ...each(
    'a PUBREL that the first has not completed goes to the second',
    { 3: [], 4: ['MQTT-4.4.0-1', 'MQTT-4.3.3-1'], 5: ['MQTT-4.4.0-1', 'MQTT-4.3.3-5'] },
    (version) => [
      first(),
      subscribes('t', 2, 'first'),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ type: 'publish', packetId: 1 }, 'first'),
      sends(ack('pubrec', { version }), 'first'),
      gets({ type: 'pubrel', packetId: 1 }, 'first'),
      second(),
      isTaken,
      gets({ type: 'pubrel', packetId: 1 }, 'second'),
      sends(ack('pubcomp', { version }), 'second'),
      getsNothing('second'),
    ],
  ),
  ...each(
    'what waits for the window goes to the second, in its order',
    { 3: [], 4: ['MQTT-4.6.0-6'], 5: ['MQTT-4.6.0-5'] },
    () => [
      first(),
      subscribes('t', 1, 'first'),
      connects({}, 'p'),
      ...['1', '2', '3', '4'].map((payload) => publishes({ qos: 1, payload }, 'p')),
      gets({ payload: '1', dup: false }, 'first'),
      second(),
      isTaken,
      takes({ payload: '1', dup: true }, 'second'),
      takes({ payload: '2', dup: false }, 'second'),
      takes({ payload: '3', dup: false }, 'second'),
      takes({ payload: '4', dup: false }, 'second'),
      getsNothing('second'),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each(
    'a QoS 2 message that the first has published is not published again',
    { 3: [], 4: ['MQTT-4.3.3-2'], 5: ['MQTT-4.3.3-10'] },
    (version) => [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      first(),
      sends(publish({ version, qos: 2, packetId: 9 }), 'first'),
      gets({ type: 'pubrec', packetId: 9 }, 'first'),
      second(),
      isTaken,
      sends(publish({ version, qos: 2, packetId: 9, dup: true }), 'second'),
      gets({ type: 'pubrec', packetId: 9 }, 'second'),
      getsOnly([{ topic: 't' }], 'watch'),
    ],
  ),
  ...each('after a clean start it is', { 3: [], 4: ['MQTT-3.1.2-6'], 5: ['MQTT-3.1.2-4'] }, (version) => [
    connects({}, 'watch'),
    subscribes('t', 0, 'watch'),
    first(),
    sends(publish({ version, qos: 2, packetId: 9, payload: 'old' }), 'first'),
    gets({ type: 'pubrec', packetId: 9 }, 'first'),
    connects({ clientId: 'same' }, 'second'),
    isTaken,
    sends(publish({ version, qos: 2, packetId: 9, payload: 'new' }), 'second'),
    gets({ type: 'pubrec', packetId: 9 }, 'second'),
    getsOnly([{ payload: 'old' }, { payload: 'new' }], 'watch'),
  ]),
  ...each(
    'what was on its way does not survive a clean start',
    { 3: [], 4: ['MQTT-3.1.2-6'], 5: ['MQTT-3.1.2-4'] },
    () => [
      first(),
      subscribes('t', 1, 'first'),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      gets({ type: 'publish', packetId: 1 }, 'first'),
      connects({ clientId: 'same' }, 'second'),
      isTaken,
      passes(60),
      getsNothing('second'),
    ],
  ),
];

const watch: Step[] = [connects({}, 'watch'), subscribes('will', 1, 'watch')];
const WILL = { 3: [], 4: ['MQTT-3.1.2-8', 'MQTT-3.1.2-10'], 5: ['MQTT-3.1.2-8', 'MQTT-3.1.2-10'] } as const;

const wills = [
  ...each('the will of the first is left, that of the second stays', WILL, () => [
    ...watch,
    first({ will: { payload: 'first' } }),
    second({ will: { payload: 'second' } }),
    isTaken,
    takes({ payload: 'first' }, 'watch'),
    getsNothing('watch'),
    drops('second'),
    takes({ payload: 'second' }, 'watch'),
    getsNothing('watch'),
  ]),
  ...each('the second has no will: none is left when it is lost', WILL, () => [
    ...watch,
    first({ will: { payload: 'first' } }),
    second(),
    isTaken,
    takes({ payload: 'first' }, 'watch'),
    drops('second'),
    getsNothing('watch'),
  ]),
  ...each('the second subscribes to the will of the first: it hears it', WILL, () => [
    first({ will: { topic: 't', payload: 'first', qos: 1 } }),
    subscribes('t', 1, 'first'),
    second(),
    isTaken,
    takes({ topic: 't', payload: 'first', qos: 1 }, 'second'),
  ]),
];

/** MQTT 5 §3.1.4, MQTT 3.1.1 §3.1.4: a client identifier that is connected already. */
export const takeoversTable: Table = { title: 'takeovers', sequences: [...whose, ...onTheirWay, ...wills] };

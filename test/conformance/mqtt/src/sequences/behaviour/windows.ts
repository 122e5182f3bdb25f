import { each, type Step, type Table } from '../../sequence.js';
import {
  connects,
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
import { ack, publish } from '../../wire/write.js';

/** Messages `1`, `2` … of client `p`, each seen through. */
function messages(count: number, qos: number, from = 1): Step[] {
  return Array.from({ length: count }, (_, i) => publishes({ qos, payload: String(from + i) }, 'p'));
}

/** What a client gets without acknowledging it: these payloads in this order. */
function inFlight(payloads: readonly string[]): Step {
  return getsOnly(payloads.map((payload) => ({ type: 'publish', payload })));
}

const payloads = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

const WINDOW = { 3: [], 4: ['MQTT-4.6.0-6'], 5: ['MQTT-4.6.0-5'] } as const;

const sizes = ([1, 2] as const).flatMap((qos) =>
  [1, 2, 10, 32].flatMap((size) =>
    each(
      `a window of ${size} for messages of QoS ${qos}`,
      WINDOW,
      (version) => [
        connects(),
        subscribes('t', qos),
        connects({}, 'p'),
        ...messages(size + 2, qos),
        inFlight(payloads(size)),
        sends(ack(qos === 1 ? 'puback' : 'pubrec', { version, packetId: 1 })),
        ...(qos === 1
          ? []
          : [getsOnly([{ type: 'pubrel', packetId: 1 }]), sends(ack('pubcomp', { version, packetId: 1 }))]),
        inFlight([String(size + 1)]),
      ],
      { config: { max_inflight: size } },
    ),
  ),
);

const openings = [
  ...each(
    'a window without limit',
    WINDOW,
    () => [connects(), subscribes('t', 1), connects({}, 'p'), ...messages(100, 1), inFlight(payloads(100))],
    { config: { max_inflight: 0 } },
  ),
  ...each(
    'acknowledgements in another order than the messages',
    { 3: [], 4: ['MQTT-4.3.2-1'], 5: ['MQTT-4.3.2-3'] },
    (version) => [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(4, 1),
      inFlight(['1', '2', '3']),
      sends(ack('puback', { version, packetId: 3 })),
      inFlight(['4']),
      sends(ack('puback', { version, packetId: 1 })),
      sends(ack('puback', { version, packetId: 2 })),
      sends(ack('puback', { version, packetId: 4 })),
      getsNothing(),
      ...messages(1, 1, 5),
      inFlight(['5']),
    ],
    { config: { max_inflight: 3 } },
  ),
  ...each(
    'a PUBACK that comes twice opens the window once',
    WINDOW,
    (version) => [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(4, 1),
      inFlight(['1']),
      sends(Buffer.concat([ack('puback', { version }), ack('puback', { version })])),
      inFlight(['2']),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each(
    'a PUBACK for nothing does not open the window',
    WINDOW,
    (version) => [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(2, 1),
      inFlight(['1']),
      sends(ack('puback', { version, packetId: 999 })),
      getsNothing(),
      sends(ack('puback', { version, packetId: 1 })),
      inFlight(['2']),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each(
    'messages of QoS 0 do not wait for the window',
    { 3: [], 4: [], 5: ['MQTT-4.9.0-3'] },
    (version) => [
      connects(),
      subscribes('#', 1),
      connects({}, 'p'),
      ...messages(2, 1),
      inFlight(['1']),
      publishes({ topic: 'other', payload: 'at once' }, 'p'),
      inFlight(['at once']),
      sends(ack('puback', { version })),
      inFlight(['2']),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each(
    'answers do not wait for the window',
    { 3: [], 4: [], 5: ['MQTT-3.3.4-10'] },
    (version) => [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(2, 1),
      inFlight(['1']),
      subscribes('s', 2),
      sends(publish({ version, topic: 'own', qos: 2, packetId: 1 })),
      gets({ type: 'pubrec', packetId: 1 }),
      sends(ack('pubrel', { version, packetId: 1 })),
      gets({ type: 'pubcomp', packetId: 1 }),
      getsNothing(),
    ],
    { config: { max_inflight: 1 } },
  ),
  ...each(
    'both ends use the same packet identifier at the same time',
    { 3: [], 4: ['MQTT-4.3.2-2', 'MQTT-4.3.3-2'], 5: ['MQTT-4.3.2-4', 'MQTT-4.3.3-8'] },
    (version) => [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2, payload: 'theirs' }, 'p'),
      gets({ type: 'publish', payload: 'theirs', packetId: 1 }),
      sends(publish({ version, topic: 'own', qos: 2, packetId: 1 })),
      gets({ type: 'pubrec', packetId: 1 }),
      sends(ack('pubrec', { version, packetId: 1 })),
      gets({ type: 'pubrel', packetId: 1 }),
      sends(ack('pubrel', { version, packetId: 1 })),
      gets({ type: 'pubcomp', packetId: 1 }),
      sends(ack('pubcomp', { version, packetId: 1 })),
      getsNothing(),
    ],
  ),
];

const again = [
  ...each(
    'what was sent comes first, then what waited, as far as the window goes',
    { 3: [], 4: ['MQTT-4.4.0-1', 'MQTT-4.6.0-6'], 5: ['MQTT-4.4.0-1', 'MQTT-4.6.0-1'] },
    (version) => [
      resumes(false),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(4, 1),
      inFlight(['1', '2']),
      drops(),
      ...messages(1, 1, 5),
      resumes(true),
      getsOnly([
        { payload: '1', packetId: 1, dup: true },
        { payload: '2', packetId: 2, dup: true },
      ]),
      sends(ack('puback', { version, packetId: 1 })),
      getsOnly([{ payload: '3', dup: false }]),
      sends(ack('puback', { version, packetId: 2 })),
      takes({ payload: '4', dup: false }),
      takes({ payload: '5', dup: false }),
      getsNothing(),
    ],
    { config: { max_inflight: 2 } },
  ),
  ...each(
    'a window of QoS 1 and 2 is sent again in the order of the first time',
    { 3: [], 4: ['MQTT-4.4.0-1', 'MQTT-4.6.0-1'], 5: ['MQTT-4.4.0-1', 'MQTT-4.6.0-1'] },
    (version) => [
      resumes(false),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2, payload: '1' }, 'p'),
      publishes({ qos: 1, payload: '2' }, 'p'),
      publishes({ qos: 2, payload: '3' }, 'p'),
      inFlight(['1', '2', '3']),
      sends(ack('pubrec', { version, packetId: 3 })),
      gets({ type: 'pubrel', packetId: 3 }),
      drops(),
      resumes(true),
      getsOnly([
        { type: 'publish', packetId: 1, qos: 2, dup: true },
        { type: 'publish', packetId: 2, qos: 1, dup: true },
        { type: 'pubrel', packetId: 3 },
      ]),
    ],
  ),
  ...each(
    'a client that comes back three times without acknowledging gets the same each time',
    { 3: [], 4: ['MQTT-4.4.0-1', 'MQTT-3.3.1-1'], 5: ['MQTT-4.4.0-1', 'MQTT-3.3.1-1'] },
    () => [
      resumes(false),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(2, 1),
      inFlight(['1', '2']),
      ...[1, 2, 3].flatMap(() => [
        drops(),
        resumes(true),
        getsOnly([
          { payload: '1', packetId: 1, dup: true },
          { payload: '2', packetId: 2, dup: true },
        ]),
      ]),
    ],
  ),
  ...each(
    'a PUBACK for what was sent on the last connection counts',
    { 3: [], 4: ['MQTT-4.3.2-1'], 5: ['MQTT-4.3.2-3'] },
    (version) => [
      resumes(false),
      subscribes('t', 1),
      connects({}, 'p'),
      ...messages(1, 1),
      inFlight(['1']),
      drops(),
      resumes(true),
      sends(ack('puback', { version })),
      getsOnly([{ payload: '1', dup: true }]),
      drops(),
      resumes(true),
      getsNothing(),
    ],
  ),
  ...each('every message has a retry interval of its own', { 3: [], 4: [] }, (version) => [
    connects(),
    subscribes('t', 1),
    connects({}, 'p'),
    ...messages(1, 1),
    inFlight(['1']),
    passes(20),
    ...messages(1, 1, 2),
    inFlight(['2']),
    passes(11),
    getsOnly([{ payload: '1', packetId: 1, dup: true }]),
    sends(ack('puback', { version, packetId: 1 })),
    getsNothing(),
    passes(20),
    getsOnly([{ payload: '2', packetId: 2, dup: true }]),
  ]),
  ...each('messages that are sent again keep their order', { 3: [], 4: ['MQTT-4.6.0-1'] }, () => [
    connects(),
    subscribes('t', 1),
    connects({}, 'p'),
    ...messages(3, 1),
    inFlight(['1', '2', '3']),
    passes(31),
    getsOnly(
      [1, 2, 3].map((packetId) => ({ type: 'publish', packetId, payload: String(packetId), dup: true })),
    ),
  ]),
];

const inbound = [
  ...each(
    'a QoS 2 message that is never released is forgotten',
    { 3: [], 4: [], 5: [] },
    (version) => [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      sends(publish({ version, qos: 2, packetId: 5, payload: '1' })),
      gets({ type: 'pubrec', packetId: 5 }),
      passes(61),
      sends(publish({ version, qos: 2, packetId: 5, payload: '2' })),
      gets({ type: 'pubrec', packetId: 5 }),
      takes({ payload: '1' }, 'watch'),
      takes({ payload: '2' }, 'watch'),
    ],
    { config: { await_rel_timeout: '60s' } },
  ),
  ...each(
    'a hundred and fifty QoS 2 messages before the first PUBREL',
    { 3: [], 4: ['MQTT-4.3.3-2'] },
    (version) => [
      connects(),
      sends(
        Buffer.concat(Array.from({ length: 150 }, (_, i) => publish({ version, qos: 2, packetId: i + 1 }))),
      ),
      getsOnly(Array.from({ length: 150 }, (_, i) => ({ type: 'pubrec', packetId: i + 1 }))),
      sends(
        Buffer.concat(Array.from({ length: 150 }, (_, i) => ack('pubrel', { version, packetId: i + 1 }))),
      ),
      getsOnly(Array.from({ length: 150 }, (_, i) => ({ type: 'pubcomp', packetId: i + 1 }))),
    ],
  ),
];

/** What is on its way and not acknowledged, MQTT 5 §4.3, §4.4, §4.9, MQTT 3.1.1 §4.3, §4.4. */
export const windowsTable: Table = {
  title: 'windows',
  sequences: [...sizes, ...openings, ...again, ...inbound],
};

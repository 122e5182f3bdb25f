import assert from 'node:assert/strict';
import { mqtt5, type Step, type Table } from '../../sequence.js';
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
import { ack, publish, subscribe, unsubscribe } from '../../wire/write.js';

/** Batches of messages that together use all packet identifiers but 1. */
const BATCHES = 62;
const BATCH = 65_534 / BATCHES;

/** Publishes a batch of messages of QoS 1, which the client `c` gets and acknowledges. */
function passBatch(index: number): Step {
  const numbers = Array.from({ length: BATCH }, (_, i) => i + 1);
  return {
    what: `batch ${index + 1} passes`,
    run: async (stage) => {
      const from = stage.client('p');
      const to = stage.client('c');
      from.send(Buffer.concat(numbers.map((packetId) => publish({ version: 5, qos: 1, packetId }))));
      for (const packetId of numbers) assert.equal((await from.receive()).packetId, packetId);
      const first = 1 + index * BATCH;
      for (const number of numbers) assert.equal((await to.receive()).packetId, first + number);
      to.send(
        Buffer.concat(numbers.map((number) => ack('puback', { version: 5, packetId: first + number }))),
      );
      assert.deepEqual(await to.receiveAll(), []);
    },
  };
}

const wrapping = [
  mqtt5(
    'all packet identifiers of the server, and then those that are free again',
    ['MQTT-2.2.1-4', 'MQTT-4.3.2-1'],
    [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1, payload: 'held' }, 'p'),
      gets({ payload: 'held', packetId: 1 }),
      ...Array.from({ length: BATCHES }, (_, index) => passBatch(index)),
      publishes({ qos: 1 }, 'p'),
      gets({ type: 'publish', packetId: 2, dup: false }),
      sends(ack('puback', { version: 5, packetId: 1 })),
      publishes({ qos: 1 }, 'p'),
      gets({ type: 'publish', packetId: 3, dup: false }),
    ],
    { config: { max_inflight: 0 } },
  ),
];

const own = [
  mqtt5(
    'one packet identifier for one request after the other',
    ['MQTT-2.2.1-3', 'MQTT-2.2.1-6', 'MQTT-2.2.1-5'],
    [
      connects(),
      ...[1, 2, 3].flatMap(() => [
        sends(subscribe({ version: 5, packetId: 7, filters: [['t', 1]] })),
        gets({ type: 'suback', packetId: 7, codes: [1] }),
        sends(unsubscribe({ version: 5, packetId: 7, filters: ['t'] })),
        gets({ type: 'unsuback', packetId: 7, codes: [0] }),
        publishes({ qos: 1, packetId: 7 }),
        publishes({ qos: 2, packetId: 7 }),
      ]),
    ],
  ),
  ...[1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff].map((packetId) =>
    mqtt5(
      `the packet identifier ${packetId} in every packet`,
      ['MQTT-2.2.1-5', 'MQTT-2.2.1-6', 'MQTT-4.3.2-4'],
      [
        connects(),
        sends(subscribe({ version: 5, packetId, filters: [['s', 1]] })),
        gets({ type: 'suback', packetId }),
        sends(unsubscribe({ version: 5, packetId, filters: ['s'] })),
        gets({ type: 'unsuback', packetId }),
        sends(publish({ version: 5, qos: 1, packetId })),
        gets({ type: 'puback', packetId }),
        sends(publish({ version: 5, qos: 2, packetId })),
        gets({ type: 'pubrec', packetId }),
        sends(ack('pubrel', { version: 5, packetId })),
        gets({ type: 'pubcomp', packetId, code: 0 }),
      ],
    ),
  ),
  mqtt5(
    'after PUBACK a packet identifier is that of a new message, with and without DUP',
    ['MQTT-4.3.2-5'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      ...[false, true, false, true].flatMap((dup, i) => [
        sends(publish({ version: 5, qos: 1, packetId: 3, dup, payload: String(i) })),
        gets({ type: 'puback', packetId: 3, code: 0 }),
        takes({ payload: String(i), dup: false }, 'watch'),
      ]),
    ],
  ),
  mqtt5(
    'a message of QoS 0 has none',
    ['MQTT-2.2.1-2', 'MQTT-4.3.1-1', 'MQTT-3.3.1-2'],
    [
      connects({}, 'watch'),
      subscribes('t', 2, 'watch'),
      connects(),
      publishes({ payload: '\u0000\u0001' }),
      getsOnly([{ type: 'publish', topic: 't', payload: '\u0000\u0001', qos: 0, dup: false }], 'watch'),
    ],
  ),
];

const server = [
  ...([1, 2] as const).map((qos) =>
    mqtt5(
      `new messages of QoS ${qos} have identifiers that are not in use`,
      ['MQTT-2.2.1-4', 'MQTT-4.3.3-1'],
      [
        connects(),
        subscribes('t', 2),
        connects({}, 'p'),
        ...[1, 2, 3].flatMap((packetId) => [
          publishes({ qos, payload: String(packetId) }, 'p'),
          gets({ payload: String(packetId), packetId, dup: false }),
        ]),
        sends(ack(qos === 1 ? 'puback' : 'pubrec', { version: 5, packetId: 2 })),
        ...(qos === 1 ? [] : [gets({ type: 'pubrel', packetId: 2 })]),
        publishes({ qos, payload: '4' }, 'p'),
        gets({ payload: '4', packetId: 4 }),
      ],
    ),
  ),
  mqtt5(
    'what is sent again keeps its identifier, new messages get others',
    ['MQTT-4.4.0-1', 'MQTT-2.2.1-4'],
    [
      resumes(false),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1, payload: '1' }, 'p'),
      publishes({ qos: 1, payload: '2' }, 'p'),
      gets({ payload: '1', packetId: 1 }),
      gets({ payload: '2', packetId: 2 }),
      sends(ack('puback', { version: 5, packetId: 1 })),
      getsNothing(),
      drops(),
      publishes({ qos: 1, payload: '3' }, 'p'),
      resumes(true),
      gets({ payload: '2', packetId: 2, dup: true }),
      gets({ payload: '3', packetId: 3, dup: false }),
    ],
  ),
  mqtt5(
    'a session that begins anew begins its identifiers anew',
    ['MQTT-2.2.1-4', 'MQTT-3.1.2-4'],
    [
      ...[1, 2].flatMap(() => [
        connects(),
        subscribes('t', 1),
        connects({}, 'p'),
        publishes({ qos: 1 }, 'p'),
        gets({ type: 'publish', packetId: 1, dup: false }),
      ]),
    ],
  ),
  mqtt5(
    'each client has identifiers of its own',
    ['MQTT-2.2.1-4'],
    [
      ...['a', 'b'].flatMap((name) => [connects({}, name), subscribes('t', 2, name)]),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ type: 'publish', packetId: 1 }, 'a'),
      gets({ type: 'publish', packetId: 1 }, 'b'),
      sends(ack('pubrec', { version: 5, packetId: 1 }), 'a'),
      gets({ type: 'pubrel', packetId: 1 }, 'a'),
      getsNothing('b'),
      unsubscribes('t', 'b'),
      sends(ack('pubrec', { version: 5, packetId: 1 }), 'b'),
      gets({ type: 'pubrel', packetId: 1 }, 'b'),
    ],
  ),
];

/** Packet identifiers, MQTT 5 §2.2.1. */
export const packetIdentifiersTable: Table = {
  title: 'packet identifiers',
  sequences: [...wrapping, ...own, ...server],
};

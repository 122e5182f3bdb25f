import { each, type Step, type Table } from '../../sequence.js';
import type { Version } from '../../spec/packets.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  isEnded,
  leaves,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, PINGREQ, publish, subscribe, unsubscribe } from '../../wire/write.js';

const SILENCE = { 3: [], 4: ['MQTT-3.1.2-24'], 5: ['MQTT-3.1.2-22', 'MQTT-3.2.2-22'] } as const;

/** Something that a client may send at any time, and what shows that it has come. */
const SIGNS_OF_LIFE: Readonly<Record<string, (version: Version) => readonly Step[]>> = {
  PINGREQ: () => [sends(PINGREQ), gets({ type: 'pingresp' })],
  'PUBLISH of QoS 0': () => [publishes({})],
  'PUBLISH of QoS 1': () => [publishes({ qos: 1 })],
  'PUBLISH of QoS 2': () => [publishes({ qos: 2 })],
  PUBREL: (version) => [sends(ack('pubrel', { version })), gets({ type: 'pubcomp' })],
  SUBSCRIBE: (version) => [sends(subscribe({ version, filters: [['s', 0]] })), gets({ type: 'suback' })],
  UNSUBSCRIBE: (version) => [sends(unsubscribe({ version, filters: ['s'] })), gets({ type: 'unsuback' })],
};

const alive = Object.entries(SIGNS_OF_LIFE).flatMap(([name, steps]) =>
  each(`${name} shows that a client is there`, SILENCE, (version) => [
    connects({ keepAlive: 10 }),
    passes(14),
    ...steps(version),
    passes(14),
    ...steps(version),
    passes(14),
    ...steps(version),
    passes(15),
    isEnded(0x8d),
  ]),
);

const lengths = [
  ...[
    [1, 1.4, 0.2],
    [2, 2.9, 0.2],
    [60, 89, 1.1],
    [1000, 1499, 2],
  ].flatMap(([keepAlive = 0, within = 0, rest = 0]) =>
    each(`a keep alive of ${keepAlive} seconds`, SILENCE, () => [
      connects({ keepAlive }),
      passes(within),
      getsNothing(),
      passes(within),
      passes(rest),
      isEnded(0x8d),
    ]),
  ),
  ...each(
    'another tolerance than one half',
    { 3: [], 4: [], 5: [] },
    () => [connects({ keepAlive: 10 }), passes(39), getsNothing(), passes(40), isEnded(0x8d)],
    { config: { keepalive_backoff: 2 } },
  ),
  ...each('a keep alive of 0 after one that was not', SILENCE, () => [
    connects({ keepAlive: 10 }),
    leaves(),
    connects({ keepAlive: 0 }),
    passes(3600),
    getsNothing(),
  ]),
];

const silence = [
  ...each('what the hub sends does not show that the client is there', SILENCE, () => [
    connects({ keepAlive: 10 }),
    subscribes('t'),
    connects({}, 'p'),
    passes(8),
    publishes({ payload: '1' }, 'p'),
    gets({ payload: '1' }),
    passes(6),
    publishes({ payload: '2' }, 'p'),
    gets({ payload: '2' }),
    passes(2),
    isEnded(0x8d),
  ]),
  ...each('of two clients the silent one is ended', SILENCE, () => [
    connects({ keepAlive: 10 }, 'silent'),
    connects({ keepAlive: 10 }, 'talks'),
    passes(8),
    getsNothing('talks'),
    passes(8),
    isEnded(0x8d, 'silent'),
    getsNothing('talks'),
  ]),
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(
      `the session of a silent client goes on, messages of QoS ${qos} wait`,
      { 3: [], 4: ['MQTT-3.1.2-24', 'MQTT-3.1.2-4'], 5: ['MQTT-3.1.2-22'] },
      () => [
        resumes(false, 'c', { keepAlive: 10 }),
        subscribes('t', qos),
        passes(16),
        isEnded(0x8d),
        connects({}, 'p'),
        publishes({ qos, payload: 'waited' }, 'p'),
        resumes(true),
        takes({ payload: 'waited', qos, dup: false }),
        getsNothing(),
      ],
    ),
  ),
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(
      `a silent client leaves its will, with QoS ${qos}`,
      { 3: [], 4: ['MQTT-3.1.2-24', 'MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-22', 'MQTT-3.1.2-8'] },
      () => [
        connects({}, 'watch'),
        subscribes('will', 2, 'watch'),
        connects({ keepAlive: 10, will: { qos } }),
        passes(14),
        getsNothing('watch'),
        getsNothing(),
        passes(16),
        isEnded(0x8d),
        takes({ topic: 'will', qos }, 'watch'),
        getsNothing('watch'),
      ],
    ),
  ),
  ...each('half a packet and then silence', SILENCE, (version) => [
    connects({ keepAlive: 10 }),
    sends(publish({ version, qos: 1 }).subarray(0, 4)),
    passes(16),
    isEnded(0x8d),
  ]),
  ...each('what was unacknowledged comes again to a client that was silent', SILENCE, () => [
    resumes(false, 'c', { keepAlive: 10 }),
    subscribes('t', 1),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    gets({ type: 'publish', packetId: 1, dup: false }),
    passes(16),
    isEnded(0x8d),
    resumes(true),
    takes({ packetId: 1, dup: true }),
  ]),
  ...each('a client that was lost is not ended twice', SILENCE, () => [
    connects({}, 'watch'),
    subscribes('will', 0, 'watch'),
    connects({ keepAlive: 10, will: {} }),
    drops(),
    takes({ topic: 'will' }, 'watch'),
    passes(60),
    getsNothing('watch'),
  ]),
];

/** MQTT 5 §3.1.2.10, MQTT 3.1.1 §3.1.2.10. */
export const keepAliveTable: Table = { title: 'keep alive', sequences: [...alive, ...lengths, ...silence] };

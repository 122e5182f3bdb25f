import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  getsNothing,
  isClosed,
  isEnded,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { type Connect, disconnect, type PropertyList, publish, type Will } from '../../wire/write.js';

const EVER = 0xffff_ffff;

const watch: readonly Step[] = [connects({}, 'watch'), subscribes('will', 2, 'watch')];
const isLeft = takes({ topic: 'will', payload: 'gone' }, 'watch');
const isNotLeft = getsNothing('watch');

function delay(seconds: number): PropertyList {
  return [['Will Delay Interval', seconds]];
}

/** A client whose will waits. @param expiry of its session, in seconds */
function comes(waits: number, expiry: number, will: Will = {}, fields: Connect = {}): Step {
  const properties = [...delay(waits), ...((will.properties as PropertyList | undefined) ?? [])];
  return resumes(false, 'c', { will: { ...will, properties }, ...fields }, expiry);
}

/** The will is left after the delay or at the end of the session, whichever is first (MQTT 5 §3.1.3.2.2). */
const lengths = [0, 1, 10, 3600, EVER].flatMap((waits) =>
  [0, 5, 100, EVER].map((expiry) => {
    const at = Math.min(waits, expiry);
    const name = `a will delay of ${waits} s, a session of ${expiry} s`;
    if (at === 0) {
      return mqtt5(name, ['MQTT-3.1.2-8'], [...watch, comes(waits, expiry), drops(), isLeft, isNotLeft]);
    }
    const after = at === EVER ? [] : [passes(2.5), isLeft, passes(10), isNotLeft];
    return mqtt5(
      name,
      ['MQTT-3.1.2-8', 'MQTT-3.1.3-9'],
      [...watch, comes(waits, expiry), drops(), passes(Math.min(at, 10_000) - 0.5), isNotLeft, ...after],
    );
  }),
);

/** Ends of a connection after which a will waits. */
const ENDS: Readonly<Record<string, readonly Step[]>> = {
  'is lost': [drops()],
  'leaves with 0x04': [sends(disconnect({ code: 4 })), isClosed()],
  'leaves with 0x80': [sends(disconnect({ code: 0x80 })), isClosed()],
  'is ended for an error': [sends(publish({ version: 5, qos: 3 })), isEnded(0x81)],
  'falls silent': [passes(16), isEnded(0x8d)],
};

const ends = Object.entries(ENDS).flatMap(([name, end]) => [
  mqtt5(
    `a client that ${name}: its will waits`,
    ['MQTT-3.1.2-8'],
    [
      ...watch,
      comes(20, 100, {}, { keepAlive: 10 }),
      ...end,
      isNotLeft,
      passes(18),
      isNotLeft,
      passes(3),
      isLeft,
      isNotLeft,
    ],
  ),
  mqtt5(
    `a client that ${name} and returns: its will is not left`,
    ['MQTT-3.1.3-9'],
    [
      ...watch,
      comes(20, 100, {}, { keepAlive: 10 }),
      ...end,
      passes(10),
      resumes(true),
      passes(200),
      isNotLeft,
    ],
  ),
  mqtt5(
    `a client that ${name} and begins anew: its will is left at once`,
    ['MQTT-3.1.2-8'],
    [
      ...watch,
      comes(20, 100, {}, { keepAlive: 10 }),
      ...end,
      passes(10),
      connects(),
      isLeft,
      passes(200),
      isNotLeft,
    ],
  ),
]);

const goodbye = [
  mqtt5(
    'a normal goodbye discards a will that would wait',
    ['MQTT-3.14.4-3', 'MQTT-3.1.2-10'],
    [...watch, comes(10, 100), sends(disconnect({ code: 0 })), isClosed(), passes(200), isNotLeft],
  ),
  mqtt5(
    'the session ends with DISCONNECT: the will does not wait',
    ['MQTT-3.1.2-8'],
    [
      ...watch,
      comes(10, 100),
      sends(disconnect({ code: 4, properties: [['Session Expiry Interval', 0]] })),
      isClosed(),
      isLeft,
    ],
  ),
  mqtt5(
    'the session is made shorter by DISCONNECT: the will waits no longer',
    ['MQTT-3.1.2-8'],
    [
      ...watch,
      comes(50, 100),
      sends(disconnect({ code: 4, properties: [['Session Expiry Interval', 5]] })),
      isClosed(),
      passes(4),
      isNotLeft,
      passes(3),
      isLeft,
    ],
  ),
];

const again = [
  mqtt5(
    'the second connection has a will of its own',
    ['MQTT-3.1.3-9', 'MQTT-3.1.2-7'],
    [
      ...watch,
      comes(10, 100, { payload: 'first' }),
      drops(),
      passes(5),
      resumes(true, 'c', { will: { payload: 'second', properties: delay(10) } }),
      drops(),
      passes(9),
      isNotLeft,
      passes(3),
      takes({ payload: 'second' }, 'watch'),
      passes(100),
      isNotLeft,
    ],
  ),
  mqtt5(
    'the second connection has no will',
    ['MQTT-3.1.3-9', 'MQTT-3.1.2-7'],
    [...watch, comes(10, 100), drops(), passes(5), resumes(true), drops(), passes(200), isNotLeft],
  ),
  mqtt5(
    'a client that is lost again and again',
    ['MQTT-3.1.3-9'],
    [
      ...watch,
      comes(10, 100),
      ...[1, 2, 3].flatMap(() => [
        drops(),
        passes(8),
        resumes(true, 'c', { will: { properties: delay(10) } }),
      ]),
      isNotLeft,
      drops(),
      passes(12),
      isLeft,
      isNotLeft,
    ],
  ),
  mqtt5(
    'a client that returns too late',
    ['MQTT-3.1.2-8', 'MQTT-3.1.2-10'],
    [...watch, comes(10, 100), drops(), passes(12), isLeft, resumes(true), passes(100), isNotLeft],
  ),
  mqtt5(
    'a clean start while the client is there: its will is left at once',
    ['MQTT-3.1.2-8', 'MQTT-3.1.4-3'],
    [
      ...watch,
      resumes(false, 'first', { clientId: 'same', will: { properties: delay(10) } }),
      connects({ clientId: 'same' }, 'second'),
      isEnded(0x8e, 'first'),
      isLeft,
      passes(100),
      isNotLeft,
    ],
  ),
];

const kinds = [
  ...([0, 1, 2] as const).map((qos) =>
    mqtt5(
      `a will of QoS ${qos} that waited`,
      ['MQTT-3.1.2-8'],
      [
        ...watch,
        comes(10, 100, { qos }),
        drops(),
        passes(12),
        takes({ topic: 'will', qos, dup: false, retain: false }, 'watch'),
      ],
    ),
  ),
  mqtt5(
    'a retained will is not stored while it waits',
    ['MQTT-3.1.2-15'],
    [
      comes(10, 100, { retain: true }),
      drops(),
      connects({}, 'early'),
      subscribes('will', 0, 'early'),
      getsNothing('early'),
      passes(12),
      takes({ topic: 'will', retain: false }, 'early'),
      connects({}, 'late'),
      subscribes('will', 0, 'late'),
      takes({ topic: 'will', retain: true }, 'late'),
    ],
  ),
  mqtt5(
    'a will that waits for a client who is watching itself',
    ['MQTT-3.1.2-8', 'MQTT-4.5.0-1'],
    [
      comes(10, 100, { qos: 1 }),
      subscribes('will', 1),
      drops(),
      passes(12),
      resumes(true),
      takes({ topic: 'will', qos: 1 }),
    ],
  ),
  mqtt5(
    'a delay is not sent on',
    ['MQTT-3.1.2-8'],
    [
      ...watch,
      comes(0, 100, { properties: [['Content Type', 'x']] }),
      drops(),
      takes({ properties: { 'Will Delay Interval': undefined, 'Content Type': ['x'] } }, 'watch'),
    ],
  ),
  mqtt5(
    'other messages to the topic of the will do not disturb it',
    ['MQTT-3.1.2-8'],
    [
      ...watch,
      connects({}, 'p'),
      comes(10, 100),
      drops(),
      publishes({ topic: 'will', payload: 'other' }, 'p'),
      takes({ payload: 'other' }, 'watch'),
      passes(12),
      isLeft,
    ],
  ),
  mqtt5(
    'wills of several clients wait each for itself',
    ['MQTT-3.1.2-8'],
    [
      ...watch,
      ...[30, 10, 20].map((waits) =>
        resumes(false, `w${waits}`, { will: { payload: String(waits), properties: delay(waits) } }),
      ),
      ...[30, 10, 20].map((waits) => drops(`w${waits}`)),
      passes(12),
      takes({ payload: '10' }, 'watch'),
      isNotLeft,
      passes(10),
      takes({ payload: '20' }, 'watch'),
      isNotLeft,
      passes(10),
      takes({ payload: '30' }, 'watch'),
    ],
  ),
];

/** The Will Delay Interval, MQTT 5 §3.1.3.2.2. */
export const willDelayTable: Table = {
  title: 'will delay',
  sequences: [...lengths, ...ends, ...goodbye, ...again, ...kinds],
};

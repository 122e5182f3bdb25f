import { mqtt5, type Sequence, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
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
import { disconnect, type PropertyList, publish } from '../../wire/write.js';

/** UINT_MAX, which is for ever. */
const EVER = 0xffff_ffff;

/** How a client goes: lost, or with a DISCONNECT that has another interval, or none. */
type Going = 'is lost' | 'leaves' | number;

interface Row {
  /** Session Expiry Interval of CONNECT. */
  readonly interval: number | undefined;
  readonly going: Going;
  /** Seconds until it comes back. */
  readonly away: number;
  readonly present: boolean;
}

function row(interval: number | undefined, going: Going, away: number, present: boolean): Row {
  return { interval, going, away, present };
}

const ROWS: readonly Row[] = [
  row(undefined, 'is lost', 0, false),
  row(undefined, 'leaves', 0, false),
  row(undefined, 0, 0, false),
  row(0, 'is lost', 0, false),
  row(0, 'leaves', 0, false),
  row(0, 0, 0, false),
  row(1, 'is lost', 0, true),
  row(1, 'is lost', 3, false),
  row(10, 'is lost', 9, true),
  row(10, 'is lost', 12, false),
  row(10, 'leaves', 9, true),
  row(10, 'leaves', 12, false),
  row(10, 0, 0, false),
  row(10, 10, 9, true),
  row(10, 20, 19, true),
  row(10, 20, 22, false),
  row(20, 10, 9, true),
  row(20, 10, 12, false),
  row(10, EVER, 10_000, true),
  row(3600, 'is lost', 3500, true),
  row(3600, 'is lost', 3700, false),
  row(EVER - 1, 'is lost', 10_000, true),
  row(EVER, 'is lost', 10_000, true),
  row(EVER, 'leaves', 10_000, true),
  row(EVER, 0, 0, false),
  row(EVER, 5, 4, true),
  row(EVER, 5, 7, false),
];

function interval(seconds: number | undefined): PropertyList {
  return seconds === undefined ? [] : [['Session Expiry Interval', seconds]];
}

function goes(going: Going): Step[] {
  if (going === 'is lost') return [drops()];
  const properties = going === 'leaves' ? [] : interval(going);
  return [sends(disconnect({ code: 0, properties })), isClosed()];
}

function seconds(value: number | undefined): string {
  if (value === undefined) return 'no interval';
  return value === EVER ? 'the greatest interval' : `an interval of ${value} s`;
}

const intervals = ROWS.map(({ interval: asked, going, away, present }): Sequence => {
  const how = typeof going === 'number' ? `leaves with ${seconds(going)}` : going;
  const shows = present ? ['MQTT-3.1.2-23', 'MQTT-3.2.2-3'] : ['MQTT-4.1.0-2', 'MQTT-3.2.2-3'];
  return mqtt5(
    `${seconds(asked)}, the client ${how} for ${away} s: ${present ? 'a' : 'no'} session is present`,
    shows,
    [
      connects({ cleanStart: false, properties: interval(asked) }),
      subscribes('t', 1),
      ...goes(going),
      passes(away),
      connects({ cleanStart: false }, 'c', { sessionPresent: present }),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      present ? takes({ topic: 't' }) : getsNothing(),
    ],
  );
});

/** MQTT 5 §3.14.2.2.2: what was 0 stays 0. */
const errors = [undefined, 0].flatMap((asked) =>
  [1, EVER].map((given) =>
    mqtt5(
      `${seconds(asked)} of CONNECT, ${seconds(given)} of DISCONNECT`,
      ['MQTT-4.13.1-1'],
      [
        connects({}, 'watch'),
        subscribes('will', 0, 'watch'),
        connects({ will: {}, properties: interval(asked) }),
        sends(disconnect({ code: 0, properties: interval(given) })),
        isEnded(0x82),
        takes({ topic: 'will' }, 'watch'),
      ],
    ),
  ),
);

const changes = [
  mqtt5(
    'each connection has its own interval: a shorter one',
    ['MQTT-4.1.0-2'],
    [resumes(false, 'c', {}, 100), drops(), resumes(true, 'c', {}, 10), drops(), passes(12), resumes(false)],
  ),
  mqtt5(
    'each connection has its own interval: a longer one',
    ['MQTT-3.1.2-23'],
    [resumes(false, 'c', {}, 10), drops(), resumes(true, 'c', {}, 100), drops(), passes(99), resumes(true)],
  ),
  mqtt5(
    'each connection has its own interval: none',
    ['MQTT-4.1.0-2'],
    [
      resumes(false),
      drops(),
      connects({ cleanStart: false }, 'c', { sessionPresent: true }),
      drops(),
      resumes(false),
    ],
  ),
  mqtt5(
    'the interval of DISCONNECT is not that of the next connection',
    ['MQTT-4.1.0-2'],
    [
      resumes(false, 'c', {}, 10),
      sends(disconnect({ code: 0, properties: interval(100) })),
      isClosed(),
      passes(50),
      resumes(true, 'c', {}, 10),
      drops(),
      passes(12),
      resumes(false),
    ],
  ),
  mqtt5(
    'the interval begins with the end of the connection',
    ['MQTT-3.1.2-23', 'MQTT-4.1.0-1'],
    [resumes(false, 'c', {}, 10), passes(100), drops(), passes(9), resumes(true)],
  ),
  mqtt5(
    'a return begins it anew',
    ['MQTT-3.1.2-23'],
    [
      resumes(false, 'c', {}, 10),
      ...[1, 2, 3].flatMap(() => [drops(), passes(8), resumes(true, 'c', {}, 10)]),
    ],
  ),
  mqtt5(
    'a clean start can make a session that lasts',
    ['MQTT-3.1.2-4', 'MQTT-3.1.2-23', 'MQTT-3.2.2-2'],
    [
      connects({ properties: interval(10) }, 'c', { sessionPresent: false }),
      subscribes('t', 1),
      drops(),
      resumes(true),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't' }),
    ],
  ),
  mqtt5(
    'DISCONNECT with an error has an interval too',
    ['MQTT-4.1.0-2'],
    [resumes(false), sends(disconnect({ code: 0x80, properties: interval(0) })), isClosed(), resumes(false)],
  ),
  mqtt5(
    'a connection that the server ends for an error keeps its interval',
    ['MQTT-3.1.2-23', 'MQTT-4.13.1-1'],
    [
      resumes(false, 'c', {}, 10),
      sends(publish({ version: 5, qos: 3 })),
      isEnded(0x81),
      passes(9),
      resumes(true, 'c', {}, 10),
      drops(),
      passes(12),
      resumes(false),
    ],
  ),
];

const expired = [
  mqtt5(
    'with a session its subscriptions end',
    ['MQTT-4.1.0-2'],
    [
      resumes(false, 'c', {}, 10),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      sends(publish({ version: 5, qos: 1, packetId: 1 }), 'p'),
      gets({ type: 'puback', code: 0 }, 'p'),
      passes(12),
      sends(publish({ version: 5, qos: 1, packetId: 2 }), 'p'),
      gets({ type: 'puback', code: 0x10 }, 'p'),
    ],
  ),
  mqtt5(
    'with a session the messages that waited end',
    ['MQTT-4.1.0-2'],
    [
      resumes(false, 'c', {}, 10),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      passes(12),
      resumes(false),
      subscribes('t', 1),
      getsNothing(),
    ],
  ),
  mqtt5(
    'with a session what was unacknowledged ends',
    ['MQTT-4.1.0-2', 'MQTT-4.4.0-1'],
    [
      resumes(false, 'c', {}, 10),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ type: 'publish', packetId: 1 }),
      drops(),
      passes(12),
      resumes(false),
      getsNothing(),
    ],
  ),
  mqtt5(
    'with a session the packet identifiers of its client are free',
    ['MQTT-4.1.0-2', 'MQTT-4.3.3-10'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      resumes(false, 'c', {}, 10),
      sends(publish({ version: 5, qos: 2, packetId: 9, payload: 'old' })),
      gets({ type: 'pubrec', packetId: 9 }),
      takes({ payload: 'old' }, 'watch'),
      drops(),
      passes(12),
      resumes(false),
      sends(publish({ version: 5, qos: 2, packetId: 9, payload: 'new' })),
      gets({ type: 'pubrec', packetId: 9 }),
      takes({ payload: 'new' }, 'watch'),
    ],
  ),
  mqtt5(
    'an expired session leaves the retained messages of its client',
    ['MQTT-4.1.0-2'],
    [
      resumes(false, 'c', {}, 10),
      publishes({ retain: true, payload: 'kept' }),
      drops(),
      passes(12),
      connects({}, 'late'),
      subscribes('t', 0, 'late'),
      takes({ payload: 'kept', retain: true }, 'late'),
    ],
  ),
];

/** How long sessions last, MQTT 5 §3.1.2.11.2, §3.14.2.2.2 and §4.1. */
export const sessionExpiryTable: Table = {
  title: 'session expiry',
  sequences: [...intervals, ...errors, ...changes, ...expired],
};

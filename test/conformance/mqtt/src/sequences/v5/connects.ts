import { mqtt5, type Sequence, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  getsNothing,
  isEnded,
  leaves,
  passes,
  publishes,
  resumes,
  subscribes,
  takes,
} from '../../steps.js';
import type { Connect, PropertyList, Will } from '../../wire/write.js';

const watch: readonly Step[] = [connects({}, 'watch'), subscribes('will', 2, 'watch')];

const WILLS: readonly (Will | undefined)[] = [
  undefined,
  ...[0, 1, 2].flatMap((qos) => [false, true].map((retain) => ({ qos, retain, payload: 'gone' }))),
];

interface Fields {
  readonly username?: string;
  readonly password?: string;
}

const LOGINS: readonly Fields[] = [
  {},
  { username: 'ann' },
  // MQTT 5 §3.1.2.9 allows a password without a user name.
  { password: 'secret' },
  { username: 'ann', password: 'secret' },
];

function named(login: Fields, will: Will | undefined, cleanStart: boolean): string {
  const parts = [
    ...Object.keys(login),
    ...(will === undefined ? [] : [`a will of QoS ${will.qos}${will.retain ? ', retained' : ''}`]),
    ...(cleanStart ? ['clean start'] : []),
  ];
  return `CONNECT with ${parts.length > 0 ? parts.join(', ') : 'no flags'}`;
}

function shown({ username, password }: Fields, will: Will | undefined): string[] {
  return [
    'MQTT-3.1.3-1',
    'MQTT-3.1.4-5',
    username === undefined ? 'MQTT-3.1.2-16' : 'MQTT-3.1.2-17',
    password === undefined ? 'MQTT-3.1.2-18' : 'MQTT-3.1.2-19',
    ...(will === undefined
      ? ['MQTT-3.1.2-11', 'MQTT-3.1.2-13']
      : ['MQTT-3.1.2-9', 'MQTT-3.1.2-12', will.retain ? 'MQTT-3.1.2-15' : 'MQTT-3.1.2-14']),
  ];
}

/** The will is left as the flags say, and stored as they say. */
function leavesWill(will: Will | undefined): Step[] {
  if (will === undefined) return [getsNothing('watch')];
  const { qos = 0 } = will;
  return [
    takes({ topic: 'will', payload: 'gone', qos, retain: false }, 'watch'),
    connects({}, 'late'),
    subscribes('will', 2, 'late'),
    will.retain ? takes({ payload: 'gone', qos, retain: true }, 'late') : getsNothing('late'),
  ];
}

/** Every way to set the connect flags, MQTT 5 §3.1.2.3. */
const flags: readonly Sequence[] = LOGINS.flatMap((login) =>
  WILLS.flatMap((will) =>
    [false, true].map((cleanStart) =>
      mqtt5(named(login, will, cleanStart), shown(login, will), [
        ...watch,
        connects({ ...login, cleanStart, ...(will && { will }) }),
        publishes({ topic: 'own', qos: 2 }),
        drops(),
        ...leavesWill(will),
      ]),
    ),
  ),
);

const PROPERTIES: readonly PropertyList[] = [
  [],
  [['Session Expiry Interval', 0]],
  [['Session Expiry Interval', 0xffff_ffff]],
  [['Receive Maximum', 1]],
  [['Receive Maximum', 65_535]],
  [['Maximum Packet Size', 100]],
  [['Maximum Packet Size', 0xffff_ffff]],
  [['Topic Alias Maximum', 0]],
  [['Topic Alias Maximum', 65_535]],
  [['Request Response Information', 0]],
  [['Request Response Information', 1]],
  [['Request Problem Information', 0]],
  [['Request Problem Information', 1]],
  [['User Property', ['', '']]],
  [
    ['User Property', ['a', '1']],
    ['User Property', ['a', '1']],
  ],
  [
    ['User Property', ['a', '1']],
    ['Topic Alias Maximum', 3],
    ['Maximum Packet Size', 1000],
    ['Request Problem Information', 1],
    ['Receive Maximum', 9],
    ['Request Response Information', 0],
    ['Session Expiry Interval', 5],
    ['User Property', ['b', '2']],
  ],
];

function listed(list: PropertyList): string {
  return list.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ') || 'no property';
}

const properties = PROPERTIES.map((list) =>
  mqtt5(
    `CONNECT with ${listed(list)}`,
    ['MQTT-3.1.4-5', ...(list.length === 0 ? ['MQTT-2.2.2-1'] : [])],
    [
      connects({ properties: list }),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      takes({ topic: 't', qos: 2 }),
      getsNothing(),
    ],
  ),
);

/** What there is of the client when it comes. */
const BEFORE: Readonly<Record<string, { readonly steps: readonly Step[]; readonly kept: boolean }>> = {
  'for the first time': { steps: [], kept: false },
  'after a connection without session': { steps: [connects(), subscribes('t', 1), leaves()], kept: false },
  'after a connection with a session': { steps: [resumes(false), subscribes('t', 1), leaves()], kept: true },
  'after a lost connection with a session': {
    steps: [resumes(false), subscribes('t', 1), drops()],
    kept: true,
  },
  'after its session has expired': {
    steps: [resumes(false, 'c', {}, 10), subscribes('t', 1), drops(), passes(12)],
    kept: false,
  },
  'after its session was ended by a clean start': {
    steps: [resumes(false), subscribes('t', 1), drops(), connects(), drops()],
    kept: false,
  },
};

const LASTING: Pick<Connect, 'properties'> = { properties: [['Session Expiry Interval', 100]] };

const starts = Object.entries(BEFORE).flatMap(([name, { steps, kept }]) =>
  [true, false].map((cleanStart) => {
    const present = kept && !cleanStart;
    const processed = cleanStart
      ? ['MQTT-3.1.2-4', 'MQTT-3.2.2-2']
      : [present ? 'MQTT-3.1.2-5' : 'MQTT-3.1.2-6'];
    return mqtt5(
      `a client comes ${name}, ${cleanStart ? 'clean start' : 'no clean start'}`,
      ['MQTT-3.1.4-4', 'MQTT-3.2.2-3', ...processed],
      [
        ...steps,
        connects({ ...LASTING, cleanStart }, 'c', { sessionPresent: present }),
        connects({}, 'p'),
        publishes({ qos: 1 }, 'p'),
        present ? takes({ topic: 't', qos: 1 }) : getsNothing(),
        subscribes('new', 1),
        drops(),
        connects({ ...LASTING, cleanStart: false }, 'c', { sessionPresent: true }),
        publishes({ topic: 'new', qos: 1 }, 'p'),
        takes({ topic: 'new' }),
      ],
    );
  }),
);

/** A client that is there already, MQTT 5 §3.1.4. */
const present = [true, false].flatMap((cleanStart) =>
  [undefined, 100].map((expiry) => {
    const kept = !cleanStart && expiry !== undefined;
    const lasting = expiry === undefined ? {} : LASTING;
    return mqtt5(
      `a client comes that is there ${expiry === undefined ? 'without' : 'with'} a session that lasts, ${cleanStart ? 'clean start' : 'no clean start'}`,
      ['MQTT-3.1.4-3', 'MQTT-3.2.2-3'],
      [
        connects({ clientId: 'same', ...lasting }, 'first'),
        subscribes('t', 1, 'first'),
        connects({ clientId: 'same', cleanStart, ...lasting }, 'second', { sessionPresent: kept }),
        isEnded(0x8e, 'first'),
        connects({}, 'p'),
        publishes({ qos: 1 }, 'p'),
        kept ? takes({ topic: 't' }, 'second') : getsNothing('second'),
      ],
    );
  }),
);

/** CONNECT as it may be, MQTT 5 §3.1. */
export const connectsTable: Table = {
  title: 'CONNECT',
  sequences: [...flags, ...properties, ...starts, ...present],
};

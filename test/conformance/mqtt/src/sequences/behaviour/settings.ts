import { each, type Step, type Table } from '../../sequence.js';
import type { Version } from '../../spec/packets.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  isClosed,
  isEnded,
  isRefused,
  opens,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { connect, PINGREQ, publish, subscribe } from '../../wire/write.js';

const ALL = { 3: [], 4: [], 5: [] } as const;
const BEFORE_5 = { 3: [], 4: [] } as const;
/** MQTT 3.1.1 has no return code for it, so there is no CONNACK. */
const NO_CODE = { 3: [], 4: ['MQTT-3.2.2-6'] } as const;

const qos = [
  ...[0, 1].flatMap((max_qos_allowed) => [
    ...each(
      `a PUBLISH above the highest QoS, ${max_qos_allowed}`,
      BEFORE_5,
      (version) => [
        ...watches(),
        connects(),
        sends(publish({ version, qos: max_qos_allowed + 1 })),
        isClosed(),
        getsNothing('watch'),
      ],
      { config: { max_qos_allowed } },
    ),
    ...each(
      `a will above the highest QoS, ${max_qos_allowed}`,
      NO_CODE,
      (version) => [opens(), sends(connect({ version, will: { qos: max_qos_allowed + 1 } })), isClosed()],
      { config: { max_qos_allowed } },
    ),
  ]),
  ...([0, 1, 2] as const).flatMap((published) =>
    ([0, 1, 2] as const).flatMap((granted) =>
      each(
        `with upgrade_qos, published with QoS ${published}, subscribed with ${granted}`,
        ALL,
        () => [
          connects({}, 'watch'),
          subscribes('t', granted, 'watch'),
          connects(),
          publishes({ qos: published }),
          takes({ qos: Math.max(published, granted), dup: false }, 'watch'),
          getsNothing('watch'),
        ],
        { config: { upgrade_qos: true } },
      ),
    ),
  ),
];

function watches(): Step[] {
  return [connects({}, 'watch'), subscribes('#', 0, 'watch')];
}

const retain = [
  ...each(
    'RETAIN where messages cannot be retained, before MQTT 5',
    BEFORE_5,
    (version) => [
      ...watches(),
      connects(),
      sends(publish({ version, retain: true })),
      isClosed(),
      getsNothing('watch'),
    ],
    { config: { retain_available: false } },
  ),
  ...each(
    'a retained will where messages cannot be retained, before MQTT 5',
    NO_CODE,
    (version) => [opens(), sends(connect({ version, will: { retain: true } })), isClosed()],
    { config: { retain_available: false } },
  ),
];

const loops = [
  ...each(
    'with ignore_loop_deliver nobody hears itself',
    ALL,
    () => [
      connects(),
      subscribes('t', 1),
      publishes({ qos: 1, payload: 'own' }),
      getsNothing(),
      connects({}, 'p'),
      publishes({ qos: 1, payload: 'other' }, 'p'),
      takes({ payload: 'other' }),
    ],
    { config: { ignore_loop_deliver: true } },
  ),
  ...each(
    'with ignore_loop_deliver nobody hears its own retained messages, others do',
    ALL,
    () => [
      connects(),
      publishes({ retain: true }),
      subscribes('t'),
      getsNothing(),
      connects({}, 'other'),
      subscribes('t', 0, 'other'),
      takes({ retain: true }, 'other'),
    ],
    { config: { ignore_loop_deliver: true } },
  ),
];

const mountpoints = [
  ...each(
    'a mountpoint is put before and taken away',
    ALL,
    () => [
      connects(),
      subscribes('a/+', 1),
      connects({}, 'p'),
      publishes({ topic: 'a/b', qos: 1, retain: true }, 'p'),
      takes({ topic: 'a/b', retain: false }),
      subscribes('#'),
      takes({ topic: 'a/b', retain: true }),
    ],
    { config: { mountpoint: 'all/' } },
  ),
  ...each(
    'clients with mountpoints of their own do not hear each other',
    ALL,
    (version) => [
      connects({ clientId: 'one', will: { topic: 'will' } }, 'one'),
      subscribes('#', 1, 'one'),
      connects({ clientId: 'two' }, 'two'),
      subscribes('#', 1, 'two'),
      sends(publish({ version, topic: 'a', retain: true }), 'one'),
      takes({ topic: 'a' }, 'one'),
      getsNothing('two'),
      drops('one'),
      getsNothing('two'),
      subscribes('a', 0, 'two'),
      getsNothing('two'),
    ],
    { config: { mountpoint: 'of/%c/' } },
  ),
];

const identities = [
  ...each(
    'the user name is the client identifier',
    ALL,
    () => [
      connects({ clientId: 'x', username: 'ann' }, 'first'),
      connects({ clientId: 'y', username: 'ann' }, 'second'),
      isEnded(0x8e, 'first'),
      getsNothing('second'),
    ],
    { config: { use_username_as_clientid: true } },
  ),
  ...each(
    'nobody comes in without a user name',
    { 3: [], 4: ['MQTT-3.1.3-9'], 5: ['MQTT-3.1.3-8'] },
    (version) => [opens(), sends(connect({ version, clientId: 'x' })), isRefused(version === 5 ? 0x85 : 2)],
    { config: { use_username_as_clientid: true } },
  ),
  ...[1, 5, 23].flatMap((max_clientid_len) => [
    ...each(
      `a client identifier of ${max_clientid_len} bytes where that is the most`,
      ALL,
      () => [connects({ clientId: 'i'.repeat(max_clientid_len) })],
      { config: { max_clientid_len } },
    ),
    ...each(
      `one of more than ${max_clientid_len} bytes`,
      { 3: [], 4: ['MQTT-3.1.3-9', 'MQTT-3.2.2-5'], 5: ['MQTT-3.1.3-8'] },
      (version) => [
        opens(),
        sends(connect({ version, clientId: 'i'.repeat(max_clientid_len + 1) })),
        isRefused(version === 5 ? 0x85 : 2),
      ],
      { config: { max_clientid_len } },
    ),
  ]),
  ...each(
    'bytes are counted, not characters',
    { 3: [], 4: ['MQTT-3.1.3-9'], 5: ['MQTT-3.1.3-8'] },
    (version) => [
      connects({ clientId: '\u00fc\u00fc' }, 'short'),
      opens(),
      sends(connect({ version, clientId: '\u00fc\u00fc\u00fc' })),
      isRefused(version === 5 ? 0x85 : 2),
    ],
    { config: { max_clientid_len: 5 } },
  ),
];

const times = [
  ...each(
    'sessions that end with their connection, before MQTT 5',
    { 3: [], 4: ['MQTT-3.2.2-3'] },
    () => [resumes(false), subscribes('t', 1), drops(), resumes(false), getsNothing()],
    { config: { session_expiry_interval: 0 } },
  ),
  ...each(
    'sessions of a minute, before MQTT 5',
    { 3: [], 4: ['MQTT-3.1.2-4'] },
    (version) => [
      resumes(false),
      drops(),
      passes(59),
      resumes(version > 3),
      drops(),
      passes(61),
      resumes(false),
    ],
    { config: { session_expiry_interval: '1m' } },
  ),
  ...each(
    'a connection without CONNECT is closed after the idle timeout',
    ALL,
    () => [opens(), passes(4), opens('later'), passes(2), isClosed(), passes(4), isClosed('later')],
    { config: { idle_timeout: '5s' } },
  ),
  ...each(
    'a connection without CONNECT where there is no idle timeout',
    ALL,
    (version) => [opens(), passes(3600), sends(connect({ version })), gets({ type: 'connack', code: 0 })],
    { config: { idle_timeout: 0 } },
  ),
];

const RULES = {
  access: {
    acl_nomatch: 'deny',
    acl: [
      { permit: 'allow', action: 'pubsub', topics: ['own/%c/#'] },
      { permit: 'allow', action: 'subscribe', topics: ['read/#'] },
    ],
  },
};

/** What each version is told of a subscription that is not allowed. */
const denied = (version: Version) => (version === 5 ? 0x87 : 0x80);

const access = [
  ...each(
    'rules with the client identifier',
    { 3: [], 4: ['MQTT-3.8.4-5', 'MQTT-3.9.3-1'], 5: ['MQTT-3.8.4-7', 'MQTT-3.9.3-1'] },
    (version) => [
      connects(),
      sends(
        subscribe({
          version,
          filters: [
            ['own/c/#', 1],
            ['own/other/#', 1],
            ['own/+/x', 1],
            ['read/x', 2],
            ['#', 0],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [1, denied(version), denied(version), 2, denied(version)] }),
      publishes({ topic: 'read/x', qos: 1 }),
      getsNothing(),
      sends(publish({ version, topic: 'own/c/x' })),
      takes({ topic: 'own/c/x' }),
    ],
    { sections: RULES },
  ),
  ...each(
    'a denied PUBLISH ends the connection where that is wanted, and leaves the will',
    { 3: [], 4: ['MQTT-3.3.5-2', 'MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] },
    (version) => [
      resumes(false, 'c', { will: { topic: 'own/c/will', qos: 1 } }),
      subscribes('own/c/#', 1),
      sends(Buffer.concat([publish({ version, topic: 'read/x' }), PINGREQ])),
      isEnded(0x87),
      resumes(true),
      takes({ topic: 'own/c/will', qos: 1 }),
    ],
    { sections: { access: { ...RULES.access, acl_deny_action: 'disconnect' } } },
  ),
];

/** What the configuration decides, beside what other tables show of it. */
export const settingsTable: Table = {
  title: 'settings',
  sequences: [...qos, ...retain, ...loops, ...mountpoints, ...identities, ...times, ...access],
};

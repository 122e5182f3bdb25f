import { each, type Step, type Table } from '../../sequence.js';
import {
  connects,
  counts,
  drops,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  isRefused,
  leaves,
  opens,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { ack, connect, publish } from '../../wire/write.js';

const ALL = { 3: [], 4: [], 5: [] } as const;
const BEFORE_5 = { 3: [], 4: [] } as const;

/** While client `c` is away, `p` publishes these: topic, QoS. The payload is the place in the row, from 1. */
function awayDuring(...messages: readonly (readonly [topic: string, qos: number])[]): Step[] {
  return [
    resumes(false),
    subscribes('#', 2),
    drops(),
    connects({}, 'p'),
    ...messages.map(([topic, qos], index) => publishes({ topic, qos, payload: String(index + 1) }, 'p')),
  ];
}

/** Client `c` is back and takes the messages with these payloads, in this order, and no others. */
function returnsTo(version: number, ...payloads: readonly string[]): Step[] {
  return [resumes(version > 3), ...payloads.map((payload) => takes({ payload })), getsNothing()];
}

const PRIORITIES = { mqueue_priorities: { alarm: 10, status: 8 }, mqueue_default_priority: 'lowest' };

const queues = [
  ...each(
    'in a full queue the oldest message of QoS 0 makes room, whatever is older',
    ALL,
    (version) => [
      ...awayDuring(['a', 1], ['a', 0], ['a', 0], ['a', 1]),
      ...returnsTo(version, '1', '3', '4'),
    ],
    { config: { max_mqueue_len: 3 } },
  ),
  ...each(
    'a message of QoS 0 is dropped where it finds only others',
    ALL,
    (version) => [
      ...awayDuring(['a', 1], ['a', 2], ['a', 0]),
      counts('delivery.dropped.qos0_msg', 1),
      ...returnsTo(version, '1', '2'),
    ],
    { config: { max_mqueue_len: 2 } },
  ),
  ...each(
    'a queue without limit',
    ALL,
    (version) => [
      ...awayDuring(...Array.from({ length: 1100 }, () => ['a', 0] as const)),
      ...returnsTo(version, ...Array.from({ length: 1100 }, (_, index) => String(index + 1))),
    ],
    { config: { max_mqueue_len: 0 } },
  ),
  ...each(
    'the higher priority goes first, the older message within a priority',
    ALL,
    (version) => [
      ...awayDuring(['x', 1], ['status', 1], ['alarm', 1], ['y', 1], ['alarm', 1], ['status', 1]),
      ...returnsTo(version, '3', '5', '2', '6', '1', '4'),
    ],
    { config: PRIORITIES },
  ),
  ...each(
    'topics without a priority go first unless configured otherwise',
    ALL,
    (version) => [...awayDuring(['status', 1], ['x', 1], ['alarm', 1]), ...returnsTo(version, '2', '3', '1')],
    { config: { mqueue_priorities: PRIORITIES.mqueue_priorities } },
  ),
  ...each(
    'in a full queue the lowest priority makes room',
    ALL,
    (version) => [
      ...awayDuring(['x', 1], ['status', 1], ['alarm', 1], ['status', 1], ['y', 1]),
      counts('delivery.dropped.queue_full', 3),
      ...returnsTo(version, '3', '4'),
    ],
    { config: { ...PRIORITIES, max_mqueue_len: 2 } },
  ),
  ...each(
    'a priority is that of the topic behind the mountpoint',
    ALL,
    (version) => [...awayDuring(['x', 1], ['alarm', 1]), ...returnsTo(version, '2', '1')],
    { config: { ...PRIORITIES, mountpoint: 'all/' } },
  ),
];

const holding = [
  ...each(
    'a client that acknowledges nothing is ended when more bytes wait for it than may',
    ALL,
    () => [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1, payload: 'x'.repeat(600) }, 'p'),
      getsOnly([{ type: 'publish' }]),
      publishes({ qos: 1, payload: 'x'.repeat(600) }, 'p'),
      isEnded(0x97),
      counts('session.force_shutdown', 1),
    ],
    { config: { max_inflight: 1, force_shutdown: '1KB' } },
  ),
  ...each(
    'the session of a client that is away ends when more bytes wait for it than may',
    ALL,
    () => [
      resumes(false),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      publishes({ qos: 1, payload: 'x'.repeat(600) }, 'p'),
      publishes({ qos: 1, payload: 'x'.repeat(600) }, 'p'),
      counts('session.force_shutdown', 1),
      resumes(false),
      getsNothing(),
    ],
    { config: { force_shutdown: '1KB' } },
  ),
];

const again = [
  ...each(
    'PUBLISH and PUBREL are sent again after the retry interval, before MQTT 5',
    BEFORE_5,
    (version) => [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      getsOnly([{ type: 'publish', packetId: 1, dup: false }]),
      passes(4),
      getsNothing(),
      passes(2),
      getsOnly([{ type: 'publish', packetId: 1, dup: true }]),
      sends(ack('pubrec', { version })),
      getsOnly([{ type: 'pubrel', packetId: 1 }]),
      passes(6),
      getsOnly([{ type: 'pubrel', packetId: 1 }]),
      sends(ack('pubcomp', { version })),
      getsNothing(),
      passes(60),
      getsNothing(),
    ],
    { config: { retry_interval: '5s' } },
  ),
  ...each(
    'nothing is sent again on a connection of MQTT 5, whatever the retry interval',
    { 5: ['MQTT-4.4.0-1'] },
    () => [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      getsOnly([{ type: 'publish', packetId: 1, dup: false }]),
      passes(60),
      getsNothing(),
    ],
    { config: { retry_interval: '5s' } },
  ),
];

const DEEP = 'a/b/c/d';

const levels = [
  ...each(
    'a topic of more levels than allowed reaches nobody; only MQTT 5 can say so',
    ALL,
    (version) => [
      connects({}, 'watch'),
      subscribes('#', 0, 'watch'),
      connects(),
      sends(publish({ version, topic: DEEP, qos: 1, packetId: 4 })),
      getsOnly([{ type: 'puback', packetId: 4, ...(version === 5 ? { code: 0x90 } : {}) }]),
      publishes({ topic: DEEP }),
      publishes({ topic: 'a/b/c' }),
      getsOnly([{ topic: 'a/b/c' }], 'watch'),
    ],
    { config: { max_topic_levels: 3 } },
  ),
  ...each(
    'a will to a topic of more levels than allowed is refused',
    ALL,
    (version) => [
      opens(),
      sends(connect({ version, will: { topic: DEEP } })),
      version === 5 ? isRefused(0x90) : isClosed(),
    ],
    { config: { max_topic_levels: 3 } },
  ),
  ...each(
    'topics and filters of any number of levels where there is no limit',
    ALL,
    () => [
      connects(),
      subscribes(`${'a/'.repeat(200)}#`),
      connects({}, 'p'),
      publishes({ topic: 'a/'.repeat(300) }, 'p'),
      takes({ topic: 'a/'.repeat(300) }),
    ],
    { config: { max_topic_levels: 0 } },
  ),
];

const keepAlive = each(
  'a client before MQTT 5 cannot be told of the longest keep alive and keeps its own',
  BEFORE_5,
  () => [connects({ keepAlive: 120 }), passes(179), getsNothing()],
  { config: { server_keepalive: 60 } },
);

/** What a client is told that is banned: MQTT 5 §3.2.2.2, and "not authorized" of MQTT 3.1.1 table 3.1. */
const banned = (version: number) => isRefused(version === 5 ? 0x8a : 5);

const FLAPPING = {
  enable_flapping_detect: true,
  flapping_detect_policy: { max_count: 3, window_time: '1m', ban_time: '5m' },
};

const comings = [
  ...each(
    'a client that comes and goes all the time is banned for a while',
    ALL,
    (version) => [
      ...[1, 2, 3].flatMap(() => [connects(), leaves()]),
      opens(),
      sends(connect({ version, clientId: 'c' })),
      banned(version),
      connects({}, 'other'),
      passes(301),
      connects(),
    ],
    { sections: { access: FLAPPING } },
  ),
  ...each(
    'one that comes and goes more slowly is not',
    ALL,
    () => [...[1, 2, 3].flatMap(() => [connects(), leaves(), passes(31)]), connects()],
    { sections: { access: FLAPPING } },
  ),
  ...each(
    'nor is any where bans are not looked at',
    ALL,
    () => [...[1, 2, 3, 4].flatMap(() => [connects(), leaves()]), connects()],
    { sections: { access: { ...FLAPPING, enable_ban: false } } },
  ),
  ...each('without flapping detection clients may come and go', ALL, () => [
    ...Array.from({ length: 31 }).flatMap(() => [connects(), leaves()]),
    connects(),
  ]),
];

/** How much clients may hold and do by configuration, in each version; windows and sizes have their own tables. */
export const limitsTable: Table = {
  title: 'limits',
  sequences: [...queues, ...holding, ...again, ...levels, ...keepAlive, ...comings],
};

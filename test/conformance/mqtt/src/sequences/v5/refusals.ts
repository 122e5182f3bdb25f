import { mqtt5, type Sequence, type Step, type Table } from '../../sequence.js';
import {
  connects,
  getsNothing,
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
import { type Connect, connect, frame, PINGREQ, publish, subscribe } from '../../wire/write.js';

type Options = Pick<Sequence, 'config' | 'sections'>;

const ILL_FORMED = Buffer.from('ff', 'hex');
const USERS = { access: { allow_anonymous: false, users: [{ username: 'ann', password: 'right' }] } };
const hex = (code: number) => `0x${code.toString(16)}`;

/** Why a CONNECT is refused. */
interface Refusal {
  readonly why: string;
  readonly code: number;
  readonly fields?: Connect;
  readonly options?: Options;
}

const REFUSALS: readonly Refusal[] = [
  { why: 'the reserved flag', code: 0x81, fields: { flags: 0x03 } },
  { why: 'a will of QoS 3', code: 0x81, fields: { flags: 0x1e, will: {} } },
  { why: 'bytes behind the end', code: 0x81, fields: { trailer: '00' } },
  { why: 'a receive maximum of 0', code: 0x82, fields: { properties: [['Receive Maximum', 0]] } },
  { why: 'a maximum packet size of 0', code: 0x82, fields: { properties: [['Maximum Packet Size', 0]] } },
  {
    why: 'a property twice',
    code: 0x82,
    fields: {
      properties: [
        ['Session Expiry Interval', 1],
        ['Session Expiry Interval', 1],
      ],
    },
  },
  {
    why: 'authentication data without a method',
    code: 0x82,
    fields: { properties: [['Authentication Data', '00']] },
  },
  { why: 'an authentication method', code: 0x8c, fields: { properties: [['Authentication Method', 'X']] } },
  {
    why: 'a client identifier that is too long',
    code: 0x85,
    fields: { clientId: 'longer' },
    options: { config: { max_clientid_len: 5 } },
  },
  {
    why: 'a wrong password',
    code: 0x86,
    fields: { username: 'ann', password: 'wrong' },
    options: { sections: USERS },
  },
  { why: 'no user name', code: 0x87, options: { sections: USERS } },
  {
    why: 'a will topic with too many levels',
    code: 0x90,
    fields: { will: { topic: 'a/b/c' } },
    options: { config: { max_topic_levels: 2 } },
  },
  { why: 'a will topic with wildcards', code: 0x90, fields: { will: { topic: 'a/#' } } },
  {
    why: 'a will that is not the text it says to be',
    code: 0x99,
    fields: { will: { payload: ILL_FORMED, properties: [['Payload Format Indicator', 1]] } },
    options: { config: { payload_format_validation: true } },
  },
  {
    why: 'a retained will where nothing is retained',
    code: 0x9a,
    fields: { will: { retain: true } },
    options: { config: { retain_available: false } },
  },
  {
    why: 'a will above the maximum QoS',
    code: 0x9b,
    fields: { will: { qos: 2 } },
    options: { config: { max_qos_allowed: 1 } },
  },
];

const refused = REFUSALS.flatMap(({ why, code, fields, options = {} }) => [
  mqtt5(
    `CONNECT is refused with ${hex(code)} for ${why}`,
    ['MQTT-3.2.2-6', 'MQTT-3.2.2-7', 'MQTT-3.2.2-8', 'MQTT-4.13.2-1'],
    [
      opens(),
      sends(
        Buffer.concat([connect({ version: 5, ...fields }), publish({ version: 5, retain: true }), PINGREQ]),
      ),
      isRefused(code),
    ],
    options,
  ),
  mqtt5(
    `after a refusal with ${hex(code)} for ${why} the client can come as it should`,
    ['MQTT-3.1.4-2', 'MQTT-3.1.4-6'],
    [
      opens(),
      sends(connect({ version: 5, ...fields, will: fields?.will ?? { payload: 'never' } })),
      isRefused(code),
      connects({ username: 'ann', password: 'right', clientId: 'c' }, 'c', { sessionPresent: false }),
      subscribes('#'),
      getsNothing(),
    ],
    options,
  ),
]);

/** What a client is disconnected for. */
interface Ending {
  readonly why: string;
  readonly code: number;
  readonly sent: Buffer;
  readonly options?: Options;
}

const ENDINGS: readonly Ending[] = [
  { why: 'QoS 3', code: 0x81, sent: publish({ version: 5, qos: 3 }) },
  { why: 'wrong flags', code: 0x81, sent: frame(0x80, '0001 00 0001 61 00') },
  { why: 'a packet type that does not exist', code: 0x81, sent: frame(0x00) },
  { why: 'a second CONNECT', code: 0x82, sent: connect({ version: 5 }) },
  { why: 'what only servers send', code: 0x82, sent: frame(0x20, '0000 00') },
  { why: 'no filter', code: 0x82, sent: subscribe({ version: 5, filters: [] }) },
  { why: 'a topic with wildcards', code: 0x90, sent: publish({ version: 5, topic: '+' }) },
  {
    why: 'an alias above the maximum',
    code: 0x94,
    sent: publish({ version: 5, properties: [['Topic Alias', 40_000]] }),
  },
  { why: 'too long a packet', code: 0x95, sent: Buffer.from('30ffffff7f', 'hex') },
  {
    why: 'a payload that is not the text it says to be',
    code: 0x99,
    sent: publish({ version: 5, payload: ILL_FORMED, properties: [['Payload Format Indicator', 1]] }),
    options: { config: { payload_format_validation: true } },
  },
  {
    why: 'a retained message where nothing is retained',
    code: 0x9a,
    sent: publish({ version: 5, retain: true }),
    options: { config: { retain_available: false } },
  },
  {
    why: 'a QoS above the maximum',
    code: 0x9b,
    sent: publish({ version: 5, qos: 2 }),
    options: { config: { max_qos_allowed: 1 } },
  },
  {
    why: 'a message that is not allowed',
    code: 0x87,
    sent: publish({ version: 5, topic: 'closed' }),
    options: {
      sections: {
        access: {
          acl_deny_action: 'disconnect',
          acl: [{ permit: 'deny', action: 'publish', topics: ['closed'] }],
        },
      },
    },
  },
];

const watch: readonly Step[] = [connects({}, 'watch'), subscribes('will', 1, 'watch')];

const ended = ENDINGS.map(({ why, code, sent, options = {} }) =>
  mqtt5(
    `a client is ended with ${hex(code)} for ${why}: its will is left, its session goes on`,
    ['MQTT-4.13.1-1', 'MQTT-4.13.2-1', 'MQTT-3.14.4-1', 'MQTT-3.14.4-2', 'MQTT-3.1.2-8'],
    [
      ...watch,
      resumes(false, 'c', { will: { payload: 'gone' } }),
      subscribes('t', 1),
      sends(Buffer.concat([sent, publish({ version: 5, topic: 'will', payload: 'behind' }), PINGREQ])),
      isEnded(code),
      takes({ payload: 'gone' }, 'watch'),
      getsNothing('watch'),
      connects({}, 'p'),
      publishes({ topic: 't', qos: 1, payload: 'waited' }, 'p'),
      resumes(true),
      takes({ payload: 'waited' }),
    ],
    options,
  ),
);

const banned = [
  mqtt5(
    'a client that is banned gets 0x8a, and none of its session',
    ['MQTT-3.2.2-6', 'MQTT-3.2.2-7', 'MQTT-4.13.2-1'],
    [
      ...[1, 2, 3].flatMap((n) => [resumes(n > 1), leaves()]),
      opens(),
      sends(connect({ version: 5, cleanStart: false })),
      isRefused(0x8a),
      passes(61),
      resumes(true),
    ],
    {
      sections: {
        access: {
          enable_flapping_detect: true,
          flapping_detect_policy: { max_count: 3, window_time: '1m', ban_time: '1m' },
        },
      },
    },
  ),
];

/** Reason codes from 0x80 on in CONNACK and DISCONNECT, MQTT 5 §4.13. */
export const refusalsTable: Table = { title: 'refusals', sequences: [...refused, ...ended, ...banned] };

import { each, type Table } from '../../sequence.js';
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

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Nobody is let in who has no password. */
const USERS = { access: { allow_anonymous: false, users: [{ username: 'ann', password: 'right' }] } };

const answers = [
  ...each(
    'CONNECT is acknowledged, and nothing comes before the CONNACK',
    {
      3: [],
      4: ['MQTT-3.1.4-4', 'MQTT-3.2.0-1', 'MQTT-3.2.2-1'],
      5: ['MQTT-3.1.4-5', 'MQTT-3.2.0-1', 'MQTT-3.2.0-2', 'MQTT-3.2.2-1', 'MQTT-3.2.2-2', 'MQTT-3.2.2-8'],
    },
    () => [connects({}, 'c', { sessionPresent: false, flags: 0 }), getsNothing()],
  ),
  ...each(
    'what follows CONNECT at once is processed after it',
    { 4: ['MQTT-3.2.0-1'], 5: ['MQTT-3.2.0-1'] },
    (version) => [
      opens(),
      sends(
        Buffer.concat([
          connect({ version }),
          subscribe({ version, filters: [['t', 0]] }),
          publish({ version }),
          PINGREQ,
        ]),
      ),
      gets({ type: 'connack', code: 0 }),
      gets({ type: 'suback' }),
      gets({ type: 'publish', topic: 't' }),
      gets({ type: 'pingresp' }),
    ],
  ),
];

const identifiers = [
  ...[1, 2, 22, 23].flatMap((length) =>
    each(
      `a client identifier of ${length} letters and digits`,
      { 3: [], 4: ['MQTT-3.1.3-5', 'MQTT-3.1.3-2'], 5: ['MQTT-3.1.3-5', 'MQTT-3.1.3-2'] },
      () => [connects({ clientId: LETTERS.slice(-length) })],
    ),
  ),
  ...[0, 23, 46].flatMap((start) =>
    each(
      `a client identifier of the letters and digits from ${LETTERS[start]} on`,
      { 4: ['MQTT-3.1.3-5'], 5: ['MQTT-3.1.3-5'] },
      () => [connects({ clientId: LETTERS.slice(start, start + 23) })],
    ),
  ),
  ...[24, 1000, 65_535].flatMap((length) =>
    each(`a client identifier of ${length} characters`, { 3: [], 4: [], 5: [] }, () => [
      connects({ clientId: 'x'.repeat(length) }),
    ]),
  ),
  ...each('a client identifier of other characters', { 3: [], 4: [], 5: [] }, () => [
    connects({ clientId: 'b\u00fcro/1 +#$%' }),
  ]),
  ...each(
    'a client identifier longer than allowed',
    {
      4: ['MQTT-3.1.3-9', 'MQTT-3.2.2-4', 'MQTT-3.2.2-5'],
      5: ['MQTT-3.1.3-8', 'MQTT-3.2.2-6', 'MQTT-3.2.2-7'],
    },
    (version) => [
      opens(),
      sends(connect({ version, clientId: 'x'.repeat(24) })),
      isRefused(version === 5 ? 0x85 : 2),
    ],
    { config: { max_clientid_len: 23 } },
  ),
  ...each('a client without an identifier is given one', { 4: ['MQTT-3.1.3-6'], 5: ['MQTT-3.1.3-6'] }, () => [
    connects({ clientId: '' }, 'a'),
    connects({ clientId: '' }, 'b'),
    subscribes('t', 0, 'a'),
    publishes({}, 'b'),
    takes({ topic: 't' }, 'a'),
  ]),
  ...each(
    'without an identifier and without clean session',
    { 4: ['MQTT-3.1.3-8', 'MQTT-3.2.2-4', 'MQTT-3.2.2-5'] },
    (version) => [opens(), sends(connect({ version, clientId: '', cleanStart: false })), isRefused(2)],
  ),
  ...each('MQTT 3.1 knows no clients without an identifier', { 3: [] }, (version) => [
    opens(),
    sends(connect({ version, clientId: '' })),
    isRefused(2),
  ]),
];

const credentials = [
  ...each(
    'the right password',
    { 3: [], 4: [], 5: [] },
    () => [connects({ username: 'ann', password: 'right' })],
    {
      sections: USERS,
    },
  ),
  ...each(
    'a wrong password',
    {
      3: [],
      4: ['MQTT-3.2.2-4', 'MQTT-3.2.2-5'],
      5: ['MQTT-3.1.4-2', 'MQTT-3.2.2-6', 'MQTT-3.2.2-7', 'MQTT-4.13.2-1', 'MQTT-3.14.0-1'],
    },
    (version) => [
      opens(),
      sends(connect({ version, username: 'ann', password: 'wrong' })),
      isRefused(version === 5 ? 0x86 : 4),
    ],
    { sections: USERS },
  ),
  ...each(
    'nobody that is known',
    { 3: [], 4: ['MQTT-3.2.2-5'], 5: ['MQTT-3.1.4-2', 'MQTT-3.2.2-7'] },
    (version) => [opens(), sends(connect({ version })), isRefused(version === 5 ? 0x87 : 5)],
    { sections: USERS },
  ),
  ...each(
    'what follows a rejected CONNECT is not processed',
    { 4: ['MQTT-3.1.4-5'], 5: ['MQTT-3.1.4-6'] },
    (version) => [
      connects({ username: 'ann', password: 'right' }, 'watch'),
      subscribes('#', 0, 'watch'),
      opens(),
      sends(Buffer.concat([connect({ version }), publish({ version }), PINGREQ])),
      isRefused(version === 5 ? 0x87 : 5),
      getsNothing('watch'),
    ],
    { sections: USERS },
  ),
  ...each('a user name without a password', { 3: [], 4: [], 5: [] }, () => [connects({ username: 'u' })]),
  ...each('an empty user name and password', { 3: [], 4: [], 5: [] }, () => [
    connects({ username: '', password: '' }),
  ]),
  ...each('a password of any bytes', { 3: [], 4: [], 5: [] }, () => [
    connects({ username: 'u', password: Buffer.from('00ff80c0', 'hex') }),
  ]),
  ...each(
    'fields that no flag announces',
    { 4: ['MQTT-3.1.4-1'], 5: ['MQTT-3.1.2-16', 'MQTT-3.1.2-18', 'MQTT-3.1.4-1'] },
    (version) => [
      opens(),
      sends(connect({ version, username: 'u', password: 'p', flags: 0x02 })),
      version === 5 ? isRefused(0x81) : isClosed(),
    ],
  ),
  ...each(
    'a password that no flag announces',
    { 4: ['MQTT-3.1.4-1'], 5: ['MQTT-3.1.2-18', 'MQTT-3.1.4-1'] },
    (version) => [
      opens(),
      sends(connect({ version, username: 'u', password: 'p', flags: 0x82 })),
      version === 5 ? isRefused(0x81) : isClosed(),
    ],
  ),
];

const takeovers = [
  ...each(
    'a second connection of a client ends the first',
    { 3: [], 4: ['MQTT-3.1.4-2'], 5: ['MQTT-3.1.4-3'] },
    () => [
      connects({ clientId: 'same' }, 'first'),
      connects({ clientId: 'same' }, 'second'),
      isEnded(0x8e, 'first'),
      getsNothing('second'),
    ],
  ),
  ...each(
    'the second connection goes on with the session of the first',
    { 4: ['MQTT-3.1.4-2', 'MQTT-3.2.2-2'], 5: ['MQTT-3.1.4-3', 'MQTT-3.2.2-3'] },
    () => [
      resumes(false, 'first', { clientId: 'same' }),
      subscribes('t', 1, 'first'),
      resumes(true, 'second', { clientId: 'same' }),
      isEnded(0x8e, 'first'),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't', qos: 1 }, 'second'),
    ],
  ),
];

const keepAlive = [
  ...each(
    'one and a half keep alives of silence',
    { 3: [], 4: ['MQTT-3.1.2-24'], 5: ['MQTT-3.1.2-22', 'MQTT-3.2.2-22'] },
    () => [
      connects({ keepAlive: 10 }),
      passes(14),
      getsNothing(),
      passes(14),
      getsNothing(),
      passes(16),
      isEnded(0x8d),
    ],
  ),
  ...each('silence without a keep alive', { 3: [], 4: ['MQTT-3.1.2-24'], 5: ['MQTT-3.1.2-22'] }, () => [
    connects({ keepAlive: 0 }),
    passes(20_000),
    getsNothing(),
  ]),
  ...each(
    'the client that fell silent leaves its will',
    { 3: [], 4: ['MQTT-3.1.2-24'], 5: ['MQTT-3.1.2-22'] },
    () => [
      connects({}, 'watch'),
      subscribes('will', 0, 'watch'),
      connects({ keepAlive: 10, will: {} }),
      passes(16),
      isEnded(0x8d),
      takes({ topic: 'will', payload: 'gone' }, 'watch'),
    ],
  ),
  ...each(
    'a keep alive longer than the server allows',
    { 5: ['MQTT-3.1.2-22'] },
    () => [
      connects({ keepAlive: 120 }, 'c', { properties: { 'Server Keep Alive': [60] } }),
      passes(89),
      getsNothing(),
      passes(91),
      isEnded(0x8d),
    ],
    { config: { server_keepalive: 60 } },
  ),
  ...each('PINGREQ', { 3: [], 4: ['MQTT-3.12.4-1'], 5: ['MQTT-3.12.4-1'] }, () => [
    connects(),
    sends(PINGREQ),
    gets({ type: 'pingresp', flags: 0 }),
    sends(Buffer.concat([PINGREQ, PINGREQ])),
    gets({ type: 'pingresp' }),
    gets({ type: 'pingresp' }),
  ]),
  ...each('a half-open connection that is dropped', { 4: [], 5: [] }, (version) => [
    connects(),
    sends(publish({ version }).subarray(0, 3)),
    drops(),
    connects(),
    getsNothing(),
  ]),
];

/** MQTT 5 §3.1 and §3.2, MQTT 3.1.1 §3.1 and §3.2, but for properties. */
export const connectingTable: Table = {
  title: 'connecting',
  sequences: [...answers, ...identifiers, ...credentials, ...takeovers, ...keepAlive],
};

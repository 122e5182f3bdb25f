import assert from 'node:assert/strict';
import { ScramClient } from '@portico/core/testing';
import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  isClosed,
  isEnded,
  isRefused,
  opens,
  publishes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import type { Received } from '../../wire/read.js';
import {
  auth,
  type Connect,
  connect,
  disconnect,
  PINGREQ,
  type PropertyList,
  publish,
} from '../../wire/write.js';

const MECHANISMS = ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
type Mechanism = (typeof MECHANISMS)[number];

const USERS = [
  { username: 'ann', password: 'pencil' },
  { username: 'bob', password: 'brush' },
];
const options = { sections: { access: { scram: { mechanisms: [...MECHANISMS], users: USERS } } } };

/** A first message of a client that does not go on. */
const FIRST = Buffer.from('n,,n=ann,r=abcdef');

/** The method and the data of an exchange. */
function exchange(method: string, data?: Buffer): PropertyList {
  const named = ['Authentication Method', method] as const;
  return data === undefined ? [named] : [named, ['Authentication Data', data.toString('hex')]];
}

interface Login {
  readonly mechanism?: Mechanism;
  readonly username?: string;
  readonly password?: string;
  readonly fields?: Connect;
  /** The name of the connection. */
  readonly client?: string;
}

/** CONNECT with the first message of SCRAM, AUTH with the second: everything up to the answer. */
function proves({ mechanism = 'SCRAM-SHA-256', username = 'ann', ...login }: Login = {}): Step {
  const { password = 'pencil', fields = {}, client = 'c' } = login;
  return {
    what: `${client} proves to be ${username}`,
    run: async (stage) => {
      const terminal = await stage.open(client);
      const scram = new ScramClient(mechanism, username, password);
      const own = (fields.properties as PropertyList | undefined) ?? [];
      const properties = [...exchange(mechanism, scram.first()), ...own];
      terminal.send(connect({ clientId: client, ...fields, version: 5, properties }));
      terminal.send(await answer(scram, await terminal.receive()));
    },
  };
}

/** AUTH that begins anew, and the answer to what the server asks. */
function provesAgain({
  mechanism = 'SCRAM-SHA-256',
  username = 'ann',
  password = 'pencil',
}: Login = {}): Step {
  return {
    what: `proves to be ${username} again`,
    run: async (stage) => {
      const terminal = stage.client('c');
      const scram = new ScramClient(mechanism, username, password);
      terminal.send(auth({ code: 0x19, properties: exchange(mechanism, scram.first()) }));
      terminal.send(await answer(scram, await terminal.receiveFirst('auth')));
    },
  };
}

async function answer(scram: ScramClient, question: Received): Promise<Buffer> {
  const final = await scram.final(dataOf(question));
  return auth({ code: 0x18, properties: exchange(scram.mechanism, final) });
}

/** The data of an AUTH that continues. */
function dataOf({ type, code, properties }: Received): Buffer | undefined {
  assert.deepEqual({ type, code }, { type: 'auth', code: 0x18 });
  const [data] = properties?.['Authentication Data'] ?? [];
  return Buffer.isBuffer(data) ? data : undefined;
}

function isIn(mechanism: Mechanism = 'SCRAM-SHA-256', client = 'c', sessionPresent = false): Step {
  return gets(
    { type: 'connack', code: 0, sessionPresent, properties: { 'Authentication Method': [mechanism] } },
    client,
  );
}

const isAuthenticated = gets({
  type: 'auth',
  code: 0,
  properties: { 'Authentication Method': ['SCRAM-SHA-256'] },
});

/** What is sent in place of AUTH, and the reason code of the CONNACK that ends it. */
const SECOND_CONNECTS = [
  ['CONNECT', connect({ version: 5 }), 0x82],
  ['CONNECT of MQTT 3.1.1', connect({ version: 4 }), 0x82],
  ['CONNECT of protocol level 6', connect({ version: 6 }), 0x82],
  ['CONNECT of MQTT 3.1.1 with a byte behind its end', connect({ version: 4, trailer: '00' }), 0x81],
] as const;

const logins = [
  ...MECHANISMS.flatMap((mechanism) => [
    mqtt5(
      `the right proof by ${mechanism}`,
      ['MQTT-4.12.0-2', 'MQTT-4.12.0-5'],
      [proves({ mechanism }), isIn(mechanism), getsNothing()],
      options,
    ),
    mqtt5(
      `a wrong password by ${mechanism}`,
      ['MQTT-4.12.0-4', 'MQTT-3.2.2-7'],
      [proves({ mechanism, password: 'wrong' }), isRefused(0x87)],
      options,
    ),
    mqtt5(
      `nobody that is known by ${mechanism}: asked all the same, then refused`,
      ['MQTT-4.12.0-4'],
      [proves({ mechanism, username: 'nobody' }), isRefused(0x87)],
      options,
    ),
    mqtt5(
      `re-authentication by ${mechanism}`,
      ['MQTT-4.12.1-1', 'MQTT-4.12.0-5'],
      [
        proves({ mechanism }),
        isIn(mechanism),
        provesAgain({ mechanism }),
        gets({ type: 'auth', code: 0, properties: { 'Authentication Method': [mechanism] } }),
      ],
      options,
    ),
  ]),
  mqtt5(
    'what comes behind CONNECT is not looked at before the proof',
    ['MQTT-3.1.2-30', 'MQTT-3.2.0-1'],
    [
      opens(),
      sends(Buffer.concat([connect({ version: 5, properties: exchange('SCRAM-SHA-256', FIRST) }), PINGREQ])),
      gets({ type: 'auth', code: 0x18 }),
      isRefused(0x82),
    ],
    options,
  ),
  ...[0x00, 0x04, 0x80].map((code) =>
    mqtt5(
      `DISCONNECT 0x${code.toString(16)} in the middle of the login`,
      ['MQTT-3.1.2-30', 'MQTT-3.14.0-1'],
      [
        connects({}, 'watch'),
        subscribes('will', 0, 'watch'),
        opens(),
        sends(
          connect({
            version: 5,
            will: {},
            properties: exchange('SCRAM-SHA-256', FIRST),
          }),
        ),
        gets({ type: 'auth', code: 0x18 }),
        sends(disconnect({ code })),
        isClosed(),
        getsNothing('watch'),
      ],
      options,
    ),
  ),
  ...SECOND_CONNECTS.map(([what, bytes, code]) =>
    mqtt5(
      `${what} in the middle of the login is answered in the version of the first`,
      ['MQTT-3.1.2-30', 'MQTT-3.1.0-2'],
      [
        opens(),
        sends(connect({ version: 5, properties: exchange('SCRAM-SHA-256', FIRST) })),
        gets({ type: 'auth', code: 0x18 }),
        sends(bytes),
        isRefused(code),
      ],
      options,
    ),
  ),
  mqtt5(
    'the user that was proved is the one whom access control knows',
    ['MQTT-4.12.0-2'],
    [
      proves(),
      isIn(),
      sends(publish({ version: 5, topic: 'of/ann', qos: 1 })),
      gets({ type: 'puback', code: 0x10 }),
      sends(publish({ version: 5, topic: 'of/bob', qos: 1 })),
      gets({ type: 'puback', code: 0x87 }),
    ],
    {
      sections: {
        access: {
          ...options.sections.access,
          acl: [{ permit: 'allow', action: 'publish', topics: ['of/%u'] }, { permit: 'deny' }],
        },
      },
    },
  ),
];

/** Sessions of clients that prove themselves. */
const LASTING: PropertyList = [['Session Expiry Interval', 100]];

const sessions = [
  mqtt5(
    'a session goes on by the right proof',
    ['MQTT-3.1.2-5', 'MQTT-3.2.2-3'],
    [
      proves({ fields: { properties: LASTING } }),
      isIn(),
      subscribes('t', 1),
      drops(),
      proves({ fields: { cleanStart: false, properties: LASTING } }),
      isIn('SCRAM-SHA-256', 'c', true),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't', qos: 1 }),
    ],
    options,
  ),
  mqtt5(
    'an unfinished login takes nothing over',
    ['MQTT-3.1.4-3', 'MQTT-4.12.0-4'],
    [
      connects({ clientId: 'same' }, 'first'),
      opens('second'),
      sends(
        connect({
          version: 5,
          clientId: 'same',
          properties: exchange('SCRAM-SHA-256', FIRST),
        }),
        'second',
      ),
      gets({ type: 'auth', code: 0x18 }, 'second'),
      getsNothing('first'),
      drops('second'),
      getsNothing('first'),
    ],
    options,
  ),
  mqtt5(
    'a wrong proof takes nothing over',
    ['MQTT-3.1.4-3', 'MQTT-4.12.0-4'],
    [
      connects({ clientId: 'same' }, 'first'),
      proves({ client: 'second', password: 'wrong', fields: { clientId: 'same' } }),
      isRefused(0x87, 'second'),
      getsNothing('first'),
    ],
    options,
  ),
  mqtt5(
    'the right proof takes over',
    ['MQTT-3.1.4-3'],
    [
      connects({ clientId: 'same' }, 'first'),
      proves({ client: 'second', fields: { clientId: 'same' } }),
      isIn('SCRAM-SHA-256', 'second'),
      isEnded(0x8e, 'first'),
      getsNothing('second'),
    ],
    options,
  ),
  mqtt5(
    'who was refused leaves no will',
    ['MQTT-4.12.0-4'],
    [
      connects({}, 'watch'),
      subscribes('will', 0, 'watch'),
      proves({ password: 'wrong', fields: { will: {} } }),
      isRefused(0x87),
      getsNothing('watch'),
    ],
    options,
  ),
];

const again = [
  mqtt5(
    'asked again three times',
    ['MQTT-4.12.1-1'],
    [proves(), isIn(), ...[1, 2, 3].flatMap(() => [provesAgain(), isAuthenticated]), getsNothing()],
    options,
  ),
  mqtt5(
    'messages go on while a client is asked again',
    ['MQTT-4.12.1-1', 'MQTT-4.9.0-3'],
    [
      proves(),
      isIn(),
      subscribes('t', 1),
      connects({}, 'p'),
      sends(auth({ code: 0x19, properties: exchange('SCRAM-SHA-256', FIRST) })),
      gets({ type: 'auth', code: 0x18 }),
      publishes({ qos: 1 }, 'p'),
      takes({ topic: 't', qos: 1 }),
      publishes({ topic: 'own', qos: 1 }),
      subscribes('more'),
    ],
    options,
  ),
  mqtt5(
    'another user cannot take the place of the first',
    ['MQTT-4.12.1-2'],
    [
      connects({}, 'watch'),
      subscribes('will', 0, 'watch'),
      proves({ fields: { will: {} } }),
      isIn(),
      provesAgain({ username: 'bob', password: 'brush' }),
      isEnded(0x87),
      takes({ topic: 'will' }, 'watch'),
    ],
    options,
  ),
  mqtt5(
    'who fails to prove itself again leaves its will and its session',
    ['MQTT-4.12.1-2', 'MQTT-3.1.2-8'],
    [
      connects({}, 'watch'),
      subscribes('will', 0, 'watch'),
      proves({ fields: { will: {}, properties: LASTING } }),
      isIn(),
      provesAgain({ password: 'wrong' }),
      isEnded(0x87),
      takes({ topic: 'will' }, 'watch'),
      proves({ fields: { cleanStart: false } }),
      isIn('SCRAM-SHA-256', 'c', true),
    ],
    options,
  ),
  mqtt5(
    'AUTH that begins anew while the server waits for an answer',
    ['MQTT-4.13.1-1'],
    [
      proves(),
      isIn(),
      sends(auth({ code: 0x19, properties: exchange('SCRAM-SHA-256', FIRST) })),
      gets({ type: 'auth', code: 0x18 }),
      sends(auth({ code: 0x19, properties: exchange('SCRAM-SHA-256', FIRST) })),
      isEnded(0x82),
    ],
    options,
  ),
  ...(['SCRAM-SHA-1', 'SCRAM-SHA-512'] as const).map((mechanism) =>
    mqtt5(
      `re-authentication by ${mechanism}, which is not that of CONNECT`,
      ['MQTT-4.12.1-1'],
      [proves(), isIn(), sends(auth({ code: 0x19, properties: exchange(mechanism, FIRST) })), isEnded(0x82)],
      options,
    ),
  ),
  mqtt5(
    'AUTH that continues what nobody began',
    ['MQTT-4.13.1-1'],
    [
      proves(),
      isIn(),
      sends(auth({ code: 0x18, properties: exchange('SCRAM-SHA-256', Buffer.from('x')) })),
      isEnded(0x82),
    ],
    options,
  ),
  mqtt5(
    'AUTH without a method',
    ['MQTT-4.12.0-5', 'MQTT-4.13.1-1'],
    [proves(), isIn(), sends(auth({ code: 0x19, properties: [] })), isEnded(0x82)],
    options,
  ),
  mqtt5(
    'AUTH without a reason code, which is success',
    ['MQTT-4.13.1-1'],
    [proves(), isIn(), sends(auth()), isEnded(0x82)],
    options,
  ),
];

/** Logins and re-authentication by SCRAM, MQTT 5 §4.12. */
export const scramTable: Table = { title: 'SCRAM', sequences: [...logins, ...sessions, ...again] };

import assert from 'node:assert/strict';
import { ScramClient } from '@portico/core/testing';
import { each, type Step, type Table } from '../../sequence.js';
import {
  connects,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  isRefused,
  opens,
  passes,
  sends,
} from '../../steps.js';
import { auth, connect, PINGREQ, type PropertyList, publish } from '../../wire/write.js';

/** The user of RFC 7677 §3, whose nonce is the client's half of it; the server's is never the same. */
const SCRAM = { access: { scram: { users: [{ username: 'user', password: 'pencil' }] } } };
const METHOD = 'SCRAM-SHA-256';
const CLIENT_FIRST = Buffer.from('n,,n=user,r=rOprNGfwEbeRWgbNEkqO').toString('hex');

const options = { sections: SCRAM };

function named(data?: string, method = METHOD): PropertyList {
  return [
    ['Authentication Method', method],
    ...(data === undefined ? [] : [['Authentication Data', data] as const]),
  ];
}

/** A client that has been asked for its proof. */
const asked: readonly Step[] = [
  opens(),
  sends(connect({ version: 5, properties: named(CLIENT_FIRST) })),
  gets({ type: 'auth', code: 0x18, properties: { 'Authentication Method': [METHOD] } }),
];

/** What is no answer to the server's question. */
const WRONG: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['PINGREQ', PINGREQ],
  ['PUBLISH', publish({ version: 5 })],
  ['a second CONNECT', connect({ version: 5 })],
  ['AUTH that begins anew', auth({ code: 0x19, properties: named(CLIENT_FIRST) })],
  ['AUTH of another method', auth({ code: 0x18, properties: named(CLIENT_FIRST, 'SCRAM-SHA-512') })],
  ['AUTH of success', auth({ code: 0x00, properties: named() })],
];

const login = [
  ...each(
    'the server asks with AUTH 0x18 and the method of the client',
    { 5: ['MQTT-4.12.0-2', 'MQTT-4.12.0-5', 'MQTT-3.15.2-1', 'MQTT-3.2.0-1'] },
    () => asked,
    options,
  ),
  ...each(
    'a wrong proof',
    { 5: ['MQTT-4.12.0-4', 'MQTT-3.1.4-2'] },
    () => [
      ...asked,
      sends(auth({ code: 0x18, properties: named(Buffer.from('c=biws,r=x,p=eA==').toString('hex')) })),
      isRefused(0x87),
    ],
    options,
  ),
  ...each(
    'no data to begin with',
    { 5: ['MQTT-4.12.0-4'] },
    () => [opens(), sends(connect({ version: 5, properties: named() })), isRefused(0x87)],
    options,
  ),
  ...['SCRAM-SHA-1', 'scram-sha-256', 'GS2-KRB5', ''].flatMap((method) =>
    each(
      `the method ${JSON.stringify(method)}, which is not offered`,
      { 5: ['MQTT-4.12.0-1'] },
      () => [
        opens(),
        sends(connect({ version: 5, properties: named(CLIENT_FIRST, method) })),
        isRefused(0x8c),
      ],
      options,
    ),
  ),
  ...each('a method where none is offered', { 5: ['MQTT-4.12.0-1'] }, () => [
    opens(),
    sends(connect({ version: 5, properties: named(CLIENT_FIRST) })),
    isRefused(0x8c),
  ]),
  ...WRONG.flatMap(([what, bytes]) =>
    each(
      `${what} before the CONNACK`,
      { 5: ['MQTT-3.1.2-30', 'MQTT-3.14.0-1', 'MQTT-4.13.1-1'] },
      () => [...asked, sends(bytes), isRefused(0x82)],
      options,
    ),
  ),
  ...each(
    'a client that is asked and does not answer',
    { 5: [] },
    () => [...asked, passes(16), isClosed()],
    options,
  ),
];

/** Answers the server's question by what it makes of the password, as RFC 5802 wants it. */
function proves(client: ScramClient): Step {
  return {
    what: 'proves its password',
    run: async (stage) => {
      const terminal = stage.client('c');
      const { code, properties } = await terminal.receive();
      assert.equal(code, 0x18);
      const question = properties?.['Authentication Data']?.[0];
      const answer = await client.final(Buffer.isBuffer(question) ? question : undefined);
      terminal.send(auth({ code: 0x18, properties: named(answer.toString('hex')) }));
    },
  };
}

/** A client that logs in, and one that is asked again. */
function succeeding(password: string): { login: readonly Step[]; again: readonly Step[] } {
  const first = new ScramClient(METHOD, 'user', 'pencil');
  const second = new ScramClient(METHOD, 'user', password);
  const login = [
    opens(),
    sends(connect({ version: 5, properties: named(first.first().toString('hex')) })),
    proves(first),
    gets({ type: 'connack', code: 0, properties: { 'Authentication Method': [METHOD] } }),
  ];
  const again = [
    sends(auth({ code: 0x19, properties: named(second.first().toString('hex')) })),
    proves(second),
  ];
  return { login, again };
}

const complete = [
  ...each(
    'the right proof',
    { 5: ['MQTT-4.12.0-5', 'MQTT-3.1.4-5'] },
    () => [...succeeding('pencil').login, getsNothing()],
    options,
  ),
  ...each(
    're-authentication',
    { 5: ['MQTT-4.12.1-1', 'MQTT-4.12.0-5'] },
    () => {
      const { login, again } = succeeding('pencil');
      const success = gets({ type: 'auth', code: 0, properties: { 'Authentication Method': [METHOD] } });
      return [...login, ...again, success, getsNothing()];
    },
    options,
  ),
  ...each(
    're-authentication that fails',
    { 5: ['MQTT-4.12.1-2', 'MQTT-4.13.2-1'] },
    () => {
      const { login, again } = succeeding('pen');
      return [...login, ...again, isEnded(0x87)];
    },
    options,
  ),
  ...each(
    're-authentication by another method',
    { 5: ['MQTT-4.12.1-1', 'MQTT-4.12.0-5'] },
    () => [
      ...succeeding('pencil').login,
      sends(auth({ code: 0x19, properties: named(CLIENT_FIRST, 'SCRAM-SHA-512') })),
      isEnded(0x82),
    ],
    options,
  ),
];

const without = [
  ...each(
    'a client that names no method is not asked',
    { 5: ['MQTT-4.12.0-6'] },
    () => [
      connects({}, 'c', { properties: { 'Authentication Method': undefined } }),
      getsOnly([]),
      getsNothing(),
    ],
    options,
  ),
  ...[0x18, 0x19, 0x00].flatMap((code) =>
    each(
      `AUTH 0x${code.toString(16)} of a client that named no method`,
      { 5: ['MQTT-4.12.0-7', 'MQTT-4.12.1-1'] },
      () => [connects(), sends(auth({ code, properties: named(CLIENT_FIRST) })), isEnded(0x82)],
      options,
    ),
  ),
  ...[0x01, 0x04, 0x80, 0x87, 0x8c, 0xff].flatMap((code) =>
    each(
      `AUTH with reason code 0x${code.toString(16)}, which it may not have`,
      { 5: ['MQTT-3.15.2-1'] },
      () => [connects(), sends(auth({ code, properties: named() })), isEnded(0x82)],
    ),
  ),
];

/** Enhanced authentication, MQTT 5 §4.12 and §3.15. */
export const authenticatingTable: Table = {
  title: 'authenticating',
  sequences: [...login, ...complete, ...without],
};

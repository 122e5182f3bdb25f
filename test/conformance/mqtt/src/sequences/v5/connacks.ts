import assert from 'node:assert/strict';
import { mqtt5, type Step, type Table } from '../../sequence.js';
import type { Stage } from '../../stage.js';
import {
  connects,
  drops,
  type Expected,
  gets,
  getsNothing,
  getsOnly,
  isEnded,
  isRefused,
  leaves,
  opens,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
} from '../../steps.js';
import { type Connect, connect, PINGREQ, type PropertyList, publish, subscribe } from '../../wire/write.js';

type Properties = NonNullable<Expected['properties']>;

/** What is not told because the client may assume it anyway. */
const UNSAID: Properties = {
  'Session Expiry Interval': undefined,
  'Maximum QoS': undefined,
  'Retain Available': undefined,
  'Assigned Client Identifier': undefined,
  'Reason String': undefined,
  'User Property': undefined,
  'Wildcard Subscription Available': undefined,
  'Subscription Identifier Available': undefined,
  'Shared Subscription Available': undefined,
  'Server Keep Alive': undefined,
  'Response Information': undefined,
  'Server Reference': undefined,
  'Authentication Method': undefined,
  'Authentication Data': undefined,
};

/** Configuration and what CONNACK says of it. */
const TOLD: readonly (readonly [config: Record<string, unknown>, properties: Properties])[] = [
  [{}, {}],
  [{ max_qos_allowed: 0 }, { 'Maximum QoS': [0] }],
  [{ max_qos_allowed: 1 }, { 'Maximum QoS': [1] }],
  [{ max_qos_allowed: 2 }, {}],
  [{ retain_available: false }, { 'Retain Available': [0] }],
  [{ wildcard_subscription: false }, { 'Wildcard Subscription Available': [0] }],
  [{ shared_subscription: false }, { 'Shared Subscription Available': [0] }],
  [{ max_packet_size: 1000 }, { 'Maximum Packet Size': [1000] }],
  [{ max_topic_alias: 7 }, { 'Topic Alias Maximum': [7] }],
  [{ max_topic_alias: 0 }, { 'Topic Alias Maximum': undefined }],
  [{ max_awaiting_rel: 9 }, { 'Receive Maximum': [9] }],
  [{ server_keepalive: 30 }, { 'Server Keep Alive': [30] }],
  [{ response_information: 'answers' }, {}],
  [{ server_reference: 'other:1883' }, {}],
  [{ session_expiry_interval: '1m' }, {}],
];

const told = TOLD.map(([config, properties]) =>
  mqtt5(
    `CONNACK with the configuration ${JSON.stringify(config)}`,
    ['MQTT-3.2.2-8', 'MQTT-3.2.2-9', 'MQTT-3.1.2-28', 'MQTT-4.12.0-6'],
    [
      connects({}, 'c', { sessionPresent: false, flags: 0, properties: { ...UNSAID, ...properties } }),
      getsNothing(),
    ],
    { config },
  ),
);

/** What the client asks for, the longest that the server allows, and what holds. */
const KEEP_ALIVES = [
  { asked: 10, longest: 0, told: undefined, holds: 10 },
  { asked: 10, longest: 30, told: undefined, holds: 10 },
  { asked: 30, longest: 30, told: undefined, holds: 30 },
  { asked: 31, longest: 30, told: 30, holds: 30 },
  { asked: 65_535, longest: 30, told: 30, holds: 30 },
  { asked: 0, longest: 30, told: 30, holds: 30 },
  { asked: 0, longest: 65_535, told: 65_535, holds: 65_535 },
];

const keepAlives = KEEP_ALIVES.map(({ asked, longest, told: said, holds }) =>
  mqtt5(
    `a keep alive of ${asked} s where ${longest === 0 ? 'there is no longest' : `${longest} s is the longest`}`,
    ['MQTT-3.2.2-22', 'MQTT-3.1.2-22'],
    [
      connects({ keepAlive: asked }, 'c', {
        properties: { 'Server Keep Alive': said === undefined ? undefined : [said] },
      }),
      ...(holds > 1000
        ? [passes(1000), getsNothing()]
        : [passes(holds * 1.5 - 1), getsNothing(), passes(holds * 1.5 + 1), isEnded(0x8d)]),
    ],
    { config: { server_keepalive: longest } },
  ),
);

/** The identifiers that the clients of a sequence were given. */
const NAMES = new WeakMap<Stage, string[]>();

function namesOf(stage: Stage): string[] {
  const names = NAMES.get(stage) ?? [];
  NAMES.set(stage, names);
  return names;
}

/** Connects without an identifier and remembers the one that it is given. */
function isNamed(client: string, fields: Connect = {}): Step {
  return {
    what: `${client} is given a client identifier`,
    run: async (stage) => {
      const terminal = await stage.open(client);
      terminal.send(connect({ version: 5, clientId: '', ...fields }));
      const { type, code, sessionPresent, properties } = await terminal.receive();
      assert.deepEqual({ type, code, sessionPresent }, { type: 'connack', code: 0, sessionPresent: false });
      const [name] = properties?.['Assigned Client Identifier'] ?? [];
      assert.ok(typeof name === 'string' && name !== '');
      const names = namesOf(stage);
      assert.ok(!names.includes(name), `${name} for a second client`);
      names.push(name);
    },
  };
}

/** Connects by the identifier that was assigned first, and finds the session. */
function returns(client: string): Step {
  return {
    what: `${client} comes by the identifier that was assigned`,
    run: async (stage) => {
      const terminal = await stage.open(client);
      const [clientId] = namesOf(stage);
      terminal.send(connect({ version: 5, clientId, cleanStart: false }));
      const { code, sessionPresent, properties } = await terminal.receive();
      assert.deepEqual({ code, sessionPresent }, { code: 0, sessionPresent: true });
      assert.equal(properties?.['Assigned Client Identifier'], undefined);
    },
  };
}

const LASTING: PropertyList = [['Session Expiry Interval', 100]];

const identifiers = [
  mqtt5(
    'ten clients without an identifier get ten of them',
    ['MQTT-3.1.3-6', 'MQTT-3.2.2-16'],
    [
      ...Array.from({ length: 10 }, (_, i) => isNamed(`client ${i}`)),
      ...Array.from({ length: 10 }, (_, i) => getsNothing(`client ${i}`)),
    ],
  ),
  ...[true, false].map((cleanStart) =>
    mqtt5(
      `the session of an assigned identifier goes on, ${cleanStart ? 'clean start' : 'no clean start'}`,
      ['MQTT-3.1.3-7', 'MQTT-3.1.3-2'],
      [
        isNamed('c', { cleanStart, properties: LASTING }),
        subscribes('t', 1),
        drops(),
        connects({}, 'p'),
        publishes({ qos: 1 }, 'p'),
        returns('c'),
        getsOnly([{ type: 'publish', topic: 't' }]),
      ],
    ),
  ),
  mqtt5(
    'a client that comes by the assigned identifier of another takes it over',
    ['MQTT-3.1.3-7', 'MQTT-3.1.4-3'],
    [
      isNamed('first', { properties: LASTING }),
      returns('second'),
      isEnded(0x8e, 'first'),
      getsNothing('second'),
    ],
  ),
  mqtt5(
    'no local is about an assigned identifier too',
    ['MQTT-3.1.3-7', 'MQTT-3.8.3-3'],
    [isNamed('c'), subscribes('t', 4), sends(publish({ version: 5 })), getsNothing()],
  ),
];

const order = [
  mqtt5(
    'one CONNACK, then what waited',
    ['MQTT-3.2.0-1', 'MQTT-3.2.0-2'],
    [
      resumes(false),
      subscribes('t', 1),
      drops(),
      connects({}, 'p'),
      ...[1, 2, 3].map(() => publishes({ qos: 1 }, 'p')),
      opens(),
      sends(Buffer.concat([connect({ version: 5, cleanStart: false }), PINGREQ])),
      gets({ type: 'connack', sessionPresent: true }),
    ],
  ),
  mqtt5(
    'everything behind CONNECT is answered after CONNACK, in its order',
    ['MQTT-3.2.0-1', 'MQTT-3.1.4-5'],
    [
      opens(),
      sends(
        Buffer.concat([
          connect({ version: 5 }),
          subscribe({ version: 5, packetId: 1, filters: [['t', 1]] }),
          publish({ version: 5, qos: 1, packetId: 2 }),
          PINGREQ,
        ]),
      ),
      gets({ type: 'connack', code: 0 }),
      gets({ type: 'suback', packetId: 1 }),
      gets({ type: 'publish', topic: 't' }),
      gets({ type: 'puback', packetId: 2, code: 0 }),
      gets({ type: 'pingresp' }),
    ],
  ),
  mqtt5(
    'nothing behind a refused CONNECT is answered or done',
    ['MQTT-3.1.4-6', 'MQTT-3.2.2-6', 'MQTT-3.2.2-7', 'MQTT-3.14.0-1'],
    [
      connects({}, 'w'),
      subscribes('#', 0, 'w'),
      opens(),
      sends(
        Buffer.concat([
          connect({ version: 5, clientId: 'too long' }),
          publish({ version: 5, qos: 1 }),
          publish({ version: 5, retain: true }),
          PINGREQ,
        ]),
      ),
      gets({
        type: 'connack',
        code: 0x85,
        sessionPresent: false,
        properties: { 'Receive Maximum': undefined },
      }),
      getsNothing('w'),
    ],
    { config: { max_clientid_len: 4 } },
  ),
  mqtt5(
    'a refusal says nothing of a session that is there',
    ['MQTT-3.2.2-6', 'MQTT-3.1.4-2'],
    [
      resumes(false, 'c', { username: 'ann', password: 'right' }),
      leaves(),
      opens(),
      sends(connect({ version: 5, cleanStart: false, username: 'ann', password: 'wrong' })),
      isRefused(0x86),
      resumes(true, 'c', { username: 'ann', password: 'right' }),
    ],
    { sections: { access: { allow_anonymous: false, users: [{ username: 'ann', password: 'right' }] } } },
  ),
];

/** CONNACK and its properties, MQTT 5 §3.2. */
export const connacksTable: Table = {
  title: 'CONNACK',
  sequences: [...told, ...keepAlives, ...identifiers, ...order],
};

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GATEWAYS } from '@portico/cli';
import { FREE_PORTS } from '../support/configuration.js';
import { eventually } from '../support/eventually.js';
import { ManagedHub } from '../support/managed-hub.js';
import { PacedPublishers } from '../support/paced-publishers.js';

const CLIENTS = 1000;
const SECOND = 'mqtt:tcp:second';
const ZONES = ['gateways', 'mqtt', 'zones'];

/** Something that an operator does, and what it is called. */
type Step = readonly [name: string, act: () => Promise<unknown>];

function switching(hub: ManagedHub, name: string, enable: boolean): Step {
  const module = hub.module(name);
  const act = async () => {
    await hub.modules.enable(module, enable);
    assert.equal(module.state, enable ? 'running' : 'stopped', name);
    for (const { listener } of module.listeners) assert.equal(listener !== undefined, enable, name);
  };
  return [`${name} is ${enable ? 'enabled' : 'disabled'}`, act];
}

function stepsOf(hub: ManagedHub): Step[] {
  const { modules } = hub;
  const others = GATEWAYS.map(({ name }) => name).filter((name) => name !== 'mqtt');
  const second = () => hub.listener(SECOND);
  return [
    ...others.flatMap((name) => [false, true].map((enable) => switching(hub, name, enable))),
    ['MQTT gets a zone', () => modules.change([{ path: [...ZONES, 'other'], value: { max_inflight: 5 } }])],
    [
      'a second MQTT listener is added, in the zone',
      () => modules.addListener(SECOND, { bind: '127.0.0.1:0', zone: 'other' }),
    ],
    ['the zone is changed', () => modules.change([{ path: [...ZONES, 'other', 'max_inflight'], value: 6 }])],
    ['the second listener is stopped', () => modules.enableListener(second(), false)],
    ['the second listener is started', () => modules.enableListener(second(), true)],
    ['the second listener is restarted', () => second().module.restartListener(SECOND)],
    ['the second listener is removed', () => modules.removeListener(second())],
  ];
}

/** Does something, and sees each client go on behind it. */
async function goesUnnoticed(
  clients: PacedPublishers,
  name: string,
  act: () => Promise<unknown>,
): Promise<void> {
  const before = clients.acknowledged;
  await act();
  await eventually(`each goes on when ${name}`, () =>
    clients.acknowledged.every((count, index) => count > (before[index] ?? 0)),
  );
  assert.equal(clients.ended, 0, name);
}

/** Has the clients end, and sees that every message has come, in order. */
async function allHasCome(clients: PacedPublishers): Promise<void> {
  await clients.finish();
  await eventually('every message has come', () => {
    const { delivered } = clients;
    return clients.acknowledged.every((count, index) => count === delivered[index]);
  });
  assert.equal(clients.disorder, undefined);
  assert.equal(clients.ended, 0);
}

test('each gateway is disabled and enabled while 1,000 MQTT clients publish: none of them notices', async () => {
  const hub = await ManagedHub.start(FREE_PORTS);
  const clients = await PacedPublishers.start(hub.port('mqtt:tcp:default'), CLIENTS);
  after(() => clients.destroy());
  for (const [name, act] of stepsOf(hub)) {
    await goesUnnoticed(clients, name, act);
  }
  await allHasCome(clients);
});

/** Changes of what all protocols share, each of another kind. */
const SHARED_CHANGES: Readonly<Record<string, readonly [section: string, keys: object]>> = {
  'limits of retained and delayed messages are others': [
    'broker',
    { retained: { max_retained_messages: 5, expiry_interval: '1h' }, delayed: { max_bytes: '1MB' } },
  ],
  'delayed publication is switched off': ['broker', { delayed: { enable: false } }],
  'little may wait to be written, and nobody is waited for': [
    'broker',
    { max_pending_bytes: '64KB', slow_consumer_grace: 0 },
  ],
  'shared subscriptions are dispatched otherwise': [
    'broker',
    { shared_subscription_strategy: 'sticky', shared_dispatch_ack_enabled: true },
  ],
  'much is told below $SYS': ['broker', { sys_interval: '20ms', sys_heartbeat: '10ms' }],
  'there are users, and rules': [
    'access',
    { users: [{ username: 'ada', password: 'x' }], acl: [{ permit: 'allow' }], allow_anonymous: false },
  ],
  'decisions are not remembered': [
    'access',
    { acl_cache: { enable: false }, acl_nomatch: 'deny', acl: [{ permit: 'allow' }] },
  ],
  'few decisions are remembered': ['access', { acl_cache: { max_size: 1, ttl: '10ms' } }],
};

test('what all protocols share is changed while 100 MQTT clients publish: none of them notices', async () => {
  const hub = await ManagedHub.start(FREE_PORTS);
  const clients = await PacedPublishers.start(hub.port('mqtt:tcp:default'), 100);
  after(() => clients.destroy());
  for (const [name, [section, value]] of Object.entries(SHARED_CHANGES)) {
    for (const wanted of [value, undefined]) {
      const act = () => hub.modules.change([{ path: [section], value: wanted }]);
      await goesUnnoticed(clients, name, act);
    }
  }
  await allHasCome(clients);
});

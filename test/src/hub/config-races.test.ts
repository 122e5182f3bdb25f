import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { eventually } from '../support/eventually.js';
import { ManagedHub } from '../support/managed-hub.js';
import { RawClient } from '../support/raw-client.js';

test('what is read of the access rules last holds, however long what came before it takes', async () => {
  const managed = await ManagedHub.start(FREE_PORTS);
  const { hub, modules, folder } = managed;
  const [first, second] = [join(folder, 'first.conf'), join(folder, 'second.conf')];
  const rulesFrom = (value: string) => modules.change([{ path: ['access', 'acl_file'], value }]);
  writeFileSync(first, '{allow, all}.');
  writeFileSync(second, '{deny, all}.');
  await rulesFrom(first);
  // Reading this one takes until somebody writes into it.
  rmSync(first);
  execFileSync('mkfifo', [first]);
  const reloaded = modules.inTurn(() => hub.reloadRules());
  const changed = rulesFrom(second);
  await writeFile(first, '{allow, all}.');
  await Promise.all([reloaded, changed]);
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${managed.port('mqtt:tcp:default')}`);
  await client.publishAsync('topic', 'x', { qos: 1 });
  await client.endAsync();
  assert.equal(hub.engine.metrics.counters['messages.dropped.not_authorized'].value, 1);
});

test('of two who add a listener of one name at once, one is told that it is there', async () => {
  const { modules } = await ManagedHub.start(FREE_PORTS);
  const add = (keys: object) => modules.addListener('stomp:tcp:second', { bind: '127.0.0.1:0', ...keys });
  const [one, other] = await Promise.allSettled([add({ max_connections: 1 }), add({ max_connections: 2 })]);
  assert.equal(one?.status, 'fulfilled');
  assert.match(String(other?.status === 'rejected' && other.reason), /there is a listener of that name/);
  const second = modules.listeners().find(({ status }) => status.name === 'stomp:tcp:second');
  assert.equal(second?.status.maxConnections, 1);
});

test('of two changes at once each tells what has become of connections by itself alone', async () => {
  const managed = await ManagedHub.start(FREE_PORTS);
  const client = await RawClient.connect(managed.port('stomp:tcp:default'));
  const { hub, modules } = managed;
  await eventually('it is there', () => hub.gateways.get('stomp')?.connections === 1);
  const path = ['gateways', 'stomp', 'listeners', 'tcp', 'default'];
  const [restart, limit] = await Promise.all([
    modules.change([{ path: [...path, 'backlog'], value: 100 }]),
    modules.change([{ path: [...path, 'max_connections'], value: 5 }]),
  ]);
  assert.deepEqual(restart, ['stomp:tcp:default: 1 connection ended by the change']);
  assert.deepEqual(limit, []);
  client.destroy();
});

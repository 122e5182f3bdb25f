import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { ManagedHub } from '../support/managed-hub.js';

test('a file of rules that is read anew while another takes its place gives no rules any more', async () => {
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
  const reloaded = hub.reloadRules();
  await rulesFrom(second);
  await writeFile(first, '{allow, all}.');
  await reloaded;
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${managed.port('mqtt:tcp:default')}`);
  await client.publishAsync('topic', 'x', { qos: 1 });
  await client.endAsync();
  assert.equal(hub.engine.metrics.counters['messages.dropped.not_authorized'].value, 1);
});

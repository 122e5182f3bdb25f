import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '@portico/core';
import { TestApi } from '@portico/management/testing';
import { runCommand } from '../testing.js';
import { untilOf } from '../times.js';
import { addBan, listBans, removeBan } from './banned.js';
import { exportData, importData, listExports } from './data.js';
import { deleteApp, insertApp, listApps, lookupApp, updateApp } from './mgmt.js';
import { showStatus } from './status.js';

const BACKEND = { id: 'backend', name: 'Backend', desc: 'of the shop' };

test('an application is made with a secret that lets it in until it is stopped', async () => {
  const api = await TestApi.start();
  const { stdout } = await runCommand(api, insertApp, BACKEND);
  const [, secret] = /^AppSecret: (\S+)\n$/.exec(stdout) ?? [];
  const enter = async () => (await runCommand(api, showStatus, { app: 'backend', secret })).code;
  assert.equal(await enter(), 0);
  const list = await runCommand(api, listApps, {});
  assert.match(list.stdout, /^backend +Backend +running +never +of the shop$/m);
  const stopped = await runCommand(api, updateApp, { id: 'backend', status: 'stop' });
  assert.equal(stopped.stdout, 'update successfully.\n');
  assert.equal(await enter(), 3);
  assert.match((await runCommand(api, lookupApp, { id: 'backend' })).stdout, /^status +false$/m);
  await runCommand(api, updateApp, { id: 'backend', status: 'start' });
  assert.equal(await enter(), 0);
});

test('an application that has expired is listed as such', async () => {
  const api = await TestApi.start({}, { clock: new VirtualClock(0) });
  const { code } = (await api.ask('POST', '/apps', { app_id: 'old', name: 'Old', expired: 60 })).body;
  assert.equal(code, 0);
  assert.match((await runCommand(api, listApps, {})).stdout, /^old +Old +expired +/m);
});

test('an application that there is already, or not, is told of', async () => {
  const api = await TestApi.start();
  assert.equal((await runCommand(api, insertApp, BACKEND)).code, 0);
  assert.match((await runCommand(api, insertApp, BACKEND)).stderr, /there is such an application already/);
  assert.equal((await runCommand(api, deleteApp, { id: 'backend' })).stdout, 'ok\n');
  for (const command of [deleteApp, lookupApp]) {
    const { code, stderr } = await runCommand(api, command, { id: 'backend' });
    assert.equal(code, 1);
    assert.match(stderr, /^not found: there is no such application\n/);
  }
});

test('a ban is made, listed and lifted', async () => {
  const api = await TestApi.start();
  const device = api.hub.client('noisy');
  const ban = { as: 'clientid', who: 'noisy', until: 'infinity', reason: 'too noisy' };
  assert.equal((await runCommand(api, addBan, ban)).stdout, 'banned until it is lifted\n');
  assert.equal(device.detachedBy, 'banned');
  assert.match(
    (await runCommand(api, listBans, {})).stdout,
    /^clientid +noisy +\S+ \S+ +for ever +command line +too noisy$/m,
  );
  assert.equal((await runCommand(api, removeBan, ban)).stdout, 'ok\n');
  assert.equal((await runCommand(api, removeBan, ban)).code, 1);
});

test('a ban ends at a time in seconds, at a date, or after a while', async () => {
  const api = await TestApi.start();
  const until = async (time: string | undefined) => {
    const ban = { as: 'peerhost', who: '192.0.2.1', until: untilOf(time ?? ''), json: true };
    const { code, stdout, stderr } = await runCommand(api, addBan, ban);
    return code === 0 ? JSON.parse(stdout).until : stderr.split('\n')[0];
  };
  const year = new Date(api.hub.clock.now()).getUTCFullYear() + 1;
  const date = Date.UTC(year, 0, 1) / 1000;
  assert.equal(await until(String(date)), date);
  assert.equal(await until(`${year}-01-01T00:00:00Z`), date);
  assert.equal(await until(undefined), Math.floor(api.hub.clock.now() / 1000) + 300);
  assert.match(await until('0'), /^the management API refuses: until: is over already/);
  assert.equal(untilOf('some day'), undefined);
});

test('data is exported by the hub, and taken in by its name there or from a file here', async () => {
  const api = await TestApi.start();
  await runCommand(api, insertApp, BACKEND);
  const { stdout } = await runCommand(api, exportData, {});
  const [, name = ''] = /^The data has been exported to (\S+\.json)\.\n$/.exec(stdout) ?? [];
  const [listed] = JSON.parse((await runCommand(api, listExports, { json: true })).stdout);
  assert.equal(listed.filename, name);
  for (const source of [name, join(api.dataDir, 'exports', name)]) {
    await runCommand(api, deleteApp, { id: 'backend' });
    const imported = await runCommand(api, importData, { source });
    assert.equal(imported.stdout, 'The data has been imported successfully.\n', imported.stderr);
    assert.equal((await runCommand(api, lookupApp, { id: 'backend' })).code, 0);
  }
});

test('what cannot be imported is told of', async () => {
  const api = await TestApi.start();
  const text = join(api.dataDir, 'text.json');
  writeFileSync(text, 'no JSON');
  for (const [source, expected] of [
    ['none.json', /^not found: there is no such file\n/],
    [join(api.dataDir, 'none.json'), /^the file cannot be imported: ENOENT: /],
    [api.dataDir, /^the file cannot be imported: EISDIR: /],
    [text, /^the file cannot be imported: \S+text\.json: is not JSON\n/],
  ] as const) {
    const { code, stderr } = await runCommand(api, importData, { source });
    assert.equal(code, 1);
    assert.match(stderr, expected);
  }
});

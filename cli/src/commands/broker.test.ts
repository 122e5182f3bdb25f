import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE, TestApi } from '@portico/management/testing';
import { runCommand } from '../testing.js';
import { deactivateAlarm, forgetAlarms, listAlarms } from './alarms.js';
import { showBroker, showNumbers } from './broker.js';
import { reloadCertificates } from './certificates.js';
import { changeLogHandler, listLogHandlers, logLevel, setLogHandlerLevel } from './log.js';
import { showVm, type VmPart } from './vm.js';

test('broker says what runs', async () => {
  const api = await TestApi.start();
  const { code, stdout } = await runCommand(api, showBroker, {});
  assert.equal(code, 0);
  assert.match(stdout, /^sysdescr +Portico$/m);
  assert.match(stdout, /^version +1\.2\.3$/m);
  assert.equal(JSON.parse((await runCommand(api, showBroker, { json: true })).stdout).node, NODE);
});

test('metrics and stats are listed by name, those with a text in it alone where one is given', async () => {
  const api = await TestApi.start();
  api.hub.client('a');
  const { code, stdout } = await runCommand(api, showNumbers, { numbers: 'stats', like: 'sessions.' });
  assert.equal(code, 0);
  assert.match(stdout, /^NAME +VALUE\nsessions\.count +1\nsessions\.max +1\n$/);
  const { stdout: metrics } = await runCommand(api, showNumbers, { numbers: 'metrics' });
  const names = metrics
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ')[0]);
  assert.deepEqual(names, [...names].sort());
  const json = await runCommand(api, showNumbers, { numbers: 'metrics', like: 'messages.', json: true });
  assert.equal(JSON.parse(json.stdout)['messages.received'], 0);
});

test('alarms are listed, called over and forgotten', async () => {
  const api = await TestApi.start();
  api.hub.alarms.activate('flood', 'too much water');
  const listed = async (which: 'all' | 'active' | 'past') => {
    const { stdout } = await runCommand(api, listAlarms, { which, json: true });
    return JSON.parse(stdout).map(({ name }: { name: string }) => name);
  };
  assert.match(
    (await runCommand(api, listAlarms, { which: 'all' })).stdout,
    /^NAME +SINCE +UNTIL +MESSAGE\nflood +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +- +too much water\n$/,
  );
  assert.deepEqual([await listed('active'), await listed('past')], [['flood'], []]);
  assert.equal((await runCommand(api, deactivateAlarm, { name: 'flood' })).stdout, 'ok\n');
  assert.deepEqual([await listed('active'), await listed('past')], [[], ['flood']]);
  const again = await runCommand(api, deactivateAlarm, { name: 'flood' });
  assert.deepEqual([again.code, again.stdout], [1, '']);
  assert.match(again.stderr, /^not found: no alarm "flood" is active\n/);
  assert.equal((await runCommand(api, forgetAlarms, {})).code, 0);
  assert.deepEqual(await listed('all'), []);
});

test('vm shows what the process takes, or a part of that', async () => {
  const api = await TestApi.start();
  const names = async (part: VmPart) => {
    const { stdout } = await runCommand(api, showVm, { part });
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ')[0]);
  };
  assert.deepEqual(await names('load'), ['load.load1', 'load.load5', 'load.load15']);
  assert.deepEqual(await names('io'), ['io.max_fds', 'io.active_fds']);
  assert.equal((await names('all')).length, 15);
  const { memory, ports } = JSON.parse((await runCommand(api, showVm, { part: 'all', json: true })).stdout);
  assert.ok(memory.total > memory.heap_used && memory.heap_used > 0);
  // That of the API, and the connection of who asks.
  assert.equal(ports.count, 2);
});

test('certificates reload says that it is done, and of a node that there is not', async () => {
  const api = await TestApi.start();
  const done = { code: 0, stdout: 'ok\n', stderr: '' };
  assert.deepEqual(await runCommand(api, reloadCertificates, {}), done);
  assert.deepEqual(await runCommand(api, reloadCertificates, { node: NODE }), done);
  const { code, stderr } = await runCommand(api, reloadCertificates, { node: 'none' });
  assert.equal(code, 1);
  assert.match(stderr, /^not found: /);
});

test('log level says which it is, and sets it', async () => {
  const api = await TestApi.start();
  assert.equal((await runCommand(api, logLevel, { level: undefined })).stdout, 'info\n');
  assert.equal((await runCommand(api, logLevel, { level: 'debug' })).stdout, 'debug\n');
  const { stdout } = await runCommand(api, logLevel, { level: undefined, json: true });
  assert.deepEqual(JSON.parse(stdout), { level: 'debug' });
  const { code, stderr } = await runCommand(api, logLevel, { level: 'loud' });
  assert.equal(code, 1);
  assert.match(stderr, /level: /);
});

test('log handlers are listed, started and stopped, and have levels of their own', async () => {
  const api = await TestApi.start();
  const done = { code: 0, stdout: 'ok\n', stderr: '' };
  assert.deepEqual(await runCommand(api, changeLogHandler, { handler: 'file', action: 'start' }), done);
  assert.deepEqual(await runCommand(api, setLogHandlerLevel, { handler: 'file', level: 'error' }), done);
  await runCommand(api, logLevel, { level: 'debug', primary: true });
  const { stdout } = await runCommand(api, listLogHandlers, {});
  const rows = stdout.split('\n').map((line) => line.split(/\s+/));
  assert.deepEqual(rows[0], ['HANDLER', 'LEVEL', 'DESTINATION', 'STATUS', 'LOST', 'FAULT']);
  assert.deepEqual(rows[1]?.slice(0, 5), ['console', 'info', 'console', 'started', '0']);
  assert.deepEqual([rows[2]?.slice(0, 2), rows[2]?.[3]], [['file', 'error'], 'started']);
  assert.deepEqual(await runCommand(api, changeLogHandler, { handler: 'file', action: 'stop' }), done);
  const again = await runCommand(api, changeLogHandler, { handler: 'file', action: 'stop' });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /the log handler file is stopped already/);
});

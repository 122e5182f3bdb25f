import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionInfo } from '@portico/core/testing';
import { TestApi } from '@portico/management/testing';
import { runCommand } from '../testing.js';
import { deleteTrace, downloadTrace, listTraces, showTrace, startTrace, stopTrace } from './traces.js';

test('a trace is started, listed, shown, stopped, downloaded and deleted by commands', async () => {
  const api = await TestApi.start();
  const name = 'one';
  const started = await runCommand(api, startTrace, { type: 'client', condition: 'a', name });
  assert.deepEqual(started, { code: 0, stdout: 'one\n', stderr: '' });
  const row = { title: 'PINGREQ', offset: 0, hex: 'c000', fields: [], faults: [] };
  api.wire.frame({ info: connectionInfo('mqtt'), clientId: 'a' }, 'receive', [row]);
  assert.match((await runCommand(api, listTraces, {})).stdout, /^one +client +a +running +/m);
  assert.match((await runCommand(api, showTrace, { name })).stdout, /^status +running$/m);
  assert.deepEqual(await runCommand(api, stopTrace, { name }), { code: 0, stdout: 'ok\n', stderr: '' });
  const { stdout } = await runCommand(api, downloadTrace, { name });
  assert.deepEqual(JSON.parse(stdout).frame, row);
  assert.deepEqual(await runCommand(api, deleteTrace, { name }), { code: 0, stdout: 'ok\n', stderr: '' });
});

test('a trace that there is not, and a secret that is wrong, are told of one way by all commands', async () => {
  const api = await TestApi.start();
  for (const command of [showTrace, downloadTrace, deleteTrace]) {
    const gone = await runCommand(api, command, { name: 'one' });
    assert.deepEqual([gone.code, gone.stdout], [1, '']);
    assert.match(gone.stderr, /^not found: there is no trace one\n/);
    const stranger = await runCommand(api, command, { name: 'one', url: api.url, app: 'admin:guess' });
    assert.deepEqual([stranger.code, stranger.stdout], [3, '']);
    assert.match(stranger.stderr, /^the management API cannot be used: .+wrong application id or secret\n/);
  }
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE, TestApi } from '../testing/index.js';

test('the log level is shown and set', async () => {
  const api = await TestApi.start();
  assert.deepEqual((await api.get('/log/level')).body.data, { level: 'info' });
  assert.deepEqual((await api.ask('PUT', '/log/level', { level: 'debug' })).body, { code: 0 });
  assert.deepEqual((await api.get('/log/level')).body.data, { level: 'debug' });
  const line = api.lines.at(-1);
  assert.deepEqual([line?.action, line?.level], ['set_log_level', 'debug']);
});

/** Handlers as the API lists them, in short. */
async function handlers(api: TestApi): Promise<readonly string[]> {
  const { body } = await api.get('/log/handlers');
  const rows = body.data[0].handlers as readonly Record<string, unknown>[];
  return rows.map(({ id, level, status }) => `${id} ${level} ${status}`);
}

test('the log level is that of handlers too; the primary one leaves theirs', async () => {
  const api = await TestApi.start();
  assert.deepEqual(await handlers(api), ['console info started', 'file info stopped']);
  await api.ask('PUT', '/log/level', { level: 'debug' });
  assert.deepEqual(await handlers(api), ['console debug started', 'file debug stopped']);
  assert.deepEqual((await api.ask('PUT', '/log/primary-level', { level: 'error' })).body, { code: 0 });
  assert.deepEqual((await api.get('/log/level')).body.data, { level: 'error' });
  await api.ask('PUT', '/log/handlers/file/level', { level: 'warn' });
  assert.deepEqual(await handlers(api), ['console debug started', 'file warn stopped']);
});

test('handlers are started and stopped; what they are already, and those that there are not, are told', async () => {
  const api = await TestApi.start();
  const result = async (path: string) => {
    const { status, body } = await api.ask('PUT', `/log/handlers/${path}`);
    return [status, body.message];
  };
  assert.deepEqual(await result('file/start'), [200, undefined]);
  assert.deepEqual(await result('file/start'), [400, 'the log handler file is started already']);
  assert.deepEqual(await handlers(api), ['console info started', 'file info started']);
  const [row] = (await api.get(`/nodes/${NODE}/log/handlers`)).body.data.slice(1);
  assert.deepEqual(row, {
    ...{ id: 'file', level: 'info', status: 'started', lost: 0 },
    destination: join(api.dataDir, 'log', 'portico.log'),
  });
  assert.deepEqual(await result('file/stop'), [200, undefined]);
  assert.deepEqual(await result('file/stop'), [400, 'the log handler file is stopped already']);
  assert.deepEqual(await result('x/stop'), [404, 'there is no log handler x; there are console, file']);
  assert.equal(api.lines.at(-1)?.action, 'stop_log_handler');
});

test('a file that cannot be written is told to whoever starts its handler', async () => {
  const api = await TestApi.start();
  await writeFile(join(api.dataDir, 'log'), 'no folder');
  const { status, body } = await api.ask('PUT', '/log/handlers/file/start');
  assert.equal(status, 503);
  assert.match(String(body.message), /the log file cannot be written: .*portico\.log: /);
  assert.deepEqual(await handlers(api), ['console info started', 'file info stopped']);
});

test('a level that there is not gives 400, and changes nothing', async () => {
  const api = await TestApi.start();
  for (const [body, code] of [
    [{ level: 'loud' }, 108],
    [{}, 107],
  ] as const) {
    const result = await api.ask('PUT', '/log/level', body);
    assert.deepEqual([result.status, result.body.code], [400, code]);
  }
  assert.deepEqual((await api.get('/log/level')).body.data, { level: 'info' });
});

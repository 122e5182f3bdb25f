import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestApi } from '../testing/index.js';

test('the log level is shown and set', async () => {
  const api = await TestApi.start();
  assert.deepEqual((await api.get('/log/level')).body.data, { level: 'info' });
  assert.deepEqual((await api.ask('PUT', '/log/level', { level: 'debug' })).body, { code: 0 });
  assert.deepEqual((await api.get('/log/level')).body.data, { level: 'debug' });
  const line = api.lines.at(-1);
  assert.deepEqual([line?.action, line?.level], ['set_log_level', 'debug']);
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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE, TestApi } from '../testing/index.js';

async function withAlarms(): Promise<TestApi> {
  const api = await TestApi.start();
  const { alarms, clock } = api.hub;
  alarms.activate('first', 'the first', { usage: 93 });
  clock.advance(2000);
  alarms.deactivate('first');
  alarms.activate('second', 'the second');
  clock.advance(500);
  return api;
}

async function namesOf(api: TestApi, path: string): Promise<string[]> {
  return (await api.get(path)).body.data[0].alarms.map(({ name }: { name: string }) => name);
}

test('alarms are shown with how long they last or lasted, in microseconds', async () => {
  const api = await withAlarms();
  const { data } = (await api.get(`/nodes/${NODE}/alarms`)).body;
  const [{ activate_at, ...active }, { deactivate_at, ...past }] = data;
  assert.deepEqual(active, {
    name: 'second',
    message: 'the second',
    details: {},
    activated: true,
    deactivate_at: 'infinity',
    duration: 500_000,
  });
  assert.equal(activate_at, deactivate_at);
  assert.deepEqual(
    [past.name, past.activated, past.duration, past.details],
    ['first', false, 2e6, { usage: 93 }],
  );
  assert.deepEqual((await api.get('/alarms')).body.data, [{ node: NODE, alarms: data }]);
});

test('alarms that are active, and those that are over', async () => {
  const api = await withAlarms();
  assert.deepEqual(await namesOf(api, '/alarms/activated'), ['second']);
  assert.deepEqual(await namesOf(api, '/alarms/deactivated'), ['first']);
});

test('an operator says that an alarm is over, which the log tells', async () => {
  const api = await withAlarms();
  const { status } = await api.ask('POST', '/alarms/deactivated', { node: NODE, name: 'second' });
  assert.equal(status, 200);
  assert.deepEqual(await namesOf(api, '/alarms/deactivated'), ['second', 'first']);
  const line = api.lines.at(-1);
  assert.deepEqual([line?.action, line?.name, line?.code], ['deactivate_alarm', 'second', 0]);
});

for (const [body, status, code] of [
  [{ node: NODE, name: 'first' }, 404, 108],
  [{ node: 'x@y', name: 'second' }, 404, 108],
  [{ name: 'second' }, 400, 107],
  [{ node: NODE }, 400, 107],
] as const) {
  test(`deactivating ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await withAlarms();
    const result = await api.ask('POST', '/alarms/deactivated', body);
    assert.deepEqual([result.status, result.body.code], [status, code]);
    assert.deepEqual(await namesOf(api, '/alarms/activated'), ['second']);
  });
}

for (const path of ['/alarms/deactivated', `/nodes/${NODE}/alarms/deactivated`]) {
  test(`DELETE ${path} forgets the alarms that are over`, async () => {
    const api = await withAlarms();
    assert.equal((await api.ask('DELETE', path)).status, 200);
    assert.deepEqual(await namesOf(api, '/alarms'), ['second']);
  });
}

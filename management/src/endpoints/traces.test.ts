import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionInfo } from '@portico/core/testing';
import { basic, SECRET, TestApi } from '../testing/index.js';

const ROW = { title: 'PINGREQ', offset: 0, hex: 'c000', fields: [], faults: [] };

/** The lines of a trace. */
async function linesOf(api: TestApi, name: string) {
  const headers = { authorization: basic('admin', SECRET) };
  const response = await api.fetch(`/api/v4/trace/${name}/download`, { headers });
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function end(clientId: string, host: string) {
  return { info: connectionInfo('mqtt', { peer: { host, port: 1 } }), clientId };
}

test('a trace of a client, or of an address, has their frames until it is stopped', async () => {
  const api = await TestApi.start();
  await api.ask('POST', '/trace', { name: 'one', type: 'clientid', condition: 'a' });
  await api.ask('POST', '/trace', { name: 'two', type: 'ip_address', condition: '192.0.2.2' });
  api.wire.frame(end('a', '192.0.2.1'), 'receive', [ROW]);
  api.wire.frame(end('b', '192.0.2.2'), 'send', [ROW]);
  for (const name of ['one', 'two']) assert.equal((await api.ask('PUT', `/trace/${name}/stop`)).status, 200);
  api.wire.frame(end('a', '192.0.2.2'), 'receive', [ROW]);
  const clients = async (name: string) => (await linesOf(api, name)).map(({ clientid }) => clientid);
  assert.deepEqual([await clients('one'), await clients('two')], [['a'], ['b']]);
  const { body } = await api.get('/trace');
  assert.deepEqual(
    body.data.map(({ name, status }: { name: string; status: string }) => [name, status]),
    [
      ['one', 'stopped'],
      ['two', 'stopped'],
    ],
  );
  assert.ok(body.data[0].log_size > 0);
});

test('a trace of a topic has who publishes and subscribes', async () => {
  const api = await TestApi.start();
  await api.ask('POST', '/trace', { name: 't', type: 'topic', condition: 'a/#' });
  const client = api.hub.client('c');
  client.subscribe('a/+');
  client.session.publish({ topic: 'a/b', payload: Buffer.from('hi'), qos: 0, retain: false });
  client.session.publish({ topic: 'x', payload: Buffer.from('hi'), qos: 0, retain: false });
  await api.ask('PUT', '/trace/t/stop');
  assert.deepEqual(
    (await linesOf(api, 't')).map(({ action, topic, filter, clientid }) => [
      action,
      topic ?? filter,
      clientid,
    ]),
    [
      ['subscribe', 'a/+', 'c'],
      ['publish', 'a/b', 'c'],
    ],
  );
});

test('a trace waits for its begin, ends by itself, and is gone when it is deleted', async () => {
  const api = await TestApi.start();
  const { clock } = api.hub;
  const now = Math.floor(clock.now() / 1000);
  const body = { name: 'w', type: 'clientid', condition: 'a', start_at: now + 10, end_at: now + 20 };
  await api.ask('POST', '/trace', body);
  const status = async () => (await api.get('/trace/w')).body.data.status;
  assert.equal(await status(), 'waiting');
  clock.advance(11_000);
  assert.equal(await status(), 'running');
  clock.advance(11_000);
  assert.equal(await status(), 'stopped');
  assert.equal(api.wire.watched, false);
  assert.equal((await api.ask('DELETE', '/trace/w')).status, 200);
  assert.equal((await api.get('/trace/w')).status, 404);
});

test('all traces are stopped and deleted at once', async () => {
  const api = await TestApi.start();
  for (const name of ['a', 'b']) await api.ask('POST', '/trace', { name, type: 'clientid', condition: 'c' });
  assert.equal((await api.ask('DELETE', '/trace')).status, 200);
  assert.deepEqual((await api.get('/trace')).body.data, []);
  assert.equal(api.wire.watched, false);
});

test('what cannot be traced is refused', async () => {
  const api = await TestApi.start();
  const good = { name: 'n', type: 'clientid', condition: 'a' };
  const messageOf = async (change: object) =>
    (await api.ask('POST', '/trace', { ...good, ...change })).body.message;
  assert.match((await messageOf({ name: '../n' })) ?? '', /^name: up to 64 letters/);
  assert.equal(await messageOf({ type: 'ip_address' }), 'condition: must be an IP address');
  assert.match((await messageOf({ type: 'topic', condition: 'a/#/b' })) ?? '', /^condition: /);
  assert.equal(await messageOf({ end_at: 1 }), 'end_at: is over before it begins');
  assert.equal(await messageOf({}), undefined);
  assert.equal(await messageOf({}), 'there is a trace n');
  for (let n = 1; n < 30; n++) await messageOf({ name: `n${n}` });
  assert.match((await messageOf({ name: 'last' })) ?? '', /^there are 30 traces/);
});

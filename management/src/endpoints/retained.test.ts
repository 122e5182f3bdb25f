import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestStore } from '@portico/core/testing';
import { TestApi } from '../testing/index.js';

async function withRetained(): Promise<TestApi> {
  const api = await TestApi.start();
  const client = api.hub.client('sensor');
  for (const topic of ['a/1', 'a/2', 'b/1']) client.publish(topic, `of ${topic}`, 1, true);
  return api;
}

const topicsOf = async (api: TestApi, query = '') =>
  (await api.get(`/retained${query}`)).body.data.map(({ topic }: { topic: string }) => topic);

test('retained messages are listed, and shown with their payload', async () => {
  const api = await withRetained();
  const row = {
    topic: 'a/1',
    qos: 1,
    from_clientid: 'sensor',
    publish_at: Math.floor(api.hub.clock.now() / 1000),
    expires_at: 'infinity',
    payload_size: 6,
  };
  const { body } = await api.get('/retained');
  assert.deepEqual(body.data[0], row);
  assert.deepEqual(body.meta, { page: 1, limit: 10_000, hasnext: false, count: -1 });
  const { data } = (await api.get('/retained/a%2f1')).body;
  assert.deepEqual(data, { ...row, payload: Buffer.from('of a/1').toString('base64') });
});

test('a filter and pages choose among them', async () => {
  const api = await withRetained();
  assert.deepEqual(await topicsOf(api, '?topic=a/%2B'), ['a/1', 'a/2']);
  assert.deepEqual(await topicsOf(api, '?topic=b/1'), ['b/1']);
  assert.deepEqual(await topicsOf(api, '?_limit=2&_page=2'), ['b/1']);
});

test('one is deleted, or those that a filter matches, or all', async () => {
  const api = await withRetained();
  assert.equal((await api.ask('DELETE', '/retained/a%2F1')).status, 200);
  assert.deepEqual(await topicsOf(api), ['a/2', 'b/1']);
  assert.deepEqual((await api.ask('DELETE', '/retained?topic=a/%23')).body, {
    data: { deleted: 1 },
    code: 0,
  });
  assert.deepEqual((await api.ask('DELETE', '/retained')).body.data, { deleted: 1 });
  assert.deepEqual(await topicsOf(api), []);
});

test('what is not there gives 404, what is no filter 400', async () => {
  const api = await withRetained();
  for (const [method, path, status] of [
    ['GET', '/retained/nothing', 404],
    ['DELETE', '/retained/nothing', 404],
    ['GET', '/retained?topic=a%23', 400],
    ['DELETE', '/retained?topic=', 400],
  ] as const) {
    const result = await api.ask(method, path);
    assert.deepEqual([result.status, result.body.code], [status, 108], path);
  }
  assert.equal((await topicsOf(api)).length, 3);
});

test('the answer to a deletion comes when it is durable', async () => {
  const store = new TestStore();
  const api = await TestApi.start({}, { store });
  api.hub.client('sensor').publish('a', '1', 1, true);
  store.held = true;
  let answered = false;
  const answer = api.ask('DELETE', '/retained/a').then((result) => {
    answered = true;
    return result;
  });
  while (api.hub.engine.retained.size > 0) await api.hub.nextTurn();
  await api.get('/retained');
  assert.equal(answered, false);
  store.settle();
  assert.equal((await answer).status, 200);
});

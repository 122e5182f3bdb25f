import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestApi } from '../testing/index.js';

const measure = (api: TestApi, topic: string) => api.ask('POST', '/topic-metrics', { topic });
const numbersOf = async (api: TestApi, topic: string) =>
  (await api.get(`/topic-metrics/${encodeURIComponent(topic)}`)).body.data;

test('what passes through a topic is counted, in, out and dropped, with rates of the last 5 seconds', async () => {
  const api = await TestApi.start();
  assert.deepEqual((await measure(api, 'a/b')).body, { code: 0 });
  const client = api.hub.client('c');
  client.subscribe('a/+', { qos: 2 });
  for (let i = 0; i < 10; i++) client.publish('a/b', 'x', 1);
  client.publish('elsewhere', 'x');
  api.hub.clock.advance(5000);
  const numbers = await numbersOf(api, 'a/b');
  assert.equal(Object.keys(numbers).length, 18);
  assert.deepEqual(
    [numbers['messages.in.count'], numbers['messages.out.count'], numbers['messages.dropped.count']],
    [10, 10, 0],
  );
  assert.deepEqual([numbers['messages.qos1.in.rate'], numbers['messages.qos0.in.rate']], [2, 0]);
  client.session.unsubscribe('a/+');
  client.publish('a/b', 'x');
  api.hub.clock.advance(5000);
  const later = await numbersOf(api, 'a/b');
  assert.deepEqual([later['messages.dropped.count'], later['messages.out.rate']], [1, 0]);
  assert.equal(later['messages.qos0.in.count'], 1);
});

test('topics are listed, and measured no more; then nothing is looked at', async () => {
  const api = await TestApi.start();
  for (const topic of ['a', 'b', 'c']) await measure(api, topic);
  assert.equal(api.hub.hooks.messagePublish.empty, false);
  assert.equal((await api.ask('DELETE', '/topic-metrics/b')).status, 200);
  const { data } = (await api.get('/topic-metrics')).body;
  assert.deepEqual(
    data.map(({ topic }: { topic: string }) => topic),
    ['a', 'c'],
  );
  assert.equal(data[0].metrics['messages.in.count'], 0);
  assert.equal((await api.ask('DELETE', '/topic-metrics')).status, 200);
  assert.deepEqual((await api.get('/topic-metrics')).body.data, []);
  for (const point of ['messagePublish', 'messageDelivered', 'messageDropped'] as const)
    assert.equal(api.hub.hooks[point].empty, true, point);
});

for (const [method, path, body, status, code] of [
  ['POST', '/topic-metrics', { topic: 'a/#' }, 400, 115],
  ['POST', '/topic-metrics', { topic: '' }, 400, 115],
  ['POST', '/topic-metrics', {}, 400, 107],
  ['POST', '/topic-metrics', { topic: 'known' }, 400, 108],
  ['GET', '/topic-metrics/other', undefined, 404, 108],
  ['DELETE', '/topic-metrics/other', undefined, 404, 108],
] as const) {
  test(`${method} ${path} with ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await TestApi.start();
    await measure(api, 'known');
    const result = await api.ask(method, path, body);
    assert.deepEqual([result.status, result.body.code], [status, code]);
  });
}

test('no more than 512 topics are measured', async () => {
  const api = await TestApi.start();
  for (let i = 0; i < 512; i++) assert.equal((await measure(api, `t/${i}`)).status, 200);
  assert.deepEqual((await measure(api, 'one/more')).body.code, 108);
});

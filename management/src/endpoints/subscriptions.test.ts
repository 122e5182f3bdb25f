import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE, TestApi } from '../testing/index.js';

async function subscribers(): Promise<TestApi> {
  const api = await TestApi.start();
  const first = api.hub.client('a');
  first.subscribe('sensors/+/temp', { qos: 1 });
  first.subscribe('plain', { qos: 0 });
  api.hub.client('nobody');
  const second = api.hub.client('b', { mountpoint: 'site/' });
  second.subscribe('$share/g/sensors/#', { qos: 2 });
  return api;
}

async function topicsOf(api: TestApi, path: string): Promise<string[]> {
  const { status, body } = await api.get(path);
  assert.equal(status, 200, body.message);
  return body.data.map(({ clientid, topic }: { clientid: string; topic: string }) => `${clientid} ${topic}`);
}

const TEMP = 'a sensors/+/temp';
const PLAIN = 'a plain';
const SHARED = 'b $share/g/site/sensors/#';

test('subscriptions are shown as the hub matches them, with the mountpoint', async () => {
  const api = await subscribers();
  const { body } = await api.get('/subscriptions');
  assert.deepEqual(body.meta, { page: 1, limit: 10_000, hasnext: false, count: 3 });
  assert.deepEqual(body.data, [
    { node: NODE, clientid: 'a', topic: 'sensors/+/temp', qos: 1 },
    { node: NODE, clientid: 'a', topic: 'plain', qos: 0 },
    { node: NODE, clientid: 'b', topic: '$share/g/site/sensors/#', qos: 2 },
  ]);
  assert.deepEqual((await api.get(`/nodes/${NODE}/subscriptions`)).body, body);
});

for (const [query, expected] of [
  ['clientid=a', [TEMP, PLAIN]],
  ['topic=plain', [PLAIN]],
  ['topic=sensors', []],
  ['topic=site/sensors/%23', [SHARED]],
  [`topic=${encodeURIComponent('$share/g/site/sensors/#')}`, [SHARED]],
  ['qos=1', [TEMP]],
  ['share=g', [SHARED]],
  ['_match_topic=sensors/1/temp', [TEMP]],
  ['_match_topic=site/sensors/1/temp', [SHARED]],
  ['clientid=a&qos=2', []],
] as const) {
  test(`subscriptions by ${query}`, async () => {
    const api = await subscribers();
    assert.deepEqual(await topicsOf(api, `/subscriptions?${query}`), expected);
  });
}

test('a condition comes before the page is cut', async () => {
  const api = await subscribers();
  const { body } = await api.get('/subscriptions?clientid=a&_limit=1&_page=2');
  assert.deepEqual(
    [body.data[0].topic, body.meta],
    ['plain', { page: 2, limit: 1, hasnext: false, count: -1 }],
  );
});

test('a QoS that there is not gives 400 and code 108', async () => {
  const api = await TestApi.start();
  const { status, body } = await api.get('/subscriptions?qos=3');
  assert.deepEqual([status, body.code], [400, 108]);
});

test('the subscriptions of one client, page by page; none for one that there is not', async () => {
  const api = await subscribers();
  assert.deepEqual(await topicsOf(api, '/subscriptions/a'), [TEMP, PLAIN]);
  assert.deepEqual(await topicsOf(api, `/nodes/${NODE}/subscriptions/a?_limit=1&_page=2`), [PLAIN]);
  assert.deepEqual(await topicsOf(api, '/subscriptions/stranger'), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE, TestApi } from '../testing/index.js';

async function withRoutes(): Promise<TestApi> {
  const api = await TestApi.start();
  const first = api.hub.client('a');
  for (const filter of ['plain', 'sensors/+/temp', '#']) first.subscribe(filter);
  const second = api.hub.client('b');
  for (const filter of ['plain', '$share/g/sensors/#']) second.subscribe(filter);
  return api;
}

test('routes are the filters that somebody is subscribed with, each once', async () => {
  const api = await withRoutes();
  const { body } = await api.get('/routes');
  const topics = body.data.map(({ topic, node }: { topic: string; node: string }) => `${topic} ${node}`);
  assert.deepEqual(topics.sort(), [
    `# ${NODE}`,
    `plain ${NODE}`,
    `sensors/# ${NODE}`,
    `sensors/+/temp ${NODE}`,
  ]);
  assert.deepEqual(body.meta, { page: 1, limit: 10_000, hasnext: false, count: 4 });
});

test('routes page by page', async () => {
  const api = await withRoutes();
  const pages = await Promise.all([1, 2].map((page) => api.get(`/routes?_limit=3&_page=${page}`)));
  assert.deepEqual(
    pages.map(({ body }) => [body.data.length, body.meta?.hasnext]),
    [
      [3, true],
      [1, false],
    ],
  );
});

test('one route, percent-encoded in either case; none where nobody is subscribed', async () => {
  const api = await withRoutes();
  for (const path of ['/routes/sensors%2f%2B%2Ftemp', '/routes/sensors%2F%2b%2ftemp']) {
    assert.deepEqual((await api.get(path)).body.data, [{ topic: 'sensors/+/temp', node: NODE }]);
  }
  for (const path of ['/routes/sensors', '/routes/sensors%2F1%2Ftemp']) {
    assert.deepEqual((await api.get(path)).body.data, []);
  }
});

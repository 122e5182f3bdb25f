import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointsOf } from './api.js';
import type { Endpoint } from './endpoint.js';
import { basic, NODE, SECRET, TestApi } from './testing/index.js';

/** What holds for every endpoint there is. */

const ENDPOINTS = endpointsOf({ gateways: new Map() });

/** Asks with something in each place of the path. @param node the one that is named, where one is */
async function answerOf(api: TestApi, { method, path }: Endpoint, authorization: string, node = NODE) {
  const asked = path.replaceAll(':node', node).replaceAll(/:\w+/g, 'some');
  const response = await api.fetch(`/api/v4${asked}`, { method, headers: { authorization } });
  const { code } = (await response.json()) as { readonly code: number };
  return [response.status, code];
}

for (const [who, authorization, expected] of [
  ['who shows no credentials', '', [401, 104]],
  ['an application that there is not', basic('nobody', SECRET), [401, 103]],
  ['a wrong secret', basic('admin', 'guessed'), [401, 103]],
] as const) {
  test(`${who} is refused everywhere`, async () => {
    const api = await TestApi.start({ max_request_rate: 0 });
    for (const endpoint of ENDPOINTS) {
      assert.deepEqual(await answerOf(api, endpoint, authorization), expected, endpoint.name);
    }
  });
}

test('while the hub starts or stops nothing can be asked of it', async () => {
  const api = await TestApi.start();
  api.running = false;
  for (const endpoint of ENDPOINTS) {
    assert.deepEqual(await answerOf(api, endpoint, basic('admin', SECRET)), [503, 102], endpoint.name);
  }
});

test('a node that there is not gives 404 and code 108 wherever one is named', async () => {
  const api = await TestApi.start();
  const named = ENDPOINTS.filter(({ path }) => path.includes(':node'));
  assert.ok(named.length > 20);
  for (const endpoint of named) {
    const given = await answerOf(api, endpoint, basic('admin', SECRET), 'other@127.0.0.1');
    assert.deepEqual(given, [404, 108], endpoint.name);
  }
});

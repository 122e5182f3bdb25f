import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { endpointsOf } from './api.js';
import type { Endpoint } from './endpoint.js';
import { failuresOf } from './openapi/failures.js';
import { type FailureName, RESULTS } from './result-codes.js';
import { basic, NODE, SECRET, TestApi } from './testing/index.js';

/** What holds for every endpoint there is. */

const ENDPOINTS = endpointsOf({ gateways: new Map() });

function filled({ path }: Pick<Endpoint, 'path'>, node: string): string {
  return `/api/v4${path.replaceAll(':node', node).replaceAll(/:\w+/g, 'some')}`;
}

/** Asks with something in each place of the path. @param node the one that is named, where one is */
async function answerOf(api: TestApi, { method, path }: Endpoint, authorization: string, node = NODE) {
  const response = await api.fetch(filled({ path }, node), { method, headers: { authorization } });
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

const authorization = basic('admin', SECRET);

/** What endpoints of some kind answer to a request that is wrong. */
async function refusals(
  api: TestApi,
  endpoints: readonly Endpoint[],
  request: (endpoint: Endpoint) => { readonly query?: string; readonly body?: string },
) {
  assert.ok(endpoints.length > 5);
  const given = endpoints.map(async (endpoint) => {
    const { query = '', body } = request(endpoint);
    const path = filled(endpoint, NODE) + query;
    const init = { method: endpoint.method, headers: { authorization }, ...(body !== undefined && { body }) };
    const response = await api.fetch(path, init);
    const { code } = (await response.json()) as { readonly code: number };
    return [endpoint.name, response.status, code];
  });
  return await Promise.all(given);
}

/** That all of them answer so, and the document says that they may. */
async function allRefuse(
  failure: FailureName,
  endpoints: readonly Endpoint[],
  config: object,
  request: (endpoint: Endpoint) => { readonly query?: string; readonly body?: string },
): Promise<void> {
  const api = await TestApi.start({ max_request_rate: 0, ...config });
  const { status, code } = RESULTS[failure];
  for (const [name, ...given] of await refusals(api, endpoints, request)) {
    assert.deepEqual(given, [status, code], String(name));
  }
  for (const endpoint of endpoints) assert.ok(failuresOf(endpoint).includes(failure), endpoint.name);
}

const WITH_BODY = ENDPOINTS.filter(({ schemas }) => schemas.body !== undefined);

test('a body that is not JSON gives 400 and code 109 wherever there may be one', () =>
  allRefuse('not_json', WITH_BODY, {}, () => ({ body: '{' })));

test('a body that is too large gives 413 and code 108 wherever there may be one', () =>
  allRefuse('body_too_large', WITH_BODY, { max_body_size: '1KB' }, () => ({ body: '1'.repeat(2000) })));

test('a body of another kind gives 400 and code 108 wherever there may be one', () =>
  allRefuse('parameter_invalid', WITH_BODY, {}, () => ({ body: '7' })));

test('no body gives 400 and code 107 wherever one is needed', () => {
  const needing = WITH_BODY.filter(({ schemas }) => schemas.body?.safeParse(undefined).success === false);
  return allRefuse('parameter_missing', needing, {}, () => ({}));
});

test('each parameter of a query gives 400 and code 108 when it is there twice', async () => {
  const api = await TestApi.start({ max_request_rate: 0 });
  for (const endpoint of ENDPOINTS) {
    const names = Object.keys((endpoint.schemas.query as z.ZodObject | undefined)?.shape ?? {});
    for (const name of names) {
      const response = await api.fetch(`${filled(endpoint, NODE)}?${name}=1&${name}=1`, {
        method: endpoint.method,
        headers: { authorization },
      });
      const { code, message } = (await response.json()) as {
        readonly code: number;
        readonly message: string;
      };
      assert.deepEqual([response.status, code], [400, 108], endpoint.name);
      assert.ok(message.startsWith(`${name}: `), message);
    }
  }
});

test('more requests than max_request_rate give 429 and code 102 everywhere', async () => {
  const api = await TestApi.start({ max_request_rate: 1 });
  assert.equal((await api.get('/brokers')).status, 200);
  const given = await refusals(api, ENDPOINTS, () => ({}));
  assert.deepEqual(
    given.filter(([, status, code]) => status !== 429 || code !== 102),
    [],
  );
});

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

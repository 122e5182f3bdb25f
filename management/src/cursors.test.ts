import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestApi } from './testing/index.js';

async function page(api: TestApi, cursor: string, path = '/clients?_limit=2') {
  const { status, body } = await api.get(`${path}&_cursor=${cursor}`);
  assert.equal(status, 200, body.message);
  const ids = body.data.map(({ clientid }: { clientid: string }) => clientid).join('');
  return { ids, meta: body.meta };
}

async function withClients(): Promise<TestApi> {
  const api = await TestApi.start();
  for (const id of ['a', 'b', 'c', 'd', 'e']) api.hub.client(id);
  return api;
}

test('by a cursor, clients that leave between two pages hide nobody who stays', async () => {
  const api = await withClients();
  const first = await page(api, 'start');
  assert.deepEqual([first.ids, first.meta?.hasnext, first.meta?.count], ['ab', true, 5]);
  for (const id of ['a', 'b']) api.hub.engine.kick(id);
  const second = await page(api, first.meta?.cursor ?? '');
  assert.equal(second.ids, 'cd');
  api.hub.client('f');
  const last = await page(api, second.meta?.cursor ?? '');
  assert.deepEqual([last.ids, last.meta?.hasnext, last.meta?.cursor], ['ef', false, undefined]);
});

test('conditions are those of the first page', async () => {
  const api = await withClients();
  for (const id of ['xa', 'xb']) api.hub.client(id);
  const first = await page(api, 'start', '/clients?_limit=1&_like_clientid=x');
  assert.equal(first.ids, 'xa');
  assert.equal((await page(api, first.meta?.cursor ?? '')).ids, 'xb');
});

test('a cursor is good once, for a minute, and while no 64 others were given', async () => {
  const api = await withClients();
  const refused = async (cursor = '') => {
    const { status, body } = await api.get(`/clients?_limit=2&_cursor=${cursor}`);
    assert.deepEqual([status, body.code], [400, 108]);
  };
  const used = (await page(api, 'start')).meta?.cursor ?? '';
  await page(api, used);
  await refused(used);
  const old = (await page(api, 'start')).meta?.cursor;
  api.hub.clock.advance(60_000);
  await refused(old);
  const pushedOut = (await page(api, 'start')).meta?.cursor;
  for (let i = 0; i < 64; i++) await page(api, 'start');
  await refused(pushedOut);
  await refused('made-up');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayLists } from '@portico/core';
import { NODE, TestApi } from '../testing/index.js';

const LISTS = [
  { path: '/things', name: 'list_things', descr: 'List the things' },
  { path: '/things/:clientid/parts', name: 'list_thing_parts', descr: 'List the parts of a thing' },
];

const NO_TRAFFIC = { bytesReceived: 0, bytesSent: 0, framesReceived: 0, framesSent: 0 };

function zone(things: Readonly<Record<string, readonly string[]>>): { lists: GatewayLists } {
  const rows = Object.entries(things).map(([clientid, parts]) => ({ clientid, parts: parts.length }));
  return {
    lists: {
      list_things: () => ({ size: rows.length, rows }),
      list_thing_parts: (clientId) => {
        const parts = things[clientId];
        return parts && { size: parts.length, rows: parts.map((part) => ({ part })) };
      },
    },
  };
}

async function withThings(): Promise<TestApi> {
  const traffic = { past: NO_TRAFFIC, present: [] };
  const instances = [zone({ a: ['wheel', 'axle'], b: [] }), zone({ c: ['lid'] })];
  return await TestApi.start(
    {},
    { gateways: new Map([['x', { definition: { lists: LISTS }, instances, traffic, endings: new Map() }]]) },
  );
}

test('a list of a gateway has what there is in all its zones, page by page, and for one node', async () => {
  const api = await withThings();
  const { body } = await api.get('/things');
  assert.deepEqual(
    body.data.map(({ clientid }: { clientid: string }) => clientid),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(body.meta, { page: 1, limit: 10_000, hasnext: false, count: 3 });
  const second = await api.get(`/nodes/${NODE}/things?_limit=2&_page=2`);
  assert.deepEqual(second.body.data, [{ clientid: 'c', parts: 1 }]);
});

test('a list about a client is that of the zone in which it is; nobody else has one', async () => {
  const api = await withThings();
  assert.deepEqual((await api.get('/things/c/parts')).body.data, [{ part: 'lid' }]);
  assert.deepEqual((await api.get('/things/b/parts')).body.data, []);
  const { status, body } = await api.get('/things/d/parts');
  assert.deepEqual([status, body.code, body.message], [404, 112, 'there is no client "d"']);
});

test('the API tells of the lists of its gateways, and has none of others', async () => {
  const names = async (api: TestApi) =>
    (await api.get('/')).body.data
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name.includes('thing'));
  assert.deepEqual(await names(await withThings()), [
    'list_things',
    'list_node_things',
    'list_thing_parts',
    'list_node_thing_parts',
  ]);
  const bare = await TestApi.start();
  assert.deepEqual(await names(bare), []);
  assert.equal((await bare.get('/things')).status, 404);
});

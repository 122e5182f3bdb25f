import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE, TestApi } from '../testing/index.js';

test('the broker is shown, in a list and alone', async () => {
  const api = await TestApi.start();
  api.hub.clock.advance(83_000);
  const { body } = await api.get('/brokers');
  const [{ datetime, otp_release, ...broker }] = body.data;
  assert.match(datetime, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.equal(otp_release, `${process.version}/${process.versions.v8}`);
  assert.deepEqual(broker, {
    node: NODE,
    node_status: 'Running',
    sysdescr: 'Portico',
    uptime: '1 minutes, 23 seconds',
    version: '1.2.3',
  });
  assert.deepEqual((await api.get(`/brokers/${NODE}`)).body.data, body.data[0]);
});

test('a node is shown with its load: memory as text in the list, in bytes alone', async () => {
  const api = await TestApi.start();
  api.hub.client('here');
  api.hub.client('away', { sessionExpiry: 60, cleanStart: false }).session.close('normal');
  const [row] = (await api.get('/nodes')).body.data;
  assert.deepEqual([row.node, row.node_status, row.version], [NODE, 'Running', '1.2.3']);
  assert.deepEqual([row.connections, row.live_connections, row.process_used], [2, 1, 1]);
  for (const load of ['load1', 'load5', 'load15']) assert.match(row[load], /^\d+\.\d\d$/);
  for (const memory of ['memory_total', 'memory_used']) assert.match(row[memory], /^\d+\.\d\d[MG]$/);
  assert.ok(row.max_fds > 0);
  const node = (await api.get(`/nodes/${NODE}`)).body.data;
  assert.deepEqual(Object.keys(node), Object.keys(row));
  assert.ok(Number.isInteger(node.memory_total) && node.memory_total > node.memory_used);
});

test('the list of endpoints names each with method, path and what it is for', async () => {
  const api = await TestApi.start();
  const { body } = await api.get('');
  assert.deepEqual(body.data[0], {
    path: '/',
    name: 'list_endpoints',
    method: 'GET',
    descr: 'List what the API can be asked for',
  });
  const names = body.data.map(({ name }: { name: string }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('list_node_clients'));
});

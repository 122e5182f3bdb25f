import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE, TestApi } from '../testing/index.js';

test('counters and gauges are shown under the names of the reference, for all nodes and for one', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('a');
  client.subscribe('t');
  client.publish('t', 'x');
  const { body } = await api.get('/metrics');
  assert.equal(body.data[0].node, NODE);
  assert.equal(body.data[0].metrics['messages.received'], 1);
  assert.equal(body.data[0].metrics['client.connected'], 1);
  const { data: stats } = (await api.get(`/nodes/${NODE}/stats`)).body;
  assert.deepEqual([stats['connections.count'], stats['connections.max']], [1, 1]);
  assert.deepEqual((await api.get('/stats')).body.data, [{ node: NODE, stats }]);
  assert.equal((await api.get(`/nodes/${NODE}/metrics`)).body.data['messages.sent'], 1);
});

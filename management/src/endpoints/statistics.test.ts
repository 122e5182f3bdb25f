import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Listener } from '@portico/core';
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

/** A listener as the API looks at it. */
function listener(name: string, closed: Readonly<Record<string, number>>): Listener {
  return {
    name,
    address: { host: '127.0.0.1', port: 1883 },
    start: async () => {},
    close: async () => {},
    reload: () => {},
    statistics: { connections: 2, maxConnections: 10, accepted: 5, refused: {}, closed },
  };
}

test('listeners are shown with connections, and why they ended', async () => {
  const api = await TestApi.start();
  api.listeners.push(listener('mqtt:tcp:default', { closed: 3 }), listener('coap:udp:default', {}));
  const { data } = (await api.get(`/nodes/${NODE}/listeners`)).body;
  assert.deepEqual(data, [
    {
      protocol: 'mqtt:tcp',
      identifier: 'mqtt:tcp:default',
      listen_on: '127.0.0.1:1883',
      acceptors: 1,
      max_conns: 10,
      current_conns: 2,
      shutdown_count: { closed: 3 },
    },
    {
      protocol: 'coap:udp',
      identifier: 'coap:udp:default',
      listen_on: '127.0.0.1:1883',
      acceptors: 1,
      max_conns: 10,
      current_conns: 2,
      shutdown_count: [],
    },
  ]);
  assert.deepEqual((await api.get('/listeners')).body.data, [{ node: NODE, listeners: data }]);
});

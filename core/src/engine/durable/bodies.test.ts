import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryKey, parseDeliveryKey } from './delivery-key.js';
import { Falls, PERSISTENT, read } from './testing/falls.js';

async function copyDelivery({ store }: Falls, key: string, later: number): Promise<void> {
  const record = await store.get('deliveries', key);
  const parsed = parseDeliveryKey(key);
  assert.ok(record !== undefined && parsed !== undefined);
  store.put('deliveries', deliveryKey({ ...parsed, number: parsed.number + later }), record);
}

test('a message that one session drops at the start is there for the others', async () => {
  const falls = new Falls();
  const first = await falls.start();
  for (const [id, maxMqueueLen] of [
    ['short', 2],
    ['long', 10],
  ] as const) {
    const app = first.client(id, { ...PERSISTENT, options: { maxMqueueLen } });
    app.subscribe('t', { qos: 1 });
    app.session.close('closed');
  }
  for (const payload of ['1', '2']) first.client('d').publish('t', payload, 1);
  // As if the hub had fallen before it could delete what the one queue had no room for, and the other had got the
  // message later.
  const [, ofLong = '', ofShort = ''] = falls.store.keys('deliveries');
  await copyDelivery(falls, ofShort, 500);
  await copyDelivery(falls, ofLong, 1000);
  falls.store.delete('deliveries', ofLong);

  const second = await falls.start();
  await read(second);
  assert.equal(second.metrics.get('delivery.dropped.queue_full'), 1);
  const back = second.client('long', { ...PERSISTENT, options: { maxMqueueLen: 10 } });
  await read(second);
  assert.deepEqual(back.take(), ['t=2', 't=1']);
});

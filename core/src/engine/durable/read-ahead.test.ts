import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Falls, manual, PERSISTENT, read } from './testing/falls.js';

const KIB = 1024;

test('what waits on disk does not end a session, however much of it has been read', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const options = { maxInflight: 1, maxHeldBytes: 10 * KIB };
  const app = manual(first, 'app', { ...PERSISTENT, options });
  app.subscribe('t', { qos: 1 });
  const device = first.client('d');
  for (let i = 0; i < 20; i++) device.publish('t', 'x'.repeat(KIB), 1);
  await read(first);
  assert.equal(app.session.statistics.mqueueLength, 19);

  const second = await falls.start();
  const back = manual(second, 'app', { ...PERSISTENT, options });
  await read(second);
  second.client('d').publish('t', 'y', 1);
  await read(second);
  assert.deepEqual(back.session.statistics.mqueueLength, 20);
});

test('no more is read ahead than a megabyte, or one message', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  const device = first.client('d');
  for (let i = 0; i < 20; i++) device.publish('t', 'x'.repeat(300 * KIB), 1);
  const second = await falls.start();
  const asked: string[] = [];
  const get = falls.store.get.bind(falls.store);
  falls.store.get = (table, key) => {
    asked.push(key);
    return get(table, key);
  };
  const back = manual(second, 'app', { ...PERSISTENT, options: { maxInflight: 1 } });
  await read(second);
  assert.deepEqual([back.received.length, asked.length], [1, 4]);
  back.session.acked(back.received[0]?.packetId ?? 0);
  await read(second);
  assert.equal(back.received.length, 2);
});

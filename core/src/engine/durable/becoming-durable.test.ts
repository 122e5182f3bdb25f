import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Falls, manual, read } from './testing/falls.js';

test('a session that becomes durable keeps what its client is owed only the end of', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = manual(first, 'app', {});
  app.subscribe('t', { qos: 2 });
  first.client('d').publish('t', 'x', 2);
  const [{ packetId } = { packetId: 0 }] = app.received;
  app.session.received(packetId);
  app.session.setSessionExpiry(50);
  app.session.close('closed');

  const second = await falls.start();
  const back = manual(second, 'app');
  await read(second);
  assert.deepEqual([back.take(), back.released], [[], [packetId]]);
});

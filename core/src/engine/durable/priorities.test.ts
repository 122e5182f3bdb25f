import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestClient, TestHub } from '../../testing/index.js';
import { Falls, manual, PERSISTENT, read } from './testing/falls.js';

const RANKED = {
  ...PERSISTENT,
  options: { priorities: { byTopic: new Map([['u', 9]]), others: 0 }, maxInflight: 1 },
};

async function drained(hub: TestHub, client: TestClient): Promise<string[]> {
  const got: string[] = [];
  for (let i = 0; i < 10; i++) {
    await read(hub);
    for (const { payload, packetId } of client.received.splice(0)) {
      got.push(payload);
      client.session.acked(packetId);
    }
  }
  return got;
}

test('a topic that gets another priority while its messages wait stays in order, also over a restart', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('#', { qos: 1 });
  app.session.close('closed');
  for (const payload of ['0', '1', '2']) first.client('d').publish('u', payload, 1);
  const second = await falls.start();
  manual(second, 'app', RANKED);
  await read(second);
  for (const payload of ['3', '4']) second.client('d').publish('u', payload, 1);
  second.client('d').publish('other', '5', 1);
  const third = await falls.start();
  const back = manual(third, 'app', RANKED);
  third.client('d').publish('u', '6', 1);
  assert.deepEqual(await drained(third, back), ['0', '1', '2', '3', '4', '6', '5']);
});

test('so it does while the hub runs', async () => {
  const falls = new Falls();
  const hub = await falls.start();
  const app = hub.client('app', PERSISTENT);
  app.subscribe('#', { qos: 1 });
  app.session.close('closed');
  const device = hub.client('d');
  for (const payload of ['0', '1', '2']) device.publish('u', payload, 1);
  const back = manual(hub, 'app', RANKED);
  device.publish('other', '3', 1);
  device.publish('u', '4', 1);
  assert.deepEqual(await drained(hub, back), ['0', '1', '2', '4', '3']);
});

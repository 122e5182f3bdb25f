import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Will } from '../types.js';
import { Falls, PERSISTENT, read } from './testing/falls.js';

function will(delay: number): Will {
  return { topic: 'gone', payload: Buffer.from('d'), qos: 1, retain: false, properties: undefined, delay };
}

test('the delay of a will goes on over two restarts', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('gone', { qos: 1 });
  first.client('d', { ...PERSISTENT, will: will(30) }).session.close('closed');
  falls.clock.advance(20_000);
  await falls.start();
  falls.clock.advance(5000);
  const third = await falls.start();
  const again = third.client('app', PERSISTENT);
  await read(third);
  assert.deepEqual(again.take(), [], 'five seconds are left');
  falls.clock.advance(5010);
  assert.deepEqual(again.take(), ['gone=d']);
});

test('a session that ends while no hub runs leaves its will', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('gone', { qos: 1 });
  first.client('d', { cleanStart: false, sessionExpiry: 10, will: will(30) }).session.close('closed');
  falls.fall();
  falls.clock.advance(20_000);
  const second = await falls.start();
  const again = second.client('app', PERSISTENT);
  await read(second);
  assert.deepEqual(again.take(), ['gone=d']);
  const third = await falls.start();
  const still = third.client('app', PERSISTENT);
  await read(third);
  assert.deepEqual(still.take(), [], 'it is published once');
});

test('a clock that is put back gives a session no more than its time', async () => {
  const falls = new Falls();
  const first = await falls.start();
  falls.clock.advance(1_000_000);
  first.client('d', { cleanStart: false, sessionExpiry: 10 }).session.close('closed');
  falls.fall();
  const earlier = await new Falls({}, falls.store).start();
  earlier.clock.advance(10_010);
  assert.equal(earlier.engine.sessions.size, 0);
});

test('a hub that stops leaves the wills of durable sessions to the next one', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('gone', { qos: 1 });
  first.client('d', { ...PERSISTENT, will: will(30) });
  first.client('clean', { will: will(30) });
  first.engine.stop();
  falls.fall();
  falls.clock.advance(20_000);
  const second = await falls.start();
  const again = second.client('app', PERSISTENT);
  await read(second);
  assert.deepEqual(again.take(), []);
  falls.clock.advance(10_010);
  assert.deepEqual(again.take(), ['gone=d']);
});

for (const decided of [false, true]) {
  test(`a will about which a hook ${decided ? 'has decided' : 'still thinks'} when the hub falls is published once`, async () => {
    const falls = new Falls();
    const first = await falls.start();
    const watcher = first.client('app', PERSISTENT);
    watcher.subscribe('gone', { qos: 1 });
    watcher.session.close('closed');
    let decide = () => {};
    const decision = new Promise<undefined>((resolve) => {
      decide = () => resolve(undefined);
    });
    first.hooks.messagePublish.add('thinks', () => decision);
    first.client('lost', { ...PERSISTENT, will: will(0) }).session.close('closed');
    if (decided) {
      decide();
      await first.nextTurn();
    }
    for (const expected of [['gone=d'], []]) {
      const hub = await falls.start();
      const app = hub.client('app', PERSISTENT);
      await read(hub);
      assert.deepEqual(app.take(), expected);
    }
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestClient, TestHub } from '../../testing/index.js';
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

/** Ways in which the session of a client ends that leaves a will. */
const ENDS: Readonly<Record<string, (client: TestClient, hub: TestHub) => void>> = {
  'ends with its connection': ({ session }) => {
    session.setSessionExpiry(0);
    session.close('closed');
  },
  expires: ({ session }, { clock }) => {
    session.close('closed');
    clock.advance(3_600_010);
  },
  'is discarded': ({ session }, hub) => {
    session.close('closed');
    hub.client('lost', { cleanStart: true, sessionExpiry: 60 });
  },
};

for (const [how, end] of Object.entries(ENDS)) {
  test(`the will of a session that ${how} is published once though the hub falls, twice, while a hook thinks`, async () => {
    const falls = new Falls();
    const thinks = (hub: TestHub) => void hub.hooks.messagePublish.add('thinks', () => new Promise(() => {}));
    const first = await falls.start(thinks);
    const watcher = first.client('app', { ...PERSISTENT, sessionExpiry: 36_000 });
    watcher.subscribe('gone', { qos: 1 });
    watcher.session.close('closed');
    end(first.client('lost', { ...PERSISTENT, will: will(7200) }), first);
    for (const [prepare, expected] of [
      [thinks, []],
      [undefined, ['gone=d']],
      [undefined, []],
    ] as const) {
      const hub = await falls.start(prepare);
      const app = hub.client('app', { ...PERSISTENT, sessionExpiry: 36_000 });
      await read(hub);
      assert.deepEqual(app.take(), expected);
    }
  });

  test(`the will of a session that ${how} is forgotten when a hook that thought has let it through`, async () => {
    const falls = new Falls();
    const hub = await falls.start();
    let decide = () => {};
    const decision = new Promise<undefined>((resolve) => {
      decide = () => resolve(undefined);
    });
    hub.hooks.messagePublish.add('thinks', () => decision);
    end(hub.client('lost', { ...PERSISTENT, will: will(7200) }), hub);
    const kept = () => [...falls.store.keys('sessions')].length;
    const before = kept();
    decide();
    await read(hub);
    assert.equal(kept(), before - 1);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backlog } from './backlog.js';
import { deliveryKey } from './delivery-key.js';
import { Falls, PERSISTENT, read } from './testing/falls.js';

function keyOfNumber(number: number): string {
  return deliveryKey({ session: 1, number, size: number, body: undefined, atStart: false });
}

function added(numbers: readonly number[]): Backlog {
  const backlog = new Backlog();
  for (const number of numbers) backlog.add(keyOfNumber(number), { number, size: number });
  return backlog;
}

test('what was added in any order comes out in the order in which it was stored', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(numbers, fc.nat({ max: 200 }), numbers, (some, taken, later) => {
      const backlog = added(some);
      const expected = some.toSorted((a, b) => a - b);
      for (let i = 0; i < taken; i++) assert.equal(backlog.shift()?.number, expected.shift());
      const older = later.filter((number) => number < (expected[0] ?? 0)).toSorted((a, b) => a - b);
      backlog.prepend(
        older.map((number) => {
          const key = keyOfNumber(number);
          return { key, number, packetId: 1, body: 'own', size: number, writtenAt: 0, gone: false };
        }),
      );
      const all = [...older, ...expected];
      assert.equal(backlog.length, all.length);
      assert.equal(
        backlog.bytes,
        all.reduce((sum, size) => sum + size, 0),
      );
      const ahead = backlog.ahead().map(({ number }) => number);
      assert.deepEqual(ahead, all.slice(0, 100));
      for (const number of all) {
        assert.equal(backlog.first()?.number, number);
        assert.equal(backlog.shift()?.number, number);
      }
      assert.equal(backlog.shift(), undefined);
    }),
  );
});

test('thousands are taken out one by one', () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => index + 1);
  const backlog = added(numbers);
  for (const number of numbers) {
    assert.equal(backlog.shift()?.number, number);
    assert.equal(backlog.length, numbers.length - number);
  }
});

test('QoS 0 messages keep their place among those that are in the store', async () => {
  const falls = new Falls();
  const hub = await falls.start();
  const app = hub.client('app', PERSISTENT);
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  const device = hub.client('d');
  for (let i = 0; i < 9; i++) device.publish('t', String(i), i % 3 === 1 ? 0 : 1);
  const back = hub.client('app', PERSISTENT);
  for (let i = 0; i < 5; i++) await read(hub);
  assert.deepEqual(
    back.received.map(({ payload, qos }) => `${payload}/${qos}`),
    ['0/1', '1/0', '2/1', '3/1', '4/0', '5/1', '6/1', '7/0', '8/1'],
  );
});

test('they keep it when the client comes and goes, and gets some of them each time', async () => {
  const falls = new Falls();
  const hub = await falls.start();
  const options = { maxInflight: 1 };
  const app = hub.client('app', { ...PERSISTENT, options });
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  const device = hub.client('d');
  for (let i = 0; i < 6; i++) device.publish('t', String(i), 1);
  const seen: string[] = [];
  for (let i = 0; i < 4; i++) {
    const back = hub.client('app', { ...PERSISTENT, options });
    for (let turn = 0; turn < 3; turn++) await hub.nextTurn();
    back.session.close('closed');
    device.publish('t', `later ${i}`, 1);
    seen.push(...back.received.map(({ payload }) => payload));
  }
  const last = hub.client('app', { ...PERSISTENT, options });
  for (let i = 0; i < 20; i++) await read(hub);
  seen.push(...last.received.map(({ payload }) => payload));
  const inOrder = ['0', '1', '2', '3', '4', '5', 'later 0', 'later 1', 'later 2', 'later 3'];
  assert.deepEqual([...new Set(seen)], inOrder);
});

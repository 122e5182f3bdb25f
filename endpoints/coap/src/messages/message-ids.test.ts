import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@portico/core';
import { MessageIds } from './message-ids.js';

const LIFETIME = 247_000;

test('there are 65,536 in EXCHANGE_LIFETIME, one after the other; then it is known how long to wait', () => {
  const clock = new VirtualClock();
  const ids = new MessageIds(clock, LIFETIME);
  const taken: number[] = [];
  for (let id = ids.take(); id !== undefined; id = ids.take()) taken.push(id);
  assert.equal(taken.length, 0x10000);
  assert.equal(new Set(taken).size, 0x10000);
  assert.equal(taken[1], ((taken[0] ?? 0) + 1) % 0x10000);
  assert.equal(ids.wait, LIFETIME);
  clock.advance(LIFETIME - 1);
  assert.equal(ids.take(), undefined);
  assert.equal(ids.wait, 1);
  clock.advance(1);
  assert.equal(ids.wait, 0);
  assert.notEqual(ids.take(), undefined);
});

test('whoever sends slower than that never waits', () => {
  const clock = new VirtualClock();
  const ids = new MessageIds(clock, LIFETIME);
  for (let i = 0; i < 200_000; i++) {
    assert.notEqual(ids.take(), undefined);
    clock.advance(5);
  }
});

for (const [pace, burst, pause] of [
  ['a message each millisecond', 1, 1],
  ['bursts of 30,000 a minute', 30_000, 60_000],
  ['bursts of 70,000, hours apart', 70_000, 3 * 3600 * 1000],
  ['bursts that end where a block does', 4096, 10_000],
] as const) {
  test(`none is used again within EXCHANGE_LIFETIME: ${pace}`, () => {
    const clock = new VirtualClock();
    const ids = new MessageIds(clock, LIFETIME);
    const usedAt = new Map<number, number>();
    for (let sent = 0; sent < 300_000; sent += burst) {
      for (let i = 0; i < burst; i++) {
        const id = ids.take();
        if (id === undefined) break;
        const before = usedAt.get(id);
        assert.ok(before === undefined || clock.monotonic() - before >= LIFETIME);
        usedAt.set(id, clock.monotonic());
      }
      clock.advance(pause);
    }
    assert.equal(usedAt.size, 0x10000);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@portico/core';
import fc from 'fast-check';
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

test('none is used again within EXCHANGE_LIFETIME, whatever the pace', () => {
  const step = fc.record({ messages: fc.nat(50_000), pause: fc.nat(300_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const clock = new VirtualClock();
      const ids = new MessageIds(clock, LIFETIME);
      const usedAt = new Map<number, number>();
      for (const { messages, pause } of steps) {
        for (let i = 0; i < messages; i++) {
          const id = ids.take();
          if (id === undefined) break;
          const before = usedAt.get(id);
          assert.ok(before === undefined || clock.monotonic() - before >= LIFETIME);
          usedAt.set(id, clock.monotonic());
        }
        clock.advance(pause);
      }
    }),
    { numRuns: 30 },
  );
});

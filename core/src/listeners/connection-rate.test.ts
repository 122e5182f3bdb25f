import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../runtime/clock.js';
import { Timers } from '../runtime/timers.js';
import { ConnectionRate } from './connection-rate.js';

function rate(perSecond: number, maxWaiting: number) {
  const clock = new VirtualClock();
  const timers = new Timers(clock, (error) => {
    throw error;
  });
  const admitted: number[] = [];
  const gate = new ConnectionRate<number>(clock, timers, perSecond, maxWaiting, (it) => admitted.push(it));
  return { clock, timers, admitted, gate };
}

test('newcomers beyond the rate wait their turn, in order', () => {
  const { clock, admitted, gate } = rate(10, 100);
  for (let i = 0; i < 35; i++) assert.equal(gate.enter(i), true);
  assert.equal(admitted.length, 10);
  clock.advance(1010);
  assert.equal(admitted.length, 20);
  clock.advance(2000);
  assert.deepEqual(
    admitted,
    Array.from({ length: 35 }, (_, i) => i),
  );
});

test('when too many wait, the next is turned away', () => {
  const { clock, admitted, gate } = rate(1, 2);
  assert.deepEqual(
    [0, 1, 2, 3].map((it) => gate.enter(it)),
    [true, true, true, false],
  );
  clock.advance(1010);
  assert.deepEqual(admitted, [0, 1]);
  assert.equal(gate.enter(4), true);
});

test('nobody overtakes those who wait', () => {
  const { clock, admitted, gate } = rate(1, 10);
  gate.enter(0);
  gate.enter(1);
  clock.advance(1000);
  gate.enter(2);
  clock.advance(3000);
  assert.deepEqual(admitted, [0, 1, 2]);
});

test('cleared, nobody waits and no timer runs', () => {
  const { clock, timers, admitted, gate } = rate(1, 10);
  for (let i = 0; i < 5; i++) gate.enter(i);
  gate.clear();
  assert.equal(timers.size, 0);
  clock.advance(10_000);
  assert.deepEqual(admitted, [0]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.js';
import { Periodic } from './periodic.js';
import { Timers } from './timers.js';

function counted(interval: number) {
  const clock = new VirtualClock();
  const failures: unknown[] = [];
  const timers = new Timers(clock, (error) => failures.push(error));
  const runs: number[] = [];
  const periodic = new Periodic(timers, interval, () => {
    runs.push(clock.monotonic());
    if (runs.length === 2) throw new Error('once');
  });
  return { clock, timers, runs, periodic, failures };
}

test('it runs each interval, also after it failed, until it is stopped', () => {
  const { clock, timers, runs, periodic, failures } = counted(1000);
  clock.advance(5000);
  assert.deepEqual(runs, []);
  periodic.start();
  clock.advance(3500);
  assert.equal(runs.length, 3);
  assert.equal(failures.length, 1);
  periodic.stop();
  clock.advance(5000);
  assert.equal(runs.length, 3);
  assert.equal(timers.size, 0);
});

test('an interval of 0 is never', () => {
  const { timers, periodic } = counted(0);
  periodic.start();
  assert.equal(timers.size, 0);
});

test('another interval begins at once, and waits for the start where it is stopped', () => {
  const { clock, timers, runs, periodic } = counted(1000);
  periodic.adjust(500);
  assert.equal(timers.size, 0);
  periodic.start();
  clock.advance(400);
  periodic.adjust(300);
  clock.advance(250);
  assert.deepEqual(runs, []);
  clock.advance(100);
  assert.equal(runs.length, 1);
  periodic.adjust(0);
  assert.equal(timers.size, 0);
  periodic.adjust(300);
  clock.advance(350);
  assert.equal(runs.length, 2);
  periodic.stop();
  periodic.adjust(500);
  assert.equal(timers.size, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@portico/core';
import fc from 'fast-check';
import { Awaited } from './awaited.js';
import { Backlog } from './backlog.js';
import { Latencies } from './latencies.js';
import { Random } from './random.js';
import { Tally } from './tally.js';

test('an answer is counted with the time that it took, once', () => {
  const clock = new VirtualClock();
  const tally = new Tally();
  const awaited = new Awaited<number>(clock, tally);
  awaited.sent(1);
  clock.advance(100);
  assert.equal(awaited.answered(1), true);
  assert.equal(awaited.answered(1), false);
  const { sent, answered } = tally.counts;
  assert.deepEqual([sent, answered], [1, 1]);
  const median = tally.latencies.percentile(0.5) ?? 0;
  assert.ok(median > 95 && median < 105, String(median));
});

test('of messages with the same key the oldest is answered first', () => {
  const clock = new VirtualClock();
  const tally = new Tally();
  const awaited = new Awaited<string>(clock, tally);
  awaited.sent('report');
  clock.advance(1000);
  awaited.sent('report');
  awaited.answered('report');
  assert.ok((tally.latencies.percentile(1) ?? 0) > 900);
});

test('messages are given up when they are too many, too old, or the connection is gone', () => {
  const clock = new VirtualClock();
  const tally = new Tally();
  const awaited = new Awaited<number>(clock, tally);
  for (let serial = 0; serial < 65; serial++) awaited.sent(serial);
  assert.equal(tally.counts.unanswered, 1);
  assert.equal(awaited.answered(0), false);
  clock.advance(30_001);
  awaited.sent(100);
  assert.equal(tally.counts.unanswered, 65);
  awaited.giveUp();
  assert.equal(tally.counts.unanswered, 66);
});

test('a backlog keeps the newest, and counts the others', () => {
  const tally = new Tally();
  const backlog = new Backlog<number>(tally);
  for (let report = 0; report < 203; report++) backlog.keep(report);
  const kept = backlog.take();
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [200, 3, 202]);
  assert.equal(tally.counts.dropped, 3);
  assert.deepEqual(backlog.take(), []);
});

test('different reasons are counted each, those above a number together', () => {
  const tally = new Tally();
  for (let number = 0; number < 25; number++) tally.problem('failed', `reason ${number}`);
  tally.problem('failed', 'reason 0');
  assert.equal(tally.reasons.get('failed: reason 0'), 2);
  assert.equal(tally.reasons.get('others'), 5);
  assert.equal(tally.counts.failed, 26);
});

test('percentiles are at most 5 percent off', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.02, max: 100_000, noNaN: true }), { minLength: 1 }),
      fc.constantFrom(0.5, 0.99, 1),
      (times, share) => {
        const latencies = new Latencies();
        for (const time of times) latencies.record(time);
        const sorted = [...times].sort((a, b) => a - b);
        const expected = sorted[Math.max(1, Math.ceil(share * times.length)) - 1] ?? 0;
        const told = latencies.percentile(share) ?? 0;
        assert.ok(Math.abs(told - expected) <= 0.05 * expected, `${told} for ${expected}`);
      },
    ),
  );
  assert.equal(new Latencies().percentile(0.5), undefined);
});

test('a seed makes the same numbers, and others for each device', () => {
  const draw = (random: Random) => Array.from({ length: 5 }, () => random.integer(0, 1_000_000));
  const first = draw(Random.forDevice(1, 0));
  assert.deepEqual(draw(Random.forDevice(1, 0)), first);
  assert.notDeepEqual(draw(Random.forDevice(1, 1)), first);
  assert.notDeepEqual(draw(Random.forDevice(2, 0)), first);
  const random = new Random(7);
  const dice = Array.from({ length: 600 }, () => random.integer(1, 6));
  assert.deepEqual([...new Set(dice)].sort(), [1, 2, 3, 4, 5, 6]);
});

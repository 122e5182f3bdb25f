import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, summarize } from './summary.js';

test('the median is the middle one, or between the two in the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), RangeError);
});

test('runs are summed up by medians, losses by their sum', () => {
  const run = (perSecond: number, expected: number, received: number) => ({
    perSecond,
    cpuPerDelivery: 1e6 / perSecond,
    cpuShare: 1,
    waitedShare: 0,
    loadCpuShare: 0.5,
    expected,
    received,
  });
  assert.deepEqual(summarize([run(100, 10, 10), run(400, 10, 7), run(200, 10, 9)]), {
    perSecond: 200,
    cpuPerDelivery: 5000,
    cpuShare: 1,
    waitedShare: 0,
    loadCpuShare: 0.5,
    expected: 30,
    lost: 4,
  });
});

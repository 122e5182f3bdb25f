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
    kind: 'throughput' as const,
    perSecond,
    cpuPerDelivery: 1e6 / perSecond,
    cpuShare: 1,
    waitedShare: 0,
    loadCpuShare: 0.5,
    expected,
    received,
  });
  assert.deepEqual(summarize([run(100, 10, 10), run(400, 10, 7), run(200, 10, 9)]), {
    kind: 'throughput',
    perSecond: 200,
    cpuPerDelivery: 5000,
    cpuShare: 1,
    waitedShare: 0,
    loadCpuShare: 0.5,
    expected: 30,
    lost: 4,
  });
});

test('latencies are summed up by medians too', () => {
  const figures = { perSecond: 1, cpuPerDelivery: 1, cpuShare: 1, waitedShare: 0, loadCpuShare: 0 };
  const run = (p99: number) => ({
    kind: 'throughput' as const,
    ...figures,
    expected: 1,
    received: 1,
    latency: { median: p99 / 2, p99 },
  });
  assert.deepEqual(summarize([run(2), run(8), run(4)]), {
    kind: 'throughput',
    ...figures,
    expected: 3,
    lost: 0,
    latency: { median: 2, p99: 4 },
  });
});

test('memory is what the connections added, for each', () => {
  const run = (before: number, after: number) => ({
    kind: 'footprint' as const,
    before,
    after,
    connections: 10,
  });
  assert.deepEqual(summarize([run(100, 200), run(300, 320), run(200, 240)]), {
    kind: 'footprint',
    before: 200,
    perConnection: 4,
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './metrics.js';

test('a histogram counts values up to each bound, and all of them', () => {
  const metrics = new Metrics();
  const histogram = metrics.histogram('times', 'seconds', [0.5, 1, 2]);
  for (const value of [0.1, 0.5, 0.6, 2, 7]) histogram.observe(value);
  assert.deepEqual(histogram.cumulative, [2, 3, 4]);
  assert.equal(histogram.count, 5);
  assert.ok(Math.abs(histogram.sum - 10.2) < 1e-9);
  assert.equal(metrics.histogram('times', 'seconds', [9]), histogram, 'one of a name');
  assert.deepEqual([...metrics.histograms()], [histogram]);
});

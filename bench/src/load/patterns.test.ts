import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf } from './patterns.js';

const LOAD = { kind: 'mqtt', qos: 0, pace: 'saturated', payloadBytes: 64, tls: false } as const;

function matches(filter: string, topic: string): boolean {
  const pattern = filter.replaceAll('+', '[^/]+').replace('/#', '(/.*)?');
  return new RegExp(`^${pattern}$`).test(topic);
}

test('a spread load has its subscribers and publishers take turns on the topics', () => {
  const pattern = { name: 'spread', topics: 2 } as const;
  assert.deepEqual(layoutOf({ ...LOAD, publishers: 1, subscribers: 4, pattern }), {
    filters: [['bench/topic/0'], ['bench/topic/1'], ['bench/topic/0'], ['bench/topic/1']],
    topics: [['bench/topic/0']],
    fanOut: 2,
  });
});

test('in the wildcard load every topic goes to as many subscribers as it says, and to none twice', () => {
  const layout = layoutOf({ ...LOAD, publishers: 10, subscribers: 50, pattern: { name: 'wildcards' } });
  assert.equal(layout.filters.flat().length, 10_000);
  assert.equal(new Set(layout.topics.flat()).size, 1000);
  for (const topic of layout.topics.flat().filter((_, index) => index % 37 === 0)) {
    const matched = layout.filters.map(
      (filters) => filters.filter((filter) => matches(filter, topic)).length,
    );
    assert.equal(Math.max(...matched), 1, topic);
    assert.equal(
      matched.reduce((sum, count) => sum + count),
      layout.fanOut,
      topic,
    );
  }
});

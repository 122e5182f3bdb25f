import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../runtime/clock.js';
import { AclCaches } from './acl-cache.js';

function setUp(maxSize = 3, ttl = 60_000) {
  const clock = new VirtualClock();
  const caches = new AclCaches(clock, maxSize, ttl);
  return { clock, caches, cache: caches.create() };
}

test('publish and subscribe are remembered apart', () => {
  const { cache } = setUp();
  cache.set('publish', 'a', true);
  cache.set('subscribe', 'a', false);
  assert.equal(cache.get('publish', 'a'), true);
  assert.equal(cache.get('subscribe', 'a'), false);
  assert.equal(cache.get('publish', 'b'), undefined);
});

test('a decision is good for its ttl, however often it is used', () => {
  const { cache, clock } = setUp();
  cache.set('publish', 'a', true);
  clock.advance(59_999);
  assert.equal(cache.get('publish', 'a'), true);
  clock.advance(1);
  assert.equal(cache.get('publish', 'a'), undefined);
  assert.equal(cache.size, 0);
});

test('the least recently used decision goes first', () => {
  const { cache } = setUp(3);
  for (const topic of ['a', 'b', 'c']) cache.set('publish', topic, true);
  cache.get('publish', 'a');
  cache.set('subscribe', 'd', true);
  assert.equal(cache.get('publish', 'b'), undefined);
  assert.deepEqual(
    cache.entries().map(({ topic }) => topic),
    ['d', 'a', 'c'],
  );
});

test('a decision replaces the former one', () => {
  const { cache } = setUp();
  cache.set('publish', 'a', true);
  cache.set('publish', 'a', false);
  assert.equal(cache.get('publish', 'a'), false);
  assert.equal(cache.size, 1);
});

test('one cache is cleared, or all of them', () => {
  const { cache, caches } = setUp();
  const other = caches.create();
  for (const one of [cache, other]) one.set('publish', 'a', true);
  cache.clear();
  assert.equal(cache.get('publish', 'a'), undefined);
  assert.equal(other.get('publish', 'a'), true);
  caches.clearAll();
  assert.equal(other.size, 0);
  assert.equal(other.get('publish', 'a'), undefined);
  other.set('publish', 'a', false);
  assert.equal(other.get('publish', 'a'), false);
});

test('every clearing changes the version', () => {
  const { cache, caches } = setUp();
  const versions = [cache.version];
  cache.clear();
  versions.push(cache.version);
  caches.clearAll();
  versions.push(cache.version);
  cache.get('publish', 'a');
  versions.push(cache.version);
  assert.equal(new Set(versions.slice(0, 3)).size, 3);
  assert.ok((versions[3] as number) >= (versions[2] as number));
});

test('operators see what is remembered and when it was decided', () => {
  const { cache, clock } = setUp();
  cache.set('subscribe', 'a/#', false);
  const decidedAt = clock.now();
  clock.advance(1_000);
  cache.set('publish', 'a', true);
  assert.deepEqual(cache.entries(), [
    { action: 'publish', topic: 'a', allowed: true, decidedAt: decidedAt + 1_000 },
    { action: 'subscribe', topic: 'a/#', allowed: false, decidedAt },
  ]);
  clock.advance(59_500);
  assert.deepEqual(
    cache.entries().map(({ topic }) => topic),
    ['a'],
  );
});

test('long topics are not remembered', () => {
  const { cache } = setUp();
  cache.set('publish', 'x'.repeat(1025), true);
  assert.equal(cache.size, 0);
  cache.set('publish', 'x'.repeat(1024), true);
  assert.equal(cache.size, 1);
});

test('the cache holds what a list of the most recently used would hold', () => {
  const step = fc.record({
    action: fc.constantFrom('publish' as const, 'subscribe' as const),
    topic: fc.constantFrom('a', 'b', 'c', 'd'),
    write: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { cache } = setUp(3);
      let model: string[] = [];
      for (const { action, topic, write } of steps) {
        const key = `${action} ${topic}`;
        const known = model.includes(key);
        assert.equal(cache.get(action, topic), known ? true : undefined);
        if (write) cache.set(action, topic, true);
        if (write || known) model = [key, ...model.filter((other) => other !== key)].slice(0, 3);
      }
      assert.deepEqual(
        cache.entries().map(({ action, topic }) => `${action} ${topic}`),
        model,
      );
      assert.equal(cache.size, model.length);
    }),
  );
});

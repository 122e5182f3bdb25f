import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReplayWindow } from './replay-window.js';

test('it agrees with a set of all that came, for 64 numbers back', () => {
  const near = fc.integer({ min: -70, max: 70 });
  fc.assert(
    fc.property(fc.nat(2 ** 47), fc.array(near, { maxLength: 200 }), (start, steps) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let newest = -1;
      let at = start;
      for (const step of steps) {
        at = Math.max(0, at + step);
        const expected = at <= newest && (newest - at >= 64 || seen.has(at));
        assert.equal(window.has(at), expected);
        if (expected) continue;
        assert.equal(window.mark(at), at > newest);
        seen.add(at);
        newest = Math.max(newest, at);
      }
    }),
    { seed: 6347 },
  );
});

test('the ends of the window', () => {
  const window = new ReplayWindow();
  assert.equal(window.has(0), false);
  for (const sequence of [0, 31, 32, 63]) assert.ok(window.mark(sequence));
  for (const sequence of [0, 31, 32, 63]) assert.ok(window.has(sequence));
  for (const sequence of [1, 30, 33, 62, 64]) assert.ok(!window.has(sequence));
  window.mark(64);
  assert.ok(window.has(0));
  assert.ok(!window.has(1));
  window.mark(2 ** 48 - 1);
  assert.ok(window.has(64));
  assert.ok(!window.has(2 ** 48 - 2));
});

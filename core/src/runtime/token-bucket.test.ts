import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../runtime/clock.js';
import { TokenBucket } from './token-bucket.js';

test('a bucket lets its burst through at once, then its rate', () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket(clock, { burst: 3, perSecond: 2 });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => bucket.take(1)),
    [true, true, true, false],
  );
  assert.equal(bucket.delayUntil(1), 500);
  clock.advance(499);
  assert.equal(bucket.take(1), false);
  clock.advance(1);
  assert.equal(bucket.delayUntil(1), 0);
  assert.equal(bucket.take(1), true);
});

test('a bucket never holds more than its burst', () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket(clock, { burst: 3, perSecond: 1000 });
  clock.advance(60_000);
  assert.equal(bucket.take(3), true);
  assert.equal(bucket.take(1), false);
});

test('what is spent beyond the tokens is paid for before anything else', () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket(clock, { burst: 10, perSecond: 10 });
  assert.equal(bucket.spend(10), 0);
  assert.equal(bucket.spend(5), 500);
  assert.equal(bucket.spend(5), 1000);
  assert.equal(bucket.available, -10);
  clock.advance(999);
  assert.equal(bucket.take(1), false);
  assert.equal(bucket.spend(0), 1);
  clock.advance(1);
  assert.equal(bucket.spend(0), 0);
});

test('over any time no more passes than burst and rate together', () => {
  const steps = fc.array(fc.record({ wait: fc.nat(2000), amount: fc.integer({ min: 1, max: 5 }) }), {
    maxLength: 60,
  });
  const rates = fc.record({
    burst: fc.integer({ min: 5, max: 50 }),
    perSecond: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(rates, steps, (rate, moves) => {
      const clock = new VirtualClock();
      const bucket = new TokenBucket(clock, rate);
      let taken = 0;
      for (const { wait, amount } of moves) {
        clock.advance(wait);
        if (bucket.take(amount)) taken += amount;
        else assert.ok(bucket.delayUntil(amount) > 0);
      }
      assert.ok(taken <= rate.burst + (rate.perSecond * clock.monotonic()) / 1000 + 1e-6);
    }),
  );
});

test('after the delay that it names, a bucket gives', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 997 }), fc.integer({ min: 1, max: 10 }), (perSecond, amount) => {
      const clock = new VirtualClock();
      const bucket = new TokenBucket(clock, { burst: 10, perSecond });
      while (bucket.take(1));
      clock.advance(bucket.delayUntil(amount) + 1);
      assert.equal(bucket.take(amount), true);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deliveryKey, isOldDeliveryKey, parseDeliveryKey } from './delivery-key.js';

test('a key says what it was made of', () => {
  const number = fc.nat({ max: 2 ** 31 - 1 });
  const parts = fc.record({
    session: number,
    number: fc.maxSafeNat(),
    size: number,
    body: fc.option(fc.maxSafeNat(), { nil: undefined }),
    atStart: fc.boolean(),
  });
  fc.assert(
    fc.property(parts, (said) => {
      const key = deliveryKey(said);
      assert.deepEqual(parseDeliveryKey(key), { key, ...said });
      assert.equal(isOldDeliveryKey(key), false);
    }),
  );
});

test('what is no such key is none', () => {
  for (const key of ['', 'a', 'a.b', 'a.b.c.d.e', '!']) assert.equal(parseDeliveryKey(key), undefined, key);
  assert.equal(isOldDeliveryKey('1z'), true);
});

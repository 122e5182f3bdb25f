import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encode } from './encoder.js';
import { fuzz } from './fuzz.js';
import { anyValue } from './testing.js';

const SEED = 8949;

test('random bytes never break the codec', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      fuzz(Buffer.from(bytes));
    }),
    { seed: SEED, numRuns: 5000 },
  );
});

test('damaged data items never break the codec, and some of them are still data items', () => {
  const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 3 });
  let items = 0;
  fc.assert(
    fc.property(anyValue, damage, (value, changes) => {
      const bytes = encode(value);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      if (fuzz(bytes)) items++;
    }),
    { seed: SEED, numRuns: 5000 },
  );
  assert.ok(items > 100, `only ${items} runs reached the encoder`);
});

test('a hundred thousand arrays in one another are refused like any other fault', () => {
  assert.equal(fuzz(Buffer.alloc(100_000, 0x81)), false);
});

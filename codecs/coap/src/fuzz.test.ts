import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fuzz } from './fuzz.js';
import { type BadVector, type GoodVector, loadVectors } from './testing.js';

const SEED = 7252;

const seeds = [
  ...loadVectors<GoodVector>('libcoap'),
  ...loadVectors<GoodVector>('boundaries'),
  ...loadVectors<BadVector>('bad'),
].map((vector) => Buffer.from(vector.hex, 'hex'));

test('random bytes never break the codec', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      fuzz(Buffer.from(bytes));
    }),
    { seed: SEED, numRuns: 5000 },
  );
});

test('damaged messages never break the codec, and some of them are still messages', () => {
  const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 });
  let messages = 0;
  fc.assert(
    fc.property(fc.constantFrom(...seeds), damage, fc.nat(400), (seed, changes, cut) => {
      const bytes = Buffer.from(seed.subarray(0, Math.max(1, seed.length - (cut % 8))));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      if (fuzz(bytes)) messages++;
    }),
    { seed: SEED, numRuns: 5000 },
  );
  assert.ok(messages > 100, `only ${messages} runs reached the encoder`);
});

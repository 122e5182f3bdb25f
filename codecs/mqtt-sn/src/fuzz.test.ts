import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fuzz } from './fuzz.js';
import { loadVectors } from './testing.js';

const SEED = 1884;

const seeds = ['layouts', 'lenient', 'emqx', 'rsmb', 'paho', 'mqtt-sn-tools', 'bad']
  .flatMap((file) => loadVectors<{ readonly hex: string }>(file))
  .map(({ hex }) => Buffer.from(hex, 'hex'));

test('random bytes never break the codec', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      fuzz(Buffer.from(bytes));
    }),
    { seed: SEED, numRuns: 5000 },
  );
});

test('any octets behind a sound header never break the codec, and some of them are a message', () => {
  let messages = 0;
  fc.assert(
    fc.property(fc.nat(0x1d), fc.uint8Array({ maxLength: 12 }), (msgType, body) => {
      if (fuzz(Buffer.from([body.length + 2, msgType, ...body]))) messages++;
    }),
    { seed: SEED, numRuns: 5000 },
  );
  assert.ok(messages > 1000, `only ${messages} runs reached the encoder`);
});

test('damaged messages never break the codec, and some of them are still messages', () => {
  const damage = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 4 });
  let messages = 0;
  fc.assert(
    fc.property(fc.constantFrom(...seeds.filter(({ length }) => length > 0)), damage, (seed, changes) => {
      const bytes = Buffer.from(seed);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      if (fuzz(bytes)) messages++;
    }),
    { seed: SEED, numRuns: 5000 },
  );
  assert.ok(messages > 500, `only ${messages} runs reached the encoder`);
});

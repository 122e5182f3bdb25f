import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fuzz as fuzzHandshake } from './fuzz-handshake.js';
import { fuzz as fuzzRecords } from './fuzz-records.js';
import { readVectors } from './testing/vectors.js';

const SEED = 6347;

for (const [name, fuzz] of [
  ['handshake', fuzzHandshake],
  ['records', fuzzRecords],
] as const) {
  const seeds = readVectors<{ vectors: { hex: string }[] }>(name).vectors.map(({ hex }) =>
    Buffer.from(hex, 'hex'),
  );

  test(`${name}: random bytes break nothing`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        fuzz(Buffer.from(bytes));
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  test(`${name}: damage breaks nothing, and some of it is still taken`, () => {
    const damage = fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { minLength: 1, maxLength: 4 });
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...seeds), damage, fc.nat(8), (seed, changes, cut) => {
        const bytes = Buffer.from(seed.subarray(0, Math.max(1, seed.length - cut)));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        if (fuzz(bytes)) taken++;
      }),
      { seed: SEED, numRuns: 2000 },
    );
    assert.ok(taken > 20, `only ${taken} were taken`);
  });
}

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { fuzz as fuzzCbor } from './fuzz-cbor.js';
import { fuzz as fuzzJson } from './fuzz-json.js';
import { fuzz as fuzzLinks } from './fuzz-links.js';
import { fuzz as fuzzSenml } from './fuzz-senml.js';
import { fuzz as fuzzSingle } from './fuzz-single.js';
import { fuzz as fuzzTlv } from './fuzz-tlv.js';
import { loadVectors } from './testing.js';

const SEED = 11542;

const TARGETS: readonly (readonly [vectors: string, fuzz: (bytes: Buffer) => boolean])[] = [
  ['cbor', fuzzCbor],
  ['json', fuzzJson],
  ['links', fuzzLinks],
  ['senml', fuzzSenml],
  ['single', fuzzSingle],
  ['tlv', fuzzTlv],
];

for (const [name, fuzz] of TARGETS) {
  suite(name, () => {
    const { vectors } = loadVectors<{ vectors: { hex: string }[] }>(name);
    const sound = vectors.map(({ hex }) => Buffer.from(hex, 'hex')).filter((bytes) => bytes.length > 0);

    test('damaged vectors never break the codec, and some of them are still sound', () => {
      const byte = fc.oneof(fc.nat(255), fc.integer({ min: 0x20, max: 0x7e }));
      const damage = fc.array(fc.tuple(fc.nat(400), byte), { minLength: 1, maxLength: 2 });
      let read = 0;
      fc.assert(
        fc.property(fc.constantFrom(...sound), damage, (vector, changes) => {
          const bytes = Buffer.from(vector);
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          if (fuzz(bytes)) read++;
        }),
        { seed: SEED, numRuns: 1000 },
      );
      assert.ok(read > 50, `only ${read} runs reached the encoder`);
    });

    test('random bytes never break the codec', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          fuzz(Buffer.from(bytes));
        }),
        { seed: SEED, numRuns: 1000 },
      );
    });
  });
}

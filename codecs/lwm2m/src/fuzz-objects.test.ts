import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { fuzz } from './fuzz-objects.js';
import { parseObjectXml } from './model/object-xml.js';
import { exampleXml } from './model/testing.js';

const SEED = 5783;

/** `error` is left out for sound files. */
interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly error?: string;
}

const { vectors } = JSON.parse(readFileSync(new URL('../vectors/objects.json', import.meta.url), 'utf8')) as {
  vectors: readonly Vector[];
};

for (const { name, hex, error } of vectors) {
  test(`an object definition file: ${name}`, () => {
    const bytes = Buffer.from(hex, 'hex');
    assert.equal(fuzz(bytes), error === undefined);
    if (error === undefined) return;
    assert.throws(() => parseObjectXml(bytes.toString('utf8')), { name: 'ObjectXmlError', message: error });
  });
}

test('damaged object definition files never break the codec, and some of them are still sound', () => {
  const sound = Buffer.from(exampleXml({}));
  const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  let read = 0;
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = Buffer.from(sound);
      for (const [at, byte] of changes) bytes[at] = byte;
      if (fuzz(bytes)) read += 1;
    }),
    { seed: SEED, numRuns: 2000 },
  );
  assert.ok(read > 100, `only ${read} runs gave a definition`);
});

test('any text is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(fuzz(Buffer.from(text)), false);
    }),
    { seed: SEED },
  );
});

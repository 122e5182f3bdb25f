import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isFrameError } from '@portico/frame';
import { decode } from './decoder.js';
import { encode } from './encoder.js';
import { type BadVector, diagnostic, type GoodVector, loadVectors } from './testing.js';

suite('vectors/appendix-a.json', () => {
  for (const vector of loadVectors<GoodVector>('appendix-a')) {
    test(`${vector.hex} is ${vector.diagnostic}`, () => {
      const value = decode(Buffer.from(vector.hex, 'hex'));
      assert.equal(diagnostic(value), vector.diagnostic);
      const written = encode(value);
      assert.equal(written.toString('hex') === vector.hex, vector.preferred);
      assert.equal(diagnostic(decode(written)), vector.diagnostic);
    });
  }
});

suite('vectors/bad.json', () => {
  for (const { name, hex, error: code, offset } of loadVectors<BadVector>('bad')) {
    test(name, () => {
      assert.throws(
        () => decode(Buffer.from(hex, 'hex')),
        (error) => {
          assert.ok(isFrameError(error));
          assert.deepEqual({ code: error.code, offset: error.offset }, { code, offset });
          return true;
        },
      );
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode } from './decoder.js';
import { encode } from './encoder.js';
import { anyValue, diagnostic } from './testing.js';

test('what is written is read as the same data item', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assert.equal(diagnostic(decode(encode(value))), diagnostic(value));
    }),
    { numRuns: 2000 },
  );
});

test('a float takes two bytes where they hold it, else four, else eight', () => {
  const lengths = [0.5, 65504.5, 1.1, 2 ** -25, 2 ** 60].map((value) => encode(value).length);
  assert.deepEqual(lengths, [3, 5, 9, 5, 5]);
});

test('an integer of more than 64 bits is none', () => {
  assert.throws(() => encode(2n ** 64n), RangeError);
  assert.throws(() => encode(-(2n ** 64n) - 1n), RangeError);
});

test('what is read does not keep the bytes that it was read from', () => {
  const bytes = Buffer.from('8241616162', 'hex');
  const value = decode(bytes);
  bytes.fill(0xff);
  assert.equal(diagnostic(value), `[h'61', "b"]`);
});

test('no more data items than allowed are read, nor deeper ones', () => {
  const limits = { maxDepth: 1, maxItems: 3 };
  assert.deepEqual(decode(encode([1, 2]), limits), [1, 2]);
  assert.throws(() => decode(encode([1, 2, 3]), limits), { code: 'too_many' });
  assert.throws(() => decode(encode([[1]]), limits), { code: 'too_deep' });
});

test('chunks of a string count as data items: empty ones take memory, too', () => {
  const limits = { maxDepth: 1, maxItems: 3 };
  assert.equal(decode(Buffer.from('7f6060ff', 'hex'), limits), '');
  assert.throws(() => decode(Buffer.from('7f606060ff', 'hex'), limits), { code: 'too_many' });
  assert.throws(() => decode(Buffer.from('5f404040ff', 'hex'), limits), { code: 'too_many' });
});

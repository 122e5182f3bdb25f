import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepBytes } from './kept-bytes.js';

test('copies of any length keep what they were made of, beside each other', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (texts) => {
      const originals = texts.map((text) => Buffer.from(text));
      const expected = originals.map((original) => original.toString('hex'));
      const copies = originals.map(keepBytes);
      for (const original of originals) original.fill(0xff);
      assert.deepEqual(
        copies.map((copy) => copy.toString('hex')),
        expected,
      );
    }),
  );
});

test('small copies share memory', () => {
  const copies = Array.from({ length: 100 }, () => keepBytes(Buffer.alloc(8)));
  assert.ok(new Set(copies.map(({ buffer }) => buffer)).size <= 2);
});

test('a large copy is alone in its memory', () => {
  assert.equal(keepBytes(Buffer.alloc(100)).buffer.byteLength, 100);
});

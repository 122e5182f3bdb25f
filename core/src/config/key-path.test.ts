import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPath, parsePath } from './key-path.js';

test('a path is read as it is written, whatever its keys are', () => {
  const step = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.nat());
  fc.assert(fc.property(fc.array(step), (path) => assert.deepEqual(parsePath(formatPath(path)), path)));
});

test('keys may stand without quotes where dots, brackets and quotes do not make them need some', () => {
  assert.deepEqual(parsePath('a.c/d #1."e.f".$g[2]'), ['a', 'c/d #1', 'e.f', '$g', 2]);
});

test('a text that is no path is told from one', () => {
  for (const text of [
    '.',
    '.a',
    'a.',
    'a..b',
    'a"b"',
    '"a',
    '"a"b',
    '"\\x"',
    'a[',
    'a[x]',
    'a[1]b',
    'a]',
    'a.[1]',
  ]) {
    assert.equal(parsePath(text), undefined, text);
  }
});

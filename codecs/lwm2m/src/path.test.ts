import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPath, isWithin, parsePath } from './path.js';
import { anyPath } from './testing.js';

test('a path is none to four ids, with a slash in front or not, and perhaps one behind', () => {
  for (const [text, path] of [
    ['', []],
    ['/', []],
    ['/3', [3]],
    ['3/0', [3, 0]],
    ['/3/0/', [3, 0]],
    ['/65534/65534/65534/65534', [65534, 65534, 65534, 65534]],
  ] as const) {
    assert.deepEqual(parsePath(text), path, text);
  }
});

test('anything else is no path', () => {
  for (const text of [
    '//',
    '/3//0',
    '/3/0//',
    '/3/00',
    '/03',
    '/-1',
    '/3/a',
    '/65535',
    '/100000',
    '/1/2/3/4/5',
    '/3/0?',
    ' /3',
    `/${'1'.repeat(400)}`,
    '/3:0',
    '/٣',
  ]) {
    assert.equal(parsePath(text), undefined, text);
  }
});

test('every path is read as it was written', () => {
  fc.assert(
    fc.property(anyPath(0, 4), (path) => {
      assert.deepEqual(parsePath(formatPath(path)), path);
    }),
  );
});

test('a path is within itself and what is above it', () => {
  assert.ok(isWithin([3, 0, 1], []));
  assert.ok(isWithin([3, 0, 1], [3, 0]));
  assert.ok(isWithin([3, 0, 1], [3, 0, 1]));
  assert.ok(!isWithin([3, 0], [3, 0, 1]));
  assert.ok(!isWithin([3, 1, 1], [3, 0]));
});

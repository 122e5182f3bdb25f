import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flattened, shortened, shortenedFields } from './log-limits.js';

test('a text that is too long is cut, and ends in ...; no character is cut in two', () => {
  assert.equal(shortened('12345', 5), '12345');
  assert.equal(shortened('123456', 5), '12...');
  assert.equal(shortened('a\u{1f600}bcdef', 5), 'a...');
});

test('of fields the value that is too long is cut, and those behind it are left out', () => {
  const fields = { a: 1, none: undefined, b: 'x'.repeat(50), c: { d: 1 }, e: 5 };
  assert.deepEqual(shortenedFields('message', fields, Number.POSITIVE_INFINITY), ['message', fields]);
  assert.deepEqual(shortenedFields('message', fields, 18), [
    'message',
    { a: 1, b: `${'x'.repeat(7)}...`, c: '...', e: '...' },
  ]);
  assert.deepEqual(shortenedFields('message', { a: { b: 'long' } }, 15), ['message', { a: '{"b":...' }]);
  const [, { err }] = shortenedFields('', { err: new Error('x'.repeat(100)) }, 20);
  assert.equal(err, `Error: ${'x'.repeat(10)}...`);
  assert.deepEqual(shortenedFields('m'.repeat(20), { a: 1 }, 10), ['mmmmmmm...', { a: '...' }]);
});

test('what lies too deep is left out, and what contains itself; what may stay is the same object', () => {
  const fields = { a: { b: { c: 1 } }, list: [[1]], text: 'x' };
  assert.equal(flattened(fields, 3), fields);
  assert.deepEqual(flattened(fields, 1), { a: { b: '...' }, list: ['...'], text: 'x' });
  assert.deepEqual(flattened(fields, 0), { a: '...', list: '...', text: 'x' });
  const ring: Record<string, unknown> = { name: 'ring' };
  ring.self = { ring };
  assert.deepEqual(flattened({ ring }, Number.POSITIVE_INFINITY), {
    ring: { name: 'ring', self: { ring: '...' } },
  });
  const error = new Error('as it is');
  assert.equal(flattened({ err: error, buffer: Buffer.from('a') }, 0).err, error);
});

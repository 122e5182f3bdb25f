import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcessorList, pinned } from './processors.js';

test('lists of processors are single numbers and ranges', () => {
  assert.deepEqual(parseProcessorList('0'), [0]);
  assert.deepEqual(parseProcessorList('0-2,5,8-9'), [0, 1, 2, 5, 8, 9]);
});

test('a command is pinned by taskset, or left alone', () => {
  assert.deepEqual(pinned(1, ['node', 'x']), ['taskset', '--cpu-list', '1', 'node', 'x']);
  assert.deepEqual(pinned(undefined, ['node', 'x']), ['node', 'x']);
});

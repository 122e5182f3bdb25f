import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT } from '../serving/response.js';
import { responseBlock } from './blocks.js';

test('a block does not keep the whole in memory that it is of', () => {
  const payload = Buffer.alloc(100_000, 'x');
  const block = responseBlock({ ...CONTENT, payload }, { block2: undefined, size2: false }, 1024);
  assert.deepEqual(block.payload, payload.subarray(0, 1024));
  assert.notEqual(block.payload.buffer, payload.buffer);
});

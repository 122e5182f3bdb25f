import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './in-order.js';

test('results that are there at once need no promise', () => {
  assert.deepEqual(
    inOrder([1, 2], (item) => item * 2),
    [2, 4],
  );
});

test('the next item waits for the one before', async () => {
  const log: string[] = [];
  const run = (item: number) => {
    log.push(`begin ${item}`);
    if (item === 1) return item;
    return Promise.resolve().then(() => {
      log.push(`end ${item}`);
      return item;
    });
  };
  assert.deepEqual(await inOrder([1, 2, 3], run), [1, 2, 3]);
  assert.deepEqual(log, ['begin 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
});

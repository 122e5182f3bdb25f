import assert from 'node:assert/strict';
import test from 'node:test';
import { Batch } from './batch.js';
import { Location } from './location.js';
import { LogIndex } from './log-index.js';

test('what a key had before no longer counts', () => {
  const index = new LogIndex();
  const [older, newer] = [new Batch(), new Batch()];
  index.set('t', 'a', new Location(older, 0, 10));
  index.set('t', 'b', new Location(older, 10, 20));
  index.set('t', 'a', new Location(newer, 0, 5));
  assert.deepEqual([older.live, newer.live, index.live], [20, 5, 25]);
  assert.equal(index.delete('t', 'b'), true);
  assert.equal(index.delete('t', 'b'), false);
  assert.deepEqual([older.live, newer.live, index.live], [0, 5, 5]);
});

test('keys are in the order in which they were last set', () => {
  const index = new LogIndex();
  const batch = new Batch();
  for (const [offset, key] of ['a', 'b', 'c', 'a'].entries())
    index.set('t', key, new Location(batch, offset, 1));
  assert.deepEqual(
    [...index.entries('t')].map(([key]) => key),
    ['b', 'c', 'a'],
  );
  assert.deepEqual([...index.keys('t')], ['b', 'c', 'a']);
  assert.deepEqual([...index.entries('other')], []);
  assert.deepEqual([...index.keys('other')], []);
});

test('tables are counted while there is something in them', () => {
  const index = new LogIndex();
  const batch = new Batch();
  index.set('t', 'a', new Location(batch, 0, 1));
  index.set('t', 'b', new Location(batch, 1, 1));
  index.set('u', 'a', new Location(batch, 2, 1));
  index.delete('u', 'a');
  assert.deepEqual([...index.counts()], [['t', 2]]);
});

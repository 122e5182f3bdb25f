import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slice, Turns } from './turns.js';

/** Counts the turns of the event loop until it is told to stop. */
function countTurns() {
  let count = 0;
  let counting = true;
  const turn = () => {
    count++;
    if (counting) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    get count() {
      return count;
    },
    stop() {
      counting = false;
    },
  };
}

test('whoever waits for a turn gets one of its own, in the order in which they asked', async () => {
  const turns = new Turns();
  const counted = countTurns();
  const got: [name: string, turn: number][] = [];
  const wait = (name: string) => turns.next().then(() => got.push([name, counted.count]));
  await Promise.all([wait('a'), wait('b'), wait('c')]);
  counted.stop();
  const [first = 0] = got.map(([, turn]) => turn);
  assert.deepEqual(got, [
    ['a', first],
    ['b', first + 1],
    ['c', first + 2],
  ]);
});

test('a slice is over at the beginning, and again when 500 are spent', async () => {
  const slice = new Slice(new Turns());
  const beginning = slice.over();
  assert.ok(beginning);
  await beginning;
  slice.charge(499);
  assert.equal(slice.over(), undefined);
  slice.charge(1);
  assert.ok(slice.over());
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PumpTurns } from './pump-turns.js';

/** Turns of an event loop, by hand. */
function setUp() {
  const queue: (() => void)[] = [];
  const turns = new PumpTurns((run) => void queue.push(run));
  /** Runs one turn. @returns whether there was anything to do */
  const turn = () => {
    const due = queue.splice(0);
    for (const run of due) run();
    return due.length;
  };
  return { turns, turn };
}

test('many small pumps go in one turn, in their order', () => {
  const { turns, turn } = setUp();
  const log: number[] = [];
  for (let i = 0; i < 100; i++) turns.add({ pumpInTurn: () => log.push(i) && 1 });
  assert.equal(turn(), 1);
  assert.deepEqual(log, [...Array(100).keys()]);
  assert.equal(turn(), 0);
});

test('large pumps share the turns: those that want more go behind those that have not had any', () => {
  const { turns, turn } = setUp();
  const log: string[] = [];
  const pump = (name: string, times: number) => {
    let left = times;
    const self = {
      pumpInTurn: () => {
        log.push(name);
        left--;
        if (left > 0) turns.add(self);
        return 1000;
      },
    };
    return self;
  };
  for (let i = 0; i < 8; i++) turns.add(pump(`p${i}`, 2));
  assert.equal(turn(), 1);
  assert.deepEqual(log.splice(0), ['p0', 'p1', 'p2', 'p3', 'p4']);
  assert.equal(turn(), 1);
  assert.deepEqual(log.splice(0), ['p5', 'p6', 'p7', 'p0', 'p1']);
  while (turn() > 0);
  assert.deepEqual(log, ['p2', 'p3', 'p4', 'p5', 'p6', 'p7']);
});

test('one that fails does not keep the others from their turn', () => {
  const { turns, turn } = setUp();
  const log: string[] = [];
  const fail = () => {
    throw new Error('a bug');
  };
  turns.add({ pumpInTurn: fail });
  turns.add({ pumpInTurn: () => log.push('other') });
  assert.throws(turn, /a bug/);
  turn();
  assert.deepEqual(log, ['other']);
});

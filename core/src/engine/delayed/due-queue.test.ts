import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueQueue, type Waiting } from './due-queue.js';

function waiting(dueAt: number, number: number): Waiting {
  return { dueAt, number, key: '', bytes: 0 };
}

test('whatever is added and taken, what is due first comes first, then what was there first', () => {
  const operations = fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { maxLength: 200 });
  fc.assert(
    fc.property(operations, (dues) => {
      const queue = new DueQueue();
      const model: Waiting[] = [];
      for (const [number, due] of dues.entries()) {
        if (due === null) {
          assert.equal(queue.take(), model.shift());
        } else {
          const added = waiting(due, number);
          queue.add(added);
          model.push(added);
          model.sort((a, b) => a.dueAt - b.dueAt || a.number - b.number);
        }
        assert.equal(queue.first, model[0]);
        assert.equal(queue.size, model.length);
      }
    }),
  );
});

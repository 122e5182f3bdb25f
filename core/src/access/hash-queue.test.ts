import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashQueue } from './hash-queue.js';

/** A task that ends when told. */
function heldTask() {
  const { promise, resolve, reject } = deferred();
  return { run: () => promise, finish: () => resolve('done'), fail: () => reject(new Error('failed')) };
}

function deferred() {
  let resolve: (value: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<string>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

test('so many run, so many wait, no more are taken', async () => {
  const queue = new HashQueue(1, 2);
  const [first, second, third, fourth] = [heldTask(), heldTask(), heldTask(), heldTask()];
  const results = [first, second, third].map((task) => queue.run(task.run));
  assert.equal(queue.run(fourth.run), undefined);
  assert.deepEqual([queue.running, queue.waiting], [1, 2]);
  for (const task of [first, second, third]) task.finish();
  assert.deepEqual(await Promise.all(results), ['done', 'done', 'done']);
  assert.deepEqual([queue.running, queue.waiting], [0, 0]);
});

test('those that wait start in the order in which they came', async () => {
  const queue = new HashQueue(1, 10);
  const order: number[] = [];
  await Promise.all([1, 2, 3, 4].map((n) => queue.run(async () => order.push(n))));
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test('a task that fails hands on its error and makes room', async () => {
  const queue = new HashQueue(1, 1);
  const failing = heldTask();
  const waiting = heldTask();
  const failed = queue.run(failing.run);
  const done = queue.run(waiting.run);
  waiting.finish();
  failing.fail();
  await assert.rejects(failed as Promise<string>, /failed/);
  assert.equal(await done, 'done');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AckGate } from './ack-gate.js';

interface Commit {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function commit(): Commit {
  let resolve = () => {};
  let reject = (_error: Error) => {};
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}

function setUp() {
  const sent: string[] = [];
  const failures: unknown[] = [];
  const gate = new AckGate<string>({
    sendDurable: (frame) => void sent.push(frame),
    failDurable: (error) => void failures.push(error),
  });
  return { sent, failures, gate };
}

/** Lets promises that are settled call whoever waits for them. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

test('acknowledgements leave in the order in which they came, each behind its own commit', async () => {
  const { sent, gate } = setUp();
  const [first, second] = [commit(), commit()];
  gate.pass('1', first.promise);
  gate.pass('2', second.promise);
  gate.pass('3', undefined);
  second.resolve();
  await nextTurn();
  assert.deepEqual(sent, []);
  first.resolve();
  await nextTurn();
  assert.deepEqual(sent, ['1', '2', '3']);
  gate.pass('4', undefined);
  assert.deepEqual(sent, ['1', '2', '3', '4']);
});

test('a commit that fails behind one that is pending is nobody else’s trouble, and fails in its turn', async () => {
  const { sent, failures, gate } = setUp();
  const first = commit();
  const failed = new Error('the disk is full');
  gate.pass('1', first.promise);
  gate.pass('2', Promise.reject(failed));
  await nextTurn();
  assert.deepEqual([sent, failures], [[], []]);
  first.resolve();
  await nextTurn();
  assert.deepEqual([sent, failures], [['1'], [failed]]);
});

test('after a failure nothing is sent and nothing is kept, whatever becomes of the rest', async () => {
  const { sent, failures, gate } = setUp();
  const first = commit();
  const failed = new Error('the disk is full');
  gate.pass('1', first.promise);
  gate.pass('2', Promise.reject(failed));
  first.reject(failed);
  await nextTurn();
  gate.pass('3', undefined);
  gate.pass('4', Promise.reject(failed));
  gate.pass('5', Promise.resolve());
  await nextTurn();
  assert.deepEqual([sent, failures], [[], [failed]]);
});

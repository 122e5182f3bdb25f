import assert from 'node:assert/strict';
import test from 'node:test';
import { systemError } from './testing/memory-folder.js';
import { contents, openStore } from './testing/open-store.js';

test('what was written is there after a restart', async () => {
  const { store, folder } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  store.put('t', 'b', Buffer.from('2'));
  store.put('u', 'a', Buffer.from('3'));
  await store.commit();
  store.put('t', 'a', Buffer.from('4'));
  store.delete('t', 'b');
  await store.close();
  const { store: again } = await openStore(folder);
  assert.deepEqual(await contents(again, 't'), { a: '4' });
  assert.deepEqual(await contents(again, 'u'), { a: '3' });
});

test('what has been written before is confirmed when it is durable', async () => {
  const { store, folder } = await openStore();
  store.confirm();
  assert.equal(store.commit(), undefined, 'there is nothing to wait for');
  store.put('t', 'a', Buffer.from('1'));
  const { written } = store;
  store.confirm();
  assert.equal(store.written, written + 1);
  await store.commit();
  const { store: again } = await openStore(folder.copy());
  assert.deepEqual(await contents(again, 't'), { a: '1' });
  await store.close();
  assert.equal(store.settled, store.written);
});

test('what is on its way to the disk is confirmed when it is there', async () => {
  const { store, folder } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  await new Promise<void>((resolve) => {
    folder.onOperation = (operation) => operation === 'write' && resolve();
  });
  store.confirm();
  await store.commit();
  const { store: again } = await openStore(folder.copy());
  assert.deepEqual(await contents(again, 't'), { a: '1' });
  await store.close();
});

test('entries that cannot be read are told of as a store that cannot be used', async () => {
  const { store, folder } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  folder.onOperation = (operation) => {
    if (operation === 'read') throw systemError('EIO', 'planted');
  };
  await assert.rejects(contents(store, 't'), {
    code: 'PORTICO_ERR_STORE',
    message: 'the store cannot be used: memory: EIO: planted',
  });
});

test('without a close all that was committed is there', async () => {
  const { store, folder } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  const { store: again } = await openStore(folder.copy());
  assert.deepEqual(await contents(again, 't'), { a: '1' });
});

test('all writes of a turn share a promise, a write and a flush', async () => {
  const { store, folder, metrics } = await openStore();
  const operations: string[] = [];
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  folder.onOperation = (operation) => operations.push(operation);
  store.put('t', 'a', Buffer.from('1'));
  const commit = store.commit();
  store.put('t', 'b', Buffer.from('2'));
  assert.equal(store.commit(), commit);
  assert.equal(store.settled, 1);
  assert.equal(store.written, 3);
  await commit;
  assert.equal(store.settled, 3);
  assert.equal(store.commit(), undefined);
  assert.deepEqual(operations, ['write', 'sync']);
  assert.equal(metrics.get('store.batches'), 2);
  assert.equal(metrics.get('store.writes'), 3);
});

test('what is written while a batch is on its way is the next batch', async () => {
  const { store, folder } = await openStore();
  const settled: number[] = [];
  store.onSettled(() => settled.push(store.settled));
  folder.onOperation = (operation) => {
    if (operation === 'sync' && store.written === 1) store.put('t', 'b', Buffer.from('2'));
  };
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  await store.commit();
  assert.deepEqual(settled, [1, 2]);
});

test('a value can be read before it is durable, while it is written, and after', async () => {
  const { store } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  assert.equal(String(await store.get('t', 'a')), '1');
  const commit = store.commit();
  store.put('t', 'b', Buffer.from('2'));
  await commit;
  assert.equal(String(await store.get('t', 'a')), '1');
  assert.equal(String(await store.get('t', 'b')), '2');
  store.delete('t', 'a');
  assert.equal(await store.get('t', 'a'), undefined);
});

test('a value may be changed by its owner once it is put', async () => {
  const { store } = await openStore();
  const value = Buffer.from('1');
  store.put('t', 'a', value);
  value.fill('x');
  assert.equal(String(await store.get('t', 'a')), '1');
});

test('entries come in the order in which they were last written, also from many reads', async () => {
  const { store } = await openStore(undefined, { segmentSize: 1024 * 1024 });
  const expected: string[] = [];
  for (let number = 0; number < 40; number++) {
    store.put('t', String(number), Buffer.alloc(100_000, number));
    store.put('u', String(number), Buffer.from('between'));
    expected.push(String(number));
    if (number % 5 === 0) await store.commit();
  }
  const keys: string[] = [];
  for await (const [key, value] of store.entries('t')) {
    keys.push(key);
    assert.deepEqual(value, Buffer.alloc(100_000, Number(key)));
  }
  assert.deepEqual(keys, expected);
});

test('a log is cut into segments, and a batch is never divided', async () => {
  const { store, folder } = await openStore(undefined, { segmentSize: 800 });
  for (let number = 0; number < 10; number++) {
    store.put('t', String(number), Buffer.alloc(400));
    if (number % 2 === 1) await store.commit();
  }
  await store.close();
  assert.deepEqual(await folder.list(), [
    '00000001.log',
    '00000002.log',
    '00000003.log',
    '00000004.log',
    '00000005.log',
  ]);
  const { store: again } = await openStore(folder);
  assert.equal([...again.keys('t')].length, 10);
});

test('nothing is written where there is nothing to write', async () => {
  const { store, folder } = await openStore();
  store.delete('t', 'a');
  assert.equal(store.commit(), undefined);
  await store.close();
  assert.deepEqual(await folder.list(), []);
});

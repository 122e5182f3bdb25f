import assert from 'node:assert/strict';
import test from 'node:test';
import { systemError } from './testing/memory-folder.js';
import { contents, openStore } from './testing/open-store.js';

const OPTIONS = { segmentSize: 2000 };

/** Lets everything that is under way come to its end. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('space comes back when more than half is of no use, and nothing gets lost', async () => {
  const { store, folder } = await openStore(undefined, OPTIONS);
  const expected: Record<string, string> = {};
  for (let number = 0; number < 500; number++) {
    const key = `key ${number % 20}`;
    const value = `${number} `.repeat(number % 30);
    store.put('t', key, Buffer.from(value));
    expected[key] = value;
    if (number % 7 === 0) {
      store.delete('t', 'key 3');
      delete expected['key 3'];
    }
    if (number % 3 === 0) await store.commit();
  }
  await store.commit();
  await quiet();
  assert.ok(folder.size < 6000, `${folder.size} bytes are left`);
  assert.ok(!folder.files.has('00000001.log'));
  assert.deepEqual(await contents(store, 't'), expected);
  const { store: again } = await openStore(folder.copy(), OPTIONS);
  assert.deepEqual(await contents(again, 't'), expected);
});

test('at every step of a compaction a restart finds everything', async () => {
  const { store, folder } = await openStore(undefined, OPTIONS);
  store.put('t', 'kept', Buffer.from('from the first segment'));
  store.put('t', 'deleted', Buffer.from('must not come back'));
  await store.commit();
  store.delete('t', 'deleted');
  await store.commit();
  const copies: (typeof folder)[] = [];
  folder.onOperation = () => copies.push(folder.copy());
  for (let number = 0; number < 100; number++) {
    store.put('t', 'changing', Buffer.alloc(100, number));
    await store.commit();
  }
  await quiet();
  assert.ok(!folder.files.has('00000001.log'));
  for (const copy of copies) {
    const { store: again } = await openStore(copy, OPTIONS);
    const found = await contents(again, 't');
    assert.equal(found.kept, 'from the first segment');
    assert.equal(found.deleted, undefined);
  }
});

test('a compacted store whose last segments are all live keeps what it needs', async () => {
  const { store, folder } = await openStore(undefined, OPTIONS);
  for (let number = 0; number < 50; number++) {
    store.put('t', String(number), Buffer.alloc(100));
    await store.commit();
  }
  await quiet();
  assert.ok(folder.files.has('00000001.log'), 'there is nothing to gain');
});

test('compact leaves no more than what counts', async () => {
  const { store, folder } = await openStore(undefined, OPTIONS);
  for (let number = 0; number < 30; number++) {
    store.put('t', String(number % 12), Buffer.alloc(100, 'x'));
    await store.commit();
  }
  const { before, after } = await store.compact();
  assert.ok(before > after);
  assert.equal(after, folder.size);
  const records = 12 * (100 + 20) + 2;
  assert.ok(folder.size <= records + 40, `${folder.size} bytes are left`);
  const { store: again } = await openStore(folder.copy(), OPTIONS);
  assert.equal([...again.keys('t')].length, 12);
});

test('what is damaged only after the start is missed, counted, and not written anew', async () => {
  const { store, folder, metrics } = await openStore(undefined, OPTIONS);
  store.put('t', 'a', Buffer.alloc(100, 'a'));
  store.put('t', 'b', Buffer.alloc(100, 'b'));
  await store.commit();
  folder.bytes('00000001.log').fill('!', 100, 110);
  for (let number = 0; number < 60; number++) {
    store.put('t', 'changing', Buffer.alloc(100));
    await store.commit();
  }
  await quiet();
  assert.ok(!folder.files.has('00000001.log'));
  assert.equal(metrics.get('store.damaged'), 1);
  assert.equal(await store.get('t', 'a'), undefined);
  assert.equal(String(await store.get('t', 'b')), 'b'.repeat(100));
});

test('a damaged value is not given out', async () => {
  const { store, folder, metrics } = await openStore();
  store.put('t', 'a', Buffer.alloc(100, 'a'));
  store.put('t', 'b', Buffer.alloc(100, 'b'));
  await store.commit();
  folder.bytes('00000001.log').fill('!', 100, 110);
  assert.equal(await store.get('t', 'a'), undefined);
  assert.equal(metrics.get('store.damaged'), 1);
  assert.deepEqual(Object.keys(await contents(store, 't')), ['b']);
});

test('a compaction that meets a full disk is taken up again', async () => {
  const { store, folder, clock } = await openStore(undefined, OPTIONS);
  store.put('t', 'kept', Buffer.from('1'));
  await store.commit();
  folder.capacity = 4000;
  for (let number = 0; number < 30; number++) {
    store.put('t', 'changing', Buffer.alloc(200, number));
    await store.commit()?.catch(() => {});
  }
  folder.capacity = Number.POSITIVE_INFINITY;
  const settled = new Promise<void>((resolve) => store.onSettled(resolve));
  store.put('t', 'changing', Buffer.from('2'));
  clock.advance(1010);
  await settled;
  await quiet();
  assert.equal(store.failure, undefined);
  assert.ok(!folder.files.has('00000001.log'));
  assert.deepEqual(await contents(store, 't'), { kept: '1', changing: '2' });
});

test('a segment that cannot be read stays, and the store goes on', async () => {
  const { store, folder } = await openStore(undefined, OPTIONS);
  store.put('t', 'kept', Buffer.from('1'));
  await store.commit();
  let reads = 0;
  folder.onOperation = (operation) => {
    if (operation !== 'read') return;
    reads++;
    throw systemError('EIO', 'planted');
  };
  for (let number = 0; number < 60; number++) {
    store.put('t', 'changing', Buffer.alloc(100, number));
    await store.commit();
  }
  await quiet();
  assert.equal(reads, 1);
  assert.ok(folder.files.has('00000001.log'));
  assert.equal(store.failure, undefined);
});

for (const operation of ['read', 'remove'] as const) {
  test(`a segment for which ${operation} fails is tried again after a minute, and nothing goes before it`, async () => {
    const { store, folder, clock, timers } = await openStore(undefined, OPTIONS);
    store.put('t', 'kept', Buffer.from('1'));
    await store.commit();
    folder.onOperation = (asked) => {
      if (asked === operation) throw systemError('EMFILE', 'planted');
    };
    for (let number = 0; number < 60; number++) {
      store.put('t', 'changing', Buffer.alloc(100, number));
      await store.commit();
    }
    await quiet();
    const { store: again } = await openStore(folder.copy(), OPTIONS);
    assert.equal(String(await again.get('t', 'kept')), '1');
    clock.advance(60_010);
    await quiet();
    assert.ok(folder.files.has('00000001.log'), 'it still fails');
    folder.onOperation = () => {};
    clock.advance(60_010);
    await quiet();
    assert.ok(!folder.files.has('00000001.log'));
    assert.equal(String(await store.get('t', 'kept')), '1');
    await store.close();
    assert.equal(timers.size, 0);
  });
}

test('while entries are read nothing is moved', async () => {
  const { store, folder } = await openStore(undefined, OPTIONS);
  for (const key of 'abc') store.put('t', key, Buffer.from(key));
  await store.commit();
  const found: string[] = [];
  for await (const [key] of store.entries('t')) {
    found.push(key);
    for (let number = 0; number < 30; number++) {
      store.put('other', 'changing', Buffer.alloc(100, number));
      await store.commit();
    }
    await quiet();
    assert.ok(folder.files.has('00000001.log'));
  }
  assert.deepEqual(found, ['a', 'b', 'c']);
  await quiet();
  assert.ok(!folder.files.has('00000001.log'));
});

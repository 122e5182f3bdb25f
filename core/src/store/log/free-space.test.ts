import assert from 'node:assert/strict';
import test from 'node:test';
import { StoreFailure } from '../store.js';
import { MemoryFolder } from './testing/memory-folder.js';
import { contents, openStore } from './testing/open-store.js';

const OPTIONS = { segmentSize: 10_000, minFree: 5_000 };

/** A disk of ten segments. */
function smallDisk(): MemoryFolder {
  const folder = new MemoryFolder();
  folder.capacity = 100_000;
  return folder;
}

/** Fills a store with entries until it takes nothing new on. */
async function fill(folder: MemoryFolder, options: typeof OPTIONS) {
  const opened = await openStore(folder, options);
  const { store, clock } = opened;
  let count = 0;
  while (store.failure === undefined) {
    store.put('t', String(count++), Buffer.alloc(800));
    await store.commit()?.catch((error: unknown) => assert.ok(error instanceof StoreFailure));
    clock.advance(1010);
    await quiet();
  }
  return { ...opened, count };
}

/** Lets everything that is under way come to its end. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('while little of the disk is free nothing new is taken on, and what has been begun is finished', async () => {
  const { store, folder, clock, timers, count } = await fill(smallDisk(), OPTIONS);
  assert.deepEqual({ ...store.failure }, { name: 'StoreFailure', kind: 'full' });
  assert.equal(store.failure?.message, 'its disk has less than 5000 bytes left');
  assert.ok((await folder.free()) > 3_000);
  const recovered = new Promise<void>((resolve) => store.onRecovered(resolve));
  for (let number = 0; number < count; number++) {
    store.delete('t', String(number));
    await store.commit();
    clock.advance(1010);
    await quiet();
  }
  await recovered;
  assert.equal(store.failure, undefined);
  assert.ok((await folder.free()) > 70_000, 'the space is given back');
  const { store: again } = await openStore(folder.copy());
  assert.deepEqual(await contents(again, 't'), {});
  await store.close();
  assert.equal(timers.size, 0);
});

test('a file with much that counts is not written anew where there is no room for it', async () => {
  const { store, folder, clock, count } = await fill(smallDisk(), OPTIONS);
  for (let number = 0; number < count; number++) {
    if (number % 12 < 4) continue;
    store.delete('t', String(number));
    await store.commit();
    clock.advance(1010);
    await quiet();
  }
  assert.ok(folder.files.has('00000001.log'), 'it would have taken more than half of what is free');
  assert.equal(store.failure?.kind, 'full');
});

test('the space is looked at when a store is opened, and when others may have taken it', async () => {
  const folder = smallDisk();
  const { store, clock } = await openStore(folder, OPTIONS);
  folder.capacity = 4_000;
  clock.advance(1000);
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  await quiet();
  assert.equal(store.failure?.kind, 'full');
  const { store: again, clock: later } = await openStore(folder.copy(), { ...OPTIONS, minFree: 0 });
  assert.equal(again.failure, undefined, 'nobody looks');
  later.advance(1000);
  folder.capacity = 6_000;
  const { store: short } = await openStore(folder, { ...OPTIONS, minFree: 7_000 });
  assert.equal(short.failure?.kind, 'full');
});

test('where the system does not tell how much is free, it is enough', async () => {
  const folder = smallDisk();
  folder.free = () => Promise.reject(new Error('ENOSYS'));
  const { store } = await openStore(folder, { ...OPTIONS, minFree: 1_000_000 });
  assert.equal(store.failure, undefined);
});

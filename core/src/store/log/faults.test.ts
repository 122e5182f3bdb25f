import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { VirtualClock } from '../../runtime/clock.js';
import { StoreFailure } from '../store.js';
import { LogStore } from './log-store.js';
import { type FileOperation, type MemoryFolder, systemError } from './testing/memory-folder.js';
import { contents, DEFAULT_OPTIONS, openStore, storeServices } from './testing/open-store.js';

/** Milliseconds after which what could not be written is tried again, and a tick of the timers. */
const RETRY = 1010;

const MB = 1024 * 1024;

/** Lets an operation fail until it is told to work again. */
function failing(folder: MemoryFolder, operation: FileOperation, code: string): () => void {
  folder.onOperation = (asked) => {
    if (asked === operation) throw systemError(code, `planted in ${operation}`);
  };
  return () => {
    folder.onOperation = () => {};
  };
}

/** What is the matter; a function, for what is the case now need not be so later. */
function failureText(store: LogStore): string | undefined {
  return store.failure && `${store.failure.kind}: ${store.failure.message}`;
}

function settledNext(store: LogStore): Promise<void> {
  return new Promise((resolve) => store.onSettled(resolve));
}

/** Lets all that was written be flushed. */
async function flushed(store: LogStore, folder: MemoryFolder, clock: VirtualClock): Promise<void> {
  await store.commit();
  const flush = new Promise<void>((resolve) => {
    folder.onOperation = (operation) => operation === 'sync' && resolve();
  });
  clock.advance(RETRY);
  await flush;
  await new Promise((resolve) => setImmediate(resolve));
  folder.onOperation = () => {};
}

/** What a process would find that starts after this one has been killed now. */
async function afterKill(folder: MemoryFolder): Promise<Record<string, string>> {
  const { store } = await openStore(folder.copy());
  return contents(store, 't');
}

for (const operation of ['write', 'sync'] as const) {
  test(`a failing ${operation} rejects the commit, and is got over without a restart`, async () => {
    const { store, folder, clock, metrics } = await openStore();
    store.put('t', 'a', Buffer.from('1'));
    await store.commit();
    const told: string[] = [];
    store.onFailure(({ kind, message }) => told.push(`${kind}: ${message}`));
    store.onRecovered(() => told.push('recovered'));
    const mend = failing(folder, operation, 'EIO');

    store.put('t', 'b', Buffer.from('2'));
    await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
    assert.equal(store.failure?.kind, 'io');
    assert.equal(store.settled, 1);
    store.put('t', 'c', Buffer.from('3'));
    await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
    assert.deepEqual(await contents(store, 't'), { a: '1', b: '2', c: '3' });
    assert.deepEqual(await afterKill(folder), { a: '1' });

    mend();
    const settled = settledNext(store);
    clock.advance(RETRY);
    await settled;
    await store.commit();
    assert.equal(store.failure, undefined);
    assert.deepEqual(told, [`io: EIO: planted in ${operation}`, 'recovered']);
    assert.equal(metrics.get('store.failures'), 1);
    assert.equal(store.settled, 3);
    assert.deepEqual(await afterKill(folder), { a: '1', b: '2', c: '3' });
  });
}

test('after a failed flush the file takes no more, and what it may have taken does not count', async () => {
  const { store, folder, clock } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  const { length } = folder.bytes('00000001.log');
  folder.onOperation = (operation) => {
    if (operation === 'sync' || operation === 'truncate') throw systemError('EIO', 'planted');
  };
  store.put('t', 'b', Buffer.from('2'));
  await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
  assert.ok(folder.bytes('00000001.log').length > length, 'the batch is there, and cannot be cut off');
  folder.onOperation = () => {};
  store.delete('t', 'b');
  const settled = settledNext(store);
  clock.advance(RETRY);
  await settled;
  await store.commit();
  assert.deepEqual(await folder.list(), ['00000001.log', '00000002.log']);
  assert.deepEqual(await afterKill(folder), { a: '1' });
});

test('a batch that never gets through leaves nothing behind', async () => {
  const { store, folder, clock } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  const before = folder.bytes('00000001.log');
  for (const operation of ['write', 'sync', 'create', 'syncFolder'] as const) {
    const mend = failing(folder, operation, 'EIO');
    store.put('t', operation, Buffer.from('2'));
    for (let attempt = 0; attempt < 3; attempt++) {
      await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
      clock.advance(RETRY);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(folder.bytes('00000001.log'), before);
    mend();
  }
  assert.deepEqual(await folder.list(), ['00000001.log']);
});

test('a disk that takes only a few bytes at a time gets all of them', async () => {
  const { store, folder } = await openStore();
  folder.longestWrite = 7;
  store.put('t', 'a', Buffer.from('a value that takes several writes'));
  await store.commit();
  assert.deepEqual(await afterKill(folder), { a: 'a value that takes several writes' });
});

test('on a full disk what was durable stays, and the rest follows when there is room', async () => {
  const { store, folder, clock } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  folder.capacity = folder.size + 30;
  store.put('t', 'b', Buffer.alloc(100, 'b'));
  await assert.rejects(store.commit() ?? Promise.resolve(), { kind: 'full' });
  assert.deepEqual(await afterKill(folder), { a: '1' });
  folder.capacity = Number.POSITIVE_INFINITY;
  const settled = settledNext(store);
  clock.advance(RETRY);
  await settled;
  assert.deepEqual(await afterKill(folder), { a: '1', b: 'b'.repeat(100) });
});

test('a store that is closed while its disk fails says so', async () => {
  const { store, folder } = await openStore();
  failing(folder, 'sync', 'EIO');
  store.put('t', 'a', Buffer.from('1'));
  await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
  await assert.rejects(store.close(), StoreFailure);
});

test('a close is the last attempt to write what waits', async () => {
  const { store, folder } = await openStore();
  const mend = failing(folder, 'sync', 'EIO');
  store.put('t', 'a', Buffer.from('1'));
  await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
  mend();
  await store.close();
  assert.deepEqual(await afterKill(folder), { a: '1' });
});

test('more than may wait is lost, and the commit says so', async () => {
  const { store, folder, clock, metrics } = await openStore();
  const mend = failing(folder, 'write', 'ENOSPC');
  const large = Buffer.alloc(100 * MB);
  store.put('t', 'a', large);
  store.put('t', 'b', large);
  assert.equal(failureText(store), undefined);
  store.put('t', 'c', large);
  assert.match(failureText(store) ?? '', /^io: the disk does not keep up/);
  await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
  assert.deepEqual([...store.keys('t')], ['a', 'b']);
  store.delete('t', 'a');
  await new Promise((resolve) => store.onFailure(resolve));
  mend();
  const settled = settledNext(store);
  clock.advance(RETRY);
  await settled;
  await store.commit();
  assert.equal(store.settled, store.written);
  assert.deepEqual([...store.keys('t')], ['b']);
  assert.equal(metrics.get('store.lost'), 1);
});

test('what is written again and again while the disk fails takes its place once', async () => {
  const { store, folder, clock, metrics } = await openStore();
  for (const key of ['gone', 'kept', 'changing']) store.put('t', key, Buffer.from('old'));
  await store.commit();
  const mend = failing(folder, 'write', 'EIO');
  for (const key of ['gone', 'brief']) {
    store.put('t', key, Buffer.from('soon deleted'));
    store.delete('t', key);
  }
  store.put('t', 'gone', Buffer.alloc(10));
  store.put('t', 'first', Buffer.from('1'));
  for (let number = 0; number < 30; number++) store.put('t', 'changing', Buffer.alloc(30 * MB, number));
  store.delete('t', 'gone');
  store.put('t', 'kept', Buffer.from('new'));
  for (let number = 30; number < 60; number++) store.put('t', 'changing', Buffer.alloc(30 * MB, number));
  await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
  assert.equal(metrics.get('store.lost'), 0);
  assert.equal(String(await store.get('t', 'first')), '1');
  mend();
  const settled = settledNext(store);
  clock.advance(RETRY);
  await settled;
  await store.commit();
  const { store: again } = await openStore(folder.copy());
  assert.deepEqual([...again.keys('t')].sort(), ['changing', 'first', 'kept']);
  assert.equal(String(await again.get('t', 'kept')), 'new');
  assert.ok((await again.get('t', 'changing'))?.equals(Buffer.alloc(30 * MB, 59)));
  assert.ok(folder.size < 270 * MB, `${folder.size} bytes were written`);
});

test('with an interval what is written counts at once and is flushed later', async () => {
  const { store, folder, clock } = await openStore(undefined, { sync: 1000 });
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  let flushes = 0;
  const flushed = new Promise<void>((resolve) => {
    folder.onOperation = (operation) => {
      if (operation !== 'sync') return;
      flushes++;
      resolve();
    };
  });
  store.put('t', 'b', Buffer.from('2'));
  await store.commit();
  assert.equal(flushes, 0);
  clock.advance(RETRY);
  await flushed;
  await store.close();
  assert.equal(flushes, 1, 'nothing is left to flush');
});

test('what is written last is flushed by the close', async () => {
  const { store, folder } = await openStore(undefined, { sync: 'never' });
  const operations: string[] = [];
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  folder.onOperation = (operation) => operations.push(operation);
  store.put('t', 'b', Buffer.from('2'));
  await store.close();
  assert.deepEqual(operations, ['write', 'sync']);
});

test('nothing is tried again after the close', async () => {
  const { store, folder, timers } = await openStore();
  failing(folder, 'write', 'EIO');
  store.put('t', 'a', Buffer.from('1'));
  await assert.rejects(store.close(), StoreFailure);
  assert.equal(timers.size, 0);
});

test('without flushes there is one at the end', async () => {
  const { store, folder, clock } = await openStore(undefined, { sync: 'never' });
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  let flushes = 0;
  folder.onOperation = (operation) => {
    if (operation === 'sync') flushes++;
  };
  clock.advance(60_000);
  assert.equal(flushes, 0);
  await store.close();
  assert.equal(flushes, 1);
});

test('a flush that fails later is a failure too, and the next segment begins', async () => {
  const { store, folder, clock } = await openStore(undefined, { sync: 1000 });
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  const mend = failing(folder, 'sync', 'EIO');
  const failed = new Promise((resolve) => store.onFailure(resolve));
  clock.advance(RETRY);
  await failed;
  mend();
  const recovered = new Promise<void>((resolve) => store.onRecovered(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(RETRY);
  await recovered;
  store.put('t', 'b', Buffer.from('2'));
  await store.commit();
  assert.deepEqual(await folder.list(), ['00000001.log', '00000002.log']);
  assert.deepEqual(await afterKill(folder), { a: '1', b: '2' });
});

test('what was written since the last flush is written anew when a flush fails', async () => {
  const { store, folder, clock } = await openStore(undefined, { sync: 1000 });
  const kept = 'more than what is replaced '.repeat(40);
  for (const key of ['old', 'replaced']) store.put('t', key, Buffer.from('1'));
  store.put('t', 'kept', Buffer.from(kept));
  await flushed(store, folder, clock);
  const { length } = folder.bytes('00000001.log');
  store.delete('t', 'old');
  store.put('t', 'replaced', Buffer.from('2'));
  store.put('t', 'brief', Buffer.from('2'));
  await store.commit();
  store.delete('t', 'brief');
  store.put('t', 'new', Buffer.from('3'));
  await store.commit();
  const mend = failing(folder, 'sync', 'EIO');
  const failed = new Promise((resolve) => store.onFailure(resolve));
  clock.advance(RETRY);
  await failed;
  const expected = { kept, replaced: '2', new: '3' };
  assert.deepEqual(await afterKill(folder), expected, 'the system has it');
  store.put('t', 'new', Buffer.from('4'));
  mend();
  const recovered = new Promise<void>((resolve) => store.onRecovered(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(RETRY);
  await recovered;
  await flushed(store, folder, clock);
  const disk = folder.copy();
  disk.bytes('00000001.log').fill(0, length);
  assert.deepEqual(await afterKill(disk), { ...expected, new: '4' });
  assert.deepEqual(await afterKill(folder), { ...expected, new: '4' });
});

test('what was written since the last flush is flushed when a later write fails', async () => {
  const { store, folder } = await openStore(undefined, { sync: 1000 });
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  const flushes: string[] = [];
  folder.onOperation = (operation, name) => {
    if (operation === 'write') throw systemError('ENOSPC', 'planted');
    if (operation === 'sync') flushes.push(name);
  };
  store.put('t', 'b', Buffer.from('2'));
  await assert.rejects(store.commit() ?? Promise.resolve(), { kind: 'full' });
  assert.deepEqual(flushes, ['00000001.log']);
});

test('a listener that throws is no failure of the disk', async () => {
  const { store } = await openStore();
  store.onSettled(() => {
    throw new Error('planted');
  });
  const settled = settledNext(store);
  store.put('t', 'a', Buffer.from('1'));
  await settled;
  assert.equal(store.failure, undefined);
});

test("what is no longer this process's is not written to", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-lost-'));
  const services = storeServices();
  const store = await LogStore.open(folder, DEFAULT_OPTIONS, services);
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  const before = readFileSync(join(folder, '00000001.log'));
  writeFileSync(join(folder, 'lock'), '{"host":"elsewhere","pid":1}');
  const failed = new Promise((resolve) => store.onFailure(resolve));
  services.clock.advance(5_010);
  await failed;
  assert.equal(failureText(store), 'io: another process has taken its folder over');
  store.put('t', 'b', Buffer.from('2'));
  await assert.rejects(store.commit() ?? Promise.resolve(), StoreFailure);
  await assert.rejects(store.compact(), StoreFailure);
  await assert.rejects(store.close(), StoreFailure);
  assert.deepEqual(readFileSync(join(folder, '00000001.log')), before);
  assert.deepEqual(readdirSync(folder).sort(), ['00000001.log', 'lock']);
  assert.equal(services.timers.size, 0);
  rmSync(folder, { recursive: true });
});

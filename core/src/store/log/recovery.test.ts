import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32 } from 'node:zlib';
import { PorticoError } from '../../runtime/errors.js';
import type { MemoryFolder } from './testing/memory-folder.js';
import { contents, openStore } from './testing/open-store.js';

const FIRST = '00000001.log';
const SECOND = '00000002.log';

/** A store whose last batch has three records, of which the first two change what was there. */
async function folderWithBatches(): Promise<{ folder: MemoryFolder; beforeLast: number }> {
  const { store, folder } = await openStore();
  store.put('t', 'a', Buffer.from('1'));
  store.put('t', 'b', Buffer.from('2'));
  await store.commit();
  const beforeLast = folder.bytes(FIRST).length;
  store.put('t', 'a', Buffer.from('3'));
  store.delete('t', 'b');
  store.put('t', 'c', Buffer.from('4'));
  await store.commit();
  return { folder: folder.copy(), beforeLast };
}

test('a log that ends anywhere in its last batch is as it was before that batch', async () => {
  const { folder, beforeLast } = await folderWithBatches();
  const whole = folder.bytes(FIRST);
  for (let length = beforeLast; length < whole.length; length++) {
    folder.set(FIRST, whole.subarray(0, length));
    const { store, metrics } = await openStore(folder.copy());
    assert.deepEqual(await contents(store, 't'), { a: '1', b: '2' }, `after ${length} bytes`);
    assert.equal(metrics.get('store.damaged'), 0);
  }
});

test('what follows a last batch that was cut short takes its place', async () => {
  const { folder } = await folderWithBatches();
  folder.set(FIRST, folder.bytes(FIRST).subarray(0, -1));
  const { store } = await openStore(folder);
  store.put('t', 'd', Buffer.from('5'));
  await store.close();
  const { store: again, metrics } = await openStore(folder);
  assert.deepEqual(await contents(again, 't'), { a: '1', b: '2', d: '5' });
  assert.equal(metrics.get('store.damaged'), 0);
});

test('a last batch of which the disk has taken only later parts does not take effect', async () => {
  const { folder, beforeLast } = await folderWithBatches();
  const bytes = folder.bytes(FIRST);
  bytes.fill(0, beforeLast, beforeLast + 10);
  const { store, metrics } = await openStore(folder);
  assert.deepEqual(await contents(store, 't'), { a: '1', b: '2' });
  assert.equal(metrics.get('store.damaged'), 1);
});

test('whatever the disk has taken of the last batch, it counts as a whole or not at all', async () => {
  const { folder, beforeLast } = await folderWithBatches();
  const whole = folder.bytes(FIRST);
  const block = 16;
  const blocks = Math.ceil((whole.length - beforeLast) / block);
  for (let taken = 0; taken < 2 ** blocks; taken++) {
    const bytes = Buffer.from(whole);
    for (let number = 0; number < blocks; number++) {
      const start = beforeLast + number * block;
      if ((taken & (1 << number)) === 0) bytes.subarray(start, start + block).fill(0);
    }
    folder.set(FIRST, bytes);
    const { store } = await openStore(folder.copy());
    const expected = bytes.equals(whole) ? { a: '3', c: '4' } : { a: '1', b: '2' };
    assert.deepEqual(await contents(store, 't'), expected, `blocks ${taken.toString(2)}`);
  }
});

test('a segment that was only being made is as if it were not there', async () => {
  const { folder } = await folderWithBatches();
  for (const begun of [Buffer.alloc(0), Buffer.alloc(39, 1), Buffer.alloc(40)]) {
    folder.set(SECOND, begun);
    const { store } = await openStore(folder.copy());
    assert.deepEqual(await contents(store, 't'), { a: '3', c: '4' });
  }
});

/** Ten batches of one record each in two segments, and what they hold. */
async function folderWithRecords(): Promise<{ folder: MemoryFolder; entries: Record<string, string> }> {
  const { store, folder } = await openStore(undefined, { segmentSize: 300 });
  const entries: Record<string, string> = {};
  for (let number = 0; number < 10; number++) {
    entries[`key ${number}`] = `value ${number}`;
    store.put('t', `key ${number}`, Buffer.from(`value ${number}`));
    await store.commit();
  }
  assert.deepEqual(await folder.list(), [FIRST, SECOND]);
  return { folder: folder.copy(), entries };
}

test('a changed bit costs one record at most, is counted, and never gives a wrong value', async () => {
  const { folder, entries } = await folderWithRecords();
  for (const name of [FIRST, SECOND]) {
    const { length } = folder.bytes(name);
    for (let offset = 40; offset < length; offset++) {
      const damaged = folder.copy();
      const bytes = damaged.bytes(name);
      bytes[offset] = (bytes[offset] as number) ^ (1 << (offset % 8));
      const { store, metrics } = await openStore(damaged);
      const found = await contents(store, 't');
      assert.equal(Object.keys(found).length, 9, `${name} at ${offset}`);
      for (const [key, value] of Object.entries(found)) assert.equal(value, entries[key]);
      assert.equal(metrics.get('store.damaged'), 1, `${name} at ${offset}`);
    }
  }
});

test('the end of a segment with others behind it is damaged, not cut short', async () => {
  const { folder, entries } = await folderWithRecords();
  folder.set(FIRST, folder.bytes(FIRST).subarray(0, -3));
  const { store, metrics } = await openStore(folder);
  assert.equal(metrics.get('store.damaged'), 1);
  assert.equal(Object.keys(await contents(store, 't')).length, Object.keys(entries).length - 1);
});

test('a value that holds the bytes of a record is not taken for one where it is damaged', async () => {
  const { store, folder } = await openStore();
  store.put('t', 'forged', Buffer.from('bad'));
  await store.commit();
  const forged = Buffer.from(folder.bytes(FIRST).subarray(40));
  const other = await openStore();
  other.store.put('t', 'a', Buffer.concat([forged, forged]));
  await other.store.commit();
  other.store.put('t', 'b', Buffer.from('2'));
  await other.store.commit();
  const bytes = other.folder.bytes(FIRST);
  bytes[48] = (bytes[48] as number) ^ 1;
  const { store: again } = await openStore(other.folder.copy());
  assert.deepEqual(await contents(again, 't'), { b: '2' });
});

test('damage that begins in one read and ends in another costs no more', async () => {
  const { store, folder } = await openStore();
  for (let number = 0; number < 10; number++)
    store.put('t', String(number), Buffer.alloc(1024 * 1024, number));
  await store.commit();
  store.put('t', 'last', Buffer.from('1'));
  await store.commit();
  const bytes = folder.bytes(FIRST);
  const third = 40 + 3 * (1024 * 1024 + 20);
  bytes.fill(0xff, third, third + 2 * 1024 * 1024);
  const { store: again, metrics } = await openStore(folder.copy());
  assert.equal([...again.keys('t')].length, 9);
  assert.equal(metrics.get('store.damaged'), 1);
});

function assertRefused(folder: MemoryFolder, message: RegExp): Promise<void> {
  return assert.rejects(openStore(folder), (error) => {
    assert.ok(error instanceof PorticoError);
    assert.equal(error.code, 'PORTICO_ERR_STORE');
    assert.match(error.message, message);
    return true;
  });
}

test('a file that is no log is refused, and so is one with a damaged header', async () => {
  const { folder } = await folderWithRecords();
  folder.bytes(SECOND)[0] = 0;
  await assertRefused(folder, /memory\/00000002\.log: it is no log of Portico/);
  folder.bytes(SECOND)[0] = 0x50;
  folder.bytes(SECOND)[20] = 0xff;
  await assertRefused(folder, /memory\/00000002\.log: its first bytes are damaged/);
});

test('a log of a newer format is refused', async () => {
  const { folder } = await folderWithRecords();
  const bytes = folder.bytes(FIRST);
  bytes.writeUInt32LE(7, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36);
  await assertRefused(folder, /00000001\.log: it has format 7, of a newer Portico/);
});

test('a log in which a segment is missing, or under another name, is refused', async () => {
  const { folder } = await folderWithRecords();
  folder.set('00000004.log', folder.bytes(SECOND));
  await assertRefused(folder, /00000003\.log: it is missing/);
  folder.files.delete('00000004.log');
  folder.set('00000003.log', folder.bytes(SECOND));
  await assertRefused(folder, /00000003\.log: it is 00000002\.log under another name/);
});

test('files of others in the folder are left alone', async () => {
  const { folder } = await folderWithRecords();
  folder.set('notes.txt', Buffer.from('mine'));
  const { store } = await openStore(folder);
  assert.equal([...store.keys('t')].length, 10);
  assert.equal(String(folder.bytes('notes.txt')), 'mine');
});

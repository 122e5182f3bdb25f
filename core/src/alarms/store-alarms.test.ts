import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFolder, systemError } from '../store/log/testing/memory-folder.js';
import { openStore } from '../store/log/testing/open-store.js';
import { listener, tellingHub } from '../sys/testing.js';
import { StoreAlarms } from './store-alarms.js';

/** A hub on a store whose disk does as the test says. */
async function watched(folder = new MemoryFolder(), options: Parameters<typeof openStore>[1] = {}) {
  const { store, clock } = await openStore(folder, options);
  const { hub, alarms } = tellingHub({ store, clock });
  await hub.engine.start();
  const monitor = new StoreAlarms(alarms, hub.engine);
  monitor.start();
  const { takes } = listener(hub, 'alarms/+');
  const active = async () => {
    await hub.nextTurn();
    return alarms.active.map(({ name }) => name);
  };
  /** @returns once a commit has been tried */
  const tried = () => Promise.resolve(store.commit()).catch(() => {});
  return { folder, store, clock, hub, alarms, monitor, takes, active, tried };
}

test('an alarm is active while the disk is full, and over when it takes what is written', async () => {
  const { folder, store, clock, alarms, takes, active, tried } = await watched();
  store.put('t', 'a', Buffer.alloc(100));
  folder.capacity = 0;
  await tried();
  assert.deepEqual(await active(), ['store_disk_full']);
  assert.match(alarms.active[0]?.message ?? '', /^the store takes nothing new on: ENOSPC/);
  assert.deepEqual(alarms.active[0]?.details, { reason: 'full' });
  folder.capacity = Number.POSITIVE_INFINITY;
  const settled = new Promise<void>((resolve) => store.onSettled(resolve));
  clock.advance(1010);
  await settled;
  assert.deepEqual(await active(), []);
  assert.deepEqual(
    takes().map((line) => line.slice(0, line.indexOf('='))),
    ['alarms/activate', 'alarms/deactivate'],
  );
});

test('a disk that fails has an alarm of its own', async () => {
  const { folder, store, active, tried } = await watched();
  folder.onOperation = (operation) => {
    if (operation === 'sync') throw systemError('EIO', 'i/o error');
  };
  store.put('t', 'a', Buffer.alloc(1));
  await tried();
  assert.deepEqual(await active(), ['store_io_error']);
});

test('the quota of the store has one too, and what stands in the way first is told', async () => {
  const { folder, store, clock, active, tried } = await watched(undefined, { maxBytes: 100 });
  store.put('t', 'a', Buffer.alloc(200));
  assert.deepEqual(await active(), ['store_quota_exceeded']);
  folder.capacity = 0;
  store.put('t', 'b', Buffer.alloc(200));
  await tried();
  assert.deepEqual(await active(), ['store_disk_full']);
  folder.capacity = Number.POSITIVE_INFINITY;
  const settled = new Promise<void>((resolve) => store.onSettled(resolve));
  clock.advance(1010);
  await settled;
  assert.deepEqual(await active(), ['store_quota_exceeded']);
  for (const key of 'ab') store.delete('t', key);
  assert.deepEqual(await active(), []);
});

test('a store that is above its quota at start is told at once', async () => {
  const { folder, store } = await watched();
  store.put('t', 'a', Buffer.alloc(200));
  await store.close();
  const { alarms } = await watched(folder, { maxBytes: 100 });
  assert.deepEqual(
    alarms.active.map(({ name }) => name),
    ['store_quota_exceeded'],
  );
});

test('an alarm tells of damage that was found at start, and of more after an operator has seen to it', async () => {
  const { folder, store } = await watched();
  for (const key of 'ab') {
    store.put('t', key, Buffer.alloc(50, key));
    await store.commit();
  }
  store.put('t', 'last', Buffer.alloc(0));
  await store.close();
  const [[name, { bytes }] = ['', { bytes: Buffer.alloc(0) }]] = folder.files;
  bytes[bytes.indexOf('aaaa')] = 0;
  folder.set(name, bytes);

  const { store: again, alarms, active } = await watched(folder);
  assert.deepEqual(await active(), ['store_damaged']);
  assert.deepEqual(alarms.active[0]?.details, { places: 1 });
  alarms.deactivate('store_damaged');
  const damaged = folder.bytes(name);
  damaged[damaged.indexOf('bbbb')] = 0;
  await again.get('t', 'b').catch(() => undefined);
  assert.deepEqual(await active(), ['store_damaged']);
  assert.deepEqual(alarms.active[0]?.details, { places: 2 });
});

test('what the hub says of itself is retained above the quota, and does not go into the store', async () => {
  const { folder, store, hub, active } = await watched(undefined, { maxBytes: 100 });
  store.put('t', 'a', Buffer.alloc(200));
  assert.deepEqual(await active(), ['store_quota_exceeded']);
  const late = listener(hub, 'alarms/activate').takes;
  await hub.nextTurn();
  assert.equal(late().length, 1);
  await store.close();
  const { hub: next } = await watched(folder);
  assert.equal(next.engine.retained.size, 0);
});

test('after the stop nothing is told', async () => {
  const { store, monitor, active } = await watched(undefined, { maxBytes: 100 });
  monitor.stop();
  store.put('t', 'a', Buffer.alloc(200));
  assert.deepEqual(await active(), []);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogStore } from './log-store.js';
import { contents, openStore } from './testing/open-store.js';

/** A record with a key and a table of one byte each is so much longer than its value. */
const OVERHEAD = 20;

/** A function, for what is the case now need not be so later. */
function failureText(store: LogStore): string | undefined {
  return store.failure && `${store.failure.kind}: ${store.failure.message}`;
}

test('above the quota there is a failure until enough has been deleted', async () => {
  const { store } = await openStore(undefined, { maxBytes: 1000 });
  const told: string[] = [];
  store.onFailure(({ kind }) => told.push(kind));
  store.onRecovered(() => told.push('recovered'));
  for (const key of 'abcd') store.put('t', key, Buffer.alloc(250 - OVERHEAD));
  assert.equal(failureText(store), undefined);
  store.put('t', 'e', Buffer.from('what has been begun is finished'));
  assert.equal(failureText(store), 'quota: its entries take more than 1000 bytes');
  await store.commit();
  store.delete('t', 'e');
  assert.match(failureText(store) ?? '', /^quota/, 'a little is not enough');
  store.put('t', 'a', Buffer.alloc(0));
  assert.equal(failureText(store), undefined);
  assert.deepEqual(told, ['quota', 'recovered']);
});

test('more entries than there is memory for are too many, too, however small', async () => {
  const { store, metrics } = await openStore(undefined, { maxEntries: 100 });
  for (let number = 0; number < 101; number++) store.put('t', String(number), Buffer.alloc(0));
  assert.equal(failureText(store), 'quota: it has more than 100 entries, for which there is memory');
  store.put('t', '100', Buffer.from('another value'));
  for (let number = 0; number < 5; number++) store.delete('t', String(number));
  assert.equal(store.failure?.kind, 'quota', 'a little is not enough');
  store.delete('t', '5');
  assert.equal(failureText(store), undefined);
  await store.commit();
  const entries = metrics.gauge('store.entries', '');
  assert.equal(entries.value, 95);
  store.delete('t', 'none');
  store.delete('t', '6');
  await store.commit();
  assert.equal(entries.value, 94);
});

test('the quota holds from the start', async () => {
  const { store, folder } = await openStore();
  store.put('t', 'a', Buffer.alloc(1000));
  await store.close();
  const { store: again } = await openStore(folder, { maxBytes: 1000 });
  assert.equal(again.failure?.kind, 'quota');
});

test('an entry that is written again and again takes its place once', async () => {
  const { store } = await openStore(undefined, { maxBytes: 1000 });
  for (let time = 0; time < 100; time++) {
    store.put('t', 'a', Buffer.alloc(900, 'x'));
    if (time % 10 === 0) await store.commit();
  }
  assert.equal(store.failure, undefined);
  assert.deepEqual(await contents(store, 't'), { a: 'x'.repeat(900) });
});

test('a failing disk comes before the quota', async () => {
  const { store, folder, clock } = await openStore(undefined, { maxBytes: 100 });
  const told: string[] = [];
  store.onFailure(({ kind }) => told.push(kind));
  store.put('t', 'a', Buffer.alloc(100));
  folder.capacity = 0;
  await assert.rejects(store.commit() ?? Promise.resolve(), { kind: 'full' });
  assert.equal(store.failure?.kind, 'full');
  folder.capacity = Number.POSITIVE_INFINITY;
  const settled = new Promise<void>((resolve) => store.onSettled(resolve));
  clock.advance(1010);
  await settled;
  assert.equal(store.failure?.kind, 'quota');
  assert.deepEqual(told, ['quota', 'full', 'quota']);
});

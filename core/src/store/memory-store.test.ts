import assert from 'node:assert/strict';
import test from 'node:test';
import { MemoryStore } from './memory-store.js';

async function contents(store: MemoryStore, table: string): Promise<string[]> {
  const entries: string[] = [];
  for await (const [key, value] of store.entries(table)) entries.push(`${key}=${value}`);
  return entries;
}

test('entries come in the order in which they were last written', async () => {
  const store = new MemoryStore({ durable: true });
  store.put('t', 'b', Buffer.from('1'));
  store.put('t', 'a', Buffer.from('2'));
  store.put('other', 'a', Buffer.from('3'));
  store.put('t', 'b', Buffer.from('4'));
  assert.deepEqual(await contents(store, 't'), ['a=2', 'b=4']);
  assert.deepEqual(await contents(store, 'none'), []);
});

test('a value is there until it is deleted', async () => {
  const store = new MemoryStore();
  store.put('t', 'a', Buffer.from('1'));
  assert.deepEqual(await store.get('t', 'a'), Buffer.from('1'));
  store.delete('t', 'a');
  assert.equal(await store.get('t', 'a'), undefined);
});

test('every write is counted, and settled at once', () => {
  const store = new MemoryStore({ durable: true });
  store.put('t', 'a', Buffer.from('1'));
  store.delete('t', 'a');
  store.delete('t', 'a');
  store.delete('none', 'a');
  assert.equal(store.written, 2);
  assert.equal(store.settled, 2);
  assert.equal(store.commit(), undefined);
  assert.equal(store.failure, undefined);
});

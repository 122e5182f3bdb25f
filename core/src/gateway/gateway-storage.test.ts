import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../store/memory-store.js';
import { GatewayStorage } from './gateway-storage.js';

test('each gateway has values of its own, and they are there again after a restart', async () => {
  const store = new MemoryStore({ durable: true });
  const one = new GatewayStorage(store, 'one');
  one.put('key', Buffer.from('1'));
  one.put('gone', Buffer.from('2'));
  one.delete('gone');
  const again = new GatewayStorage(store, 'one');
  assert.deepEqual([...again.keys()], ['key']);
  assert.equal(String(await again.get('key')), '1');
  assert.equal(await again.get('gone'), undefined);
  const other = new GatewayStorage(store, 'other');
  assert.equal(await other.get('key'), undefined);
  assert.deepEqual([...other.keys()], []);
});

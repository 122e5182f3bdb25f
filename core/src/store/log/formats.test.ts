import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { MemoryFolder } from './testing/memory-folder.js';
import { contents, openStore } from './testing/open-store.js';

/**
 * Stores as released versions have written them: every later version has to read them. Whoever changes the format
 * adds a folder and leaves these as they are.
 */
const FIXTURES = new URL('../../../fixtures/', import.meta.url);

function fixture(name: string): MemoryFolder {
  const folder = new MemoryFolder();
  const files = new URL(`${name}/`, FIXTURES);
  for (const file of readdirSync(files)) folder.set(file, readFileSync(new URL(file, files)));
  return folder;
}

test('a store of format 1 is read', async () => {
  const { store, metrics } = await openStore(fixture('store-format-1'));
  assert.deepEqual(await contents(store, 'sessions'), { 1: '{"clientId":"b"}', 3: '{"clientId":"c"}' });
  assert.deepEqual(await contents(store, 'empty'), { key: '' });
  assert.deepEqual(await store.get('retained', 'a/ü/✓'), Buffer.from([0, 1, 2, 255]));
  assert.deepEqual(await contents(store, 'retained'), {
    'a/ü/✓': Buffer.from([0, 1, 2, 255]).toString(),
    large: 'x'.repeat(400),
  });
  assert.equal(metrics.get('store.damaged'), 0);
});

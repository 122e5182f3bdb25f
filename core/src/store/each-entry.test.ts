import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../runtime/hub-logger.js';
import { eachEntry } from './each-entry.js';
import { MemoryStore } from './memory-store.js';

test('entries that cannot be used are left out; the first few are logged, and how many there are', async () => {
  const store = new MemoryStore();
  for (let number = 0; number < 40; number++) store.put('t', String(number), Buffer.alloc(0));
  const lines: string[] = [];
  const output = { write: (line: string) => void lines.push(line) };
  const used: string[] = [];
  await eachEntry(store, createLogger({ level: 'info', format: 'json', output }), 't', (key) => {
    if (Number(key) % 2 === 1) throw new Error(`${key} is odd`);
    used.push(key);
  });
  assert.equal(used.length, 20);
  assert.equal(lines.length, 11);
  assert.equal(JSON.parse(lines[9] ?? '').key, '19');
  const { table, unlogged } = JSON.parse(lines[10] ?? '');
  assert.deepEqual({ table, unlogged }, { table: 't', unlogged: 10 });
});

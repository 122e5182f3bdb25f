import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { LogStore, PorticoError } from '@portico/core';
import { MemoryFolder, storeServices } from '@portico/core/testing';
import { STORE_FILE } from './targets.js';

const FILE = '00000001.log';
const OPTIONS = {
  sync: 'always',
  maxBytes: 0,
  maxEntries: 0,
  minFree: 0,
  segmentSize: 64 * 1024 * 1024,
} as const;
const TABLES = ['sessions', 'retained', 'empty'];

type Contents = Readonly<Record<string, string>>;

/**
 * Opens a store whose only file holds any bytes, and goes on with it. It must be refused, or hold only what a sound
 * one held, and be a store like any other from then on.
 * @throws Error when recovery has a bug
 */
export async function fuzz(bytes: Buffer): Promise<void> {
  const folder = new MemoryFolder();
  folder.set(FILE, bytes);
  const store = await open(folder);
  if (store === undefined) return;
  const found = await contents(store);
  for (const [key, value] of Object.entries(found)) {
    if (!(await sound).includes(`${key}=${value}`)) throw new Error(`${key} has a wrong value: ${value}`);
  }
  store.put('added', 'key', Buffer.from('value'));
  await store.commit();
  const again = await open(folder.copy());
  if (again === undefined) throw new Error('what was opened once is refused the second time');
  if (!isDeepStrictEqual(await contents(again), found))
    throw new Error('opened again, it holds something else');
  if (String(await again.get('added', 'key')) !== 'value') throw new Error('what was added is not there');
}

/** @returns undefined when it is refused */
async function open(folder: MemoryFolder): Promise<LogStore | undefined> {
  try {
    return await LogStore.openIn(folder, OPTIONS, storeServices());
  } catch (error) {
    if (error instanceof PorticoError) return undefined;
    throw error;
  }
}

async function contents(store: LogStore): Promise<Contents> {
  const found: Record<string, string> = {};
  for (const table of TABLES) {
    for await (const [key, value] of store.entries(table)) found[`${table}/${key}`] = value.toString('hex');
  }
  return found;
}

/** What the file holds when it ends after any of its batches. */
const sound = (async () => {
  const whole = readFileSync(STORE_FILE);
  const entries = new Set<string>();
  for (let length = 0; length <= whole.length; length++) {
    const folder = new MemoryFolder();
    folder.set(FILE, whole.subarray(0, length));
    const store = await open(folder);
    if (store === undefined) continue;
    for (const [key, value] of Object.entries(await contents(store))) entries.add(`${key}=${value}`);
  }
  return [...entries];
})();

import assert from 'node:assert/strict';
import { VirtualClock } from '../../../runtime/clock.js';
import { type Logger, silentLogger } from '../../../runtime/logger.js';
import { Metrics } from '../../../runtime/metrics.js';
import { Timers } from '../../../runtime/timers.js';
import { LogStore, type LogStoreOptions } from '../log-store.js';
import { MemoryFolder } from './memory-folder.js';

/** As it is by default, without quotas, and down to the last byte of the disk. */
export const DEFAULT_OPTIONS: LogStoreOptions = {
  sync: 'always',
  maxBytes: 0,
  maxEntries: 0,
  minFree: 0,
  segmentSize: 64 * 1024 * 1024,
};

/** What a store stands on in tests. */
export function storeServices(log: Logger = silentLogger) {
  const clock = new VirtualClock();
  const timers = new Timers(clock, (error) => assert.fail(String(error)));
  return { clock, timers, metrics: new Metrics(), log };
}

/** Opens a store in a folder in memory; with the clock that moves its timers, and what it counts. */
export async function openStore(folder = new MemoryFolder(), options: Partial<LogStoreOptions> = {}) {
  const services = storeServices();
  const store = await LogStore.openIn(folder, { ...DEFAULT_OPTIONS, ...options }, services);
  return { store, folder, ...services };
}

/** All entries of a table. */
export async function contents(store: LogStore, table: string): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  for await (const [key, value] of store.entries(table)) entries[key] = value.toString();
  return entries;
}

import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { LogStore, type LogStoreOptions, type StoreServices } from './log/log-store.js';
import { MemoryStore } from './memory-store.js';
import type { Store } from './store.js';
import type { StoreConfig } from './store-config.js';

/** The folder of the embedded store. @param dataDir `node.data_dir` of the configuration */
export function storeFolder(dataDir: string): string {
  return join(dataDir, 'store');
}

/**
 * Opens the store that the configuration asks for.
 * @param dataDir `node.data_dir` of the configuration
 * @throws PorticoError PORTICO_ERR_STORE, or PORTICO_ERR_STORE_LOCKED when another process uses it
 */
export async function openStore(
  config: StoreConfig,
  dataDir: string,
  services: StoreServices,
): Promise<Store> {
  if (config.type === 'memory') return new MemoryStore();
  return await LogStore.open(storeFolder(dataDir), logStoreOptions(config), services);
}

/** What the configuration says of the embedded store. */
export function logStoreOptions(config: StoreConfig): LogStoreOptions {
  const { sync, max_bytes: maxBytes, segment_size: segmentSize } = config;
  return { sync, maxBytes, maxEntries: maxEntries(), segmentSize, minFree: Math.floor(segmentSize / 4) };
}

/** Bytes of memory for an entry: 110 for its key and place, and as much again with those who wait for it. */
const ENTRY_MEMORY = 256;
/** The part of the memory that entries may take. */
const MEMORY_PART = 0.5;
/** A table is a Map, which has room for 2^24. */
const MOST_ENTRIES = 16_000_000;

function maxEntries(): number {
  const entries = (getHeapStatistics().heap_size_limit * MEMORY_PART) / ENTRY_MEMORY;
  return Math.min(MOST_ENTRIES, Math.floor(entries));
}

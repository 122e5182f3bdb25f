import { join } from 'node:path';
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
  return { sync, maxBytes, segmentSize, minFree: Math.floor(segmentSize / 4) };
}

import type { Logger } from '../runtime/logger.js';
import type { Store } from './store.js';

/** Goes through a table at start. An entry that cannot be used, because `use` throws, is logged and left out. For `wanted` see `Store.entries`. */
export async function eachEntry(
  store: Store,
  log: Logger,
  table: string,
  use: (key: string, value: Buffer) => void,
  wanted?: (key: string) => boolean,
): Promise<void> {
  for await (const [key, value] of store.entries(table, wanted)) {
    try {
      use(key, value);
    } catch (error) {
      log.error({ table, key, err: error }, 'an entry of the store is left out');
    }
  }
}

import type { Logger } from '../runtime/logger.js';
import type { Store } from './store.js';

/** Entries of a table that are logged one by one when they cannot be used; there may be a million of them. */
const LOGGED = 10;

/**
 * Goes through a table at start. An entry that cannot be used, because `use` throws, is logged and left out.
 * @param wanted see `Store.entries`
 */
export async function eachEntry(
  store: Store,
  log: Logger,
  table: string,
  use: (key: string, value: Buffer) => void,
  wanted?: (key: string) => boolean,
): Promise<void> {
  let leftOut = 0;
  for await (const [key, value] of store.entries(table, wanted)) {
    try {
      use(key, value);
    } catch (error) {
      leftOut++;
      if (leftOut <= LOGGED) log.error({ table, key, err: error }, 'an entry of the store is left out');
    }
  }
  const unlogged = leftOut - LOGGED;
  if (unlogged > 0) log.error({ table, unlogged }, 'more entries of the store are left out');
}

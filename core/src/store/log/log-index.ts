import type { Location } from './location.js';
import type { Segment } from './segment.js';

/**
 * Where the present value of every key lies. All that a store keeps in memory: no values. Each table is in the
 * order in which its keys were last set.
 */
export class LogIndex {
  readonly #tables = new Map<string, Map<string, Location>>();
  #live = 0;
  #size = 0;

  /** Bytes of all records that hold a present value. */
  get live(): number {
    return this.#live;
  }

  /** Keys of all tables. */
  get size(): number {
    return this.#size;
  }

  get(table: string, key: string): Location | undefined {
    return this.#tables.get(table)?.get(key);
  }

  set(table: string, key: string, location: Location): void {
    let keys = this.#tables.get(table);
    if (keys === undefined) {
      keys = new Map();
      this.#tables.set(table, keys);
    }
    const replaced = keys.get(key);
    if (replaced !== undefined) {
      this.#bury(replaced);
      keys.delete(key);
    }
    keys.set(key, location);
    this.#size++;
    location.holder.live += location.length;
    this.#live += location.length;
  }

  /** @returns whether there was such a key */
  delete(table: string, key: string): boolean {
    const keys = this.#tables.get(table);
    const location = keys?.get(key);
    if (location === undefined) return false;
    keys?.delete(key);
    this.#bury(location);
    return true;
  }

  /** Forgets all keys whose values lie in a segment. @returns how many */
  forget(segment: Segment): number {
    let count = 0;
    for (const [table, keys] of this.#tables) {
      for (const [key, location] of keys) {
        if (location.holder === segment && this.delete(table, key)) count++;
      }
    }
    return count;
  }

  /** @param wanted says which keys; all without it */
  *entries(
    table: string,
    wanted?: (key: string) => boolean,
  ): Generator<readonly [key: string, location: Location]> {
    for (const entry of this.#tables.get(table) ?? []) if (wanted?.(entry[0]) !== false) yield entry;
  }

  keys(table: string): Iterable<string> {
    return this.#tables.get(table)?.keys() ?? [];
  }

  /** How many keys each table has; without tables that have none. */
  *counts(): Generator<readonly [table: string, count: number]> {
    for (const [table, { size }] of this.#tables) if (size > 0) yield [table, size];
  }

  #bury(location: Location): void {
    this.#size--;
    location.holder.live -= location.length;
    this.#live -= location.length;
  }
}

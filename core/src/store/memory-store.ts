import type { Store } from './store.js';

/**
 * A store that lives as long as the process.
 *
 * With `durable: true` it takes what a durable store would, which lets one process stop a hub and start
 * another on the same store.
 */
export class MemoryStore implements Store {
  readonly durable: boolean;
  readonly #tables = new Map<string, Map<string, Buffer>>();

  constructor(options: { durable?: boolean } = {}) {
    this.durable = options.durable ?? false;
  }

  async *entries(table: string): AsyncGenerator<readonly [key: string, value: Buffer]> {
    const entries = [...(this.#tables.get(table) ?? [])];
    yield* entries.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  put(table: string, key: string, value: Buffer): void {
    let entries = this.#tables.get(table);
    if (entries === undefined) {
      entries = new Map();
      this.#tables.set(table, entries);
    }
    entries.set(key, value);
  }

  delete(table: string, key: string): void {
    this.#tables.get(table)?.delete(key);
  }

  commit(): undefined {
    return undefined;
  }

  async close(): Promise<void> {}
}

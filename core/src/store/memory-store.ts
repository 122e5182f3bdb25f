import type { Store, StoreFailure } from './store.js';

/**
 * A store that lives as long as the process.
 *
 * With `durable: true` it takes what a durable store would, which lets one process stop a hub and start
 * another on the same store.
 */
export class MemoryStore implements Store {
  readonly durable: boolean;
  readonly #tables = new Map<string, Map<string, Buffer>>();
  #written = 0;

  constructor(options: { durable?: boolean } = {}) {
    this.durable = options.durable ?? false;
  }

  get written(): number {
    return this.#written;
  }

  get settled(): number {
    return this.#written;
  }

  get failure(): StoreFailure | undefined {
    return undefined;
  }

  get damaged(): number {
    return 0;
  }

  async *entries(
    table: string,
    wanted: (key: string) => boolean = () => true,
  ): AsyncGenerator<readonly [key: string, value: Buffer]> {
    yield* [...(this.#tables.get(table) ?? [])].filter(([key]) => wanted(key));
  }

  keys(table: string): Iterable<string> {
    return [...(this.#tables.get(table)?.keys() ?? [])];
  }

  async get(table: string, key: string): Promise<Buffer | undefined> {
    return this.#tables.get(table)?.get(key);
  }

  put(table: string, key: string, value: Buffer): void {
    let entries = this.#tables.get(table);
    if (entries === undefined) {
      entries = new Map();
      this.#tables.set(table, entries);
    }
    entries.delete(key);
    entries.set(key, value);
    this.#written++;
  }

  delete(table: string, key: string): void {
    if (this.#tables.get(table)?.delete(key)) this.#written++;
  }

  confirm(): void {
    if (this.settled < this.written) this.#written++;
  }

  commit(): Promise<void> | undefined {
    return undefined;
  }

  /** Never calls: every write is settled at once. */
  onSettled(_listener: () => void): void {}

  /** Never calls: memory does not fail. */
  onFailure(_listener: (failure: StoreFailure) => void): void {}

  /** Never calls: memory does not fail. */
  onRecovered(_listener: () => void): void {}

  /** Never calls: nothing in memory is damaged. */
  onDamaged(_listener: () => void): void {}

  async close(): Promise<void> {}
}

/**
 * What the hub remembers across restarts: tables of small values by key. Writing is synchronous and cheap;
 * writes become durable together, when {@link Store.commit} says so.
 */
export interface Store {
  /** False when nothing survives this process: the engine then saves itself the work of writing. */
  readonly durable: boolean;
  /** All entries of a table, in key order. Called at start, before anything is written. */
  entries(table: string): AsyncIterable<readonly [key: string, value: Buffer]>;
  put(table: string, key: string, value: Buffer): void;
  delete(table: string, key: string): void;
  /** Resolves when all that was written so far is durable; undefined when it already is. */
  commit(): Promise<void> | undefined;
  close(): Promise<void>;
}

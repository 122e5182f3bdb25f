/**
 * What the hub remembers across restarts: tables of small values by key. Writing is synchronous and cheap; writes
 * become durable together, a turn of the event loop at a time, and take effect together or not at all.
 */
export interface Store {
  /** False when nothing survives this process: the engine then saves itself the work of writing. */
  readonly durable: boolean;
  /** How many puts and deletes there have been; a delete of what is not there is none. */
  readonly written: number;
  /** How many of {@link written}, counted from the first, are durable as far as the configuration asks for it. */
  readonly settled: number;
  /** Why nothing new should be taken on at present; undefined while all is well. */
  readonly failure: StoreFailure | undefined;
  /** How many places have been found whose contents were damaged and are lost. */
  readonly damaged: number;
  /**
   * All entries of a table, in the order in which they lie on disk, which is mostly that in which they were
   * written. Called at start, before anything is put into that table.
   * @param wanted says which; all without it
   * @throws PorticoError PORTICO_ERR_STORE when they cannot be read
   */
  entries(
    table: string,
    wanted?: (key: string) => boolean,
  ): AsyncIterable<readonly [key: string, value: Buffer]>;
  /** The keys of all entries of a table, in no particular order. */
  keys(table: string): Iterable<string>;
  /** One value, also one that is not durable yet; undefined when there is none. */
  get(table: string, key: string): Promise<Buffer | undefined>;
  /**
   * Sets a value, which must not be changed afterwards. It is taken also above the quota, so that what has been
   * begun can be finished; {@link failure} then says that nothing new should be begun.
   */
  put(table: string, key: string, value: Buffer): void;
  delete(table: string, key: string): void;
  /**
   * What is asked for has been written before, by somebody else perhaps, so that there is nothing to write: counts as
   * a write, for those who wait until theirs is durable, unless all is durable already.
   */
  confirm(): void;
  /**
   * Resolves when all that was written so far is durable; undefined when it already is. All callers between two
   * batches get the same promise.
   * @throws StoreFailure (the promise rejects) when it could not be made durable. It may become so later.
   */
  commit(): Promise<void> | undefined;
  /** Calls `listener` each time {@link settled} has grown. A store that settles each write at once never does. */
  onSettled(listener: () => void): void;
  /** Calls `listener` each time {@link failure} comes to be set or changes. */
  onFailure(listener: (failure: StoreFailure) => void): void;
  /** Calls `listener` each time {@link failure} has become undefined again. */
  onRecovered(listener: () => void): void;
  /** Calls `listener` each time {@link damaged} has grown. */
  onDamaged(listener: () => void): void;
  /** Makes durable what can be made so, and lets go of everything. */
  close(): Promise<void>;
}

/**
 * - `full`: the disk, or what may be used of it, is full
 * - `quota`: the entries hold more than the configuration allows; writing still works
 * - `io`: the disk does not do what it is told
 */
export type StoreFailureKind = 'full' | 'quota' | 'io';

/** Why a store takes nothing on. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  readonly kind: StoreFailureKind;

  constructor(kind: StoreFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

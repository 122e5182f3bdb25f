import { MemoryStore } from '../../../store/memory-store.js';
import { StoreFailure } from '../../../store/store.js';

type Write = (store: MemoryStore) => void;

interface Commit {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (failure: StoreFailure) => void;
}

function newCommit(): Commit {
  let resolve = () => {};
  let reject = (_failure: StoreFailure) => {};
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  // It may be that nobody waits for it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

interface Batch {
  readonly writes: Write[];
  /** `Store.written` behind the last of them. */
  upTo: number;
  commit: Commit;
}

function newBatch(): Batch {
  return { writes: [], upTo: 0, commit: newCommit() };
}

/**
 * A store that keeps of what was written only what has been made durable when it falls: whole batches, as a disk
 * would. While one batch is on its way, the next gathers.
 */
export class FallingStore extends MemoryStore {
  readonly #kept: Write[] = [];
  #writing: Batch | undefined;
  #gathering = newBatch();
  #settled = 0;
  #letRead: (() => void) | undefined;
  #reading: Promise<void> | undefined;

  constructor(kept: readonly Write[] = []) {
    super({ durable: true });
    for (const write of kept) write(this);
    this.#kept.push(...kept);
    this.#gathering = newBatch();
    this.#settled = super.written;
  }

  override get settled(): number {
    return this.#settled;
  }

  override put(table: string, key: string, value: Buffer): void {
    super.put(table, key, value);
    this.#note((store) => store.put(table, key, value));
  }

  override delete(table: string, key: string): void {
    const before = this.written;
    super.delete(table, key);
    if (this.written > before) this.#note((store) => store.delete(table, key));
  }

  override confirm(): void {
    const before = this.written;
    super.confirm();
    if (this.written > before) this.#note(() => {});
  }

  #note(write: Write): void {
    this.#gathering.writes.push(write);
    this.#gathering.upTo = this.written;
  }

  override commit(): Promise<void> | undefined {
    if (this.#settled === this.written) return undefined;
    const batch = this.#gathering.writes.length > 0 ? this.#gathering : this.#writing;
    return batch?.commit.promise;
  }

  /** What has been written so far goes on its way to the disk. */
  begin(): void {
    if (this.#writing !== undefined || this.#gathering.writes.length === 0) return;
    this.#writing = this.#gathering;
    this.#gathering = newBatch();
  }

  /** What is on its way has arrived. */
  arrive(): void {
    const batch = this.#writing;
    if (batch === undefined) return;
    this.#writing = undefined;
    this.#kept.push(...batch.writes);
    this.#settled = batch.upTo;
    batch.commit.resolve();
  }

  /** What is on its way has not arrived, and is tried again. */
  fail(): void {
    for (const batch of [this.#writing, this.#gathering]) {
      batch?.commit.reject(new StoreFailure('io', 'the disk does not do what it is told'));
      if (batch !== undefined) batch.commit = newCommit();
    }
  }

  /** Values that are asked for from now on come only after {@link letRead}. */
  holdReads(): void {
    this.#reading ??= new Promise((resolve) => {
      this.#letRead = resolve;
    });
  }

  letRead(): void {
    this.#letRead?.();
    this.#reading = undefined;
  }

  override async get(table: string, key: string): Promise<Buffer | undefined> {
    const reading = this.#reading;
    const value = await super.get(table, key);
    await reading;
    return value;
  }

  /** What is left of it after a fall. */
  fallen(): FallingStore {
    return new FallingStore(this.#kept);
  }
}

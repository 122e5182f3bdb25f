import { MemoryStore } from '../store/memory-store.js';
import { StoreFailure, type StoreFailureKind } from '../store/store.js';

interface Committing {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** A durable store in memory that does as the test says. */
export class TestStore extends MemoryStore {
  /** Whether what is written is durable only when {@link settle} is called. */
  held = false;
  /** Whether nothing new can be kept. */
  full = false;
  /** What keeps it from that. */
  obstacle: StoreFailureKind = 'full';
  #settled = 0;
  #committing: Committing | undefined;

  constructor() {
    super({ durable: true });
  }

  override get settled(): number {
    if (!this.held) this.#settled = this.written;
    return this.#settled;
  }

  override get failure(): StoreFailure | undefined {
    return this.full ? new StoreFailure(this.obstacle, 'nothing new can be kept') : undefined;
  }

  override commit(): Promise<void> | undefined {
    if (this.settled === this.written) return undefined;
    this.#committing ??= committing();
    return this.#committing.promise;
  }

  /** Makes everything durable. */
  settle(): void {
    this.#settled = this.written;
    this.#committing?.resolve();
    this.#committing = undefined;
  }
}

function committing(): Committing {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

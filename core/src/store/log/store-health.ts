import type { Logger } from '../../runtime/logger.js';
import type { Counter } from '../../runtime/metrics.js';
import type { StoreFailure } from '../store.js';
import { Listeners } from './listeners.js';

/** Why a store takes nothing on, from whichever cause, and who wants to know. */
export class StoreHealth {
  readonly #failures: Counter;
  #disk: StoreFailure | undefined;
  #space: StoreFailure | undefined;
  #quota: StoreFailure | undefined;
  readonly #failed: Listeners<[failure: StoreFailure]>;
  readonly #recovered: Listeners<[]>;

  /**
   * @param log is told what a listener throws
   * @param failures is counted up each time that something comes to stand in the way
   */
  constructor(log: Logger, failures: Counter) {
    this.#failures = failures;
    this.#failed = new Listeners(log);
    this.#recovered = new Listeners(log);
  }

  /** What stands in the way at present; a disk that takes nothing before one that soon will, and that before the quota. */
  get failure(): StoreFailure | undefined {
    return this.#disk ?? this.#space ?? this.#quota;
  }

  set disk(failure: StoreFailure | undefined) {
    const before = this.failure;
    this.#disk = failure;
    this.#tell(before);
  }

  set space(failure: StoreFailure | undefined) {
    const before = this.failure;
    this.#space = failure;
    this.#tell(before);
  }

  get quota(): StoreFailure | undefined {
    return this.#quota;
  }

  set quota(failure: StoreFailure | undefined) {
    const before = this.failure;
    this.#quota = failure;
    this.#tell(before);
  }

  onFailure(listener: (failure: StoreFailure) => void): void {
    this.#failed.add(listener);
  }

  onRecovered(listener: () => void): void {
    this.#recovered.add(listener);
  }

  /** The same cause again is no news. */
  #tell(before: StoreFailure | undefined): void {
    const { failure } = this;
    if (failure?.kind === before?.kind) return;
    if (failure === undefined) {
      this.#recovered.call();
    } else {
      this.#failures.value++;
      this.#failed.call(failure);
    }
  }
}

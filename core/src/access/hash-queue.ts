/**
 * Checks of slow password hashes that run at the same time. They run on libuv's pool of four threads, and
 * writing to disk needs some of those too.
 */
const CONCURRENCY = 2;

/** Checks that may wait: some seconds' worth, about as long as clients wait for an answer. */
const MAX_WAITING = 256;

/**
 * Keeps a storm of logins from piling up slow hashes without end: so many run, so many wait, no more are
 * taken.
 */
export class HashQueue {
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(concurrency = CONCURRENCY, maxWaiting = MAX_WAITING) {
    this.#concurrency = concurrency;
    this.#maxWaiting = maxWaiting;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs `task` when its turn comes; undefined when too many wait already. */
  run<Result>(task: () => Promise<Result>): Promise<Result> | undefined {
    if (this.#running < this.#concurrency) return this.#start(task);
    if (this.#waiting.length >= this.#maxWaiting) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => this.#start(task).then(resolve, reject));
    });
  }

  async #start<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#running++;
    try {
      return await task();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

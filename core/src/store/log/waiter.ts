import type { StoreFailure } from '../store.js';

/** A promise for those that wait until something is durable. A rejection may be left alone. */
export class Waiter {
  resolve: () => void = () => {};
  reject: (failure: StoreFailure) => void = () => {};
  readonly promise: Promise<void>;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
  }
}

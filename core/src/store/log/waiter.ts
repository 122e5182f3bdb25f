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

/** What waits for nothing any more. The rejection may be left alone. */
export function rejected(failure: StoreFailure): Promise<void> {
  const waiter = new Waiter();
  waiter.reject(failure);
  return waiter.promise;
}

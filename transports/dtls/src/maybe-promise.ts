import type { MaybePromise } from './contract.js';

/** Calls `next` with the value: at once when it is there. */
export function whenReady<T, R>(value: MaybePromise<T>, next: (value: T) => R): MaybePromise<Awaited<R>> {
  return (value instanceof Promise ? value.then(next) : next(value)) as MaybePromise<Awaited<R>>;
}

/**
 * A value that is there at once when nothing on the way had to wait. The hot path looks with
 * {@link isPromise} and goes on without a microtask.
 */
export type MaybePromise<T> = T | Promise<T>;

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

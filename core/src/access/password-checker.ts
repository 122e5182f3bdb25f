import type { MaybePromise } from '../runtime/maybe-promise.js';
import { HashQueue } from './hash-queue.js';
import { isSlow, type StoredPassword, verifyFast, verifySlow } from './password-scheme.js';

/** `busy` when so many passwords wait to be checked that no more are taken. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

/**
 * Checks passwords for all sources that store them. Those with a fast hash at once; those with a slow one off
 * the event loop, a bounded number at a time.
 */
export class PasswordChecker {
  readonly #queue: HashQueue;

  constructor(queue = new HashQueue()) {
    this.#queue = queue;
  }

  /** @param password borrowed: good until this call returns */
  check(stored: StoredPassword, password: Buffer): MaybePromise<PasswordVerdict> {
    const { scheme } = stored;
    if (!isSlow(scheme)) return verdict(verifyFast(scheme, stored, password));
    const kept = Buffer.from(password);
    return this.#queue.run(() => verifySlow(scheme, stored, kept))?.then(verdict) ?? 'busy';
  }
}

function verdict(right: boolean): PasswordVerdict {
  return right ? 'right' : 'wrong';
}

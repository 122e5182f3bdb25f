import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  HashQueue,
  hashPassword,
  isPromise,
  type Logger,
  type MaybePromise,
  PasswordChecker,
  type PasswordVerdict,
  parsePasswordHash,
  type Store,
  type StoredPassword,
  StoreFailure,
} from '@portico/core';
import { z } from 'zod';
import type { ManagementConfig } from './config.js';

/** Keys are the ids of applications. */
const TABLE = 'applications';
/** Bytes of a generated secret. */
const SECRET_LENGTH = 24;
/** Checks of slow hashes at a time, and those that may wait: disk and clients need the same threads. */
const CHECKS = { concurrency: 1, maxWaiting: 16 };

const storedSchema = z.object({ hash: z.string() });

/** A new secret that nobody can guess. */
export function newSecret(): string {
  return randomBytes(SECRET_LENGTH).toString('base64url');
}

/**
 * Who may use the API: applications by id, each with a secret. A slow hash is computed when a secret is first shown;
 * then a fast one recognizes it.
 */
export class Applications {
  readonly #byId = new Map<string, StoredPassword>();
  readonly #checker = new PasswordChecker(new HashQueue(CHECKS.concurrency, CHECKS.maxWaiting));
  readonly #key = randomBytes(32);
  /** Secrets that were right, as {@link #digest} makes them. */
  readonly #recognized = new Map<string, Buffer>();

  /** An application whose secret is known to this process. */
  add(id: string, secret: string): void {
    this.#byId.set(id, { scheme: { kind: 'plain', salt: 'none' }, hash: secret, salt: Buffer.alloc(0) });
  }

  /**
   * The default application, with the secret of the configuration, or the one made at the first start.
   * @returns the secret when it has just been made, to be shown once
   */
  async addDefault(
    { id, secret }: ManagementConfig['default_application'],
    store: Store,
    log: Logger,
  ): Promise<string | undefined> {
    if (secret !== undefined) {
      this.add(id, secret);
      return undefined;
    }
    const stored = await readStored(id, store);
    if (stored !== undefined) {
      this.#byId.set(id, stored);
      return undefined;
    }
    const made = newSecret();
    this.add(id, made);
    await keep(id, made, store, log);
    return made;
  }

  /** Whether the secret is that of the application. */
  verify(id: string, secret: string): MaybePromise<PasswordVerdict> {
    const stored = this.#byId.get(id);
    if (stored === undefined) return 'wrong';
    const digest = this.#digest(secret);
    const recognized = this.#recognized.get(id);
    if (recognized !== undefined && timingSafeEqual(recognized, digest)) return 'right';
    const verdict = this.#checker.check(stored, Buffer.from(secret));
    if (!isPromise(verdict)) return verdict;
    return verdict.then((settled) => {
      if (settled === 'right') this.#recognized.set(id, digest);
      return settled;
    });
  }

  #digest(secret: string): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest();
  }
}

/** @returns undefined when there is none, or nothing that can be understood */
async function readStored(id: string, store: Store): Promise<StoredPassword | undefined> {
  const value = await store.get(TABLE, id);
  const parsed = parsePasswordHash(hashIn(value?.toString() ?? ''));
  return 'error' in parsed ? undefined : parsed;
}

function hashIn(record: string): string {
  try {
    return storedSchema.safeParse(JSON.parse(record)).data?.hash ?? '';
  } catch {
    return '';
  }
}

async function keep(id: string, secret: string, store: Store, log: Logger): Promise<void> {
  const hash = await hashPassword(secret);
  store.put(TABLE, id, Buffer.from(JSON.stringify({ hash })));
  try {
    await store.commit();
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    log.warn(
      { err: error },
      'the secret of the management API is not stored: the next start may make another',
    );
  }
}

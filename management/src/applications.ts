import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type Clock,
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
import { LOCAL_APPLICATION } from './local-access.js';

/** Keys are the ids of applications. */
const TABLE = 'applications';
/** Bytes of a generated secret. */
const SECRET_LENGTH = 24;
/** Checks of slow hashes at a time, and those that may wait: disk and clients need the same threads. */
const CHECKS = { concurrency: 1, maxWaiting: 16 };

/** Applications at most. */
const MOST_APPLICATIONS = 1000;

/** What is told of an application beside its id. */
const aboutSchema = z.object({
  name: z.string().default(''),
  desc: z.string().default(''),
  status: z.boolean().default(true),
  expired: z.number().optional(),
});

const storedSchema = aboutSchema.extend({ hash: z.string() });

/** What is told of an application beside its id. */
export interface ApplicationSettings {
  readonly name: string;
  readonly desc: string;
  /** Whether it may use the API. */
  readonly status: boolean;
  /** Seconds since 1970 from which on it may not any more; undefined for never. */
  readonly expired?: number | undefined;
}

/** Why an application may not use the API, for the log. */
export type Barrier = 'no such application' | 'the application is stopped' | 'the application has expired';

interface Application {
  readonly settings: ApplicationSettings;
  readonly password: StoredPassword;
  /** What the store has of the secret; undefined for one that it does not have. */
  readonly hash: string | undefined;
}

const DEFAULT_SETTINGS: ApplicationSettings = aboutSchema.parse({});

/** A new secret that nobody can guess. */
export function newSecret(): string {
  return randomBytes(SECRET_LENGTH).toString('base64url');
}

/**
 * Who may use the API: applications by id, each with a secret. A slow hash is computed when a secret is first shown;
 * then a fast one recognizes it.
 */
export class Applications {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #byId = new Map<string, Application>();
  /** Those of the configuration and of the hub itself: they are not to be changed. */
  readonly #own = new Set<string>();
  readonly #checker = new PasswordChecker(new HashQueue(CHECKS.concurrency, CHECKS.maxWaiting));
  readonly #key = randomBytes(32);
  /** Secrets that were right, as {@link #digest} makes them. */
  readonly #recognized = new Map<string, Buffer>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** An application of this process alone. */
  addOwn(id: string, secret: string): void {
    this.#own.add(id);
    this.#set(id, { settings: DEFAULT_SETTINGS, password: plain(secret), hash: undefined });
  }

  /**
   * Reads what the store has. The default application has the secret of the configuration, or the one made at the first
   * start.
   * @returns the secret when it has just been made, to be shown once
   */
  async load(
    { id, secret }: ManagementConfig['default_application'],
    log: Logger,
  ): Promise<string | undefined> {
    for (const key of this.#store.keys(TABLE)) {
      const stored = await readStored(key, this.#store);
      if (stored !== undefined) this.#set(key, stored);
    }
    if (secret !== undefined) {
      this.addOwn(id, secret);
      return undefined;
    }
    this.#own.add(id);
    return this.#byId.has(id) ? undefined : await this.#makeDefault(id, log);
  }

  async #makeDefault(id: string, log: Logger): Promise<string> {
    const secret = newSecret();
    const password = plain(secret);
    const hash = await hashPassword(secret);
    this.#set(id, { settings: DEFAULT_SETTINGS, password, hash });
    try {
      await this.#keep(id);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      log.warn(
        { err: error },
        'the secret of the management API is not stored: the next start may make another',
      );
    }
    return secret;
  }

  /** Those that the store has, by id; and that of the configuration. */
  list(): readonly (readonly [id: string, settings: ApplicationSettings])[] {
    return [...this.#byId]
      .filter(([id]) => id !== LOCAL_APPLICATION)
      .map(([id, { settings }]) => [id, settings] as const);
  }

  /** Those that the store has, with the hashes of their secrets; but for that of the configuration. */
  kept(): readonly { readonly id: string; readonly settings: ApplicationSettings; readonly hash: string }[] {
    return [...this.#byId].flatMap(([id, { settings, hash }]) =>
      hash === undefined || this.#own.has(id) ? [] : [{ id, settings, hash }],
    );
  }

  /** Whether it is there and not to be changed. */
  isOwn(id: string): boolean {
    return this.#own.has(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get full(): boolean {
    return this.#byId.size >= MOST_APPLICATIONS;
  }

  /** Makes one. @throws StoreFailure (it rejects) when it cannot be kept */
  async create(id: string, secret: string, settings: ApplicationSettings): Promise<void> {
    this.restore(id, await hashPassword(secret), settings);
    await this.#store.commit();
  }

  /** Makes one, or replaces it, by the hash of its secret. It is durable at the next commit of the store. */
  restore(id: string, hash: string, settings: ApplicationSettings): void {
    const password = parsePasswordHash(hash);
    if ('error' in password) throw new Error(password.error);
    this.#set(id, { settings, password, hash });
    this.#write(id);
  }

  /** @returns false when there is none of that id. @throws StoreFailure (it rejects) when it cannot be kept */
  async update(id: string, changes: Partial<ApplicationSettings>): Promise<boolean> {
    const application = this.#byId.get(id);
    if (application === undefined) return false;
    this.#byId.set(id, { ...application, settings: { ...application.settings, ...changes } });
    await this.#keep(id);
    return true;
  }

  /** @throws StoreFailure (it rejects) when that is not durable */
  async remove(id: string): Promise<void> {
    this.#byId.delete(id);
    this.#recognized.delete(id);
    this.#store.delete(TABLE, id);
    await this.#store.commit();
  }

  /** Whether the secret is that of an application that may use the API now. */
  verify(id: string, secret: string): MaybePromise<PasswordVerdict> {
    const application = this.#byId.get(id);
    if (application === undefined || this.barrier(id) !== undefined) return 'wrong';
    const digest = this.#digest(secret);
    const recognized = this.#recognized.get(id);
    if (recognized !== undefined && timingSafeEqual(recognized, digest)) return 'right';
    const verdict = this.#checker.check(application.password, Buffer.from(secret));
    if (!isPromise(verdict)) return verdict;
    return verdict.then((settled) => this.#settled(id, application, settled, digest));
  }

  /** It may have gone, or have got another secret, while its old one was checked. */
  #settled(id: string, checked: Application, verdict: PasswordVerdict, digest: Buffer): PasswordVerdict {
    if (verdict !== 'right') return verdict;
    if (this.#byId.get(id)?.password !== checked.password) return 'wrong';
    this.#recognized.set(id, digest);
    return 'right';
  }

  /** Why an application may not use the API whatever its secret is; undefined for one that may. */
  barrier(id: string): Barrier | undefined {
    const application = this.#byId.get(id);
    if (application === undefined) return 'no such application';
    const { status, expired } = application.settings;
    if (!status) return 'the application is stopped';
    const isOver = expired !== undefined && expired * 1000 <= this.#clock.now();
    return isOver ? 'the application has expired' : undefined;
  }

  #set(id: string, application: Application): void {
    this.#recognized.delete(id);
    this.#byId.set(id, application);
  }

  async #keep(id: string): Promise<void> {
    this.#write(id);
    await this.#store.commit();
  }

  #write(id: string): void {
    const application = this.#byId.get(id);
    if (application === undefined) return;
    const { settings, hash } = application;
    this.#store.put(TABLE, id, Buffer.from(JSON.stringify({ ...settings, hash })));
  }

  #digest(secret: string): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest();
  }
}

/** A secret that is known to this process. */
function plain(secret: string): StoredPassword {
  return { scheme: { kind: 'plain', salt: 'none' }, hash: secret, salt: Buffer.alloc(0) };
}

/** @returns undefined when there is nothing that can be understood */
async function readStored(id: string, store: Store): Promise<Application | undefined> {
  const value = await store.get(TABLE, id);
  const record = parsedRecord(value?.toString() ?? '');
  if (record === undefined) return undefined;
  const { hash, ...settings } = record;
  const password = parsePasswordHash(hash);
  return 'error' in password ? undefined : { settings, password, hash };
}

function parsedRecord(text: string) {
  try {
    return storedSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

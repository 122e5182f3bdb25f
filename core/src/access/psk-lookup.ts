import type { Clock } from '../runtime/clock.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import type { AccessConfig } from './access-config.js';
import type { AccessControl } from './access-control.js';
import { PskKeys } from './psk-keys.js';

/** Milliseconds for which an answer is remembered that was not there at once. */
const REMEMBERED_TIME = 60_000;
/** Answers that are remembered; the oldest give way. */
const MAX_REMEMBERED = 10_000;
/** Identities that are looked up at a time; meanwhile, others have no key. */
const MAX_LOOKUPS = 1000;

/** Where listeners get pre-shared keys from. */
export interface PresharedKeys {
  /** The key of an identity; undefined when it has none. A promise never rejects. */
  find(identity: string): MaybePromise<Buffer | undefined>;
}

interface Remembered {
  readonly key: Buffer | undefined;
  /** `clock.monotonic()`. */
  readonly until: number;
}

/**
 * The pre-shared keys of the hub: those of `access.psk_file`, then those of the access sources. An answer that took its
 * time is remembered for a minute, also that there is no key.
 */
export class PskLookup implements PresharedKeys {
  #file: PskKeys | undefined;
  readonly #access: Pick<AccessControl, 'pskKey'>;
  readonly #clock: Clock;
  /** By identity, oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  #lookups = new Map<string, Promise<Buffer | undefined>>();

  constructor(file: PskKeys | undefined, access: Pick<AccessControl, 'pskKey'>, clock: Clock) {
    this.#file = file;
    this.#access = access;
    this.#clock = clock;
  }

  find(identity: string): MaybePromise<Buffer | undefined> {
    const inFile = this.#file?.find(identity);
    if (inFile !== undefined) return inFile;
    const remembered = this.#remembered.get(identity);
    if (remembered !== undefined && this.#clock.monotonic() < remembered.until) return remembered.key;
    const lookup = this.#lookups.get(identity);
    if (lookup !== undefined || this.#lookups.size >= MAX_LOOKUPS) return lookup;
    const answer = this.#access.pskKey(identity);
    return isPromise(answer) ? this.#waitFor(identity, answer) : answer;
  }

  /**
   * Reads the file anew, and asks the sources again.
   * @throws PorticoError `PORTICO_ERR_PSK_FILE`; the keys of the file stay what they were then
   */
  async reload(): Promise<void> {
    this.#forget();
    await this.#file?.reload();
  }

  /** Has another file, or none; the sources, which may be others too, are asked again. */
  setFile(file: PskKeys | undefined): void {
    this.#file = file;
    this.#forget();
  }

  #forget(): void {
    this.#remembered.clear();
    this.#lookups = new Map();
  }

  #waitFor(identity: string, answer: Promise<Buffer | undefined>): Promise<Buffer | undefined> {
    const lookups = this.#lookups;
    const lookup = answer.then((key) => {
      lookups.delete(identity);
      if (lookups === this.#lookups) this.#remember(identity, key);
      return key;
    });
    lookups.set(identity, lookup);
    return lookup;
  }

  #remember(identity: string, key: Buffer | undefined): void {
    this.#remembered.delete(identity);
    this.#remembered.set(identity, { key, until: this.#clock.monotonic() + REMEMBERED_TIME });
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** Whether the configuration has pre-shared keys. */
export function hasPresharedKeys({ psk_file, users }: Pick<AccessConfig, 'psk_file' | 'users'>): boolean {
  return psk_file !== undefined || users.some(({ psk }) => psk !== undefined);
}

/**
 * The keys of the file that the configuration names; undefined when it names none.
 * @throws PorticoError `PORTICO_ERR_PSK_FILE`
 */
export async function readPskFile({ psk_file: file }: Pick<AccessConfig, 'psk_file'>) {
  return file === undefined ? undefined : await PskKeys.read(file);
}

import { createHash } from 'node:crypto';
import { Timer, type Timers } from '@portico/core';
import type { PackageSource } from '../commands/command.js';
import { download } from './download.js';
import type { FirmwareConfig } from './firmware-config.js';
import { PackageError } from './package-error.js';
import type { FirmwarePackage, PackageStore } from './package-store.js';

/** Gets packages, each once for however many devices: downloads them, or keeps what came in messages. */
export class Packages {
  readonly #settings: Pick<FirmwareConfig, 'max_size' | 'download_timeout'>;
  readonly #store: PackageStore;
  readonly #timers: Timers;
  /** By URL, those that are being downloaded. */
  readonly #downloads = new Map<string, Promise<FirmwarePackage>>();
  readonly #abort = new AbortController();

  constructor(
    settings: Pick<FirmwareConfig, 'max_size' | 'download_timeout'>,
    store: PackageStore,
    timers: Timers,
  ) {
    this.#settings = settings;
    this.#store = store;
    this.#timers = timers;
  }

  /**
   * The package, or a promise where it has to be downloaded first.
   * @throws PackageError at once or later: it cannot be downloaded, is too long, or there is no room
   */
  get(source: PackageSource): FirmwarePackage | Promise<FirmwarePackage> {
    return 'url' in source ? this.#ofUrl(source.url) : this.#ofBytes(source.bytes);
  }

  /** Ends all downloads. */
  close(): void {
    this.#abort.abort(new PackageError('the gateway stops'));
  }

  #ofBytes(bytes: Buffer): FirmwarePackage {
    const { max_size } = this.#settings;
    if (bytes.length > max_size) throw new PackageError(`the package is longer than ${max_size} bytes`);
    const key = createHash('sha256').update(bytes).digest('hex');
    const known = this.#store.latest(key);
    if (known !== undefined) return known;
    this.#store.reserve(bytes.length);
    return this.#store.add(key, bytes);
  }

  #ofUrl(url: string): FirmwarePackage | Promise<FirmwarePackage> {
    const known = this.#store.latest(url) ?? this.#downloads.get(url);
    if (known !== undefined) return known;
    const pending = this.#download(url).finally(() => this.#downloads.delete(url));
    this.#downloads.set(url, pending);
    return pending;
  }

  async #download(url: string): Promise<FirmwarePackage> {
    const { max_size, download_timeout } = this.#settings;
    const late = new AbortController();
    const timer = new Timer(() => late.abort(new PackageError('the download took too long')));
    this.#timers.arm(timer, download_timeout);
    try {
      const bytes = await download(url, {
        maxSize: max_size,
        signal: AbortSignal.any([late.signal, this.#abort.signal]),
        reserve: (size) => this.#store.reserve(size),
        release: (size) => this.#store.release(size),
      });
      return this.#store.add(url, bytes);
    } finally {
      this.#timers.cancel(timer);
    }
  }
}

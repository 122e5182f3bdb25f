import { randomBytes } from 'node:crypto';
import { payloadTag } from '@portico/coap-endpoint';
import type { CoapOption } from '@portico/codec-coap';
import { type Clock, Timer, type Timers } from '@portico/core';
import { PackageError } from './package-error.js';
import { PackageFetchers } from './package-fetchers.js';

/** Bytes of the id by which a package is fetched: who knows it, gets it. */
const ID_SIZE = 16;
/** Milliseconds after which what is behind a URL may have changed. */
const FRESH = 300_000;

/** Milliseconds that a device which fetches a package may take from one block to the next for it to stay. */
const FETCH_PAUSE = 60_000;

/** Bounds of a {@link PackageStore}. */
export interface PackageLimits {
  /** Bytes of all packages. */
  readonly maxBytes: number;
  /** Milliseconds since the last use. */
  readonly expiry: number;
}

/** New software for devices. */
export interface FirmwarePackage {
  /** In the path where devices fetch it. */
  readonly id: string;
  readonly bytes: Buffer;
  readonly etag: CoapOption;
  readonly fetchers: PackageFetchers;
}

class StoredPackage implements FirmwarePackage {
  readonly id = randomBytes(ID_SIZE).toString('hex');
  readonly etag: CoapOption;
  readonly fetchers = new PackageFetchers();
  /** Devices that are being sent it. */
  holders = 0;
  usedAt: number;
  /** Until when it is taken to be fetched, in milliseconds on the monotonic clock. */
  fetchedUntil = 0;

  constructor(
    readonly key: string,
    readonly bytes: Buffer,
    /** Milliseconds on the monotonic clock. */
    readonly addedAt: number,
  ) {
    this.etag = payloadTag(bytes);
    this.usedAt = addedAt;
  }
}

/**
 * Packages in memory, each once for however many devices, bounded in bytes and in time: where there is no room, those go
 * that have not been used for longest, unless a device is being sent them, or fetches them.
 */
export class PackageStore {
  readonly #limits: PackageLimits;
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** By id, the one used longest ago first. */
  readonly #packages = new Map<string, StoredPackage>();
  /** The latest one of each key. */
  readonly #latest = new Map<string, StoredPackage>();
  readonly #timer = new Timer(() => this.#expire());
  #bytes = 0;

  constructor(limits: PackageLimits, clock: Clock, timers: Timers) {
    this.#limits = limits;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Bytes held, and reserved. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The package of a URL, or with a hash. @returns undefined also when it is too old to be that of the URL still */
  latest(key: string): FirmwarePackage | undefined {
    const found = this.#latest.get(key);
    if (found === undefined || this.#clock.monotonic() - found.addedAt >= FRESH) return undefined;
    this.#use(found);
    return found;
  }

  /** The package that a device fetches: it stays while it does so. */
  find(id: string): FirmwarePackage | undefined {
    const found = this.#packages.get(id);
    if (found === undefined) return undefined;
    found.fetchedUntil = this.#clock.monotonic() + FETCH_PAUSE;
    this.#use(found);
    return found;
  }

  /** Makes room for what is to be added. @throws PackageError when there is none */
  reserve(size: number): void {
    const now = this.#clock.monotonic();
    for (const oldest of this.#packages.values()) {
      if (this.#bytes + size <= this.#limits.maxBytes) break;
      if (oldest.holders === 0 && oldest.fetchedUntil <= now) this.#remove(oldest);
    }
    if (this.#bytes + size > this.#limits.maxBytes) {
      throw new PackageError('there is no room for the package at present', { noRoom: true });
    }
    this.#bytes += size;
  }

  /** Gives up what was reserved. */
  release(size: number): void {
    this.#bytes -= size;
  }

  /** @param bytes for which there is room already, see {@link reserve} */
  add(key: string, bytes: Buffer): FirmwarePackage {
    const added = new StoredPackage(key, bytes, this.#clock.monotonic());
    this.#packages.set(added.id, added);
    this.#latest.set(key, added);
    this.#arm();
    return added;
  }

  /** A device is being sent the package: it stays. @returns ends that */
  hold({ id }: FirmwarePackage): () => void {
    const held = this.#packages.get(id);
    if (held === undefined) return () => {};
    held.holders++;
    return () => {
      held.holders--;
      this.#use(held);
    };
  }

  close(): void {
    this.#timers.cancel(this.#timer);
    this.#packages.clear();
    this.#latest.clear();
    this.#bytes = 0;
  }

  #use(used: StoredPackage): void {
    if (!this.#packages.delete(used.id)) return;
    this.#packages.set(used.id, used);
    used.usedAt = this.#clock.monotonic();
    this.#arm();
  }

  #remove(old: StoredPackage): void {
    this.#packages.delete(old.id);
    if (this.#latest.get(old.key) === old) this.#latest.delete(old.key);
    this.#bytes -= old.bytes.length;
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    for (const oldest of this.#packages.values()) {
      if (oldest.usedAt + this.#limits.expiry > now) break;
      if (oldest.holders === 0) this.#remove(oldest);
      else this.#use(oldest);
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#timer.armed) return;
    for (const { usedAt } of this.#packages.values()) {
      this.#timers.arm(this.#timer, usedAt + this.#limits.expiry - this.#clock.monotonic());
      return;
    }
  }
}

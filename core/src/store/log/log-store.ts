import type { Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type { Metrics } from '../../runtime/metrics.js';
import type { Timers } from '../../runtime/timers.js';
import { type Store, StoreFailure } from '../store.js';
import { Compactor } from './compactor.js';
import { FolderLock } from './folder-lock.js';
import { FreeSpace } from './free-space.js';
import { Listeners } from './listeners.js';
import type { Location } from './location.js';
import { DiskFolder, type LogFolder } from './log-folder.js';
import type { LogIndex } from './log-index.js';
import { LogWriter, type SyncMode } from './log-writer.js';
import { LoggedLosses } from './logged-losses.js';
import { readValue, readValues } from './reading.js';
import { recordRoom } from './record.js';
import { recoverLog } from './recovery.js';
import { Segment } from './segment.js';
import { asStoreError } from './store-error.js';
import { StoreHealth } from './store-health.js';
import { StoreMetrics } from './store-metrics.js';

export interface LogStoreOptions {
  readonly sync: SyncMode;
  /** Bytes that all entries may take on disk, their keys included; 0 for no limit. */
  readonly maxBytes: number;
  /** How many entries there may be, for all keys are in memory; 0 for no limit. */
  readonly maxEntries: number;
  /** Bytes of the disk that are to stay free for what has been begun; 0 for none. */
  readonly minFree: number;
  /** Bytes from which on a file of the log is full. */
  readonly segmentSize: number;
}

/** What a store needs of the hub. */
export interface StoreServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Above the quota nothing new is taken on until the entries take less than this part of it. */
const QUOTA_RELIEF = 0.95;

/**
 * A store in a folder of its own: a log of all puts and deletes, in files of limited size, and in memory where the
 * present value of each key lies.
 *
 * - `log-writer.ts` appends, a batch for each turn of the event loop, and copes with a disk that does not take it.
 * - `recovery.ts` reads the log at start; `scan.ts` finds its way over damage, `tail.ts` where the log ends.
 * - `compactor.ts` gives the space of old values back.
 * - `record.ts` and `segment-header.ts` have the format.
 */
export class LogStore implements Store {
  readonly durable = true;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxEntries: number;
  readonly #metrics: StoreMetrics;
  readonly #health: StoreHealth;
  readonly #reporter: LoggedLosses;
  readonly #segments: Segment[];
  readonly #index: LogIndex;
  readonly #writer: LogWriter;
  readonly #compactor: Compactor;
  readonly #space: FreeSpace;
  readonly #lock: FolderLock | undefined;
  readonly #settledListeners: Listeners<[]>;

  /**
   * Opens the store in a folder on disk, which is made where there is none.
   * @throws PorticoError PORTICO_ERR_STORE, or PORTICO_ERR_STORE_LOCKED when another process uses it
   */
  static async open(path: string, options: LogStoreOptions, services: StoreServices): Promise<LogStore> {
    try {
      const folder = await DiskFolder.make(path);
      const lock = await FolderLock.take(path, services.clock, services.timers);
      try {
        return await LogStore.openIn(folder, options, services, lock);
      } catch (error) {
        await lock.release();
        throw error;
      }
    } catch (error) {
      throw asStoreError(error, path);
    }
  }

  /**
   * Opens the store in files that nobody else uses.
   * @param lock is released when the store is closed
   * @throws PorticoError PORTICO_ERR_STORE, or an Error of the file system
   */
  static async openIn(
    folder: LogFolder,
    options: LogStoreOptions,
    services: StoreServices,
    lock?: FolderLock,
  ): Promise<LogStore> {
    const metrics = new StoreMetrics(services.metrics);
    const reporter = new LoggedLosses(services.log, services.clock, metrics);
    const { index, segments } = await recoverLog(folder, reporter, { repair: true });
    const store = new LogStore(folder, options, services, { metrics, reporter, index, segments, lock });
    await store.#space.look();
    return store;
  }

  private constructor(
    folder: LogFolder,
    { sync, maxBytes, maxEntries, minFree, segmentSize }: LogStoreOptions,
    { clock, timers, log }: StoreServices,
    parts: StoreParts,
  ) {
    const { metrics, reporter, index, segments, lock } = parts;
    this.#path = folder.path;
    this.#maxBytes = maxBytes;
    this.#maxEntries = maxEntries;
    this.#metrics = metrics;
    this.#reporter = reporter;
    this.#index = index;
    this.#segments = segments;
    this.#lock = lock;
    this.#settledListeners = new Listeners(log);
    this.#health = new StoreHealth(log, metrics.failures);
    const events = {
      onBatch: (bytes: number, milliseconds: number) => this.#batchWritten(bytes, milliseconds),
      onSettled: () => this.#settledListeners.call(),
      onFault: (fault: StoreFailure | undefined) => {
        this.#health.disk = fault;
      },
    };
    const writer = new LogWriter({ folder, segments, index, sync, segmentSize, clock, timers, events });
    this.#writer = writer;
    const onChange = () => this.#spaceChanged();
    const space = new FreeSpace({ folder, least: minFree, clock, timers, onChange });
    this.#space = space;
    this.#compactor = new Compactor({ folder, segments, index, writer, reporter, space, timers, log });
    lock?.onLost(() => writer.abandon(new StoreFailure('io', 'another process has taken its folder over')));
    this.#measure();
    this.#checkQuota();
  }

  get written(): number {
    return this.#writer.written;
  }

  get settled(): number {
    return this.#writer.settled;
  }

  get failure(): StoreFailure | undefined {
    return this.#health.failure;
  }

  get damaged(): number {
    return this.#reporter.places;
  }

  async *entries(
    table: string,
    wanted?: (key: string) => boolean,
  ): AsyncGenerator<readonly [key: string, value: Buffer]> {
    await this.#compactor.hold();
    try {
      yield* readValues(this.#index.entries(table, wanted), this.#reportRead);
    } catch (error) {
      throw asStoreError(error, this.#path);
    } finally {
      this.#compactor.release();
    }
  }

  keys(table: string): Iterable<string> {
    return this.#index.keys(table);
  }

  /** @throws Error when the disk cannot be read */
  async get(table: string, key: string): Promise<Buffer | undefined> {
    const location = this.#index.get(table, key);
    return location && readValue(location, this.#reportRead);
  }

  /** Above the 256 MiB that may wait for a disk that takes nothing a put is lost, and the next commit says so. */
  put(table: string, key: string, value: Buffer): void {
    const batch = this.#writer.append();
    if (this.#writer.hasRoomFor(recordRoom(table, key, value.length))) {
      this.#index.set(table, key, batch.put(table, key, value));
    } else this.#reporter.putLost(table);
    this.#checkQuota();
  }

  delete(table: string, key: string): void {
    if (!this.#index.delete(table, key)) return;
    this.#writer.append().delete(table, key);
    this.#checkQuota();
  }

  confirm(): void {
    if (this.settled < this.written) this.#writer.append();
  }

  commit(): Promise<void> | undefined {
    return this.#writer.commit();
  }

  onSettled(listener: () => void): void {
    this.#settledListeners.add(listener);
  }

  onFailure(listener: (failure: StoreFailure) => void): void {
    this.#health.onFailure(listener);
  }

  onRecovered(listener: () => void): void {
    this.#health.onRecovered(listener);
  }

  onDamaged(listener: () => void): void {
    this.#reporter.listeners.add(listener);
  }

  /**
   * Writes all present entries anew and gives back the space of everything else.
   * @returns bytes of all files, before and after
   * @throws StoreFailure, or an Error of the file system
   */
  async compact(): Promise<{ readonly before: number; readonly after: number }> {
    const before = this.#measure();
    await this.#compactor.compactAll();
    return { before, after: this.#measure() };
  }

  /** @throws StoreFailure when something that was written could not be made durable */
  async close(): Promise<void> {
    this.#space.close();
    await this.#compactor.close();
    try {
      await this.#writer.close();
    } finally {
      for (const { file } of this.#segments) await file.close();
      await this.#lock?.release();
    }
  }

  #batchWritten(bytes: number, milliseconds: number): void {
    this.#metrics.batches.value++;
    this.#metrics.batchTime.observe(milliseconds / 1000);
    this.#metrics.bytesWritten.value += bytes;
    this.#metrics.writes.value = this.#writer.settled;
    this.#measure();
    this.#space.wrote(bytes);
    this.#compactor.check();
  }

  #spaceChanged(): void {
    const { isShort, least } = this.#space;
    this.#health.space = isShort
      ? new StoreFailure('full', `its disk has less than ${least} bytes left`)
      : undefined;
    this.#compactor.check();
  }

  /** @returns bytes of all files */
  #measure(): number {
    let total = 0;
    for (const segment of this.#segments) total += segment.end;
    this.#metrics.totalBytes.set(total);
    this.#metrics.liveBytes.set(this.#index.live);
    this.#metrics.entries.set(this.#index.size);
    return total;
  }

  #checkQuota(): void {
    const { quota } = this.#health;
    const over = this.#overQuota(quota === undefined ? 1 : QUOTA_RELIEF);
    if (over !== undefined && quota === undefined) this.#health.quota = new StoreFailure('quota', over);
    else if (over === undefined && quota !== undefined) this.#health.quota = undefined;
  }

  /** @param part how much of what may be there is too much */
  #overQuota(part: number): string | undefined {
    const { live, size } = this.#index;
    if (this.#maxBytes > 0 && live > this.#maxBytes * part)
      return `its entries take more than ${this.#maxBytes} bytes`;
    if (this.#maxEntries > 0 && size > this.#maxEntries * part)
      return `it has more than ${this.#maxEntries} entries, for which there is memory`;
    return undefined;
  }

  readonly #reportRead = ({ holder, offset, length }: Location): void => {
    if (holder instanceof Segment) this.#reporter.damaged(holder.name, offset, length);
  };
}

interface StoreParts {
  readonly metrics: StoreMetrics;
  readonly reporter: LoggedLosses;
  readonly index: LogIndex;
  readonly segments: Segment[];
  readonly lock: FolderLock | undefined;
}

import type { Clock } from '../../runtime/clock.js';
import type { Timers } from '../../runtime/timers.js';
import { FolderLock } from './folder-lock.js';
import { DiskFolder } from './log-folder.js';
import { readValues } from './reading.js';
import { type DamageReporter, type RecoveredLog, recoverLog } from './recovery.js';
import { Segment } from './segment.js';
import { asStoreError } from './store-error.js';

export interface LogReaderOptions {
  /** The folder of the store, which must be there. */
  readonly path: string;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Told of all that is wrong. */
  readonly reporter: DamageReporter;
}

/** Looks into a store that no hub uses at present, and changes nothing. */
export class LogReader {
  readonly #log: RecoveredLog;
  readonly #lock: FolderLock;
  readonly #reporter: DamageReporter;

  private constructor(log: RecoveredLog, lock: FolderLock, reporter: DamageReporter) {
    this.#log = log;
    this.#lock = lock;
    this.#reporter = reporter;
  }

  /**
   * Reads the whole store.
   * @throws PorticoError PORTICO_ERR_STORE, or PORTICO_ERR_STORE_LOCKED when another process uses it
   */
  static async open({ path, clock, timers, reporter }: LogReaderOptions): Promise<LogReader> {
    try {
      const lock = await FolderLock.take(path, clock, timers);
      try {
        const log = await recoverLog(new DiskFolder(path), reporter, { repair: false });
        return new LogReader(log, lock, reporter);
      } catch (error) {
        await lock.release();
        throw error;
      }
    } catch (error) {
      throw asStoreError(error, path);
    }
  }

  /** How many files it has. */
  get files(): number {
    return this.#log.segments.length;
  }

  /** Bytes of all its files. */
  get bytes(): number {
    return this.#log.segments.reduce((sum, { end }) => sum + end, 0);
  }

  /** How many entries each table has; without tables that have none. */
  counts(): Iterable<readonly [table: string, count: number]> {
    return this.#log.index.counts();
  }

  /** @throws Error when the disk cannot be read */
  entries(table: string): AsyncIterable<readonly [key: string, value: Buffer]> {
    return readValues(this.#log.index.entries(table), ({ holder, offset, length }) => {
      if (holder instanceof Segment) this.#reporter.damaged(holder.name, offset, length);
    });
  }

  async close(): Promise<void> {
    for (const { file } of this.#log.segments) await file.close();
    await this.#lock.release();
  }
}

import type { Logger } from '../../runtime/logger.js';
import { Timer, type Timers } from '../../runtime/timers.js';
import { StoreFailure } from '../store.js';
import type { FreeSpace } from './free-space.js';
import type { LogFolder } from './log-folder.js';
import type { LogIndex } from './log-index.js';
import type { LogWriter } from './log-writer.js';
import { recordKey, recordTable } from './record.js';
import type { DamageReporter } from './recovery.js';
import { type Damage, type ScanVisitor, scan } from './scan.js';
import type { Segment } from './segment.js';
import { SEGMENT_HEADER_LENGTH } from './segment-header.js';

/** Bytes that are copied at a time: small, for everything else that is written goes with them. */
const PIECE = 256 * 1024;

/** Milliseconds after which it is tried again to compact what could not be read or removed. */
const RETRY_INTERVAL = 60_000;

export interface CompactorOptions {
  readonly folder: LogFolder;
  readonly segments: Segment[];
  readonly index: LogIndex;
  readonly writer: LogWriter;
  readonly reporter: DamageReporter;
  readonly space: FreeSpace;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Gives space back. Always the oldest segment goes first: the records in it that still count are written anew, and
 * once those are durable the file is removed. So a delete never disappears before the put that it hides.
 */
export class Compactor {
  readonly #options: CompactorOptions;
  #running: Promise<void> | undefined;
  #holds = 0;
  readonly #retryTimer = new Timer(() => this.check());
  /** The last attempt has failed, and the log has said so. */
  #failing = false;

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  /** Begins to compact if it is worth it. */
  check(): void {
    if (this.#holds > 0 || this.#running !== undefined || this.#retryTimer.armed) return;
    if (this.#worthIt()) this.#running = this.#run();
  }

  /** Keeps all records where they are until {@link release}; settles when none is on its way. */
  async hold(): Promise<void> {
    this.#holds++;
    await this.#running;
  }

  release(): void {
    this.#holds--;
    this.check();
  }

  /** Ends for good; settles when no record is on its way. */
  async close(): Promise<void> {
    await this.hold();
    this.#options.timers.cancel(this.#retryTimer);
  }

  /**
   * Writes all records that count anew, however little there is to gain, and removes what they were in. Nobody may read
   * entries meanwhile.
   * @throws StoreFailure, or an Error of the file system
   */
  async compactAll(): Promise<void> {
    await this.hold();
    const { segments, writer } = this.#options;
    const last = segments.at(-1)?.number ?? 0;
    writer.beginSegment();
    try {
      for (let oldest = segments[0]; oldest !== undefined && oldest.number <= last; oldest = segments[0]) {
        await this.#compact(oldest, () => true);
      }
    } finally {
      this.release();
    }
  }

  /** More than half of all bytes are of no use, and there is a segment that can go. */
  #worthIt(): boolean {
    const { segments, index, space } = this.#options;
    const [oldest] = segments;
    if (oldest === undefined || segments.length < 2) return false;
    if (space.isShort) return isWorthIt(oldest.total, oldest.live) && 2 * oldest.live <= space.least;
    let total = 0;
    for (const segment of segments) total += segment.total;
    return isWorthIt(total, index.live);
  }

  async #run(): Promise<void> {
    try {
      do {
        const [oldest] = this.#options.segments;
        if (oldest !== undefined) await this.#compact(oldest, () => this.#holds === 0);
        this.#failing = false;
      } while (this.#holds === 0 && this.#worthIt());
    } catch (error) {
      if (!(error instanceof StoreFailure)) this.#putOff(error);
    }
    this.#running = undefined;
  }

  #putOff(error: unknown): void {
    const { timers, log } = this.#options;
    timers.arm(this.#retryTimer, RETRY_INTERVAL);
    if (!this.#failing) log.error({ err: error }, 'the store gives back no space at present; it goes on');
    this.#failing = true;
  }

  /** @param goesOn asked now and then; the segment stays when it says no */
  async #compact(segment: Segment, goesOn: () => boolean): Promise<void> {
    const copier = new Copier(segment, this.#options, goesOn);
    if (!(await copier.copy())) return;
    await this.#options.writer.flush();
    copier.reportLost();
    await this.#remove(segment);
  }

  async #remove(segment: Segment): Promise<void> {
    const { segments, folder } = this.#options;
    await folder.remove(segment.name);
    segments.shift();
    await segment.file.close().catch(() => {});
    await folder.sync();
  }
}

function isWorthIt(total: number, live: number): boolean {
  return total > 2 * live;
}

/** Writes the records of one segment anew that still count. */
class Copier implements ScanVisitor {
  readonly #segment: Segment;
  readonly #options: CompactorOptions;
  readonly #goesOn: () => boolean;
  readonly #damages: Damage[] = [];

  constructor(segment: Segment, options: CompactorOptions, goesOn: () => boolean) {
    this.#segment = segment;
    this.#options = options;
    this.#goesOn = goesOn;
  }

  /** @returns false when it was told to stop */
  async copy(): Promise<boolean> {
    const { file, salt, end, live } = this.#segment;
    if (live === 0) return true;
    return await scan({ file, salt, start: SEGMENT_HEADER_LENGTH, end }, this, PIECE);
  }

  record(buffer: Buffer, at: number, length: number, offset: number): void {
    const { index, writer } = this.#options;
    const table = recordTable(buffer, at);
    const key = recordKey(buffer, at);
    const location = index.get(table, key);
    if (location?.holder !== this.#segment || location.offset !== offset) return;
    index.set(table, key, writer.gather().copy(buffer.subarray(at, at + length)));
  }

  damage(damage: Damage): void {
    this.#damages.push(damage);
  }

  async endOfPiece(): Promise<boolean> {
    await this.#options.writer.flush();
    return this.#goesOn();
  }

  /** What could be read at the start of the store and no longer can is gone. */
  reportLost(): void {
    if (this.#segment.live === 0) return;
    this.#options.index.forget(this.#segment);
    for (const { offset, length } of this.#damages) {
      this.#options.reporter.damaged(this.#segment.name, offset, length);
    }
  }
}

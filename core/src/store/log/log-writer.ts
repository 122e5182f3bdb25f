import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../runtime/clock.js';
import { Timer, type Timers } from '../../runtime/timers.js';
import { StoreFailure } from '../store.js';
import { Batch } from './batch.js';
import type { LogFolder } from './log-folder.js';
import type { LogIndex } from './log-index.js';
import { saysFull } from './no-room.js';
import { rewrite } from './rewrite.js';
import { Segment } from './segment.js';
import { rejected, Waiter } from './waiter.js';

/** When what has been written is flushed to the disk: with each batch, never, or every so many milliseconds. */
export type SyncMode = 'always' | 'never' | number;

export interface LogWriterOptions {
  readonly folder: LogFolder;
  /** The oldest first; the writer adds to them. */
  readonly segments: Segment[];
  /** Knows which of what waits still counts. */
  readonly index: LogIndex;
  readonly sync: SyncMode;
  /** Bytes from which on a segment takes no further batch. */
  readonly segmentSize: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: LogWriterEvents;
}

export interface LogWriterEvents {
  /** A batch has become durable, after so long. */
  onBatch(bytes: number, milliseconds: number): void;
  /** {@link LogWriter.settled} has grown. */
  onSettled(): void;
  /** {@link LogWriter.fault} has changed. */
  onFault(fault: StoreFailure | undefined): void;
}

/** Milliseconds between two attempts to write what could not be written. */
const RETRY_INTERVAL = 1000;

/** Bytes that may wait to be written; a disk that takes no more for so long does not keep up or has failed. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024;

/**
 * Appends to the log. All that is put and deleted until the end of the turn, or while the batch before is on its
 * way, is one batch: one write and one flush for all.
 *
 * When a batch cannot be made durable, those that wait for it are told, the segment is closed at the end of what
 * is durable, and the batch is kept and written again each second, to a new segment: what the system makes of a
 * file after a failed flush is not to be relied upon.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #retryTimer = new Timer(() => this.#start());
  readonly #syncTimer = new Timer(() => this.#syncNow());
  #gathering = new Batch();
  /** On its way to the disk, or waiting for another attempt. */
  #writing = new Batch();
  #written = 0;
  #settled = 0;
  /** {@link written} when the batch on its way was closed. */
  #writingUpTo = 0;
  #fault: StoreFailure | undefined;
  /** A batch is being written, or about to be. */
  #running: Promise<void> | undefined;
  /** The last segment has taken bytes that have not been flushed. */
  #unflushed = false;
  /** Offset in the last segment up to which all has been flushed. */
  #flushedEnd: number;
  /** The last flush has failed. */
  #flushFailed = false;
  #syncDue = false;
  /** `clock.monotonic()` when the batch that is being written was begun. */
  #begunAt = 0;
  #flushWaiter: Waiter | undefined;
  /** The last segment takes no more. */
  #segmentClosed = false;
  #closed = false;
  #abandoned = false;
  /** Bytes of what gathers when it was last freed of what no longer counts. */
  #shrunkTo = 0;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#flushedEnd = options.segments.at(-1)?.end ?? 0;
  }

  /** See `Store.written`. */
  get written(): number {
    return this.#written;
  }

  /** See `Store.settled`. */
  get settled(): number {
    return this.#settled;
  }

  /** Why the disk takes nothing; undefined when it does. */
  get fault(): StoreFailure | undefined {
    return this.#fault;
  }

  /** Where the next put or delete is to be written; it is counted as written. */
  append(): Batch {
    this.#written++;
    return this.gather();
  }

  /** @returns false when too much waits already that counts; {@link fault} says so then */
  hasRoomFor(length: number): boolean {
    if (this.#fits(length)) return true;
    if (this.#gathering.length >= 2 * this.#shrunkTo) {
      this.#gathering.shrink(this.#options.index);
      this.#shrunkTo = this.#gathering.length;
      if (this.#fits(length)) return true;
    }
    if (this.#fault === undefined) {
      this.#setFault(new StoreFailure('io', `the disk does not keep up: ${MAX_WAITING_BYTES} bytes wait`));
    }
    return false;
  }

  #fits(length: number): boolean {
    return this.#gathering.length + this.#writing.length + length <= MAX_WAITING_BYTES;
  }

  /** The batch that takes records at present, which will be written. */
  gather(): Batch {
    if (!this.#retryTimer.armed && !this.#closed) this.#start();
    return this.#gathering;
  }

  /** See `Store.commit`. */
  commit(): Promise<void> | undefined {
    if (this.#fault !== undefined) return rejected(this.#fault);
    return this.#settled === this.#written ? undefined : this.#whatWaits().settled;
  }

  /** Resolves when all that is in a batch at present has been flushed to the disk. @throws StoreFailure */
  async flush(): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault;
    const batch = this.#whatWaits();
    if (batch.length > 0) await batch.settled;
    if (!this.#unflushed) return;
    this.#flushWaiter ??= new Waiter();
    const { promise } = this.#flushWaiter;
    this.#syncNow();
    await promise;
  }

  /** Lets the next batch begin a new segment. */
  beginSegment(): void {
    this.#segmentClosed = true;
  }

  /** Writes nothing any more, for the files are no longer this process's. */
  abandon(failure: StoreFailure): void {
    this.#stop();
    this.#fail(failure);
    this.#abandoned = true;
  }

  /** Writes and flushes what waits, once; does not write again afterwards. @throws StoreFailure when it cannot */
  async close(): Promise<void> {
    await this.#running;
    this.#stop();
    if (this.#fault !== undefined || this.#settled < this.#written || this.#unflushed) await this.#run();
    if (this.#fault !== undefined) throw this.#fault;
  }

  #stop(): void {
    this.#closed = true;
    this.#options.timers.cancel(this.#retryTimer);
    this.#options.timers.cancel(this.#syncTimer);
  }

  #whatWaits(): Batch {
    const onItsWay = this.#gathering.length === 0 && this.#writing.length > 0;
    return onItsWay ? this.#writing : this.#gathering;
  }

  #start(): void {
    this.#running ??= nextTurn().then(() => this.#run());
  }

  #syncNow(): void {
    this.#syncDue = true;
    if (!this.#retryTimer.armed) this.#start();
  }

  /** Writes batch after batch until nothing waits, or one cannot be written. */
  async #run(): Promise<void> {
    let failure: StoreFailure | undefined;
    do {
      if (this.#abandoned) break;
      if (this.#writing.length === 0) this.#swap();
      failure = await this.#attempt();
      if (failure !== undefined) break;
      this.#settle();
      if (!this.#closed) await nextTurn();
    } while (this.#settled < this.#written || this.#gathering.length > 0 || this.#syncDue);
    if (failure !== undefined) await this.#closeSegment();
    this.#running = undefined;
    if (failure !== undefined) this.#fail(failure);
  }

  #swap(): void {
    [this.#writing, this.#gathering] = [this.#gathering, this.#writing];
    this.#writingUpTo = this.#written;
    this.#shrunkTo = 0;
  }

  async #attempt(): Promise<StoreFailure | undefined> {
    this.#begunAt = this.#options.clock.monotonic();
    try {
      const segment = await this.#openSegment();
      await segment.write(this.#writing.seal(segment.salt));
      this.#unflushed = true;
      if (this.#options.sync === 'always' || this.#syncDue || this.#closed) await this.#flush(segment);
      else this.#armSync();
      this.#writing.moveTo(segment);
      if (!this.#unflushed) this.#flushedEnd = segment.end;
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }

  async #flush(segment: Segment): Promise<void> {
    this.#flushFailed = true;
    await segment.file.sync();
    this.#flushFailed = false;
    this.#unflushed = false;
    this.#syncDue = false;
    this.#flushWaiter?.resolve();
    this.#flushWaiter = undefined;
  }

  #armSync(): void {
    const { sync, timers } = this.#options;
    if (typeof sync === 'number' && !this.#syncTimer.armed) timers.arm(this.#syncTimer, sync);
  }

  /** The segment that the next batch goes to: the last one, or a new one behind it. */
  async #openSegment(): Promise<Segment> {
    const { folder, segments, segmentSize, clock } = this.#options;
    const last = segments.at(-1);
    if (last !== undefined && !this.#segmentClosed && last.end < segmentSize) return last;
    if (last !== undefined && this.#unflushed) await this.#flush(last);
    const segment = await Segment.create(folder, {
      number: (last?.number ?? 0) + 1,
      previousEnd: last?.end ?? 0,
      created: clock.now(),
    });
    segments.push(segment);
    this.#segmentClosed = false;
    this.#flushedEnd = segment.end;
    this.#flushFailed = false;
    return segment;
  }

  #settle(): void {
    const { events, clock } = this.#options;
    const batch = this.#writing;
    const { length } = batch;
    const grown = this.#writingUpTo > this.#settled;
    this.#settled = this.#writingUpTo;
    batch.settle();
    batch.clear();
    this.#setFault(undefined);
    if (length > 0) events.onBatch(length, clock.monotonic() - this.#begunAt);
    if (grown) events.onSettled();
  }

  #fail(failure: StoreFailure): void {
    if (!this.#closed) this.#options.timers.arm(this.#retryTimer, RETRY_INTERVAL);
    this.#setFault(failure);
    this.#writing.settle(failure);
    this.#gathering.settle(failure);
    this.#flushWaiter?.reject(failure);
    this.#flushWaiter = undefined;
  }

  /** Leaves the last segment as it was when all was well, as far as that can be done. */
  async #closeSegment(): Promise<void> {
    const { segments } = this.#options;
    const last = segments.at(-1);
    if (last !== undefined && !this.#segmentClosed) await this.#saveUnflushed(last);
    this.#segmentClosed = true;
    this.#unflushed = false;
    this.#syncDue = false;
    if (last?.empty) {
      segments.pop();
      await this.#discard(last);
    } else {
      await last?.file.truncate(last.end).catch(() => {});
    }
  }

  /** What the segment has taken since its last flush is flushed; where that has failed, it goes to the next one too. */
  async #saveUnflushed(segment: Segment): Promise<void> {
    if (this.#flushedEnd >= segment.end) return;
    if (!this.#flushFailed && (await succeeds(segment.file.sync()))) return;
    // What cannot be read now is reported when somebody asks for it.
    await succeeds(rewrite(segment, this.#flushedEnd, this.#options.index, this.#gathering));
  }

  async #discard({ file, name }: Segment): Promise<void> {
    await file.close().catch(() => {});
    await this.#options.folder.remove(name).catch(() => {});
  }

  #setFault(fault: StoreFailure | undefined): void {
    if (this.#abandoned || (fault === undefined && this.#fault === undefined)) return;
    this.#fault = fault;
    this.#options.events.onFault(fault);
  }
}

function failureOf(error: unknown): StoreFailure {
  const { message } = error as Error;
  return new StoreFailure(saysFull(error) ? 'full' : 'io', message, { cause: error });
}

function succeeds(operation: Promise<void>): Promise<boolean> {
  return operation.then(
    () => true,
    () => false,
  );
}

import type { StoreFailure } from '../store.js';
import { Location } from './location.js';
import type { LogIndex } from './log-index.js';
import {
  DELETE,
  PUT,
  recordKey,
  recordKind,
  recordLength,
  recordRoom,
  recordTable,
  recordValue,
  sealRecord,
  writeRecord,
} from './record.js';
import type { Segment } from './segment.js';
import { Waiter } from './waiter.js';

/** Bytes of a buffer to begin with. */
const FIRST_ROOM = 64 * 1024;
/** A larger buffer is not kept for the next batch. */
const KEPT_ROOM = 1024 * 1024;

/** What is written together and takes effect together: all puts and deletes between two writes to the disk. */
export class Batch {
  /** Bytes of the records in it that are the present value of their key. */
  live = 0;
  #buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  #length = 0;
  /** Of the puts. */
  #locations: Location[] = [];
  #waiter: Waiter | undefined;

  /** Bytes of all its records. */
  get length(): number {
    return this.#length;
  }

  put(table: string, key: string, value: Buffer): Location {
    this.#makeRoom(recordRoom(table, key, value.length));
    return this.#place(writeRecord(this.#buffer, this.#length, PUT, table, key, value));
  }

  /** Takes a put over from another place. @param record a sound one */
  copy(record: Buffer): Location {
    this.#makeRoom(record.length);
    record.copy(this.#buffer, this.#length);
    return this.#place(record.length);
  }

  delete(table: string, key: string): void {
    this.#makeRoom(recordRoom(table, key, 0));
    this.#length += writeRecord(this.#buffer, this.#length, DELETE, table, key, undefined);
  }

  /** Leaves out puts whose values are no longer present, and deletes that have nothing to hide any more. */
  shrink(index: LogIndex): void {
    const kept: Location[] = [];
    const deleted = new Set<string>();
    let end = 0;
    for (let at = 0, length = 0; at < this.#length; at += length) {
      length = recordLength(this.#buffer, at);
      const table = recordTable(this.#buffer, at);
      const key = recordKey(this.#buffer, at);
      const location = index.get(table, key);
      if (location === undefined) {
        const isHidden = recordKind(this.#buffer, at) === PUT || deleted.has(`${table} ${key}`);
        if (isHidden) continue;
        deleted.add(`${table} ${key}`);
      } else {
        if (location.holder !== this || location.offset !== at) continue;
        location.offset = end;
        kept.push(location);
      }
      this.#buffer.copyWithin(end, at, at + length);
      end += length;
    }
    this.#length = end;
    this.#locations = kept;
  }

  /** A copy of bytes from anywhere in it. */
  read(offset: number, length: number): Buffer {
    return Buffer.from(this.#buffer.subarray(offset, offset + length));
  }

  /** The value of a record that was read from it. */
  valueOf(record: Buffer): Buffer {
    return recordValue(record, 0);
  }

  /** All its bytes, as they are to be written into a segment with this salt. */
  seal(salt: number): Buffer {
    for (let at = 0; at < this.#length; ) {
      const next = at + recordLength(this.#buffer, at);
      sealRecord(this.#buffer, at, salt, at === 0, next === this.#length);
      at = next;
    }
    return this.#buffer.subarray(0, this.#length);
  }

  /** Its records now lie in `segment`, behind all that was there. */
  moveTo(segment: Segment): void {
    for (const location of this.#locations) {
      location.holder = segment;
      location.offset += segment.end;
    }
    segment.live += this.live;
    segment.end += this.#length;
  }

  /** Settles when the batch is durable, or could not be made so; a rejection may be left alone. */
  get settled(): Promise<void> {
    this.#waiter ??= new Waiter();
    return this.#waiter.promise;
  }

  /** Tells those that wait for {@link settled} that it is durable, or that it could not be made so this time. */
  settle(failure?: StoreFailure): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (failure === undefined) waiter?.resolve();
    else waiter?.reject(failure);
  }

  /** Empties it for others. */
  clear(): void {
    this.live = 0;
    this.#length = 0;
    this.#locations = [];
    if (this.#buffer.length > KEPT_ROOM) this.#buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  }

  #makeRoom(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  #place(length: number): Location {
    const location = new Location(this, this.#length, length);
    this.#locations.push(location);
    this.#length += length;
    return location;
  }
}

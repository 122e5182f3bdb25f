import type { LogFile } from './log-folder.js';
import { isSound, RECORD_HEADER_LENGTH, soundLength } from './record.js';

/** Bytes that are read at a time, where nobody asks for fewer. */
const PIECE = 4 * 1024 * 1024;

export interface ScanVisitor {
  /**
   * A sound record.
   * @param at where it lies in `buffer`, which is good until the call returns
   * @param offset where it lies in the file
   */
  record(buffer: Buffer, at: number, length: number, offset: number): void;
  /** Bytes that hold no sound record. */
  damage(damage: Damage): void;
  /** All records of a piece have been told. @returns false when that is enough */
  endOfPiece?(): Promise<boolean>;
}

export interface Damage {
  /** In the file. */
  readonly offset: number;
  readonly length: number;
  /** The bytes go up to the end and look like a record that was not written to its end, rather than a changed one. */
  readonly cut: boolean;
}

/** What is read: records with one salt, in a stretch of a file. */
export interface ScanRange {
  readonly file: LogFile;
  readonly salt: number;
  /** Offset of the first record. */
  readonly start: number;
  /** Offset behind the last. */
  readonly end: number;
}

/**
 * Reads all records of a segment in order. Damage costs the records that it touches and no others: behind it the next
 * sound record is looked for byte by byte, for what a damaged one says of its length may be wrong too.
 * @param piece bytes that are read at a time, at least those of a record's header
 * @returns false when the visitor had enough before the end
 * @throws Error when the file cannot be read
 */
export async function scan(range: ScanRange, visitor: ScanVisitor, piece = PIECE): Promise<boolean> {
  const scanner = new Scanner(range, visitor);
  let buffer: Buffer = Buffer.allocUnsafe(Math.min(piece, Math.max(range.end - range.start, 1)));
  let filled = 0;
  let position = range.start;
  while (position + filled < range.end) {
    const room = buffer.subarray(filled, Math.min(buffer.length, range.end - position));
    const read = await range.file.read(room, position + filled);
    if (read === 0) break;
    filled += read;
    const used = scanner.take(buffer.subarray(0, filled), position);
    buffer = withRoomFor(buffer, used, filled, scanner.wanted);
    filled -= used;
    position += used;
    if (visitor.endOfPiece !== undefined && !(await visitor.endOfPiece())) return false;
  }
  scanner.finish(buffer.subarray(0, filled), position);
  return true;
}

/** Moves what is left to the front, of a larger buffer if a record asks for one. */
function withRoomFor(buffer: Buffer, used: number, filled: number, wanted: number): Buffer {
  const target = wanted > buffer.length ? Buffer.allocUnsafe(wanted) : buffer;
  buffer.copy(target, 0, used, filled);
  return target;
}

class Scanner {
  readonly #range: ScanRange;
  readonly #visitor: ScanVisitor;
  /** Where damage began that has not come to an end. */
  #damagedFrom: number | undefined;
  /** At {@link #damagedFrom} is a sound header of a record that is longer than the file. */
  #cut = false;
  /** Bytes that the record needs at which {@link take} has stopped. */
  wanted = 0;

  constructor(range: ScanRange, visitor: ScanVisitor) {
    this.#range = range;
    this.#visitor = visitor;
  }

  /**
   * Hands on the records in `buffer`.
   * @param position of the buffer's first byte in the file
   * @returns how many bytes are done with
   */
  take(buffer: Buffer, position: number): number {
    const { salt, end } = this.#range;
    let at = 0;
    this.wanted = 0;
    while (at + RECORD_HEADER_LENGTH <= buffer.length) {
      const length = soundLength(buffer, at, salt);
      const offset = position + at;
      if (length === 0 || offset + length > end) {
        this.#begin(offset, length > 0);
        at++;
      } else if (at + length > buffer.length) {
        this.wanted = length;
        break;
      } else if (isSound(buffer, at, length, salt)) {
        this.#end(offset);
        this.#visitor.record(buffer, at, length, offset);
        at += length;
      } else {
        this.#begin(offset, false);
        at++;
      }
    }
    return at;
  }

  /** No more can be read: what is left is damage. */
  finish(rest: Buffer, position: number): void {
    const { end } = this.#range;
    if (rest.length > 0 || position < end) this.#begin(position, true);
    this.#end(end);
  }

  #begin(offset: number, cut: boolean): void {
    if (this.#damagedFrom !== undefined) return;
    this.#damagedFrom = offset;
    this.#cut = cut;
  }

  #end(offset: number): void {
    const from = this.#damagedFrom;
    if (from === undefined) return;
    this.#damagedFrom = undefined;
    const cut = this.#cut && offset === this.#range.end;
    this.#visitor.damage({ offset: from, length: offset - from, cut });
  }
}

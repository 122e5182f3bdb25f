import { PorticoError } from '../../runtime/errors.js';
import { Location } from './location.js';
import type { LogFile, LogFolder } from './log-folder.js';
import { LogIndex } from './log-index.js';
import { DELETE, recordKey, recordKind, recordTable } from './record.js';
import { type Damage, scan } from './scan.js';
import { Segment, segmentName, segmentNumber } from './segment.js';
import { decodeSegmentHeader, SEGMENT_HEADER_LENGTH, type SegmentHeader } from './segment-header.js';
import { findTail } from './tail.js';

/** A log that has been read. */
export interface RecoveredLog {
  readonly index: LogIndex;
  /** The oldest first. The last one takes new records. */
  readonly segments: Segment[];
}

/** Is told what is wrong with a log that can be used in spite of it. */
export interface DamageReporter {
  /** Bytes of a file that hold no sound record where there was one; what they held is lost. */
  damaged(file: string, offset: number, length: number): void;
  /** The last batch was not written to its end; it has been left out. Nobody was told that it was durable. */
  cutShort(file: string, offset: number, length: number): void;
}

/** How recovery ends. */
export interface RecoveryOptions {
  /** Whether what is left out at the end is cut off, so that the log can be continued. */
  readonly repair: boolean;
}

/**
 * Reads a log from its first record to its last.
 * @throws PorticoError PORTICO_ERR_STORE when it is none that can be used
 * @throws Error of the file system
 */
export async function recoverLog(
  folder: LogFolder,
  reporter: DamageReporter,
  options: RecoveryOptions,
): Promise<RecoveredLog> {
  const opened = await openSegments(folder, options);
  try {
    const index = new LogIndex();
    const segments: Segment[] = [];
    for (const [position, { file, header }] of opened.entries()) {
      const next = opened[position + 1];
      const segment = new Segment(file, header, next?.header.previousEnd ?? (await file.size()));
      if (next === undefined) await settleTail(segment, reporter, options);
      await readInto(index, segment, reporter);
      segments.push(segment);
    }
    return { index, segments };
  } catch (error) {
    for (const { file } of opened) await file.close();
    throw error;
  }
}

interface OpenedSegment {
  readonly file: LogFile;
  readonly header: SegmentHeader;
}

/** Opens all segments, and makes sure that none is missing. */
async function openSegments(folder: LogFolder, options: RecoveryOptions): Promise<OpenedSegment[]> {
  const numbers = (await folder.list()).map(segmentNumber).filter((number) => number !== undefined);
  numbers.sort((a, b) => a - b);
  demandAll(folder, numbers);
  const opened: OpenedSegment[] = [];
  try {
    for (const number of numbers) {
      const segment = await openSegment(folder, number, number === numbers.at(-1), options);
      if (segment !== undefined) opened.push(segment);
    }
    return opened;
  } catch (error) {
    for (const { file } of opened) await file.close();
    throw error;
  }
}

function demandAll(folder: LogFolder, numbers: readonly number[]): void {
  const [first = 1] = numbers;
  for (const [position, number] of numbers.entries()) {
    if (number === first + position) continue;
    throw unusable(folder, segmentName(first + position), 'it is missing, and there are later ones');
  }
}

/** @returns undefined for a file that was only being made when the process died */
async function openSegment(
  folder: LogFolder,
  number: number,
  isLast: boolean,
  { repair }: RecoveryOptions,
): Promise<OpenedSegment | undefined> {
  const name = segmentName(number);
  const file = await folder.open(name, 'existing');
  const bytes = Buffer.alloc(SEGMENT_HEADER_LENGTH);
  const header = decodeSegmentHeader(bytes.subarray(0, await file.read(bytes, 0)));
  if (typeof header !== 'string' && header.number === number) return { file, header };
  const size = await file.size();
  await file.close();
  if (isLast && size <= SEGMENT_HEADER_LENGTH && isUnwritten(bytes.subarray(0, size))) {
    if (repair) await folder.remove(name);
    return undefined;
  }
  const reason =
    typeof header === 'string' ? header : `it is ${segmentName(header.number)} under another name`;
  throw unusable(folder, name, reason);
}

/** Whether a header has never been durable: it is not all there, or its place is and nothing in it. */
function isUnwritten(bytes: Buffer): boolean {
  return bytes.length < SEGMENT_HEADER_LENGTH || bytes.every((byte) => byte === 0);
}

function unusable(folder: LogFolder, name: string, reason: string): PorticoError {
  return new PorticoError('PORTICO_ERR_STORE', `${folder.path}/${name}: ${reason}`);
}

/** Leaves out a last batch that is not whole. */
async function settleTail(
  segment: Segment,
  reporter: DamageReporter,
  { repair }: RecoveryOptions,
): Promise<void> {
  const { end: size, name, file, salt } = segment;
  const tail = await findTail({ file, salt, start: SEGMENT_HEADER_LENGTH, end: size });
  if (tail.fault === 'none') return;
  segment.end = tail.end;
  if (tail.fault === 'damaged') reporter.damaged(name, tail.end, size - tail.end);
  else reporter.cutShort(name, tail.end, size - tail.end);
  if (repair) await file.truncate(tail.end);
}

async function readInto(index: LogIndex, segment: Segment, reporter: DamageReporter): Promise<void> {
  const { file, salt, end, name } = segment;
  const visitor = {
    record(buffer: Buffer, at: number, length: number, offset: number): void {
      const table = recordTable(buffer, at);
      const key = recordKey(buffer, at);
      if (recordKind(buffer, at) === DELETE) index.delete(table, key);
      else index.set(table, key, new Location(segment, offset, length));
    },
    damage({ offset, length }: Damage): void {
      reporter.damaged(name, offset, length);
    },
  };
  await scan({ file, salt, start: SEGMENT_HEADER_LENGTH, end }, visitor);
}

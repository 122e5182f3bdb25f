import { randomInt } from 'node:crypto';
import type { LogFile, LogFolder } from './log-folder.js';
import { isSound, RECORD_HEADER_LENGTH, recordValue } from './record.js';
import { encodeSegmentHeader, SEGMENT_HEADER_LENGTH, type SegmentHeader } from './segment-header.js';

/** Salts are 32 bits; 0 would be none. */
const SALTS = 2 ** 32;

/** One file of the log. */
export class Segment {
  readonly name: string;
  readonly number: number;
  readonly salt: number;
  readonly file: LogFile;
  /** Where the next record goes: behind all that has been written as it should be. */
  end: number;
  /** Bytes of the records in it that are the present value of their key. */
  live = 0;

  constructor(file: LogFile, { number, salt }: SegmentHeader, end: number) {
    this.name = segmentName(number);
    this.number = number;
    this.salt = salt;
    this.file = file;
    this.end = end;
  }

  /** Whether there is no record in it. */
  get empty(): boolean {
    return this.end === SEGMENT_HEADER_LENGTH;
  }

  /** Bytes of all records in it, dead or alive. */
  get total(): number {
    return this.end - SEGMENT_HEADER_LENGTH;
  }

  /**
   * Makes the file of a new segment, and makes it durable.
   * @param previousEnd see {@link SegmentHeader}
   * @param created milliseconds since 1970
   * @throws Error of the file system; nothing is left behind then, if that can be helped
   */
  static async create(
    folder: LogFolder,
    place: Pick<SegmentHeader, 'number' | 'previousEnd' | 'created'>,
  ): Promise<Segment> {
    const header = { ...place, salt: randomInt(1, SALTS) };
    const name = segmentName(header.number);
    const file = await folder.open(name, 'create');
    try {
      await writeAll(file, encodeSegmentHeader(header), 0);
      await file.sync();
      await folder.sync();
      return new Segment(file, header, SEGMENT_HEADER_LENGTH);
    } catch (error) {
      await file.close();
      await folder.remove(name).catch(() => {});
      throw error;
    }
  }

  /** Writes behind what has been written, without moving {@link end}. */
  write(bytes: Buffer): Promise<void> {
    return writeAll(this.file, bytes, this.end);
  }

  /** Bytes from anywhere in it; fewer than asked for when the file is shorter. @throws Error when it cannot be read */
  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(length);
    return bytes.subarray(0, await this.file.read(bytes, offset));
  }

  /** The value of a record that was read from it; undefined when it is not what was written. */
  valueOf(record: Buffer): Buffer | undefined {
    const sound = record.length >= RECORD_HEADER_LENGTH && isSound(record, 0, record.length, this.salt);
    return sound ? recordValue(record, 0) : undefined;
  }
}

/** `00000001.log` */
export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.log`;
}

/** The number in the name of a segment; undefined for other files. */
export function segmentNumber(name: string): number | undefined {
  const digits = /^(\d{8,})\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

async function writeAll(file: LogFile, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const written = await file.write(bytes.subarray(done), position + done);
    if (written === 0) throw new Error('the file takes no more bytes');
    done += written;
  }
}

import { crc32 } from 'node:zlib';

/**
 * What a segment begins with. Numbers are little-endian.
 *
 * | offset | bytes | what                                                                          |
 * | -----: | ----: | ----------------------------------------------------------------------------- |
 * |      0 |     8 | `PORTICO` and a line feed                                                     |
 * |      8 |     4 | format of the log                                                             |
 * |     12 |     4 | number of the segment, from 1                                                 |
 * |     16 |     8 | when it was begun: milliseconds since 1970                                    |
 * |     24 |     4 | salt of the checks of its records                                             |
 * |     28 |     8 | where the segment before it ends; what may lie behind that was never durable  |
 * |     36 |     4 | CRC-32 of all that precedes                                                   |
 */
export const SEGMENT_HEADER_LENGTH = 40;

/** The format that is written, and the highest that can be read. */
const LOG_FORMAT = 1;

const MAGIC = Buffer.from('PORTICO\n');

export interface SegmentHeader {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly salt: number;
  /** Offset; 0 for the first segment of a store. */
  readonly previousEnd: number;
}

export function encodeSegmentHeader({ number, created, salt, previousEnd }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_LENGTH);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(LOG_FORMAT, 8);
  bytes.writeUInt32LE(number, 12);
  bytes.writeBigUInt64LE(BigInt(created), 16);
  bytes.writeUInt32LE(salt, 24);
  bytes.writeBigUInt64LE(BigInt(previousEnd), 28);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36);
  return bytes;
}

/**
 * @param bytes {@link SEGMENT_HEADER_LENGTH} of them, or fewer when the file has no more
 * @returns the header, or in a few words what is wrong with it
 */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_LENGTH) return 'it is too short';
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'it is no log of Portico';
  const format = bytes.readUInt32LE(8);
  if (format > LOG_FORMAT) {
    return `it has format ${format}, of a newer Portico; this one reads formats up to ${LOG_FORMAT}`;
  }
  if (bytes.readUInt32LE(36) !== crc32(bytes.subarray(0, 36))) return 'its first bytes are damaged';
  return {
    number: bytes.readUInt32LE(12),
    created: Number(bytes.readBigUInt64LE(16)),
    salt: bytes.readUInt32LE(24),
    previousEnd: Number(bytes.readBigUInt64LE(28)),
  };
}

import { crc32 } from 'node:zlib';

/**
 * A record of the log: one put or one delete. Numbers are little-endian.
 *
 * | offset | bytes | what                                                                     |
 * | -----: | ----: | ------------------------------------------------------------------------ |
 * |      0 |     4 | CRC-32 of all that follows, begun with the salt of the segment           |
 * |      4 |     4 | check of the ten bytes that follow, see {@link headerCheck}              |
 * |      8 |     4 | length of the whole record                                               |
 * |     12 |     4 | length of the key                                                        |
 * |     16 |     1 | kind: 1 put, 2 delete; plus 64 on the first record of a batch, 128 on the last |
 * |     17 |     1 | length of the table's name                                               |
 * |     18 |       | table, key (both UTF-8), value                                           |
 *
 * The check of the lengths lets a reader that looks for the next record behind damage tell at most bytes cheaply that
 * none begins there. The salt, which no client knows, keeps bytes inside a value from passing for a record.
 */
export const RECORD_HEADER_LENGTH = 18;

export const PUT = 1;
export const DELETE = 2;
type RecordKind = typeof PUT | typeof DELETE;

const FIRST = 64;
const LAST = 128;
const KIND_MASK = 63;

/** Bytes that a record needs at most. */
export function recordRoom(table: string, key: string, valueLength: number): number {
  return RECORD_HEADER_LENGTH + 3 * (table.length + key.length) + valueLength;
}

/**
 * Writes a record, which {@link sealRecord} has to finish.
 * @param at where in the buffer; there must be {@link recordRoom}
 * @param table at most 255 bytes
 * @returns the length of the record
 */
export function writeRecord(
  buffer: Buffer,
  at: number,
  kind: RecordKind,
  table: string,
  key: string,
  value: Buffer | undefined,
): number {
  let end = at + RECORD_HEADER_LENGTH;
  const tableLength = buffer.write(table, end);
  end += tableLength;
  const keyLength = buffer.write(key, end);
  end += keyLength;
  if (value !== undefined) {
    buffer.set(value, end);
    end += value.length;
  }
  const length = end - at;
  buffer.writeUInt32LE(length, at + 8);
  buffer.writeUInt32LE(keyLength, at + 12);
  buffer.writeUInt8(kind, at + 16);
  buffer.writeUInt8(tableLength, at + 17);
  return length;
}

/** Writes the place of a record in its batch, and the two checks that are good in segments with this salt. */
export function sealRecord(buffer: Buffer, at: number, salt: number, first: boolean, last: boolean): void {
  const kind = (buffer[at + 16] as number) & KIND_MASK;
  buffer[at + 16] = kind | (first ? FIRST : 0) | (last ? LAST : 0);
  buffer.writeUInt32LE(headerCheck(buffer, at, salt), at + 4);
  buffer.writeUInt32LE(recordCrc(buffer, at, recordLength(buffer, at), salt), at);
}

/**
 * The length of the record whose header lies at `at`; 0 when it is no header. Whether the record is sound is
 * another question, see {@link isSound}.
 */
export function soundLength(buffer: Buffer, at: number, salt: number): number {
  const length = recordLength(buffer, at);
  if (length < RECORD_HEADER_LENGTH || buffer.readUInt32LE(at + 4) !== headerCheck(buffer, at, salt))
    return 0;
  const kind = recordKind(buffer, at);
  const fits = tableLength(buffer, at) + keyLength(buffer, at) <= length - RECORD_HEADER_LENGTH;
  return fits && (kind === PUT || kind === DELETE) ? length : 0;
}

/** Whether the record of this length is as it was written. */
export function isSound(buffer: Buffer, at: number, length: number, salt: number): boolean {
  return buffer.readUInt32LE(at) === recordCrc(buffer, at, length, salt);
}

export function recordLength(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at + 8);
}

export function recordKind(buffer: Buffer, at: number): number {
  return (buffer[at + 16] as number) & KIND_MASK;
}

export function isFirstOfBatch(buffer: Buffer, at: number): boolean {
  return ((buffer[at + 16] as number) & FIRST) !== 0;
}

export function isLastOfBatch(buffer: Buffer, at: number): boolean {
  return ((buffer[at + 16] as number) & LAST) !== 0;
}

export function recordTable(buffer: Buffer, at: number): string {
  const start = at + RECORD_HEADER_LENGTH;
  return buffer.toString('utf8', start, start + tableLength(buffer, at));
}

export function recordKey(buffer: Buffer, at: number): string {
  const start = at + RECORD_HEADER_LENGTH + tableLength(buffer, at);
  return buffer.toString('utf8', start, start + keyLength(buffer, at));
}

/** A copy of the value. */
export function recordValue(buffer: Buffer, at: number): Buffer {
  const start = at + RECORD_HEADER_LENGTH + tableLength(buffer, at) + keyLength(buffer, at);
  return Buffer.from(buffer.subarray(start, at + recordLength(buffer, at)));
}

function tableLength(buffer: Buffer, at: number): number {
  return buffer[at + 17] as number;
}

function keyLength(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at + 12);
}

function recordCrc(buffer: Buffer, at: number, length: number, salt: number): number {
  return crc32(buffer.subarray(at + 4, at + length), salt);
}

/** A 32-bit hash of the lengths and the kind, with the salt; cheap enough to try at every byte of a damaged file. */
function headerCheck(buffer: Buffer, at: number, salt: number): number {
  let hash = Math.imul(salt ^ buffer.readUInt32LE(at + 8), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ buffer.readUInt32LE(at + 12), 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 13) ^ buffer.readUInt16LE(at + 16), 0xc2b2ae3d);
  return (hash ^ (hash >>> 16)) >>> 0;
}

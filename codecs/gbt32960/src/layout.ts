import type { Edition } from './frame.js';

/** Where things stand in the bytes of a frame: offsets and sizes, in bytes (GB/T 32960.3-2016 table 2). */

/** Both start bytes of an edition: `##` or `$$`. */
export const START_BYTES: { readonly [edition in Edition]: number } = { 2016: 0x23, 2025: 0x24 };
/** Of the command; the response flag stands behind it. The check byte covers all from here on. */
export const COMMAND_AT = 2;
export const RESPONSE_AT = COMMAND_AT + 1;
export const VIN_AT = RESPONSE_AT + 1;
export const VIN_SIZE = 17;
export const ENCRYPTION_AT = VIN_AT + VIN_SIZE;
/** Of the length of the data, two bytes. */
export const LENGTH_AT = ENCRYPTION_AT + 1;
/** All that stands before the data. */
export const HEADER_SIZE = LENGTH_AT + 2;
/** The most bytes of data that a length can tell of. */
export const MAX_DATA_SIZE = 65_535;
export const CHECK_SIZE = 1;

/** The check byte: XOR of the bytes from an offset up to another. */
export function checkByte(bytes: Buffer, start: number, end: number): number {
  let check = 0;
  for (let at = start; at < end; at++) check ^= bytes[at] as number;
  return check;
}

import type { CoapOption } from './option.js';
import { uintOption } from './options.js';

/** The value of a Block1 or Block2 option, RFC 7959 §2.2. */
export interface Block {
  /** Number of the block, 0 to {@link MAX_BLOCK_NUMBER}. */
  readonly num: number;
  /** Whether more blocks follow (Block1), or are there to be fetched (Block2). */
  readonly more: boolean;
  /** Bytes in a block: one of {@link BLOCK_SIZES}. */
  readonly size: number;
}

/** Greatest number of a block: 20 bits, RFC 7959 §2.2. */
export const MAX_BLOCK_NUMBER = 2 ** 20 - 1;

/** The sizes of blocks in bytes, by SZX: 2^(SZX + 4), RFC 7959 §2.2. */
export const BLOCK_SIZES = [16, 32, 64, 128, 256, 512, 1024] as const;

/**
 * Reads NUM, M and SZX.
 * @returns undefined for the reserved size exponent 7
 */
export function decodeBlock(value: number): Block | undefined {
  const exponent = value & 7;
  if (exponent === 7) return undefined;
  return { num: value >> 4, more: (value & 8) !== 0, size: 1 << (exponent + 4) };
}

/**
 * A Block1 or Block2 option.
 * @param number of the option
 */
export function blockOption(number: number, { num, more, size }: Block): CoapOption {
  const exponent = 31 - Math.clz32(size) - 4;
  return uintOption(number, num * 16 + (more ? 8 : 0) + exponent);
}

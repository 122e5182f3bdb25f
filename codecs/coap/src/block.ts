/** The value of a Block1 or Block2 option, RFC 7959 §2.2. */
export interface Block {
  /** Number of the block, from 0. */
  readonly num: number;
  /** Whether more blocks follow (Block1), or are there to be fetched (Block2). */
  readonly more: boolean;
  /** Bytes in a block, 16 to 1,024. */
  readonly size: number;
}

/**
 * Reads NUM, M and SZX.
 * @returns undefined for the reserved size exponent 7
 */
export function decodeBlock(value: number): Block | undefined {
  const exponent = value & 7;
  if (exponent === 7) return undefined;
  return { num: value >> 4, more: (value & 8) !== 0, size: 1 << (exponent + 4) };
}

import { NO_BYTES } from '@portico/codec-coap';

/** Bytes of memory that copies share. */
const ROOM = 4096;
/** Longest copy that shares memory with others. */
const MAX_SMALL = 64;

let memory = NO_BYTES;

/**
 * A copy of a few bytes that are kept for minutes. It lies beside others that are kept as long: in the pool of Node.js it
 * would hold 8 KiB of what is long forgotten.
 */
export function keepBytes(bytes: Buffer): Buffer {
  const { length } = bytes;
  if (length === 0) return NO_BYTES;
  if (length > MAX_SMALL) return Buffer.from(bytes);
  if (length > memory.length) memory = Buffer.allocUnsafeSlow(ROOM);
  const copy = memory.subarray(0, length);
  memory = memory.subarray(length);
  bytes.copy(copy);
  return copy;
}

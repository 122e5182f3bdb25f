import { NO_BYTES } from '@portico/codec-coap';

/** Bytes of memory that copies share. */
const ROOM = 4096;
/** Longest copy that shares memory with others. */
const MAX_SMALL = 64;

let memory = NO_BYTES;

/**
 * A copy of bytes that are kept for minutes or longer. In the pool of Node.js it would hold 8 KiB of what is long
 * forgotten: a few bytes lie beside others that are kept as long, more of them in memory of their own.
 */
export function keepBytes(bytes: Buffer): Buffer {
  const { length } = bytes;
  if (length === 0) return NO_BYTES;
  const copy = length > MAX_SMALL ? Buffer.allocUnsafeSlow(length) : shared(length);
  bytes.copy(copy);
  return copy;
}

function shared(length: number): Buffer {
  if (length > memory.length) memory = Buffer.allocUnsafeSlow(ROOM);
  const part = memory.subarray(0, length);
  memory = memory.subarray(length);
  return part;
}

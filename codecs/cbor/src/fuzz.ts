import { isFrameError } from '@portico/frame';
import { decode } from './decoder.js';
import { encode } from './encoder.js';
import type { CborValue } from './value.js';

const REFUSED = Symbol('refused');

/**
 * One run of a fuzzer: whatever the bytes are, the codec either refuses them with a FrameError or reads a data
 * item, which is the same, byte by byte, when it has been written, read and written again.
 * @returns whether the bytes were a data item
 * @throws anything that it throws is a bug of the codec
 */
export function fuzz(bytes: Buffer): boolean {
  const value = decodeOrRefuse(bytes);
  if (value === REFUSED) return false;
  const written = encode(value);
  const again = encode(decode(written));
  if (!again.equals(written)) {
    throw new Error(`${written.toString('hex')} was written back as ${again.toString('hex')}`);
  }
  return true;
}

function decodeOrRefuse(bytes: Buffer): CborValue | typeof REFUSED {
  try {
    return decode(bytes);
  } catch (error) {
    if (isFrameError(error)) return REFUSED;
    throw error;
  }
}

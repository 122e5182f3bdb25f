import { isDeepStrictEqual } from 'node:util';
import { BufferSink, checkExplained, isFrameError } from '@portico/frame';
import { decode } from './decoder.js';
import { describe } from './describe.js';
import { encode, encodedLength } from './encoder.js';
import { explain } from './explain.js';
import type { SnMessage } from './message.js';

/**
 * One run of a fuzzer: whatever the bytes are, the codec either refuses them with a FrameError or reads a
 * message that it can describe, and that is the same after it was written and read again. (The bytes may
 * differ: Length has two forms, and flags without a use are not kept.)
 * @returns whether the bytes were a message
 * @throws anything that it throws is a bug of the codec
 */
export function fuzz(bytes: Buffer): boolean {
  checkExplained(explain(bytes));
  const message = decodeOrRefuse(bytes);
  if (message === undefined) return false;
  const line = describe(message);
  const sink = new BufferSink(bytes.length + 1);
  encode(message, sink);
  const written = sink.take();
  if (written.length !== encodedLength(message) || written.length > bytes.length) {
    throw new Error(`${line}: ${bytes.length} octets were written back as ${written.length}`);
  }
  if (!isDeepStrictEqual(decode(written), message)) throw new Error(`read again, it is another: ${line}`);
  return true;
}

function decodeOrRefuse(bytes: Buffer): SnMessage | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (isFrameError(error)) return undefined;
    throw error;
  }
}

import { BufferSink, checkExplained, isFrameError } from '@portico/frame';
import { decode } from './decoder.js';
import { describe } from './describe.js';
import { encode } from './encoder.js';
import { explain } from './explain.js';

/**
 * One run of a fuzzer: whatever the bytes are, the codec either refuses them with a FrameError or reads a
 * message that it writes back as the same bytes (CoAP has one encoding for each message) and can describe.
 * @returns whether the bytes were a message
 * @throws anything that it throws is a bug of the codec
 */
export function fuzz(bytes: Buffer): boolean {
  checkExplained(explain(bytes));
  const sink = new BufferSink(bytes.length + 1);
  try {
    const message = decode(bytes);
    describe(message);
    encode(message, sink);
  } catch (error) {
    if (isFrameError(error)) return false;
    throw error;
  }
  const written = sink.take();
  if (!written.equals(bytes)) {
    throw new Error(`${bytes.toString('hex')} was written back as ${written.toString('hex')}`);
  }
  return true;
}

import { isDeepStrictEqual } from 'node:util';
import { BufferSink, checkExplained, isFrameError } from '@portico/frame';
import { TcpDecoder } from './decoder.js';
import { describe } from './describe.js';
import { encode } from './encoder.js';
import { explain } from './explain.js';
import type { Frame } from './frame.js';

/**
 * Feeds any bytes to the codec, once whole and once byte by byte. Every frame found must survive being
 * written and read again.
 * @throws Error when the codec has a bug; the input cannot be to blame
 */
export function fuzz(bytes: Buffer): void {
  checkExplained(explain(bytes));
  const whole = decodeAll([bytes]);
  const trickled = decodeAll(Array.from(bytes, (byte) => Buffer.of(byte)));
  if (!isDeepStrictEqual(whole, trickled)) throw new Error('the result depends on how the bytes are cut');
  for (const frame of whole.frames) checkRoundTrip(frame);
}

interface Decoded {
  readonly frames: Frame[];
  /** The code of the error that ended it. */
  readonly error: string | undefined;
}

function decodeAll(chunks: readonly Buffer[]): Decoded {
  const decoder = new TcpDecoder();
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
    }
  } catch (error) {
    if (!isFrameError(error)) throw error;
    return { frames, error: error.code };
  }
  return { frames, error: undefined };
}

function checkRoundTrip(frame: Frame): void {
  const sink = new BufferSink();
  encode(frame, sink);
  const again = decodeAll([sink.take()]);
  if (!isDeepStrictEqual(again, { frames: [frame], error: undefined })) {
    throw new Error(`read again, it is another frame: ${describe(frame)}`);
  }
}

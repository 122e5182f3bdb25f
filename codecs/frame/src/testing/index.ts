import assert from 'node:assert/strict';
import type { StreamDecoder } from '../decoder.js';
import { isFrameError } from '../frame-error.js';

/**
 * Holds a decoder to what {@link StreamDecoder} says of `undecoded` after a FrameError: that they are the bytes from
 * the frame that is none. Sends a good frame and the bad one, in one piece and byte by byte.
 * @param create makes a fresh decoder
 */
export function assertFaultStaysUndecoded(
  create: () => StreamDecoder<unknown>,
  good: Buffer,
  bad: Buffer,
): void {
  const stream = Buffer.concat([good, bad]);
  assert.deepEqual(undecodedAfterFault(create(), [stream]), bad);
  const bytes = Array.from(stream, (byte) => Buffer.of(byte));
  const begun = undecodedAfterFault(create(), bytes);
  assert.ok(begun.length > 0, 'nothing of the bad frame is left');
  assert.deepEqual(begun, bad.subarray(0, begun.length));
}

function undecodedAfterFault(decoder: StreamDecoder<unknown>, chunks: readonly Buffer[]): Buffer {
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      while (decoder.next() !== undefined);
    }
  } catch (error) {
    if (!isFrameError(error)) throw error;
    return decoder.undecoded;
  }
  assert.fail('the frame was taken for a good one');
}

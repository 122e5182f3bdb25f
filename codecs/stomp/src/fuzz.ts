import { isDeepStrictEqual } from 'node:util';
import { BufferSink, checkExplained, isFrameError } from '@portico/frame';
import { StompDecoder } from './decoder.js';
import { describe } from './describe.js';
import { encode } from './encoder.js';
import { explain } from './explain.js';
import { COMMANDS_WITH_BODY, frame, type StompFrame } from './frame.js';

/** A handshake in each version, so that what follows is read by its rules. */
const OPENINGS = ['', 'CONNECT\naccept-version:1.1\n\n\0', 'CONNECT\naccept-version:1.2\n\n\0'];

/**
 * Feeds any bytes to the codec in each version, once whole and once byte by byte. Every frame found must survive being
 * written and read again.
 * @throws Error when the codec has a bug; the input cannot be to blame
 */
export function fuzz(bytes: Buffer): void {
  for (const opening of OPENINGS) fuzzStream(Buffer.concat([Buffer.from(opening), bytes]));
}

function fuzzStream(bytes: Buffer): void {
  checkExplained(explain(bytes));
  const whole = decodeAll([bytes]);
  const trickled = decodeAll(Array.from(bytes, (byte) => Buffer.of(byte)));
  if (!isDeepStrictEqual(shown(whole), shown(trickled))) {
    throw new Error('the result depends on how the bytes are cut');
  }
  checkRoundTrip(whole.frames);
}

interface Decoded {
  readonly frames: StompFrame[];
  /** The code of the error that ended it. */
  readonly error: string | undefined;
}

function shown({ frames, error }: Decoded): unknown {
  return { frames: frames.map(partsOf), error };
}

function decodeAll(chunks: readonly Buffer[]): Decoded {
  const decoder = new StompDecoder();
  const frames: StompFrame[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let next = decoder.next(); next !== undefined; next = decoder.next()) frames.push(next);
    }
  } catch (error) {
    if (!isFrameError(error)) throw error;
    return { frames, error: error.code };
  }
  return { frames, error: undefined };
}

/** Writes and reads all frames in turn, because how each is read depends on those before. */
function checkRoundTrip(frames: readonly StompFrame[]): void {
  const decoder = new StompDecoder({ maxHeaders: 11 });
  for (const found of frames) {
    const sink = new BufferSink();
    encode(found, decoder.version, sink);
    decoder.push(sink.take());
    const again = decoder.next();
    if (again === undefined || !isDeepStrictEqual(partsOf(again), partsOf(withLength(found)))) {
      throw new Error(`read again, it is another frame: ${describe(found)}`);
    }
  }
}

/** What a writer adds to a frame that may have a body. */
function withLength(written: StompFrame): StompFrame {
  const { command, headers, body } = written;
  if (!COMMANDS_WITH_BODY.includes(command) || headers.get('content-length') !== undefined) return written;
  return frame(command, [...[...headers].flat(), 'content-length', String(body.length)], body);
}

function partsOf({ command, headers, body }: StompFrame): unknown {
  return [command, [...headers], body];
}

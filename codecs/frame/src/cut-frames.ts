import type { StreamDecoder } from './decoder.js';
import type { ExplainedFault } from './explanation.js';
import { isFrameError } from './frame-error.js';

/** A piece of a byte stream: one frame, or bytes that are none. */
export interface Piece<Frame> {
  /** Bytes from the start of the stream. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** Missing where the bytes are no frame, or not all of one. */
  readonly frame: Frame | undefined;
  readonly faults: readonly ExplainedFault[];
}

/** A decoder that may pass over bytes between frames, and counts them. */
type Decoder<Frame> = StreamDecoder<Frame> & { readonly skipped?: number };

/**
 * Cuts a whole byte stream into frames, bytes that were passed over, and at its end what is no frame or not all of one.
 * @param decoder a new one
 */
export function* cutFrames<Frame>(decoder: Decoder<Frame>, stream: Buffer): Generator<Piece<Frame>> {
  decoder.push(stream);
  let at = 0;
  for (;;) {
    const skippedBefore = decoder.skipped ?? 0;
    const { frame, fault } = nextOf(decoder);
    const skipped = (decoder.skipped ?? 0) - skippedBefore;
    if (skipped > 0) {
      yield {
        offset: at,
        bytes: stream.subarray(at, at + skipped),
        frame: undefined,
        faults: [PASSED_OVER],
      };
    }
    at += skipped;
    const isFrame = frame !== undefined;
    const end = isFrame ? stream.length - decoder.buffered : stream.length;
    const bytes = stream.subarray(at, end);
    const faults = fault === undefined ? NONE : [fault];
    if (isFrame || fault !== undefined) yield { offset: at, bytes, frame, faults };
    else if (bytes.length > 0) yield { offset: at, bytes, frame, faults: [unfinished(bytes)] };
    if (!isFrame) return;
    at = end;
  }
}

const NONE: readonly ExplainedFault[] = [];
const PASSED_OVER: ExplainedFault = { offset: 0, reason: 'no frame begins here: passed over' };

function unfinished(bytes: Buffer): ExplainedFault {
  return { offset: bytes.length, reason: 'the bytes end before the frame does' };
}

function nextOf<Frame>(decoder: Decoder<Frame>): {
  readonly frame: Frame | undefined;
  readonly fault?: ExplainedFault;
} {
  try {
    return { frame: decoder.next() };
  } catch (error) {
    if (!isFrameError(error)) throw error;
    return { frame: undefined, fault: { offset: error.offset, reason: error.message } };
  }
}

/**
 * What every codec shares: the error for hostile input, the place encoders write to, and the shape of a
 * decoder. A codec is pure: no I/O, no timers, no logging, no clock. It imports this package and nothing
 * else of the project.
 */

export { BufferedDecoder } from './buffered-decoder.js';
export type { ByteSink } from './byte-sink.js';
export { BufferSink } from './byte-sink.js';
export { checkExplained, explainedLines } from './check-explained.js';
export { cutFrames, type Piece } from './cut-frames.js';
export type { DatagramDecoder, StreamDecoder } from './decoder.js';
export { type FieldRow, type FrameRow, frameRow, frameRows } from './explained-rows.js';
export {
  type ExplainedFault,
  type ExplainedField,
  type ExplainedFrame,
  shownBytes,
  shownCode,
  shownSize,
  shownText,
} from './explanation.js';
export { explained, FieldReader, faultsOf, type Meaning, type Unexplained } from './field-reader.js';
export { FrameError, isFrameError } from './frame-error.js';
export { StreamBuffer } from './stream-buffer.js';

/**
 * STOMP 1.0, 1.1 and 1.2: frames of text headers and a body of any bytes, on a byte stream or in WebSocket messages.
 *
 * A frame is a command, headers, an empty line, a body and a NUL. How headers are escaped depends on the version, which
 * CONNECT and CONNECTED agree on.
 */

export { type DecoderOptions, StompDecoder } from './decoder.js';
export { describe } from './describe.js';
export { encode, encodeHeartBeat, encodeMessage, headerLine, headerLines } from './encoder.js';
export type { StompErrorCode } from './errors.js';
export { type ExplainOptions, explain } from './explain.js';
export {
  CLIENT_COMMANDS,
  type ClientCommand,
  type Command,
  frame,
  SERVER_COMMANDS,
  type ServerCommand,
  type StompFrame,
} from './frame.js';
export { fuzz } from './fuzz.js';
export { Headers } from './headers.js';
export { negotiate, type StompVersion, VERSIONS } from './versions.js';

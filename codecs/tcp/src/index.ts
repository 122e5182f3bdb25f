/**
 * The private TCP protocol, version 1, of EMQX Enterprise: a thin frame around an application's own data.
 *
 * Every frame begins with one byte, type in the high and flags in the low four bits. CONNECT, CONNACK and
 * DATATRANS go on with a payload and its length in two bytes, big-endian.
 */

export { type DecoderOptions, TcpDecoder, type TcpErrorCode } from './decoder.js';
export { describe } from './describe.js';
export { encode } from './encoder.js';
export { explain } from './explain.js';
export {
  AckCode,
  type ConnackFrame,
  type ConnectFrame,
  type DatatransFrame,
  type DisconnectFrame,
  type Frame,
  type FrameType,
  MAX_PAYLOAD_LENGTH,
  type PingFrame,
  type PongFrame,
  PROTOCOL_VERSION,
} from './frame.js';
export { fuzz } from './fuzz.js';

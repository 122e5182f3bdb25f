/**
 * CoAP messages (RFC 7252) as datagrams: pure encoding and decoding, the registries of codes, options and
 * content formats. Message layer, observation and everything that takes time belong to the gateway.
 */

export { BLOCK_SIZES, type Block, blockOption, decodeBlock, MAX_BLOCK_NUMBER } from './block.js';
export {
  classOf,
  codeName,
  codeOf,
  codeText,
  EMPTY_CODE,
  isRequest,
  isResponse,
  Method,
  ResponseCode,
} from './codes.js';
export { ContentFormat, contentFormatOf, mediaType } from './content-formats.js';
export { type CoapErrorCode, CoapFrameError, decode, MAX_OPTIONS } from './decoder.js';
export { describe } from './describe.js';
export { encode, encodedLength } from './encoder.js';
export { type ExplainOptions, explain, type PayloadContext } from './explain.js';
export { fuzz } from './fuzz.js';
export {
  type CoapMessage,
  emptyMessage,
  keepMessage,
  type MessageHeader,
  MessageType,
  NO_BYTES,
  NO_OPTIONS,
  typeName,
} from './message.js';
export { CoapOption } from './option.js';
export {
  findOption,
  isCritical,
  isMalformed,
  OPTIONS,
  type OptionDefinition,
  type OptionFormat,
  OptionNumber,
  opaqueOption,
  optionDefinition,
  stringOption,
  stringsOf,
  uintOption,
  validText,
} from './options.js';

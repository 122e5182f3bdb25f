/**
 * JT/T 808 of 2011, 2013 and 2019, with the signalling of JT/T 1078: frames of commercial vehicles' terminals.
 *
 * A frame stands between two bytes 0x7E; {@link Jt808Decoder} cuts a stream into them. What a message's body has is said
 * once, in {@link MESSAGES}: {@link decodeBody} and {@link encodeMessage} read and write it as it stands in JSON.
 * A message may come in parts, which {@link Reassembler} puts together.
 */

export { type FieldSpan, GBK, RecordError, type RecordFault, type TextCodec, UTF8 } from '@portico/record';
export { type DecodedBody, type DecodeOptions, decodeBody } from './body.js';
export { type DecoderOptions, Jt808Decoder, type Jt808ErrorCode } from './decoder.js';
export { describe, idText } from './describe.js';
export { documentMessages } from './document.js';
export type { Edition } from './editions.js';
export { type EncodeOptions, encodeMessage, type Jt808Message } from './encoder.js';
export { type ExplainOptions, explain } from './explain.js';
export type { Jt808Frame, Jt808Header, MalformedCode, MalformedFrame } from './frame.js';
export { fuzz } from './fuzz.js';
export { MAX_BODY_LENGTH } from './header.js';
export { LOCATION_ITEMS } from './location.js';
export { MESSAGES } from './message-table.js';
export type { Direction, MessageRow } from './messages/row.js';
export { PARAMETERS, type ParameterRow } from './parameters.js';
export {
  type DroppedMessage,
  type DropReason,
  type MissingParts,
  Reassembler,
  type ReassemblerOptions,
} from './reassembler.js';

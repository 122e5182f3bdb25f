/**
 * GB/T 32960.3 of 2016 and 2025: frames of electric vehicles' terminals, and of platforms that forward them.
 *
 * A frame begins with `##` (2016) or `$$` (2025); {@link Gbt32960Decoder} cuts a stream into them. What the data of a
 * command have is said once, in {@link COMMANDS} and the tables of what a report can have: {@link decodeData} and
 * {@link encodeMessage} read and write them as they stand in JSON, with the integers of the standard.
 * {@link scaledInfos} makes physical quantities of them.
 */

export { RecordError, type RecordFault } from '@portico/record';
export { COMMANDS, type CommandRow } from './commands.js';
export {
  type DataToEncode,
  type DecodedData,
  type DecodeOptions,
  decodeData,
  encodeData,
  encodeMessage,
} from './data.js';
export { type DecoderOptions, Gbt32960Decoder } from './decoder.js';
export { describe, vinText } from './describe.js';
export { encodeFrame, type FrameFields } from './encoder.js';
export { explain } from './explain.js';
export {
  Command,
  type Edition,
  Encryption,
  type Gbt32960Frame,
  type Gbt32960Header,
  type MalformedCode,
  type MalformedFrame,
  ResponseFlag,
} from './frame.js';
export type { InfoRow } from './info-row.js';
export type { Info } from './infos.js';
export { INFOS_2016 } from './infos-2016.js';
export { INFOS_2025 } from './infos-2025.js';
export { PARAMETERS, type ParameterRow } from './parameters.js';
export { scaledInfos } from './scaled.js';
export { type Signature, SignatureType, signatureOf } from './signature.js';

/**
 * Binary records described by tables: one description of a message's fields reads its bytes into an object as it stands
 * in JSON, writes them from one, and tells where each field stands. Integers are big-endian.
 */

export { bits, packed } from './bits.js';
export { explainRecord, type Place, type ShowOptions } from './explain-record.js';
export {
  base64,
  bcd,
  before,
  byte,
  characters,
  countOf,
  dword,
  type Field,
  type IntegerField,
  type Length,
  optional,
  type Presence,
  type Siblings,
  since,
  sizeOf,
  text,
  type ValueOf,
  when,
  word,
} from './field.js';
export type { Form } from './form.js';
export { GBK } from './gbk.js';
export { putHex } from './hex.js';
export { type ItemRow, type ItemsOptions, items } from './items.js';
export { list } from './list.js';
export {
  type ReadResult,
  type RecordField,
  type RecordOf,
  readRecord,
  record,
  recordWritten,
  type Shape,
  writeRecord,
} from './record.js';
export { RecordError } from './record-error.js';
export {
  type FieldSpan,
  type ReadOptions,
  type RecordErrorCode,
  type RecordFault,
  RecordReader,
} from './record-reader.js';
export { RecordWriter, type WriteOptions, type Written } from './record-writer.js';
export { byEdition, choice, joined, sized } from './sized.js';
export { ASCII, type TextCodec, UTF8 } from './text-codec.js';

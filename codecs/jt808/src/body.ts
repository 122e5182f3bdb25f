import { shownSize } from '@portico/frame';
import {
  base64,
  type FieldSpan,
  GBK,
  type RecordFault,
  type RecordField,
  readRecord,
  record,
  recordWritten,
  type Shape,
  type TextCodec,
  type Written,
} from '@portico/record';
import { type Edition, editionOfBody } from './editions.js';
import type { Jt808Frame } from './frame.js';
import { MESSAGES } from './message-table.js';
import type { MessageRow } from './messages/row.js';

export interface DecodeOptions {
  /** What the terminal speaks, where that is known from its registration; the frame tells unless given. */
  readonly edition?: Edition;
  /** How text stands in bodies; {@link GBK} unless given. */
  readonly text?: TextCodec;
  /** Gets the place of every field. */
  readonly spans?: FieldSpan[];
}

/** The body of a message, as it stands in JSON. */
export interface DecodedBody {
  /**
   * By the table of its id. `{unknown_id: true, data}` of an id that is not known, `{encrypted: true, data}` of an
   * encrypted one, `{fragment: true, data}` of a part; `data` is base64.
   */
  readonly body: Readonly<Record<string, unknown>>;
  /** What of it is wrong; what is sound stands in the body. */
  readonly faults: readonly RecordFault[];
  /** By which the body was read. */
  readonly edition: Edition;
}

/** Decodes the body of a frame. Never throws for what a terminal sends. */
export function decodeBody(frame: Jt808Frame, options: DecodeOptions = {}): DecodedBody {
  const { header, body: bytes } = frame;
  const edition = options.edition ?? editionOfBody(frame);
  const { msg_id, encrypt, frag_total } = header;
  const row = MESSAGES.get(msg_id);
  if (encrypt !== 0) return opaque('encrypted', bytes, edition);
  if (frag_total !== undefined && frag_total > 1) return opaque('fragment', bytes, edition);
  if (row === undefined) return opaque('unknown_id', bytes, edition);
  const { value, faults, length } = readRecord(shapeOf(row, edition), bytes, {
    edition,
    text: options.text ?? GBK,
    ...(options.spans && { spans: options.spans }),
  });
  const isWhole = faults.length === 0 && length === bytes.length && header.len === bytes.length;
  return { body: value, faults: isWhole ? faults : [...lengthFaults(frame, length, faults)], edition };
}

function opaque(mark: string, bytes: Buffer, edition: Edition): DecodedBody {
  return { body: { [mark]: true, data: bytes.toString('base64') }, faults: [], edition };
}

/** Faults, and what is wrong with the length of a body. @param read bytes of its record */
function* lengthFaults(
  { header: { len }, body: { length } }: Jt808Frame,
  read: number,
  faults: readonly RecordFault[],
): Iterable<RecordFault> {
  if (len !== length) {
    const reason = `the header tells of ${len} bytes, there are ${length}`;
    yield { path: 'header.len', code: 'wrong_length', offset: 0, reason };
  }
  yield* faults;
  if (faults.length === 0 && read < length) {
    yield { path: '', code: 'wrong_length', offset: read, reason: `${shownSize(length - read)} too many` };
  }
}

/** Bytes as they are, of a message that is not known or is encrypted. */
const OPAQUE = record({ data: base64('rest') });

/**
 * Encodes a body. That of an id that is not known is its bytes in base64, as `data`; so is that of an opaque one.
 * @param json as {@link decodeBody} gives it; may be missing where the message has no fields
 * @param room bytes to leave free before it
 * @returns borrowed: the next body is written over it
 * @throws RecordError when it lacks something, or has what cannot be written
 */
export function encodeBody(
  id: number,
  json: unknown,
  options: { readonly edition: Edition; readonly text: TextCodec; readonly isOpaque: boolean },
  room: number,
): Written {
  const row = options.isOpaque ? undefined : MESSAGES.get(id);
  const described = row === undefined ? OPAQUE : shapeOf(row, options.edition);
  return recordWritten(described, json ?? {}, options, 'body', room);
}

function shapeOf({ body, body2011 }: MessageRow, edition: Edition): RecordField<Shape> {
  return edition === 2011 ? (body2011 ?? body) : body;
}

import {
  cutFrames,
  type ExplainedFault,
  type ExplainedField,
  type ExplainedFrame,
  explained,
  type FieldReader,
  type Piece,
  shownSize,
} from '@portico/frame';
import type { FieldSpan, TextCodec } from '@portico/record';
import { decodeBody } from './body.js';
import { Jt808Decoder } from './decoder.js';
import { idText } from './describe.js';
import type { Edition } from './editions.js';
import { checksum, DELIMITER, plainBytes } from './escaping.js';
import { bodyFields, hasSecrets } from './explain-body.js';
import type { Jt808Frame, MalformedFrame } from './frame.js';
import { type HeaderRead, HeaderReader } from './header.js';
import { MESSAGES } from './message-table.js';

export interface ExplainOptions {
  /** What the terminal speaks; the frames tell unless given. */
  readonly edition?: Edition;
  /** How text stands in bodies; GBK unless given. */
  readonly text?: TextCodec;
}

const MAX_FRAME_SIZE = 1 << 16;

/** Explains all frames of a byte stream, as far as they can be read. Never throws for what a peer sends. */
export function explain(stream: Buffer, options: ExplainOptions = {}): ExplainedFrame[] {
  const pieces = cutFrames(new Jt808Decoder({ maxFrameSize: MAX_FRAME_SIZE }), stream);
  return Array.from(pieces)
    .filter(({ bytes }) => !isDelimiters(bytes))
    .map((piece) => explainPiece(piece, options));
}

/** Whether bytes are what ends the frame before them. */
function isDelimiters(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === DELIMITER);
}

function explainPiece(piece: Piece<Jt808Frame | MalformedFrame>, options: ExplainOptions): ExplainedFrame {
  const { offset, frame } = piece;
  const bytes = frame?.kind === 'malformed' ? frame.bytes : piece.bytes;
  const content = contentOf(bytes);
  const isPassedOver = frame === undefined && content.start === 0;
  const read = isPassedOver ? undefined : new HeaderReader().read(content.plain);
  const faults: ExplainedFault[] = [...piece.faults];
  const title = read === undefined ? 'no frame' : titleOf(read);
  const secretRest = read !== undefined && hasSecrets(read.header.msg_id);
  const inner = explained({ title, offset, bytes: content.plain, faults: [], secretRest }, (reader) => {
    if (read !== undefined) readContent(reader, read, options, faults, content);
  });
  if (frame?.kind === 'malformed' && faults.length === 0) {
    faults.push({ offset: content.fault ?? bytes.length - 1, reason: frame.reason });
  }
  const fields = inner.fields.map((field) => placed(field, content.places));
  return {
    title,
    offset,
    bytes,
    fields: [...delimiters(content), ...fields, ...closing(bytes, content)],
    faults,
  };
}

function titleOf({ header: { msg_id, frag_total, frag_sn } }: HeaderRead): string {
  const name = `${idText(msg_id)} ${MESSAGES.get(msg_id)?.name ?? 'unknown'}`;
  return frag_total === undefined ? name : `${name}, part ${frag_sn} of ${frag_total}`;
}

/** What stands between the delimiters of a frame. */
interface Content {
  /** Offset of its first byte in the frame. */
  readonly start: number;
  /** Without escapes, as far as those are right. */
  readonly plain: Buffer;
  /** Where each of these bytes stands in the frame, and where they end. */
  readonly places: readonly number[];
  /** Offset of an escape that is none. */
  readonly fault: number | undefined;
  readonly isClosed: boolean;
}

function contentOf(bytes: Buffer): Content {
  let start = 0;
  while (bytes[start] === DELIMITER) start++;
  const isClosed = start < bytes.length && bytes[bytes.length - 1] === DELIMITER;
  const { plain, places, fault } = plainBytes(bytes, start, bytes.length - (isClosed ? 1 : 0));
  return { start, plain, places, fault, isClosed };
}

/** The same field, where it stands in the frame. */
function placed(field: ExplainedField, places: readonly number[]): ExplainedField {
  return { ...field, start: places[field.start] ?? 0, end: places[field.end] ?? 0 };
}

function delimiters({ start }: Content): ExplainedField[] {
  return start === 0 ? [] : [{ name: 'delimiter', start: 0, end: start, value: '0x7e' }];
}

function closing({ length }: Buffer, { isClosed }: Content): ExplainedField[] {
  return isClosed ? [{ name: 'delimiter', start: length - 1, end: length, value: '0x7e' }] : [];
}

/** Header, body and check byte; of a frame that is not complete, the header alone. */
function readContent(
  reader: FieldReader,
  read: HeaderRead,
  options: ExplainOptions,
  faults: ExplainedFault[],
  content: Content,
): void {
  readHeader(reader, read);
  if (!content.isClosed || content.fault !== undefined) return;
  const { plain, places } = content;
  const { header, bodyAt } = read;
  const body = plain.subarray(bodyAt, plain.length - 1);
  const spans: FieldSpan[] = [];
  const decoded = decodeBody({ kind: 'frame', header, edition: read.edition, body }, { ...options, spans });
  reader.fields.push(...bodyFields(header.msg_id, spans, decoded.body, { at: bodyAt, size: body.length }));
  for (const { path, offset, reason } of decoded.faults) {
    const at = places[bodyAt + offset] ?? 0;
    faults.push({ offset: at, reason: path === '' ? reason : `${path}: ${reason}` });
  }
  reader.at = plain.length - 1;
  readCheck(reader, places[reader.at] ?? 0, faults);
}

/** JT/T 808-2019 table 2. */
function readHeader(reader: FieldReader, { header, edition }: HeaderRead): void {
  reader.uint('msg_id', 2, (id) => `${idText(id)} ${MESSAGES.get(id)?.name ?? 'unknown'}`);
  reader.take(2);
  reader.note('len', 2, shownSize(header.len));
  reader.note('encrypt', 2, header.encrypt === 0 ? '0 (not encrypted)' : String(header.encrypt));
  if (edition === 2019) reader.uint('proto_ver', 1, () => 'edition 2019');
  reader.take(header.phone.length / 2);
  reader.note('phone', header.phone.length / 2, header.phone);
  reader.uint('msg_sn', 2);
  if (header.frag_total === undefined) return;
  reader.uint('frag_total', 2);
  reader.uint('frag_sn', 2);
}

/** @param place of the check byte in the frame */
function readCheck(reader: FieldReader, place: number, faults: ExplainedFault[]): void {
  const right = checksum(reader.bytes, reader.at);
  const check = reader.uint('check byte', 1, (value) => (value === right ? 'right' : 'wrong'));
  if (check === right) return;
  faults.unshift({
    offset: place,
    reason: `the check byte is ${hexByte(check)}, ${hexByte(right)} is right`,
  });
}

function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}

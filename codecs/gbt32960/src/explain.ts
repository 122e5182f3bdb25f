import {
  cutFrames,
  type ExplainedFault,
  type ExplainedFrame,
  explained,
  type FieldReader,
  type Piece,
} from '@portico/frame';
import type { FieldSpan } from '@portico/record';
import { COMMANDS } from './commands.js';
import { decodeData } from './data.js';
import { Gbt32960Decoder } from './decoder.js';
import { vinText } from './describe.js';
import { dataFields, hasSecrets } from './explain-data.js';
import { Encryption, type Gbt32960Frame, type MalformedFrame, ResponseFlag } from './frame.js';
import { CHECK_SIZE, COMMAND_AT, checkByte, HEADER_SIZE, VIN_SIZE } from './layout.js';

const MAX_FRAME_SIZE = 1 << 17;

/** Explains all frames of a byte stream, as far as they can be read. Never throws for what a peer sends. */
export function explain(stream: Buffer): ExplainedFrame[] {
  const decoder = new Gbt32960Decoder({ maxFrameSize: MAX_FRAME_SIZE });
  return Array.from(cutFrames(decoder, stream), explainPiece);
}

function explainPiece(piece: Piece<Gbt32960Frame | MalformedFrame>): ExplainedFrame {
  const { offset, bytes, frame } = piece;
  const faults: ExplainedFault[] = [...piece.faults];
  if (frame?.kind === 'malformed') faults.push({ offset: bytes.length - 1, reason: frame.reason });
  const title = frame === undefined ? 'no frame' : commandText(frame.command);
  const isPassedOver = frame === undefined && bytes.length < HEADER_SIZE;
  const secretRest = hasSecrets(bytes[COMMAND_AT]);
  const found = explained({ title, offset, bytes, faults: [], secretRest }, (reader) => {
    if (isPassedOver) return;
    readHeader(reader);
    if (frame?.kind !== 'frame') return;
    readData(reader, frame, faults);
    const right = checkByte(bytes, COMMAND_AT, reader.at);
    reader.uint('check byte', CHECK_SIZE, (value) => (value === right ? 'right' : 'wrong'));
  });
  return { ...found, faults: faults.length > 0 ? faults : found.faults };
}

function commandText(command: number): string {
  const name = COMMANDS.get(command)?.name ?? 'unknown';
  return `0x${command.toString(16).padStart(2, '0')} ${name}`;
}

const RESPONSE_FLAGS = namesOf(ResponseFlag);
const ENCRYPTIONS = namesOf(Encryption);

function namesOf(values: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(values).map(([name, value]) => [value, name]));
}

/** GB/T 32960.3-2016 table 2. */
function readHeader(reader: FieldReader): void {
  reader.text('start', COMMAND_AT);
  reader.uint('command', 1, commandText);
  reader.uint('response', 1, (flag) => RESPONSE_FLAGS.get(flag) ?? 'reserved');
  const start = reader.take(VIN_SIZE);
  reader.note('VIN', VIN_SIZE, JSON.stringify(vinText(reader.bytes.toString('latin1', start, reader.at))));
  reader.uint('encryption', 1, (kind) => ENCRYPTIONS.get(kind) ?? 'reserved');
  reader.quantity('length', 2, 'bytes');
}

function readData(reader: FieldReader, frame: Gbt32960Frame, faults: ExplainedFault[]): void {
  const spans: FieldSpan[] = [];
  const decoded = decodeData(frame, { spans });
  reader.fields.push(...dataFields(spans, decoded.data, frame));
  for (const { path, offset, reason } of decoded.faults) {
    faults.push({ offset: HEADER_SIZE + offset, reason: path === '' ? reason : `${path}: ${reason}` });
  }
  reader.take(frame.data.length);
}

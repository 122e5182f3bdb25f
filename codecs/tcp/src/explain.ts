import { cutFrames, type ExplainedFrame, explained, type FieldReader, type Piece } from '@portico/frame';
import { TcpDecoder } from './decoder.js';
import { AckCode, FRAME_TYPES, type Frame, type FrameType, PROTOCOL_VERSION } from './frame.js';

const TYPE_NAMES = new Map(
  (Object.keys(FRAME_TYPES) as FrameType[]).map((type) => [FRAME_TYPES[type].value, type]),
);
const ACK_NAMES = new Map<number, string>(Object.entries(AckCode).map(([name, code]) => [code, name]));

/** Explains all frames of a byte stream, as far as they can be read. Never throws for what a peer sends. */
export function explain(stream: Buffer): ExplainedFrame[] {
  return Array.from(cutFrames(new TcpDecoder(), stream), explainPiece);
}

function explainPiece({ offset, bytes, faults }: Piece<Frame>): ExplainedFrame {
  const type = TYPE_NAMES.get((bytes[0] ?? 0) >> 4);
  const title = type?.toUpperCase() ?? 'no frame';
  const secretRest = type === 'connect';
  return explained({ title, offset, bytes, faults, secretRest }, (reader) => {
    const header = reader.bytes.readUInt8(reader.take(1));
    reader.note('type', 1, `${header >> 4} (${type ?? 'reserved'})`);
    noteFlags(reader, type, header & 0x0f);
    if (type === undefined || !FRAME_TYPES[type].hasPayload) return;
    const length = reader.quantity('length', 2, 'bytes');
    if (type === 'connect' && (header & 0x0f) === PROTOCOL_VERSION) readConnect(reader);
    else if (type === 'connack') reader.text('message', length);
    else reader.data('payload', length);
  });
}

function noteFlags(reader: FieldReader, type: FrameType | undefined, flags: number): void {
  if (type === 'connect') reader.note('version', 1, String(flags));
  else if (type === 'connack') reader.note('code', 1, `${flags} (${ACK_NAMES.get(flags) ?? 'reserved'})`);
  else if (flags !== 0) reader.note('flags', 1, String(flags));
}

function readConnect(reader: FieldReader): void {
  reader.quantity('keepalive', 1, 's');
  for (const name of ['clientId', 'username']) {
    if (reader.left > 0) reader.text(name, reader.uint(`${name} length`, 2));
  }
  if (reader.left > 0) reader.secret('password', reader.uint('password length', 2));
}

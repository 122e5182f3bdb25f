import { Reader } from '../wire/reader.js';

/** Bytes before a fragment of a handshake message (RFC 6347 §4.2.2). */
export const HANDSHAKE_HEADER = 12;

/** A whole handshake message as it came. */
export interface HandshakeMessage {
  /** Message type as on the wire. */
  readonly type: number;
  readonly sequence: number;
  readonly epoch: number;
  /** With the header of a message in one fragment, as it is hashed (RFC 6347 §4.2.6). */
  readonly bytes: Buffer;
  readonly body: Buffer;
}

/** A part of a handshake message. */
export interface Fragment {
  readonly type: number;
  /** Of the whole message. */
  readonly length: number;
  readonly sequence: number;
  readonly offset: number;
  readonly part: Buffer;
}

/** @throws FrameError `decode_error` */
export function readFragment(reader: Reader): Fragment {
  const type = reader.uint(1);
  const length = reader.uint(3);
  const sequence = reader.uint(2);
  const offset = reader.uint(3);
  const partLength = reader.uint(3);
  if (offset + partLength > length) reader.refuse('decode_error', 'a fragment that leaves its message');
  return { type, length, sequence, offset, part: reader.bytes(partLength) };
}

/** A message with the header of one fragment. */
export function wholeMessage(type: number, sequence: number, body: Buffer): Buffer {
  const message = Buffer.allocUnsafe(HANDSHAKE_HEADER + body.length);
  writeFragmentHeader(message, { type, length: body.length, sequence, offset: 0, partLength: body.length });
  body.copy(message, HANDSHAKE_HEADER);
  return message;
}

/** The fragments of a message that {@link wholeMessage} has made, each of at most `maxPart` bytes beside its header. */
export function fragmentsOf(message: Buffer, maxPart: number): Buffer[] {
  const length = message.length - HANDSHAKE_HEADER;
  if (length <= maxPart) return [message];
  const type = message.readUInt8(0);
  const sequence = message.readUInt16BE(4);
  const fragments: Buffer[] = [];
  for (let offset = 0; offset < length; offset += maxPart) {
    const partLength = Math.min(maxPart, length - offset);
    const fragment = Buffer.allocUnsafe(HANDSHAKE_HEADER + partLength);
    writeFragmentHeader(fragment, { type, length, sequence, offset, partLength });
    message.copy(fragment, HANDSHAKE_HEADER, HANDSHAKE_HEADER + offset);
    fragments.push(fragment);
  }
  return fragments;
}

interface FragmentHeader {
  readonly type: number;
  readonly length: number;
  readonly sequence: number;
  readonly offset: number;
  readonly partLength: number;
}

function writeFragmentHeader(bytes: Buffer, header: FragmentHeader): void {
  bytes.writeUInt8(header.type, 0);
  bytes.writeUIntBE(header.length, 1, 3);
  bytes.writeUInt16BE(header.sequence, 4);
  bytes.writeUIntBE(header.offset, 6, 3);
  bytes.writeUIntBE(header.partLength, 9, 3);
}

/** The fragments in a record, up to the first that is none. */
export function* fragmentsIn(record: Buffer): Generator<Fragment> {
  const reader = new Reader(record);
  while (reader.left > 0) yield readFragment(reader);
}

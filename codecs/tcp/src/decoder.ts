import { isUtf8 } from 'node:buffer';
import { BufferedDecoder, FrameError } from '@portico/frame';
import {
  type AckCode,
  type ConnackFrame,
  type ConnectFrame,
  FRAME_TYPES,
  type Frame,
  type FrameType,
  type FrameTypeRow,
  MAX_PAYLOAD_LENGTH,
  PREFIX_LENGTH,
  PROTOCOL_VERSION,
} from './frame.js';

/** What can be wrong with the bytes of a peer. */
export type TcpErrorCode =
  /** A reserved frame type. */
  | 'unknown_type'
  /** Flags without a meaning in a frame of this type. */
  | 'bad_flags'
  /** A payload longer than {@link DecoderOptions.maxFrameSize}. */
  | 'frame_too_large'
  /** The fields of a CONNECT do not fill its length exactly, or are not UTF-8. */
  | 'malformed_connect'
  /** The message of a CONNACK is not UTF-8. */
  | 'malformed_connack';

export interface DecoderOptions {
  /** Longest payload accepted, in bytes; at most and by default {@link MAX_PAYLOAD_LENGTH}. */
  readonly maxFrameSize?: number;
}

const NO_PAYLOAD = Buffer.alloc(0);
const MAX_CONNECT_STRINGS = 3;

/**
 * Cuts a byte stream into frames, those of clients and those of servers.
 * @see StreamDecoder for how to use it; it throws `FrameError<TcpErrorCode>` and is of no further use then.
 */
export class TcpDecoder extends BufferedDecoder<Frame> {
  readonly #maxFrameSize: number;

  constructor(options: DecoderOptions = {}) {
    super();
    this.#maxFrameSize = options.maxFrameSize ?? MAX_PAYLOAD_LENGTH;
  }

  next(): Frame | undefined {
    const input = this.input;
    if (input.length === 0) return this.#needMore();
    const header = input.bytes.readUInt8(input.start);
    const { hasPayload, read } = rowOf(header);
    const payload = hasPayload ? this.#payload() : NO_PAYLOAD;
    if (payload === undefined) return this.#needMore();
    const frame = read(payload, header & 0x0f);
    input.start += hasPayload ? PREFIX_LENGTH + payload.length : 1;
    return frame;
  }

  /** Undefined when it is not all there. */
  #payload(): Buffer | undefined {
    const { bytes, start, length } = this.input;
    if (length < PREFIX_LENGTH) return undefined;
    const payloadLength = bytes.readUInt16BE(start + 1);
    if (payloadLength > this.#maxFrameSize) {
      throw frameError('frame_too_large', 1, `${payloadLength} bytes; the limit is ${this.#maxFrameSize}`);
    }
    const end = PREFIX_LENGTH + payloadLength;
    if (length < end) return undefined;
    return bytes.subarray(start + PREFIX_LENGTH, start + end);
  }

  #needMore(): undefined {
    this.input.keep();
    return undefined;
  }
}

function rowOf(header: number): Row {
  const row = ROWS[header >> 4];
  const flags = header & 0x0f;
  if (row === undefined) throw frameError('unknown_type', 0, `frame type ${header >> 4} is reserved`);
  if (flags > row.maxFlags) throw frameError('bad_flags', 0, `${row.type} with flags ${flags}`);
  return row;
}

type Reader = (payload: Buffer, flags: number) => Frame;

const READERS: { readonly [type in FrameType]: Reader } = {
  connect: readConnect,
  connack: readConnack,
  datatrans: (payload) => ({ type: 'datatrans', payload }),
  ping: () => ({ type: 'ping' }),
  pong: () => ({ type: 'pong' }),
  disconnect: () => ({ type: 'disconnect' }),
};

interface Row extends FrameTypeRow {
  readonly type: FrameType;
  readonly read: Reader;
}

/** What there is to know of each type, at the place of its value. */
const ROWS: (Row | undefined)[] = [];
for (const type of Object.keys(FRAME_TYPES) as FrameType[]) {
  const row = FRAME_TYPES[type];
  ROWS[row.value] = { ...row, type, read: READERS[type] };
}

/** `Keepalive UINT(1), ClientId STR, [Username STR, [Password STR]]` and nothing behind. */
function readConnect(payload: Buffer, version: number): ConnectFrame {
  if (version !== PROTOCOL_VERSION) {
    return { type: 'connect', version, keepalive: 0, clientId: '', username: undefined, password: undefined };
  }
  const [clientId, username, password] = readStrings(payload, 1);
  if (clientId === undefined) throw malformedConnect(payload.length, 'without a client id');
  return {
    type: 'connect',
    version,
    keepalive: payload.readUInt8(0),
    clientId: clientId.toString(),
    username: username?.toString() || undefined,
    password: password?.length ? Buffer.from(password) : undefined,
  };
}

/** The STR fields from `start` to the end of a CONNECT's payload. */
function readStrings(payload: Buffer, start: number): Buffer[] {
  const strings: Buffer[] = [];
  let at = start;
  while (at < payload.length) {
    if (strings.length === MAX_CONNECT_STRINGS) throw malformedConnect(at, 'longer than its fields');
    const from = at + 2;
    const end = from <= payload.length ? from + payload.readUInt16BE(at) : from;
    if (end > payload.length) throw malformedConnect(at, 'shorter than its fields');
    const text = payload.subarray(from, end);
    if (!isUtf8(text)) throw malformedConnect(from, 'with a string that is not UTF-8');
    strings.push(text);
    at = end;
  }
  return strings;
}

function malformedConnect(offset: number, reason: string): FrameError<TcpErrorCode> {
  return frameError('malformed_connect', PREFIX_LENGTH + offset, `a CONNECT ${reason}`);
}

/** The payload is one STR, whose length is the payload's. */
function readConnack(payload: Buffer, flags: number): ConnackFrame {
  if (!isUtf8(payload)) throw frameError('malformed_connack', PREFIX_LENGTH, 'a message that is not UTF-8');
  return { type: 'connack', code: flags as AckCode, message: payload.toString() };
}

function frameError(code: TcpErrorCode, offset: number, reason: string): FrameError<TcpErrorCode> {
  return new FrameError(code, offset, reason);
}

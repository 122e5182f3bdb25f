import { FrameError } from '@portico/frame';
import { EMPTY_CODE } from './codes.js';
import {
  type CoapMessage,
  emptyMessage,
  type MessageHeader,
  type MessageType,
  NO_BYTES,
  NO_OPTIONS,
} from './message.js';
import { CoapOption } from './option.js';

const VERSION = 1;
const HEADER_LENGTH = 4;
const MAX_TOKEN_LENGTH = 8;
const PAYLOAD_MARKER = 0xff;
const MAX_OPTION_NUMBER = 65535;

/** Most options in one message: a bound of ours, so that a datagram of empty options costs no memory. */
export const MAX_OPTIONS = 256;

/** What can be wrong with a datagram. */
export type CoapErrorCode =
  /** It ends within the header, the token or an option. */
  | 'truncated'
  /** Not version 1; to be ignored in silence (RFC 7252 §3). */
  | 'version'
  /** Token length 9 to 15, RFC 7252 §3. */
  | 'token_length'
  /** Code class 1, 6 or 7, which are reserved (RFC 7252 §4.2). */
  | 'code_class'
  /** Option delta 15, RFC 7252 §3.1. */
  | 'option_delta'
  /** Option length 15, RFC 7252 §3.1. */
  | 'option_length'
  /** The deltas add up to more than 65,535. */
  | 'option_number'
  /** More than {@link MAX_OPTIONS} options. */
  | 'option_count'
  /** A payload marker with nothing behind it, RFC 7252 §3. */
  | 'payload_missing'
  /** An Empty message with bytes behind its message id, RFC 7252 §4.1. */
  | 'not_empty';

/** A datagram that is not a CoAP message. */
export class CoapFrameError extends FrameError<CoapErrorCode> {
  /**
   * What a rejection needs (RFC 7252 §4.2, §4.3); undefined when the datagram has no readable header or must
   * be ignored in silence.
   */
  readonly header: MessageHeader | undefined;

  constructor(code: CoapErrorCode, offset: number, reason: string, header: MessageHeader | undefined) {
    super(code, offset, reason);
    this.header = header;
  }
}

/**
 * Reads one message from one datagram, RFC 7252 §3. The message's token, options and payload are views into
 * the datagram. The shape is that of `DatagramDecoder.decode`.
 * @throws CoapFrameError for anything that is not a message
 */
export function decode(datagram: Buffer): CoapMessage {
  if (datagram.length < HEADER_LENGTH) {
    throw new CoapFrameError('truncated', datagram.length, 'a message has at least 4 bytes', undefined);
  }
  const first = datagram[0] as number;
  if (first >> 6 !== VERSION) {
    throw new CoapFrameError('version', 0, `version ${first >> 6}`, undefined);
  }
  const type = ((first >> 4) & 3) as MessageType;
  const code = datagram[1] as number;
  const messageId = ((datagram[2] as number) << 8) | (datagram[3] as number);
  const tokenEnd = HEADER_LENGTH + (first & 15);
  if (code === EMPTY_CODE && datagram.length === HEADER_LENGTH && tokenEnd === HEADER_LENGTH) {
    return emptyMessage(type, messageId);
  }
  checkHeader(datagram, code, tokenEnd);
  const options: CoapOption[] = [];
  const optionsEnd = readOptions(datagram, tokenEnd, options);
  return {
    type,
    code,
    messageId,
    token: tokenEnd === HEADER_LENGTH ? NO_BYTES : datagram.subarray(HEADER_LENGTH, tokenEnd),
    options: options.length === 0 ? NO_OPTIONS : options,
    payload: optionsEnd === datagram.length ? NO_BYTES : datagram.subarray(optionsEnd + 1),
  };
}

function checkHeader(datagram: Buffer, code: number, tokenEnd: number): void {
  if (tokenEnd > HEADER_LENGTH + MAX_TOKEN_LENGTH) {
    throw fault(datagram, 'token_length', 0, `token length ${tokenEnd - HEADER_LENGTH} is reserved`);
  }
  const codeClass = code >> 5;
  if (codeClass === 1 || codeClass > 5) {
    throw fault(datagram, 'code_class', 1, `code class ${codeClass} is reserved`);
  }
  if (code === EMPTY_CODE) {
    throw fault(datagram, 'not_empty', HEADER_LENGTH, 'an Empty message ends with its message id');
  }
  if (tokenEnd > datagram.length) {
    throw fault(datagram, 'truncated', datagram.length, 'the message ends within its token');
  }
}

/**
 * Reads all options from `offset` on into `options`.
 * @returns where they end: the offset of the payload marker, or the length of the datagram
 */
function readOptions(datagram: Buffer, offset: number, options: CoapOption[]): number {
  const end = datagram.length;
  let at = offset;
  let number = 0;
  while (at < end) {
    const head = datagram[at] as number;
    if (head === PAYLOAD_MARKER) {
      if (at + 1 === end) throw fault(datagram, 'payload_missing', at, 'a payload marker without payload');
      return at;
    }
    const deltaNibble = head >> 4;
    const lengthNibble = head & 15;
    if (deltaNibble === 15) throw fault(datagram, 'option_delta', at, 'option delta 15 is reserved');
    if (lengthNibble === 15) throw fault(datagram, 'option_length', at, 'option length 15 is reserved');
    const deltaAt = at + 1;
    const lengthAt = deltaAt + extensionLength(deltaNibble);
    const valueAt = lengthAt + extensionLength(lengthNibble);
    if (valueAt > end) throw fault(datagram, 'truncated', end, 'the message ends within an option');
    number += extended(datagram, deltaAt, deltaNibble);
    const valueEnd = valueAt + extended(datagram, lengthAt, lengthNibble);
    if (valueEnd > end) throw fault(datagram, 'truncated', end, 'the message ends within an option');
    if (number > MAX_OPTION_NUMBER) throw fault(datagram, 'option_number', at, `option number ${number}`);
    if (options.length === MAX_OPTIONS) {
      throw fault(datagram, 'option_count', at, `more than ${MAX_OPTIONS} options`);
    }
    options.push(new CoapOption(number, datagram, valueAt, valueEnd));
    at = valueEnd;
  }
  return end;
}

/** Bytes that follow the option header for a delta or length nibble of 0 to 14. */
function extensionLength(nibble: number): number {
  return nibble < 13 ? 0 : nibble - 12;
}

function extended(bytes: Buffer, at: number, nibble: number): number {
  if (nibble < 13) return nibble;
  if (nibble === 13) return (bytes[at] as number) + 13;
  return (((bytes[at] as number) << 8) | (bytes[at + 1] as number)) + 269;
}

function fault(datagram: Buffer, code: CoapErrorCode, offset: number, reason: string): CoapFrameError {
  const type = (((datagram[0] as number) >> 4) & 3) as MessageType;
  return new CoapFrameError(code, offset, reason, { type, messageId: datagram.readUInt16BE(2) });
}

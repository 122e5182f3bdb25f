import type { ByteSink } from '@portico/frame';
import type { CoapMessage } from './message.js';
import type { CoapOption } from './option.js';

const VERSION_BITS = 1 << 6;
const HEADER_LENGTH = 4;
const MAX_TOKEN_LENGTH = 8;
const PAYLOAD_MARKER = 0xff;
/** Up to here a loop copies faster than `Buffer.copy`. */
const SHORT = 24;

/**
 * Writes one message, RFC 7252 §3.
 * @throws RangeError when the caller breaks the type's rules: a token above 8 bytes, options out of order
 */
export function encode(message: CoapMessage, sink: ByteSink): void {
  const { token, options, payload } = message;
  if (token.length > MAX_TOKEN_LENGTH) throw new RangeError(`a token of ${token.length} bytes`);
  let at = sink.reserve(encodedLength(message));
  const target = sink.buffer;
  target[at] = VERSION_BITS | (message.type << 4) | token.length;
  target[at + 1] = message.code;
  target[at + 2] = message.messageId >> 8;
  target[at + 3] = message.messageId;
  at = copy(token, 0, token.length, target, at + HEADER_LENGTH);
  let previous = 0;
  for (const option of options) {
    at = writeOption(option, option.number - previous, target, at);
    previous = option.number;
  }
  if (payload.length > 0) {
    target[at] = PAYLOAD_MARKER;
    copy(payload, 0, payload.length, target, at + 1);
  }
}

/**
 * Bytes of the message as {@link encode} writes it.
 * @throws RangeError when options are out of order
 */
export function encodedLength(message: CoapMessage): number {
  let length = HEADER_LENGTH + message.token.length;
  let previous = 0;
  for (const option of message.options) {
    const delta = option.number - previous;
    if (delta < 0) throw new RangeError(`option ${option.number} after option ${previous}`);
    length += 1 + extensionLength(delta) + extensionLength(option.length) + option.length;
    previous = option.number;
  }
  return message.payload.length === 0 ? length : length + 1 + message.payload.length;
}

function writeOption(option: CoapOption, delta: number, target: Buffer, offset: number): number {
  const length = option.length;
  target[offset] = (nibble(delta) << 4) | nibble(length);
  let at = offset + 1;
  if (delta >= 13) at = writeExtension(delta, target, at);
  if (length >= 13) at = writeExtension(length, target, at);
  return copy(option.bytes, option.start, option.end, target, at);
}

function nibble(value: number): number {
  if (value < 13) return value;
  return value < 269 ? 13 : 14;
}

function extensionLength(value: number): number {
  if (value < 13) return 0;
  return value < 269 ? 1 : 2;
}

function writeExtension(value: number, target: Buffer, at: number): number {
  if (value < 269) {
    target[at] = value - 13;
    return at + 1;
  }
  target.writeUInt16BE(value - 269, at);
  return at + 2;
}

/** Copies `source[start, end)` to `target` at `at`; returns the offset behind it. */
function copy(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  const length = end - start;
  if (length > SHORT) source.copy(target, at, start, end);
  else for (let i = 0; i < length; i++) target[at + i] = source[start + i] as number;
  return at + length;
}

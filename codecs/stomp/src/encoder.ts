import type { ByteSink } from '@portico/frame';
import { escaped } from './escaping.js';
import { COMMANDS_WITH_BODY, type StompFrame, UNESCAPED_COMMANDS } from './frame.js';
import type { StompVersion } from './versions.js';

const NUL = 0;

/**
 * Writes a frame. One that may have a body gets a `content-length` unless it has one, so that the body may be any bytes.
 * @param version what the peer speaks: decides how headers are escaped
 */
export function encode({ command, headers, body }: StompFrame, version: StompVersion, sink: ByteSink): void {
  const lines = headerLines(headers.flat, UNESCAPED_COMMANDS.includes(command) ? '1.0' : version);
  const needsLength = COMMANDS_WITH_BODY.includes(command) && headers.get('content-length') === undefined;
  const end = needsLength ? `content-length:${body.length}\n\n` : '\n';
  write(`${command}\n${lines}${end}`, body, sink);
}

/**
 * Writes a MESSAGE, with its `content-length`.
 * @param lines its other headers, made by {@link headerLine} and {@link headerLines}
 */
export function encodeMessage(lines: string, body: Buffer, sink: ByteSink): void {
  write(`MESSAGE\n${lines}content-length:${body.length}\n\n`, body, sink);
}

/** Headers as they are written, each with its line end. @param flat names and values in turn */
export function headerLines(flat: readonly string[], version: StompVersion): string {
  let lines = '';
  for (let i = 0; i < flat.length; i += 2) {
    lines += headerLine(escaped(flat[i] as string, version, true), flat[i + 1] as string, version);
  }
  return lines;
}

/** One header as it is written. @param name as it is written itself */
export function headerLine(name: string, value: string, version: StompVersion): string {
  return `${name}:${escaped(value, version, false)}\n`;
}

function write(head: string, body: Buffer, sink: ByteSink): void {
  const headLength = Buffer.byteLength(head);
  const at = sink.reserve(headLength + body.length + 1);
  const { buffer } = sink;
  buffer.write(head, at, headLength, headLength === head.length ? 'latin1' : 'utf8');
  if (body.length > 0) body.copy(buffer, at + headLength);
  buffer[at + headLength + body.length] = NUL;
}

/** Writes a heart-beat: a line end between frames (STOMP 1.2, “Heart-beating”). */
export function encodeHeartBeat(sink: ByteSink): void {
  const at = sink.reserve(1);
  sink.buffer[at] = 0x0a;
}

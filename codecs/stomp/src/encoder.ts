import type { ByteSink } from '@portico/frame';
import { escaped } from './escaping.js';
import { COMMANDS_WITH_BODY, type StompFrame, UNESCAPED_COMMANDS } from './frame.js';
import type { StompVersion } from './versions.js';

const NUL = 0;

/**
 * Writes a frame. One that may have a body gets a `content-length` unless it has one, so that the body may be any bytes.
 * @param version what the peer speaks: decides how headers are escaped
 */
export function encode(frame: StompFrame, version: StompVersion, sink: ByteSink): void {
  const { command, body } = frame;
  const head = headOf(frame, UNESCAPED_COMMANDS.includes(command) ? '1.0' : version);
  const headLength = Buffer.byteLength(head);
  const at = sink.reserve(headLength + body.length + 1);
  const { buffer } = sink;
  buffer.write(head, at, headLength);
  if (body.length > 0) body.copy(buffer, at + headLength);
  buffer[at + headLength + body.length] = NUL;
}

function headOf({ command, headers, body }: StompFrame, version: StompVersion): string {
  let head = `${command}\n`;
  const { flat } = headers;
  for (let i = 0; i < flat.length; i += 2) {
    head += `${escaped(flat[i] as string, version, true)}:${escaped(flat[i + 1] as string, version, false)}\n`;
  }
  const needsLength = COMMANDS_WITH_BODY.includes(command) && headers.get('content-length') === undefined;
  return needsLength ? `${head}content-length:${body.length}\n\n` : `${head}\n`;
}

/** Writes a heart-beat: a line end between frames (STOMP 1.2, “Heart-beating”). */
export function encodeHeartBeat(sink: ByteSink): void {
  const at = sink.reserve(1);
  sink.buffer[at] = 0x0a;
}

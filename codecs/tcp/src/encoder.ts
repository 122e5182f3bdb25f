import type { ByteSink } from '@portico/frame';
import { type ConnectFrame, FRAME_TYPES, type Frame, MAX_PAYLOAD_LENGTH, PREFIX_LENGTH } from './frame.js';

/**
 * Writes a frame.
 * @throws RangeError when its payload would exceed {@link MAX_PAYLOAD_LENGTH}: a mistake of the caller
 */
export function encode(frame: Frame, sink: ByteSink): void {
  const header = FRAME_TYPES[frame.type].value << 4;
  switch (frame.type) {
    case 'connect':
      writeWithPayload(header | frame.version, connectPayload(frame), sink);
      break;
    case 'connack':
      writeWithPayload(header | frame.code, Buffer.from(frame.message), sink);
      break;
    case 'datatrans':
      writeWithPayload(header, frame.payload, sink);
      break;
    default:
      writeHeader(header, sink);
  }
}

function writeHeader(header: number, sink: ByteSink): void {
  const at = sink.reserve(1);
  sink.buffer[at] = header;
}

function writeWithPayload(header: number, payload: Buffer, sink: ByteSink): void {
  if (payload.length > MAX_PAYLOAD_LENGTH) throw new RangeError(`a payload of ${payload.length} bytes`);
  const at = sink.reserve(PREFIX_LENGTH + payload.length);
  sink.buffer[at] = header;
  sink.buffer.writeUInt16BE(payload.length, at + 1);
  payload.copy(sink.buffer, at + PREFIX_LENGTH);
}

function connectPayload({ keepalive, clientId, username, password }: ConnectFrame): Buffer {
  const fields = [Buffer.of(keepalive), string(clientId)];
  if (username !== undefined || password !== undefined) fields.push(string(username ?? ''));
  if (password !== undefined) fields.push(string(password));
  return Buffer.concat(fields);
}

/** A STR: its length as UINT(2) and its bytes. */
function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length > MAX_PAYLOAD_LENGTH) throw new RangeError(`a string of ${bytes.length} bytes`);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length), bytes]);
}

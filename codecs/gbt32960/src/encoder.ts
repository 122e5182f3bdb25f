import { RecordError } from '@portico/record';
import { type Edition, Encryption, type Gbt32960Header } from './frame.js';
import {
  CHECK_SIZE,
  COMMAND_AT,
  checkByte,
  ENCRYPTION_AT,
  HEADER_SIZE,
  LENGTH_AT,
  MAX_DATA_SIZE,
  RESPONSE_AT,
  START_BYTES,
  VIN_AT,
  VIN_SIZE,
} from './layout.js';

/** What a frame is put together from. */
export interface FrameFields extends Omit<Gbt32960Header, 'encryption' | 'edition'> {
  /** 2016 unless given. */
  readonly edition?: Edition;
  /** {@link Encryption.None} unless given. */
  readonly encryption?: number;
  /** As it is to stand in the frame, encrypted if it is to be. */
  readonly data: Buffer;
}

/** One byte each, so that an answer can repeat whatever a peer has sent. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what a byte is.
const VIN = /^[\x00-\xff]{0,17}$/;

/**
 * Puts a frame together.
 * @returns memory of its own
 * @throws RecordError when the VIN is not at most 17 characters of one byte, or there are more data than a frame can have
 */
export function encodeFrame(fields: FrameFields): Buffer {
  const { edition = 2016, command, response, vin, encryption = Encryption.None, data } = fields;
  if (!VIN.test(vin)) throw new RecordError('Vin', 'at most 17 characters of one byte each are needed');
  if (data.length > MAX_DATA_SIZE) throw new RecordError('Data', `${data.length} bytes are too many`);
  const checkAt = HEADER_SIZE + data.length;
  const frame = Buffer.allocUnsafe(checkAt + CHECK_SIZE);
  frame[0] = START_BYTES[edition];
  frame[1] = START_BYTES[edition];
  frame[COMMAND_AT] = command;
  frame[RESPONSE_AT] = response;
  frame.fill(0, VIN_AT, VIN_AT + VIN_SIZE);
  frame.write(vin, VIN_AT, 'latin1');
  frame[ENCRYPTION_AT] = encryption;
  frame.writeUInt16BE(data.length, LENGTH_AT);
  data.copy(frame, HEADER_SIZE);
  frame[checkAt] = checkByte(frame, COMMAND_AT, checkAt);
  return frame;
}

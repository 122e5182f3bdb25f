import { isDeepStrictEqual } from 'node:util';
import { isFrameError } from '@portico/frame';
import { type Fragment, fragmentsIn, wholeMessage } from './handshake/fragments.js';
import { HANDSHAKE_BODIES, handshakeTypeOf } from './handshake/messages.js';
import { MAX_MESSAGE, Reassembler } from './handshake/reassembler.js';
import { decodeField, encodeField, type Field } from './wire/fields.js';

/**
 * One run of a fuzzer: whatever the bytes are, the reader of handshake messages either refuses them with a FrameError,
 * or reads fragments. Those that are whole, or become whole together, are refused likewise, or read to what is written
 * and read to the same again.
 * @returns whether a message could be read
 * @throws anything that it throws is a bug of the reader
 */
export function fuzz(bytes: Buffer): boolean {
  const reassembler = new Reassembler(0, MAX_MESSAGE);
  let read = false;
  try {
    for (const fragment of fragmentsIn(bytes)) {
      reassembler.add(fragment, 0, MAX_MESSAGE);
      read = readWhole(fragment) || read;
    }
  } catch (error) {
    if (!isFrameError(error)) throw error;
  }
  for (let message = reassembler.take(); message !== undefined; message = reassembler.take()) {
    if (!wholeMessage(message.type, message.sequence, message.body).equals(message.bytes)) {
      throw new Error('a message was put together wrongly');
    }
  }
  return read;
}

function readWhole({ type, length, part }: Fragment): boolean {
  const name = handshakeTypeOf(type);
  if (name === undefined || part.length !== length) return false;
  return HANDSHAKE_BODIES[name].map((field) => readsAgain(field, part)).includes(true);
}

function readsAgain(field: Field<unknown>, body: Buffer): boolean {
  let value: unknown;
  try {
    value = decodeField(field, body);
  } catch (error) {
    if (isFrameError(error)) return false;
    throw error;
  }
  if (!isDeepStrictEqual(decodeField(field, encodeField(field, value)), value)) {
    throw new Error(`${body.toString('hex')} was read, written and read as something else`);
  }
  return true;
}

import type { Socket } from 'node:dgram';
import {
  type CoapMessage,
  decode,
  encode,
  MessageType,
  NO_BYTES,
  OptionNumber,
  stringOption,
} from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';
import { nextDatagram } from './udp-socket.js';

/** Sends {@link coapBytes}. */
export function sendCoap(socket: Socket, message: Partial<CoapMessage>): void {
  socket.send(coapBytes(message));
}

/** A confirmable request with message id 1, unless told otherwise. */
export function coapBytes(message: Partial<CoapMessage>): Buffer {
  const sink = new BufferSink();
  const whole = {
    type: MessageType.CON,
    code: 0,
    messageId: 1,
    token: NO_BYTES,
    options: [],
    payload: NO_BYTES,
  };
  encode({ ...whole, ...message }, sink);
  return sink.take();
}

/** The next message that comes; fails when none does in time. */
export async function nextCoap(socket: Socket): Promise<CoapMessage> {
  return decode(await nextDatagram(socket));
}

/** The options that name a resource. */
export function uriOptions(path: readonly string[], queries: readonly string[] = []) {
  return [
    ...path.map((segment) => stringOption(OptionNumber.UriPath, segment)),
    ...queries.map((query) => stringOption(OptionNumber.UriQuery, query)),
  ];
}

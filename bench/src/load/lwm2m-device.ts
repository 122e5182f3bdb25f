import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  type CoapOption,
  ContentFormat,
  decode,
  encode,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  ResponseCode,
  stringOption,
  stringsOf,
  uintOption,
} from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';

/** Longer than any measurement, in seconds. */
const LIFETIME = 36_000;
/** What a device has that is no gateway and no actuator: the objects of every client, a thermometer, its location. */
const OBJECTS = Buffer.from('</>;rt="oma.lwm2m";ct=110,</1/0>,</3/0>,</4/0>,</5/0>,</6/0>,</3303/0>');
/** Registrations count down from here: the hub would take a message id that it has seen for a repetition. */
const LAST_MESSAGE_ID = 0xffff;

/** What a confirmable request to the registration interface is. */
interface RequestParts {
  readonly path: readonly string[];
  /** After the path. */
  readonly options?: readonly CoapOption[];
  readonly messageId?: number;
  readonly payload?: Buffer;
}

/**
 * Registers a device, and waits for the answer.
 * @param at of the devices behind that socket
 * @returns the path of its location
 */
export async function registerDevice(socket: Socket, endpoint: string, at = 0): Promise<string[]> {
  const queries = [`ep=${endpoint}`, `lt=${LIFETIME}`, 'lwm2m=1.1', 'b=U'];
  const options = [
    uintOption(OptionNumber.ContentFormat, ContentFormat.LinkFormat),
    ...queries.map((query) => stringOption(OptionNumber.UriQuery, query)),
  ];
  const answered = once(socket, 'message');
  socket.send(requestOf({ path: ['rd'], options, messageId: LAST_MESSAGE_ID - at, payload: OBJECTS }));
  const [datagram] = (await answered) as [Buffer];
  const answer = decode(datagram);
  if (answer.code !== ResponseCode.Created) throw new Error(`the peer answered ${datagram.toString('hex')}`);
  return stringsOf(answer, OptionNumber.LocationPath);
}

/** An update that says nothing but that the device is there; its message id is still to be written. */
export function updateRequest(location: readonly string[]): Buffer {
  return requestOf({ path: location });
}

function requestOf({ path, options = [], messageId = 0, payload = NO_BYTES }: RequestParts): Buffer {
  const sink = new BufferSink();
  const segments = path.map((segment) => stringOption(OptionNumber.UriPath, segment));
  const all = [...segments, ...options];
  const header = { type: MessageType.CON, code: Method.POST, messageId, token: Buffer.of(1) };
  encode({ ...header, options: all, payload }, sink);
  return Buffer.from(sink.take());
}

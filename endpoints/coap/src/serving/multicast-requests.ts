import { randomInt } from 'node:crypto';
import {
  type CoapMessage,
  decode,
  encode,
  encodedLength,
  MessageType,
  Method,
  ResponseCode,
} from '@portico/codec-coap';
import type { MulticastAnswer } from '@portico/core';
import { BufferSink, isFrameError } from '@portico/frame';
import type { Discovery } from './discovery.js';
import { unlessUnwanted } from './no-response.js';
import { type CoapRequest, readRequest } from './request.js';

/** DEFAULT_LEISURE in milliseconds, RFC 7252 §8.2: the answers of all who are asked are spread over it. */
const LEISURE = 5_000;

/**
 * Requests to multicast groups, RFC 7252 §8: only discovery is answered, which is a non-confirmable GET of
 * `/.well-known/core` that some resource fits (RFC 6690 §4.1); everything else in silence, errors too. They have
 * nothing to do with the requests that the same peers send to the hub alone.
 */
export class MulticastRequests {
  readonly #discovery: Discovery;
  #messageId = randomInt(0x10000);

  constructor(discovery: Discovery) {
    this.#discovery = discovery;
  }

  /** @param datagram borrowed */
  answer(datagram: Buffer): MulticastAnswer | undefined {
    const message = decodeOrIgnore(datagram);
    if (message === undefined || message.type !== MessageType.NON) return undefined;
    const request = readRequest(message);
    if ('badOption' in request || !isDiscovery(request)) return undefined;
    const response = this.#discovery(request);
    const wanted = unlessUnwanted(response, request.noResponse);
    if (response.code !== ResponseCode.Content || response.payload.length === 0) return undefined;
    if (wanted.kind !== 'response') return undefined;
    const { code, options, payload } = response;
    const answer = {
      type: MessageType.NON,
      code,
      messageId: this.#nextId(),
      token: message.token,
      options,
      payload,
    };
    return { datagram: encoded(answer), delay: Math.random() * LEISURE };
  }

  #nextId(): number {
    this.#messageId = (this.#messageId + 1) % 0x10000;
    return this.#messageId;
  }
}

function decodeOrIgnore(datagram: Buffer): CoapMessage | undefined {
  try {
    return decode(datagram);
  } catch (error) {
    if (isFrameError(error)) return undefined;
    throw error;
  }
}

function isDiscovery({ method, path, proxied, block2 }: CoapRequest): boolean {
  if (method !== Method.GET || proxied || block2 !== undefined) return false;
  return path.length === 2 && path[0] === '.well-known' && path[1] === 'core';
}

function encoded(message: CoapMessage): Buffer {
  const sink = new BufferSink(encodedLength(message));
  encode(message, sink);
  return sink.take();
}

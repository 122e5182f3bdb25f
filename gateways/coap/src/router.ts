import {
  type CoapMessage,
  classOf,
  decodeBlock,
  MessageType,
  optionDefinition,
  ResponseCode,
} from '@portico/codec-coap';
import { formatAddress, isPromise, type LineLimit, type MaybePromise } from '@portico/core';
import type { CoapChannel } from './channel.js';
import { discovery, pubsub } from './discovery.js';
import { type BadOption, type CoapRequest, readRequest } from './request.js';
import type { Handler } from './resource.js';
import { failure, RESET, type Response, SILENCE, tooLarge } from './response.js';

/** Paths of LwM2M (registration and bootstrap): devices that have come to the wrong port. */
const LWM2M_PATHS: readonly string[] = ['rd', 'bs'];

const NOT_FOUND = failure(ResponseCode.NotFound, 'no such resource');
const WRONG_GATEWAY = failure(
  ResponseCode.NotFound,
  'this is the CoAP gateway: LwM2M devices register at the LwM2M gateway, which has another port',
);
const NO_PROXY = failure(ResponseCode.ProxyingNotSupported, 'not a proxy');
const NO_BLOCKS = failure(
  ResponseCode.RequestEntityTooLarge,
  'payloads in blocks are not taken: send it in one message',
);
const BAD_BLOCK = failure(ResponseCode.BadRequest, 'no such block');

/** Finds the resource that a request is for, once the options allow it. */
export class Router {
  readonly #lines: LineLimit;
  readonly #tooLarge: Response;
  readonly #maxPayload: number;
  readonly #mqtt: Handler;

  /** @param maxPayload bytes; a request with more is answered 4.13 */
  constructor(mqtt: Handler, maxPayload: number, lines: LineLimit) {
    this.#mqtt = mqtt;
    this.#maxPayload = maxPayload;
    this.#tooLarge = tooLarge(maxPayload);
    this.#lines = lines;
  }

  handle(message: CoapMessage, channel: CoapChannel): MaybePromise<Response> {
    const request = readRequest(message);
    if ('badOption' in request) return badOption(request, message);
    const { noResponse } = request;
    const answer = this.#answer(request, channel);
    if (noResponse === 0) return answer;
    return isPromise(answer)
      ? answer.then((settled) => unlessUnwanted(settled, noResponse))
      : unlessUnwanted(answer, noResponse);
  }

  #answer(request: CoapRequest, channel: CoapChannel): MaybePromise<Response> {
    if (request.proxied) return NO_PROXY;
    const resource = this.#resource(request.path);
    if (resource === undefined) return this.#notFound(request.path, channel);
    return this.#blockFault(request) ?? resource(request, channel);
  }

  #resource(path: readonly string[]): Handler | undefined {
    switch (path[0]) {
      case 'mqtt':
        return this.#mqtt;
      case 'ps':
        return pubsub;
      case '.well-known':
        return path.length === 2 && path[1] === 'core' ? discovery : undefined;
      default:
        return undefined;
    }
  }

  #notFound(path: readonly string[], channel: CoapChannel): Response {
    if (path[0] === undefined || !LWM2M_PATHS.includes(path[0])) return NOT_FOUND;
    const { listener, peer } = channel.info;
    const fields = { listener, peer: formatAddress(peer) };
    this.#lines.write('warn', fields, 'a LwM2M device has come to the CoAP gateway');
    return WRONG_GATEWAY;
  }

  /** One message holds the whole payload, both ways: no block but the first and only one. */
  #blockFault({ block1, block2, payload }: CoapRequest): Response | undefined {
    if (block1 !== undefined) {
      const block = decodeBlock(block1);
      if (block === undefined) return BAD_BLOCK;
      if (block.more || block.num > 0) return NO_BLOCKS;
    }
    if (block2 !== undefined && decodeBlock(block2)?.num !== 0) return BAD_BLOCK;
    return payload.length > this.#maxPayload ? this.#tooLarge : undefined;
  }
}

/** RFC 7252 §5.4.1: 4.02 for a confirmable request, a Reset for another. */
function badOption({ badOption: number }: BadOption, message: CoapMessage): Response {
  if (message.type !== MessageType.CON) return RESET;
  const name = optionDefinition(number)?.name ?? `option ${number}`;
  return failure(ResponseCode.BadOption, `${name} is not supported, or wrong`);
}

/** Leaves out a response of a class that the client does not want, RFC 7967 §2. */
function unlessUnwanted(response: Response, noResponse: number): Response {
  if (response === RESET) return response;
  return (noResponse & (1 << (classOf(response.code) - 1))) === 0 ? response : SILENCE;
}

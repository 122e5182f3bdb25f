import {
  type CoapMessage,
  classOf,
  encodedLength,
  MessageType,
  OptionNumber,
  optionDefinition,
  ResponseCode,
  stringsOf,
} from '@portico/codec-coap';
import { isPromise, type MaybePromise } from '@portico/core';
import type { BlockSettings } from '../blocks/block-settings.js';
import { blockFault, responseBlock } from '../blocks/blocks.js';
import type { EchoGuard } from './echo-guard.js';
import { unlessUnwanted } from './no-response.js';
import type { RefusalLog } from './refusal-log.js';
import { type BadOption, type CoapRequest, readRequest } from './request.js';
import type { RequestChannel, Resources } from './resource.js';
import { type Answer, failure, RESET, type Response, tooLarge } from './response.js';

const NO_PROXY = failure(ResponseCode.ProxyingNotSupported, 'not a proxy');

/** Bytes of the longest payload of a request, and of the largest block of a response. */
export type PayloadLimits = Pick<BlockSettings, 'maxPayload' | 'maxBlockSize'>;

/**
 * Requests and responses, RFC 7252 §5: reads a request's options, finds its resource, and sees to what holds for
 * all of them. One for all peers.
 */
export class RequestLayer<C extends RequestChannel> {
  readonly #resources: Resources<C>;
  readonly #refusals: RefusalLog;
  readonly #guard: EchoGuard | undefined;
  readonly #maxPayload: number;
  readonly #maxBlockSize: number;
  readonly #tooLarge: Response;

  /**
   * A request with a longer payload than there may be is answered 4.13.
   * @param guard undefined where addresses need not be proved
   */
  constructor(
    resources: Resources<C>,
    { maxPayload, maxBlockSize }: PayloadLimits,
    refusals: RefusalLog,
    guard: EchoGuard | undefined,
  ) {
    this.#guard = guard;
    this.#resources = resources;
    this.#maxPayload = maxPayload;
    this.#maxBlockSize = maxBlockSize;
    this.#tooLarge = tooLarge(maxPayload);
    this.#refusals = refusals;
  }

  /** @param message a request; borrowed until the call returns */
  handle(message: CoapMessage, channel: C): MaybePromise<Answer> {
    const request = readRequest(message);
    const length = this.#guard === undefined ? 0 : encodedLength(message);
    if ('badOption' in request) return this.#refuseOption(request, message, length, channel);
    const response = this.#guard?.before(request, channel) ?? this.#respond(request, channel);
    if (!isPromise(response)) return this.#conclude(response, request, length, channel);
    return response.then((settled) => this.#conclude(settled, request, length, channel));
  }

  #respond(request: CoapRequest, channel: C): MaybePromise<Response> {
    if (request.proxied) return NO_PROXY;
    const resource = this.#resources.find(request.path);
    if (resource === undefined) return this.#resources.notFound(request, channel);
    return blockFault(request) ?? this.#sizeFault(request) ?? resource(request, channel);
  }

  #sizeFault({ payload }: CoapRequest): Response | undefined {
    return payload.length > this.#maxPayload ? this.#tooLarge : undefined;
  }

  /**
   * Takes the block that is asked for, has the log told of errors, and leaves out what the client does not want.
   * @param length bytes of the request, where addresses have to be proved
   */
  #conclude(answer: Response, request: CoapRequest, length: number, channel: C): Answer {
    const { method, path, noResponse } = request;
    const block = responseBlock(answer, request, this.#maxBlockSize);
    if (isError(block) && !block.logged) this.#refusals.write(method, path, channel, block);
    return unlessUnwanted(this.#guard?.after(block, length, channel) ?? block, noResponse);
  }

  /** RFC 7252 §5.4.1: 4.02 for a confirmable request, a Reset for another. */
  #refuseOption({ badOption: number }: BadOption, message: CoapMessage, length: number, channel: C): Answer {
    const name = optionDefinition(number)?.name ?? `option ${number}`;
    const response = failure(ResponseCode.BadOption, `${name} is not supported, or wrong`);
    this.#refusals.write(message.code, stringsOf(message, OptionNumber.UriPath), channel, response);
    if (message.type !== MessageType.CON) return RESET;
    return this.#guard?.after(response, length, channel) ?? response;
  }
}

function isError({ code }: Response): boolean {
  return classOf(code) >= 4;
}

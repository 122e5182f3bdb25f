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
import type { BlockSettings } from './block-settings.js';
import { blockFault, responseBlock } from './blocks.js';
import type { CoapChannel } from './channel.js';
import type { EchoGuard } from './echo-guard.js';
import { unlessUnwanted } from './no-response.js';
import type { RefusalLog } from './refusal-log.js';
import { type BadOption, type CoapRequest, readRequest } from './request.js';
import { type Answer, failure, RESET, type Response, tooLarge } from './response.js';
import type { Router } from './router.js';

const NO_PROXY = failure(ResponseCode.ProxyingNotSupported, 'not a proxy');

/** Bytes of the longest payload of a request, and of the largest block of a response. */
export type PayloadLimits = Pick<BlockSettings, 'maxPayload' | 'maxBlockSize'>;

/**
 * Requests and responses, RFC 7252 §5: reads a request's options, finds its resource, and sees to what holds for
 * all of them. One for all peers.
 */
export class RequestLayer {
  readonly #router: Router;
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
    router: Router,
    { maxPayload, maxBlockSize }: PayloadLimits,
    refusals: RefusalLog,
    guard: EchoGuard | undefined,
  ) {
    this.#guard = guard;
    this.#router = router;
    this.#maxPayload = maxPayload;
    this.#maxBlockSize = maxBlockSize;
    this.#tooLarge = tooLarge(maxPayload);
    this.#refusals = refusals;
  }

  /** @param message a request; borrowed until the call returns */
  handle(message: CoapMessage, channel: CoapChannel): MaybePromise<Answer> {
    const request = readRequest(message);
    if ('badOption' in request) return this.#refuseOption(request, message, channel);
    if (this.#guard !== undefined) return this.#guarded(this.#guard, request, message, channel);
    const response = this.#respond(request, channel);
    if (!isPromise(response)) return this.#conclude(response, request, channel);
    return response.then((settled) => this.#conclude(settled, request, channel));
  }

  /** Carries a request out as far as its peer has proved its address. */
  #guarded(
    guard: EchoGuard,
    request: CoapRequest,
    message: CoapMessage,
    channel: CoapChannel,
  ): MaybePromise<Answer> {
    const length = encodedLength(message);
    const response = guard.before(request, channel) ?? this.#respond(request, channel);
    const conclude = (settled: Response) => {
      const block = responseBlock(settled, request, this.#maxBlockSize);
      return this.#send(guard.after(block, length, channel), request, channel);
    };
    return isPromise(response) ? response.then(conclude) : conclude(response);
  }

  #respond(request: CoapRequest, channel: CoapChannel): MaybePromise<Response> {
    if (request.proxied) return NO_PROXY;
    const resource = this.#router.find(request.path);
    if (resource === undefined) return this.#router.notFound(request, channel);
    return blockFault(request) ?? this.#sizeFault(request) ?? resource(request, channel);
  }

  #sizeFault({ payload }: CoapRequest): Response | undefined {
    return payload.length > this.#maxPayload ? this.#tooLarge : undefined;
  }

  #conclude(answer: Response, request: CoapRequest, channel: CoapChannel): Answer {
    return this.#send(responseBlock(answer, request, this.#maxBlockSize), request, channel);
  }

  /** Leaves out what the client does not want, and has the log told of errors. */
  #send(response: Response, { method, path, noResponse }: CoapRequest, channel: CoapChannel): Answer {
    if (isError(response) && !response.logged) this.#refusals.write(method, path, channel, response);
    return noResponse === 0 ? response : unlessUnwanted(response, noResponse);
  }

  /** RFC 7252 §5.4.1: 4.02 for a confirmable request, a Reset for another. */
  #refuseOption({ badOption: number }: BadOption, message: CoapMessage, channel: CoapChannel): Answer {
    const name = optionDefinition(number)?.name ?? `option ${number}`;
    const response = failure(ResponseCode.BadOption, `${name} is not supported, or wrong`);
    this.#refusals.write(message.code, stringsOf(message, OptionNumber.UriPath), channel, response);
    return message.type === MessageType.CON ? response : RESET;
  }
}

function isError({ code }: Response): boolean {
  return classOf(code) >= 4;
}

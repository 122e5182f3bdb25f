import {
  type CoapMessage,
  classOf,
  codeName,
  codeText,
  MessageType,
  optionDefinition,
  ResponseCode,
} from '@portico/codec-coap';
import { formatAddress, isPromise, type LineLimit, type MaybePromise } from '@portico/core';
import { blockFault } from './blocks.js';
import type { CoapChannel } from './channel.js';
import { discovery, pubsub } from './discovery.js';
import { type BadOption, type CoapRequest, readRequest } from './request.js';
import type { Handler } from './resource.js';
import { type Answer, failure, type Response, unlessUnwanted } from './response.js';

/** Paths of LwM2M (registration and bootstrap): devices that have come to the wrong port. */
const LWM2M_PATHS: readonly string[] = ['rd', 'bs'];

const NOT_FOUND = failure(ResponseCode.NotFound, 'no such resource');
const WRONG_GATEWAY = failure(
  ResponseCode.NotFound,
  'this is the CoAP gateway: LwM2M devices register at the LwM2M gateway, which has another port',
);
const NO_PROXY = failure(ResponseCode.ProxyingNotSupported, 'not a proxy');
/** Of a request, what is needed when its answer is there. */
type Asked = Pick<CoapRequest, 'method' | 'path' | 'noResponse'>;

/** Finds the resource that a request is for, once the options allow it. */
export class Router {
  readonly #lines: LineLimit;
  readonly #errors: LineLimit;
  readonly #maxPayload: number;
  readonly #mqtt: Handler;

  /**
   * @param maxPayload bytes; a request with more is answered 4.13
   * @param lines for what operators should know of
   * @param errors for every request that fails
   */
  constructor(mqtt: Handler, maxPayload: number, lines: LineLimit, errors: LineLimit) {
    this.#mqtt = mqtt;
    this.#maxPayload = maxPayload;
    this.#lines = lines;
    this.#errors = errors;
  }

  handle(message: CoapMessage, channel: CoapChannel): MaybePromise<Response> {
    const request = readRequest(message);
    if ('badOption' in request) return badOption(request, message);
    const answer = this.#answer(request, channel);
    if (!isPromise(answer)) return this.#finish(request, answer, channel);
    const { method, path, noResponse } = request;
    return answer.then((settled) => this.#finish({ method, path, noResponse }, settled, channel));
  }

  #finish(request: Asked, response: Response, channel: CoapChannel): Response {
    if (typeof response === 'object' && classOf(response.code) > 2) this.#tell(request, response, channel);
    return request.noResponse === 0 ? response : unlessUnwanted(response, request.noResponse);
  }

  /** What went wrong, for whoever looks for it. */
  #tell({ method, path }: Asked, { code, payload }: Answer, { info }: CoapChannel): void {
    this.#errors.write(
      'debug',
      {
        listener: info.listener,
        peer: formatAddress(info.peer),
        method: codeName(method) ?? codeText(method),
        path: `/${path.join('/')}`,
        code: codeText(code),
        reason: payload.toString(),
      },
      'request failed',
    );
  }

  #answer(request: CoapRequest, channel: CoapChannel): MaybePromise<Response> {
    if (request.proxied) return NO_PROXY;
    const resource = this.#resource(request.path);
    if (resource === undefined) return this.#notFound(request.path, channel);
    return blockFault(request, this.#maxPayload) ?? resource(request, channel);
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
}

/** RFC 7252 §5.4.1: 4.02 for a confirmable request, a Reset for another. */
function badOption({ badOption: number }: BadOption, message: CoapMessage): Response {
  if (message.type !== MessageType.CON) return 'reset';
  const name = optionDefinition(number)?.name ?? `option ${number}`;
  return failure(ResponseCode.BadOption, `${name} is not supported, or wrong`);
}

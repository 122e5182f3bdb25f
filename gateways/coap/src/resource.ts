import { codeName, codeText, type Method, ResponseCode } from '@portico/codec-coap';
import type { MaybePromise } from '@portico/core';
import type { CoapChannel } from './channel.js';
import type { CoapRequest } from './request.js';
import { failure, type Response } from './response.js';

/** Answers the requests for a resource. Their bytes are borrowed until the call returns. */
export type Handler = (request: CoapRequest, channel: CoapChannel) => MaybePromise<Response>;

/** A resource with a handler for each method that it has; any other is answered 4.05. */
export function byMethod(handlers: Readonly<Partial<Record<Method, Handler>>>): Handler {
  const table = new Map(Object.entries(handlers).map(([method, handler]) => [Number(method), handler]));
  return (request, channel) => {
    const handler = table.get(request.method);
    if (handler !== undefined) return handler(request, channel);
    const method = codeName(request.method) ?? codeText(request.method);
    return failure(ResponseCode.MethodNotAllowed, `no ${method} here`);
  };
}

import { codeName, codeText, type Method, ResponseCode } from '@portico/codec-coap';
import type { ConnectionInfo, MaybePromise } from '@portico/core';
import type { CoapRequest } from './request.js';
import { failure, type Response } from './response.js';

/** Answers the requests for a resource. Their bytes are borrowed until the call returns. */
export type Handler<C> = (request: CoapRequest, channel: C) => MaybePromise<Response>;

/** What the endpoint needs of the channel that a request came by, of whichever gateway. */
export interface RequestChannel {
  readonly info: ConnectionInfo;
  /** Whether the peer has shown that it receives what is sent to its address, see {@link EchoGuard}. */
  proven: boolean;
}

/** The resources of a gateway. */
export interface Resources<C> {
  /** @param path segments; undefined when there is no such resource */
  find(path: readonly string[]): Handler<C> | undefined;
  /** Answers a request for a resource that there is not. */
  readonly notFound: Handler<C>;
}

/** A resource with a handler for each method that it has; any other is answered 4.05. */
export function byMethod<C>(handlers: Readonly<Partial<Record<Method, Handler<C>>>>): Handler<C> {
  const table = new Map(
    Object.entries<Handler<C>>(handlers).map(([method, handler]) => [Number(method), handler]),
  );
  return (request, channel) => {
    const handler = table.get(request.method);
    if (handler !== undefined) return handler(request, channel);
    const method = codeName(request.method) ?? codeText(request.method);
    return failure(ResponseCode.MethodNotAllowed, `no ${method} here`);
  };
}

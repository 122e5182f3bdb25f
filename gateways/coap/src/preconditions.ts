import { type CoapRequest, failure, keepRequest, type Response, refused } from '@portico/coap-endpoint';
import { ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise, type Message } from '@portico/core';
import type { CoapClient, Retained } from './client.js';
import { entityTag } from './representation.js';

const PRECONDITION_FAILED = failure(
  ResponseCode.PreconditionFailed,
  'the retained message is not as demanded',
);

/** Whether a request is to be carried out only if something holds. */
export function isConditional({ ifMatch, ifNoneMatch }: CoapRequest): boolean {
  return ifMatch !== undefined || ifNoneMatch;
}

/**
 * Carries a request out if what it demands of the retained message of a topic holds, RFC 7252 §5.10.8. Nothing comes
 * in between unless access control or a disk is waited for.
 * @param carryOut gets the request, which may have had to be kept
 */
export function ifPreconditionsHold(
  client: CoapClient,
  topicName: string,
  request: CoapRequest,
  carryOut: (request: CoapRequest) => MaybePromise<Response>,
): MaybePromise<Response> {
  if (!isConditional(request)) return carryOut(request);
  const found = client.retained(topicName);
  if (!isPromise(found)) return judge(found, request, carryOut);
  const kept = keepRequest(request);
  return found.then((settled) => judge(settled, kept, carryOut));
}

function judge(
  found: Retained,
  request: CoapRequest,
  carryOut: (request: CoapRequest) => MaybePromise<Response>,
): MaybePromise<Response> {
  if (!found.ok) return refused(found.refusal);
  return holds(request, found.message) ? carryOut(request) : PRECONDITION_FAILED;
}

/** @param message what there is at present; undefined for nothing */
function holds({ ifMatch, ifNoneMatch }: CoapRequest, message: Message | undefined): boolean {
  if (ifNoneMatch && message !== undefined) return false;
  if (ifMatch === undefined) return true;
  if (message === undefined) return false;
  const { value } = entityTag(message);
  return ifMatch.some((tag) => tag.length === 0 || tag.equals(value));
}

import type { CoapRequest } from '@portico/coap-endpoint';
import type { Message } from '@portico/core';
import { entityTag } from './representation.js';

/** Whether a request is to be carried out only if something holds. */
export function isConditional({ ifMatch, ifNoneMatch }: CoapRequest): boolean {
  return ifMatch !== undefined || ifNoneMatch;
}

/**
 * Whether what a request demands of the state of its resource holds, RFC 7252 §5.10.8.
 * @param message what there is at present; undefined for nothing
 */
export function preconditionsHold(
  { ifMatch, ifNoneMatch }: CoapRequest,
  message: Message | undefined,
): boolean {
  if (ifNoneMatch && message !== undefined) return false;
  if (ifMatch === undefined) return true;
  if (message === undefined) return false;
  const { value } = entityTag(message);
  return ifMatch.some((tag) => tag.length === 0 || tag.equals(value));
}

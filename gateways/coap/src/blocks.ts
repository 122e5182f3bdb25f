import { decodeBlock, ResponseCode } from '@portico/codec-coap';
import type { CoapRequest } from './request.js';
import { failure, type Response } from './response.js';

/** A block that there is not. */
export const BAD_BLOCK = failure(ResponseCode.BadRequest, 'no such block');

/** What is wrong with the block that a request asks for: responses come in one message (RFC 7959 §2.2). */
export function blockFault({ block2 }: CoapRequest): Response | undefined {
  return block2 === undefined || decodeBlock(block2)?.num === 0 ? undefined : BAD_BLOCK;
}

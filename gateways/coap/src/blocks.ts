import { decodeBlock, OptionNumber, ResponseCode, uintOption } from '@portico/codec-coap';
import type { CoapRequest } from './request.js';
import { failure, type Response } from './response.js';

const NO_BLOCKS = failure(
  ResponseCode.RequestEntityTooLarge,
  'payloads in blocks are not taken: send it in one message',
);
const BAD_BLOCK = failure(ResponseCode.BadRequest, 'no such block');

/** What is wrong with a request's Block options: one message holds the whole payload, both ways (RFC 7959 §2.2). */
export function blockFault({ block1, block2 }: CoapRequest): Response | undefined {
  if (block1 !== undefined) {
    const block = decodeBlock(block1);
    if (block === undefined) return BAD_BLOCK;
    if (block.more || block.num > 0) return NO_BLOCKS;
  }
  return block2 === undefined || decodeBlock(block2)?.num === 0 ? undefined : BAD_BLOCK;
}

/**
 * A response that acknowledges a payload which came as the only block of a transfer as such, RFC 7959 §2.3.
 * @param block1 of the request
 */
export function acknowledgingBlock(response: Response, block1: number | undefined): Response {
  if (block1 === undefined) return response;
  return { ...response, options: [uintOption(OptionNumber.Block1, block1)] };
}

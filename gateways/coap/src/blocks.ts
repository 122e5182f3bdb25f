import { decodeBlock, ResponseCode } from '@portico/codec-coap';
import type { CoapRequest } from './request.js';
import { type Answer, failure, tooLarge } from './response.js';

const NO_BLOCKS = failure(
  ResponseCode.RequestEntityTooLarge,
  'payloads in blocks are not taken: send it in one message',
);
const BAD_BLOCK = failure(ResponseCode.BadRequest, 'no such block');

/**
 * What is wrong with the size of a request or the blocks that it asks for: one message holds the whole payload, both
 * ways, so there is no block but the first and only one (RFC 7959).
 * @param maxPayload bytes
 */
export function blockFault({ block1, block2, payload }: CoapRequest, maxPayload: number): Answer | undefined {
  if (block1 !== undefined) {
    const block = decodeBlock(block1);
    if (block === undefined) return BAD_BLOCK;
    if (block.more || block.num > 0) return NO_BLOCKS;
  }
  if (block2 !== undefined && decodeBlock(block2)?.num !== 0) return BAD_BLOCK;
  return payload.length > maxPayload ? tooLarge(maxPayload) : undefined;
}

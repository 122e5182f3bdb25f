import {
  type Block,
  blockOption,
  decodeBlock,
  Method,
  OptionNumber,
  ResponseCode,
} from '@portico/codec-coap';
import { payloadTag } from '../serving/entity-tag.js';
import type { CoapRequest } from '../serving/request.js';
import { failure, isSuccess, type Response, sized, withOption } from '../serving/response.js';

/** A block that there is not. */
export const BAD_BLOCK = failure(ResponseCode.BadRequest, 'no such block');

/** Methods that may be carried out once for each block of the response. */
const SAFE: readonly number[] = [Method.GET, Method.FETCH];

/** What is wrong with the block that a request asks for, RFC 7959 §2.4. */
export function blockFault({ method, block2 }: CoapRequest): Response | undefined {
  if (block2 === undefined) return undefined;
  const block = decodeBlock(block2);
  if (block === undefined) return BAD_BLOCK;
  return block.num > 0 && !SAFE.includes(method) ? BAD_BLOCK : undefined;
}

/** What a request says of the blocks of its response. */
export type BlockRequest = Pick<CoapRequest, 'block2' | 'size2'>;

/** Whether a request asks for a later block of a response that it has begun to fetch. */
export function isContinuation({ block2 }: BlockRequest): boolean {
  return block2 !== undefined && block2 >= 16;
}

/** Bytes of the blocks that a request asks for, no more than `maxSize`. */
export function blockSize({ block2 }: BlockRequest, maxSize: number): number {
  const asked = block2 === undefined ? undefined : decodeBlock(block2);
  return Math.min(asked?.size ?? maxSize, maxSize);
}

/** Offset behind the block that a request asks for. */
export function blockEnd(request: BlockRequest, maxSize: number): number {
  return blockOffset(request) + blockSize(request, maxSize);
}

function blockOffset({ block2 }: BlockRequest): number {
  const asked = block2 === undefined ? undefined : decodeBlock(block2);
  return asked === undefined ? 0 : asked.num * asked.size;
}

/**
 * The block of a response that a request asks for, and the first one where it asks for none and the payload is
 * longer than a block; the response as it is where it fits (RFC 7959 §2.4).
 * @param maxSize bytes of the largest block
 */
export function responseBlock(answer: Response, request: BlockRequest, maxSize: number): Response {
  const { length } = answer.payload;
  if (request.block2 === undefined && length <= maxSize) return request.size2 ? sized(answer) : answer;
  if (!isSuccess(answer.code)) return answer;
  if (length === 0) return isContinuation(request) ? BAD_BLOCK : answer;
  const offset = blockOffset(request);
  if (offset > 0 && offset >= length) return BAD_BLOCK;
  const size = blockSize(request, maxSize);
  const block = { num: offset / size, more: offset + size < length, size };
  return cut(offset === 0 || request.size2 ? sized(answer) : answer, offset, block);
}

/** The first block of a response that is longer than a block. */
export function firstBlock(answer: Response, size: number): Response {
  return cut(sized(answer), 0, { num: 0, more: true, size });
}

/**
 * One block of a response, with what tells it from others. It is a copy: an answer is remembered for longer than the
 * whole that it is of may be there.
 */
function cut(answer: Response, offset: number, block: Block): Response {
  const { payload, options } = answer;
  const tagged = options.some(({ number }) => number === OptionNumber.ETag)
    ? answer
    : withOption(answer, payloadTag(payload));
  const part = Buffer.from(payload.subarray(offset, offset + block.size));
  return { ...withOption(tagged, blockOption(OptionNumber.Block2, block)), payload: part };
}

import { createHash } from 'node:crypto';
import { type Block, blockOption, decodeBlock, OptionNumber, ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise } from '@portico/core';
import type { CoapRequest } from '../serving/request.js';
import { failure, type Response, response, tooLarge, withOption } from '../serving/response.js';
import type { BlockSettings } from './block-settings.js';
import { BAD_BLOCK } from './blocks.js';
import { TransferTable } from './transfer-table.js';
import { Upload } from './upload.js';

const BAD_LENGTH = failure(ResponseCode.BadRequest, 'a block is as long as it says, but for the last one');
const INCOMPLETE = failure(
  ResponseCode.RequestEntityIncomplete,
  'blocks before this one are missing: begin again with the first',
);
const CONTINUE = response(ResponseCode.Continue);

/**
 * Payloads that come in blocks (Block1, RFC 7959 §2.5): put together, one after the other from the first block on,
 * and handed on as a whole or not at all. What belongs to one payload is told by its peer and by all options of the
 * request that name the resource, Request-Tag among them (RFC 9175 §3.3).
 */
export class Uploads {
  readonly #settings: BlockSettings;
  readonly #table: TransferTable<Upload>;
  readonly #tooLarge: Response;

  constructor(settings: BlockSettings) {
    this.#settings = settings;
    this.#table = new TransferTable(settings.limits, settings.clock, settings.timers);
    this.#tooLarge = tooLarge(settings.maxPayload);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#table.bytes;
  }

  /** The peer is gone. */
  forget(peer: object): void {
    this.#table.forget(peer);
  }

  close(): void {
    this.#table.close();
  }

  /**
   * Takes one block, and has the request carried out with the whole payload when it is the last one.
   * @param value of the request's Block1 option
   * @returns the answer, which says which block it is for (RFC 7959 §2.3)
   */
  assemble(
    request: CoapRequest,
    value: number,
    peer: object,
    carryOut: (whole: CoapRequest) => MaybePromise<Response>,
  ): MaybePromise<Response> {
    const block = decodeBlock(value);
    if (block === undefined) return BAD_BLOCK;
    const taken = this.#take(request, block, peer);
    if (!Buffer.isBuffer(taken)) return acknowledging(taken, this.#negotiated(block));
    const answer = carryOut({ ...request, payload: taken });
    if (isPromise(answer)) return answer.then((late) => acknowledging(late, block));
    return acknowledging(answer, block);
  }

  #take(request: CoapRequest, block: Block, peer: object): Buffer | Response {
    const { payload } = request;
    const { num, more, size } = block;
    if (more ? payload.length !== size : payload.length > size) return BAD_LENGTH;
    const key = uploadKey(request);
    const offset = num * size;
    if (Math.max(request.size1, offset + payload.length) > this.#settings.maxPayload) {
      this.#end(peer, key, 'too_large');
      return this.#tooLarge;
    }
    if (num === 0) {
      this.#end(peer, key, 'restarted');
      if (!more) return payload;
      this.#begin(peer, key);
    }
    return this.#add(request.payload, offset, more, peer, key);
  }

  #begin(peer: object, key: string): void {
    const { counters } = this.#settings;
    const upload = new Upload((reason) => {
      counters[`uploads.dropped.${reason}`].value++;
    });
    this.#table.add(peer, key, upload);
  }

  #add(bytes: Buffer, offset: number, more: boolean, peer: object, key: string): Buffer | Response {
    const upload = this.#table.get(peer, key);
    if (upload === undefined) return INCOMPLETE;
    const fit = upload.put(offset, bytes);
    if (fit === 'gap') return INCOMPLETE;
    if (fit === 'conflict' || (fit === 'known' && !more)) {
      this.#end(peer, key, 'conflict');
      return INCOMPLETE;
    }
    if (more) {
      this.#table.used(peer, key);
      return CONTINUE;
    }
    this.#table.delete(peer, key);
    this.#settings.counters['uploads.completed'].value++;
    return upload.payload;
  }

  /** An upload that goes on no further, if there is one. */
  #end(peer: object, key: string, reason: 'restarted' | 'too_large' | 'conflict'): void {
    if (this.#table.get(peer, key) === undefined) return;
    this.#table.delete(peer, key);
    this.#settings.counters[`uploads.dropped.${reason}`].value++;
  }

  /** The block as it is acknowledged: with the size that is asked for from now on, RFC 7959 §2.3. */
  #negotiated(block: Block): Block {
    return { ...block, size: Math.min(block.size, this.#settings.maxBlockSize) };
  }
}

function acknowledging(answer: Response, block: Block): Response {
  return withOption(answer, blockOption(OptionNumber.Block1, block));
}

/** What the blocks of one payload have in common, and those of no other of its peer. */
function uploadKey(request: CoapRequest): string {
  const { method, path, queries, contentFormat, accept, requestTag, ifMatch, ifNoneMatch } = request;
  const tags = ifMatch?.map((tag) => tag.toString('hex'));
  const named = JSON.stringify([method, path, queries, contentFormat, accept, requestTag, tags, ifNoneMatch]);
  return createHash('sha256').update(named).digest('base64url');
}

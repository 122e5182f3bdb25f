import { type Block, CoapOption, decodeBlock, MAX_BLOCK_NUMBER, OptionNumber } from '@portico/codec-coap';
import { BlockBuffer } from '../blocks/block-buffer.js';
import type { Transfer, TransferDrop } from '../blocks/transfer-table.js';
import type { IncomingResponse } from './outgoing-request.js';

/** What has become of a payload with one more block of it. */
export type FetchStep =
  /** The next block is to be asked for. */
  | 'next'
  /** It is whole. */
  | 'whole'
  /** The block does not belong to those before it: the resource has changed, or the peer answers something else. */
  | 'misfit'
  /** It is longer than what is taken. */
  | 'too_large';

/** Options that are about one block, not about the whole. */
const OF_A_BLOCK: readonly number[] = [OptionNumber.Block1, OptionNumber.Block2];

/** A payload that is fetched from a peer in blocks (Block2, RFC 7959 §2.4), from the first on. */
export class BlockFetch implements Transfer {
  readonly #maxPayload: number;
  readonly #onDropped: (reason: TransferDrop) => void;
  #blocks = new BlockBuffer();
  /** Bytes of the next block. */
  #blockSize: number;
  /** Code and options of the first block's response, and its entity-tag. */
  #head: Omit<IncomingResponse, 'payload'> | undefined;
  #etag: Buffer | undefined;
  /** That of the first response: what is fetched anew does not tell (RFC 7959 §3.4). */
  #observe: CoapOption | undefined;
  #restarted = false;

  /**
   * @param blockSize bytes of the blocks that are asked for, unless the peer has smaller ones
   * @param maxPayload bytes
   * @param onDropped told when there is no room for it any more
   */
  constructor(blockSize: number, maxPayload: number, onDropped: (reason: TransferDrop) => void) {
    this.#blockSize = blockSize;
    this.#maxPayload = maxPayload;
    this.#onDropped = onDropped;
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** The block to ask for. */
  get block(): Block {
    return { num: this.#received / this.#blockSize, more: false, size: this.#blockSize };
  }

  /** The response as if it had come at once. */
  get response(): IncomingResponse {
    const { code = 0, options = [] } = this.#head ?? {};
    return { code, options, payload: this.#blocks.payload };
  }

  dropped(reason: TransferDrop): void {
    this.#onDropped(reason);
  }

  /** Takes the response that brings the block that was asked for. @param response borrowed */
  take(response: IncomingResponse): FetchStep {
    const value = uintOf(response, OptionNumber.Block2);
    const block = value === undefined ? this.#only(response) : decodeBlock(value);
    if (block === undefined || !this.#fits(response, block)) return 'misfit';
    const length = this.#received + response.payload.length;
    if (Math.max(length, uintOf(response, OptionNumber.Size2) ?? 0) > this.#maxPayload) return 'too_large';
    if (this.#received === 0) this.#begin(response);
    this.#blocks.put(this.#received, response.payload);
    if (!block.more) return 'whole';
    this.#blockSize = Math.min(this.#blockSize, block.size);
    return this.block.num > MAX_BLOCK_NUMBER ? 'too_large' : 'next';
  }

  /** Forgets what has come, to begin with the first block again. @returns false when it has done so before */
  restart(): boolean {
    if (this.#restarted) return false;
    this.#restarted = true;
    this.#blocks = new BlockBuffer();
    return true;
  }

  get #received(): number {
    return this.#blocks.payload.length;
  }

  /** A response without Block2 that fits where the first block would: what is fetched anew may have become short. */
  #only({ payload }: IncomingResponse): Block | undefined {
    return this.#received === 0 ? { num: 0, more: false, size: payload.length } : undefined;
  }

  #fits(response: IncomingResponse, { num, more, size }: Block): boolean {
    const { length } = response.payload;
    if (num * size !== this.#received || (more ? length !== size : length > size)) return false;
    return this.#received === 0 || sameTag(this.#etag, optionOf(response, OptionNumber.ETag)?.value);
  }

  #begin(response: IncomingResponse): void {
    const options = response.options.filter(({ number }) => !OF_A_BLOCK.includes(number)).map(kept);
    this.#etag = optionOf(response, OptionNumber.ETag)?.value;
    if (this.#etag !== undefined) this.#etag = Buffer.from(this.#etag);
    if (!this.#restarted) this.#observe = options.find(({ number }) => number === OptionNumber.Observe);
    else if (this.#observe !== undefined) options.push(this.#observe);
    this.#head = { code: response.code, options: options.sort((a, b) => a.number - b.number) };
  }
}

/** RFC 7959 §2.4: blocks with different tags are of different representations; one without a tag may be of any. */
function sameTag(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined || one.equals(other);
}

function kept(option: CoapOption): CoapOption {
  return CoapOption.of(option.number, Buffer.from(option.value));
}

function optionOf({ options }: IncomingResponse, number: number): CoapOption | undefined {
  return options.find((option) => option.number === number);
}

function uintOf(response: IncomingResponse, number: number): number | undefined {
  return optionOf(response, number)?.uint;
}

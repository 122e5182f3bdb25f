import { type Block, MAX_BLOCK_NUMBER, ResponseCode } from '@portico/codec-coap';
import { isSuccess } from '../serving/response.js';

/** What the response to a block means. */
export type PushStep =
  /** The next block is to be sent, or the same part of the payload in smaller ones. */
  | 'next'
  /** It is the response to the whole. */
  | 'final'
  /** The peer has lost its way. */
  | 'incomplete';

/**
 * A payload on its way to a peer in blocks (Block1, RFC 7959 §2.5), each sent when the one before has been answered. A
 * peer that wants smaller blocks gets them (§2.3, §2.9.3); one that has lost some gets all of them again, once (§2.9.2).
 */
export class BlockPush {
  readonly #payload: Buffer;
  #offset = 0;
  #size: number;
  #restarted = false;

  /** @param size bytes of a block */
  constructor(payload: Buffer, size: number) {
    this.#payload = payload;
    this.#size = size;
  }

  /** The block that is to be sent, or has been sent last. */
  get block(): Block {
    return { num: this.#offset / this.#size, more: !this.#isLast, size: this.#size };
  }

  /** What is in it. */
  get part(): Buffer {
    return this.#payload.subarray(this.#offset, this.#offset + this.#size);
  }

  /** Bytes of the whole payload. */
  get total(): number {
    return this.#payload.length;
  }

  /** Bytes that the peer has taken. */
  get taken(): number {
    return this.#offset;
  }

  /** @param answered the response's Block1; undefined without one */
  take(code: number, answered: Block | undefined): PushStep {
    if (code === ResponseCode.RequestEntityTooLarge) return this.#shrink(answered);
    if (code === ResponseCode.RequestEntityIncomplete) return this.#restart();
    if (code !== ResponseCode.Continue && (this.#isLast || !isSuccess(code))) return 'final';
    return this.#advance(code, answered);
  }

  get #isLast(): boolean {
    return this.#offset + this.#size >= this.#payload.length;
  }

  /** 2.31, or the response of a peer that acts upon each block as it comes (RFC 7959 §2.3). */
  #advance(code: number, answered: Block | undefined): PushStep {
    if (this.#isLast || (answered === undefined && code !== ResponseCode.Continue)) return 'incomplete';
    if (answered !== undefined && answered.num !== this.block.num) return 'incomplete';
    this.#offset += this.#size;
    if (answered !== undefined) this.#size = Math.min(this.#size, answered.size);
    return this.block.num > MAX_BLOCK_NUMBER ? 'incomplete' : 'next';
  }

  #shrink(answered: Block | undefined): PushStep {
    if (answered === undefined || answered.size >= this.#size) return 'final';
    this.#size = answered.size;
    return this.block.num > MAX_BLOCK_NUMBER ? 'incomplete' : 'next';
  }

  #restart(): PushStep {
    if (this.#restarted) return 'final';
    this.#restarted = true;
    this.#offset = 0;
    return 'next';
  }
}

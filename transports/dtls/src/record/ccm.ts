import { type Cipher, createCipheriv, timingSafeEqual } from 'node:crypto';
import type { Aead } from './aead.js';
import { copyShort } from './copy-short.js';

const BLOCK = 16;
/** Bytes of the length and of the counter: what the nonce of 12 leaves of a block (RFC 3610 §2). */
const L = 3;
const NONCE = BLOCK - 1 - L;
/**
 * Scratch for all ciphers, which work one after the other: the blocks of the CBC-MAC, and those that are encrypted to
 * the key stream. They grow to the longest record.
 */
let macBlocks = Buffer.alloc(512);
let counterBlocks = numberedBlocks(512);

/**
 * AES-128-CCM (RFC 3610, RFC 6655 §3) with tags of 8 or 16 bytes, for one direction.
 *
 * Making a cipher object costs several times what a short record costs to encrypt, and Node.js wants a new one for each
 * nonce. So this is CCM as it is defined, out of two objects that live as long as the key: AES-ECB makes the key stream
 * from counter blocks, and AES-CBC the MAC. CBC cannot be started anew, but goes on from its last block of output; what
 * a fresh MAC would begin with, the zero vector, comes about by adding that block to the first one of the input.
 */
export class Ccm implements Aead {
  readonly tagLength: 8 | 16;
  readonly #keyStream: Cipher;
  readonly #mac: Cipher;
  /** The last block of output of `#mac`: after a computation, its MAC. */
  readonly #lastBlock = Buffer.alloc(BLOCK);

  /** @param key 16 bytes; copied */
  constructor(key: Buffer, tagLength: 8 | 16) {
    this.tagLength = tagLength;
    this.#keyStream = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    this.#mac = createCipheriv('aes-128-cbc', key, this.#lastBlock).setAutoPadding(false);
  }

  seal(nonce: Buffer, additional: Buffer, text: Buffer): void {
    const length = text.length - this.tagLength;
    const stream = this.#streamFor(nonce, length);
    const textAt = beginMac(nonce, additional, length, this.tagLength);
    text.copy(macBlocks, textAt, 0, length);
    this.#computeMac(textAt, length);
    for (let i = 0; i < length; i++) text[i] = byteAt(text, i) ^ byteAt(stream, BLOCK + i);
    copyShort(this.#tag(stream), 0, text, length, this.tagLength);
  }

  open(nonce: Buffer, additional: Buffer, text: Buffer): boolean {
    const length = text.length - this.tagLength;
    const stream = this.#streamFor(nonce, length);
    const textAt = beginMac(nonce, additional, length, this.tagLength);
    for (let i = 0; i < length; i++) macBlocks[textAt + i] = byteAt(text, i) ^ byteAt(stream, BLOCK + i);
    this.#computeMac(textAt, length);
    if (!timingSafeEqual(this.#tag(stream), text.subarray(length))) return false;
    for (let i = 0; i < length; i++) text[i] = byteAt(text, i) ^ byteAt(stream, BLOCK + i);
    return true;
  }

  /** Key stream: one block for the tag, and as many as the text needs (RFC 3610 §2.3). */
  #streamFor(nonce: Buffer, length: number): Buffer {
    const size = BLOCK + padded(length);
    if (counterBlocks.length < size) counterBlocks = numberedBlocks(size);
    for (let at = 1; at < size; at += BLOCK) {
      copyShort(nonce, 0, counterBlocks, at, NONCE);
    }
    return this.#keyStream.update(counterBlocks.subarray(0, size));
  }

  #computeMac(textAt: number, length: number): void {
    const size = textAt + padded(length);
    macBlocks.fill(0, textAt + length, size);
    for (let i = 0; i < BLOCK; i++) macBlocks[i] = byteAt(macBlocks, i) ^ byteAt(this.#lastBlock, i);
    copyShort(this.#mac.update(macBlocks.subarray(0, size)), size - BLOCK, this.#lastBlock, 0, BLOCK);
  }

  /** The MAC in encrypted form. */
  #tag(stream: Buffer): Buffer {
    for (let i = 0; i < this.tagLength; i++) stream[i] = byteAt(stream, i) ^ byteAt(this.#lastBlock, i);
    return stream.subarray(0, this.tagLength);
  }
}

/**
 * Writes the first block and those of the additional data (RFC 3610 §2.2).
 * @returns where the text begins in {@link macBlocks}, in which there is room for it
 */
function beginMac(nonce: Buffer, additional: Buffer, length: number, tagLength: number): number {
  const textAt = BLOCK + padded(2 + additional.length);
  if (macBlocks.length < textAt + padded(length)) macBlocks = Buffer.alloc(textAt + padded(length));
  macBlocks[0] = 0x40 | (((tagLength - 2) / 2) << 3) | (L - 1);
  copyShort(nonce, 0, macBlocks, 1, NONCE);
  macBlocks.writeUIntBE(length, BLOCK - L, L);
  macBlocks.writeUInt16BE(additional.length, BLOCK);
  copyShort(additional, 0, macBlocks, BLOCK + 2, additional.length);
  macBlocks.fill(0, BLOCK + 2 + additional.length, textAt);
  return textAt;
}

/** Counter blocks that lack the nonce. @param size bytes in all */
function numberedBlocks(size: number): Buffer {
  const blocks = Buffer.alloc(size);
  for (let at = 0, counter = 0; at < size; at += BLOCK, counter++) {
    blocks[at] = L - 1;
    blocks.writeUIntBE(counter, at + BLOCK - L, L);
  }
  return blocks;
}

function padded(length: number): number {
  return (length + BLOCK - 1) & -BLOCK;
}

function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] as number;
}

import type { CipherSuite } from '../cipher-suites.js';
import { Ccm } from './ccm.js';
import { Gcm } from './gcm.js';

/** Bytes of the nonce of an AEAD cipher (RFC 5116 §3.2). */
export const NONCE_LENGTH = 12;

/** An AEAD cipher with its key, for one direction (RFC 5116 §2). It works in place. There is always additional data. */
export interface Aead {
  /** Bytes of the tag. */
  readonly tagLength: number;
  /** Encrypts `text` up to its last `tagLength` bytes, which become the tag. */
  seal(nonce: Buffer, additional: Buffer, text: Buffer): void;
  /**
   * Decrypts `text`, whose last `tagLength` bytes are the tag.
   * @returns false when it is not authentic; it stays as it was then
   */
  open(nonce: Buffer, additional: Buffer, text: Buffer): boolean;
}

/** @param key 16 bytes; copied */
export function makeAead(suite: CipherSuite, key: Buffer): Aead {
  return suite.mode === 'ccm' ? new Ccm(key, suite.tagLength) : new Gcm(key);
}

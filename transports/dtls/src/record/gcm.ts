import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { Aead } from './aead.js';

/** AEAD_AES_128_GCM (RFC 5116 §5.1). */
export class Gcm implements Aead {
  readonly tagLength = 16;
  readonly #key: KeyObject;

  /** @param key 16 bytes; copied */
  constructor(key: Buffer) {
    this.#key = createSecretKey(key);
  }

  seal(nonce: Buffer, additional: Buffer, text: Buffer): void {
    const length = text.length - this.tagLength;
    const cipher = createCipheriv('aes-128-gcm', this.#key, nonce).setAAD(additional);
    cipher.update(text.subarray(0, length)).copy(text);
    cipher.final();
    cipher.getAuthTag().copy(text, length);
  }

  open(nonce: Buffer, additional: Buffer, text: Buffer): boolean {
    const length = text.length - this.tagLength;
    const decipher = createDecipheriv('aes-128-gcm', this.#key, nonce, { authTagLength: this.tagLength });
    decipher.setAAD(additional).setAuthTag(text.subarray(length));
    const plain = decipher.update(text.subarray(0, length));
    try {
      decipher.final();
    } catch {
      return false;
    }
    plain.copy(text);
    return true;
  }
}

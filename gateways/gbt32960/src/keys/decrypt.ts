import { createDecipheriv } from 'node:crypto';
import type { Decrypt } from '@portico/core';
import { sm2Decrypt } from './sm2.js';

/** The ciphers whose key both sides have (in mode ECB, padded by PKCS #7), with its size in bytes. */
export type SharedKeyCipher = 'aes-128-ecb' | 'sm4-ecb';
export const SHARED_KEY_SIZE = 16;

export function sharedKeyDecrypt(cipher: SharedKeyCipher, key: Buffer): Decrypt {
  return (data) => {
    const decipher = createDecipheriv(cipher, key, null);
    try {
      return Buffer.concat([decipher.update(data), decipher.final()]);
    } catch {
      return undefined;
    }
  };
}

const PEM = /-----BEGIN (?:EC )?PRIVATE KEY-----([\s\S]+?)-----END/;
/** The object identifier of the curve SM2, in DER. */
export const SM2_OID = Buffer.from('06082a811ccf5501822d', 'hex');
/** What stands in DER before the number of a private key of 32 bytes: version 1, a string of 32 bytes (RFC 5915 §3). */
const EC_PRIVATE_KEY = Buffer.from('0201010420', 'hex');
const EC_KEY_SIZE = 32;

/**
 * Decrypts by SM2. The key is found in its file without node:crypto, whose keys of this curve say nothing of themselves.
 * @throws Error when the key is none of SM2
 */
export function sm2KeyDecrypt(pem: string): Decrypt {
  const der = Buffer.from(PEM.exec(pem)?.[1] ?? '', 'base64');
  const found = der.indexOf(EC_PRIVATE_KEY);
  const key = Buffer.from(der.subarray(found + EC_PRIVATE_KEY.length).subarray(0, EC_KEY_SIZE));
  if (found < 0 || !der.includes(SM2_OID) || key.length < EC_KEY_SIZE) throw new Error('it is no key of SM2');
  return (data) => sm2Decrypt(key, data);
}

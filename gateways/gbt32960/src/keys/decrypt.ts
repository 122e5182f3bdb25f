import { constants, createDecipheriv, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto';
import { sm2Decrypt } from './sm2.js';

/** @returns undefined when the key, or what is encrypted, is not right. It may be the bytes that it was given */
export type Decrypt = (data: Buffer) => Buffer | undefined;

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

/** Blocks of one message: each costs about as much as a handshake of TLS. */
const MAX_RSA_BLOCKS = 8;

/**
 * Decrypts by RSA with OAEP, block by block. PKCS #1 v1.5 is left out: a hub that tells when its padding is wrong lets
 * others read what they have recorded.
 * @throws Error when the key is none of RSA
 */
export function rsaDecrypt(pem: string, oaepHash: string): Decrypt {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'rsa') throw new Error('it is no key of RSA');
  const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return (data) => {
    const blocks = data.length / size;
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > MAX_RSA_BLOCKS) return undefined;
    return openBlocks(key, oaepHash, data, size);
  };
}

function openBlocks(key: KeyObject, oaepHash: string, data: Buffer, size: number): Buffer | undefined {
  const plain: Buffer[] = [];
  try {
    for (let at = 0; at < data.length; at += size) {
      const options = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
      plain.push(privateDecrypt(options, data.subarray(at, at + size)));
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(plain);
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

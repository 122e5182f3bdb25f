import { createDecipheriv } from 'node:crypto';
import { Encryption } from '@portico/codec-gbt32960';
import type { Gbt32960Config } from './config.js';

/** @returns undefined when the key, or what is encrypted, is not right */
type Decrypt = (data: Buffer) => Buffer | undefined;

/** How data are decrypted, by the encryption that their frame tells of; those without a key are missing. */
export type Decryption = ReadonlyMap<number, Decrypt>;

export function decryptionOf({ decryption }: Gbt32960Config): Decryption {
  const ciphers: readonly (readonly [number, string, string])[] = [
    [Encryption.Aes128, 'aes-128-ecb', decryption.aes128_secret],
    [Encryption.Sm4, 'sm4-ecb', decryption.sm4_secret],
  ];
  return new Map(
    ciphers
      .filter(([, , key]) => key !== '')
      .map(([encryption, cipher, key]) => [encryption, decrypter(cipher, Buffer.from(key, 'hex'))]),
  );
}

function decrypter(cipher: string, key: Buffer): Decrypt {
  return (data) => {
    const decipher = createDecipheriv(cipher, key, null);
    try {
      return Buffer.concat([decipher.update(data), decipher.final()]);
    } catch {
      return undefined;
    }
  };
}

import {
  constants,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';

/** The hash of OAEP: both sides have the same. */
export type OaepHash = 'sha1' | 'sha256';

/** @returns undefined when the key, or what is encrypted, is not right. It may be the bytes that it was given */
export type Decrypt = (data: Buffer) => Buffer | undefined;

/** A public key of RSA. */
export interface RsaPublicKey {
  /** Big-endian, as it is: without zeros before it. */
  readonly modulus: Buffer;
  readonly exponent: number;
}

/** Blocks of one message: each costs about as much as a handshake of TLS. */
const MAX_BLOCKS = 8;
const HASH_SIZES = { sha1: 20, sha256: 32 } as const;
/** Exponents are odd, and not less (RFC 8017 §3.1). */
const LEAST_EXPONENT = 3;
/** Bytes of a block that OAEP takes besides two hashes (RFC 8017 §7.1.1). */
const OAEP_OVERHEAD = 2;

/** @throws Error when it is no private key of RSA, in PEM without password */
export function rsaPrivateKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'rsa') throw new Error('it is no key of RSA');
  return key;
}

/** The public key that goes with a private key of RSA. */
export function rsaPublicKey(key: KeyObject): RsaPublicKey {
  const { n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    modulus: Buffer.from(n, 'base64url'),
    exponent: Number.parseInt(Buffer.from(e, 'base64url').toString('hex'), 16),
  };
}

/**
 * Decrypts by RSA with OAEP, block by block. PKCS #1 v1.5 is left out: a hub that tells when its padding is wrong lets
 * others read what they have recorded.
 */
export function rsaDecrypt(key: KeyObject, oaepHash: OaepHash): Decrypt {
  const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return (data) => {
    const blocks = data.length / size;
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > MAX_BLOCKS) return undefined;
    return openBlocks(key, oaepHash, data, size);
  };
}

function openBlocks(key: KeyObject, oaepHash: OaepHash, data: Buffer, size: number): Buffer | undefined {
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

/**
 * Encrypts by RSA with OAEP, block by block, as {@link rsaDecrypt} decrypts.
 * @returns undefined when the key is none, or there are more bytes than anybody decrypts
 */
export function rsaEncrypt(
  { modulus, exponent }: RsaPublicKey,
  oaepHash: OaepHash,
  plain: Buffer,
): Buffer | undefined {
  const room = modulus.length - 2 * HASH_SIZES[oaepHash] - OAEP_OVERHEAD;
  const blocks = Math.max(1, Math.ceil(plain.length / room));
  const isExponent = exponent >= LEAST_EXPONENT && exponent % 2 === 1;
  if (blocks > MAX_BLOCKS || !isExponent) return undefined;
  try {
    const key = publicKeyOf(modulus, exponent);
    const options = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
    return Buffer.concat(
      Array.from({ length: blocks }, (_, index) =>
        publicEncrypt(options, plain.subarray(index * room, (index + 1) * room)),
      ),
    );
  } catch {
    return undefined;
  }
}

function publicKeyOf(modulus: Buffer, exponent: number): KeyObject {
  const e = Buffer.alloc(4);
  e.writeUInt32BE(exponent);
  const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: e.toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

import { type KeyObject, verify } from 'node:crypto';
import { DerError, type DerReader, objectIdentifier, sequenceOf, Tag } from './der.js';

/**
 * Algorithms that certificates and revocation lists may be signed with, and the hash of each (null: it has its own).
 * Those with MD5 and SHA-1, which can be forged, are left out.
 */
const HASHES: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512' | null> = new Map([
  /** ecdsa-with-SHA256, -SHA384 and -SHA512, RFC 5758 §3.2 */
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  /** sha256WithRSAEncryption and its like, RFC 4055 §5 */
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  /** id-Ed25519 and id-Ed448, RFC 8410 §3 */
  ['1.3.101.112', null],
  ['1.3.101.113', null],
]);

/**
 * RSA keys beyond these are nobody's: checking one signature takes a hundred times as long, and who knocks may bring any
 * chain that he likes.
 */
const MAX_MODULUS_BITS = 8192;
const MAX_EXPONENT = 0xffff_ffffn;

/** What has been signed: both certificates and revocation lists are made of these three, RFC 5280 §4.1 and §5.1. */
export interface Signed {
  /** What is signed, with its tag and length. */
  readonly signed: Buffer;
  /** Object identifier of the algorithm. */
  readonly algorithm: string;
  /** DER of the algorithm with its parameters. */
  readonly algorithmIdentifier: Buffer;
  readonly signature: Buffer;
}

/** @throws DerError */
export function readSigned(fields: DerReader): Signed {
  const signed = fields.take(Tag.sequence).whole;
  const algorithmIdentifier = fields.take(Tag.sequence).whole;
  const algorithm = objectIdentifier(sequenceOf(algorithmIdentifier).take(Tag.objectIdentifier));
  const { content } = fields.take(Tag.bitString);
  fields.end();
  if (content[0] !== 0) throw new DerError('its signature is not made of whole bytes');
  return { signed, algorithm, algorithmIdentifier, signature: content.subarray(1) };
}

/** Reads the algorithm that is named in what is signed, RFC 5280 §4.1.2.3 and §5.1.2.2. @throws DerError */
export function demandSameAlgorithm(fields: DerReader, { algorithmIdentifier }: Signed): void {
  if (!fields.take(Tag.sequence).whole.equals(algorithmIdentifier)) {
    throw new DerError('it names two signature algorithms');
  }
}

/** Whether signatures of this algorithm are taken. @param algorithm object identifier */
export function isAccepted(algorithm: string): boolean {
  return HASHES.has(algorithm);
}

/** Whether the owner of `key` has signed this, with an algorithm and a key that are taken. */
export function isSignedBy({ signed, algorithm, signature }: Signed, key: KeyObject): boolean {
  const hash = HASHES.get(algorithm);
  if (hash === undefined || takesLong(key)) return false;
  try {
    return verify(hash, signed, key, signature);
  } catch {
    // The key is of another kind than the algorithm.
    return false;
  }
}

function takesLong({ asymmetricKeyDetails = {} }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails;
  return modulusLength > MAX_MODULUS_BITS || publicExponent > MAX_EXPONENT;
}

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Signature, SignatureType } from '@portico/codec-gbt32960';
import { SM2_OID } from './decrypt.js';
import { sm2Verify } from './sm2.js';

/** Whether a signature is that of the message, by a public key. */
export type Verify = (message: Buffer, signature: Signature) => boolean;

/** Bytes of a point, and of a number, of the curves SM2 and P-256. */
const POINT_SIZE = 65;
/** What a point begins with. */
const UNCOMPRESSED = 4;
const NUMBER_SIZE = 32;

/**
 * @param spki a public key as X.509 has it (SubjectPublicKeyInfo, DER): of SM2, RSA, or the curve P-256
 * @throws Error when it is none of these
 */
export function verifierOf(spki: Buffer): Verify {
  if (spki.includes(SM2_OID)) {
    const point = Buffer.from(spki.subarray(-POINT_SIZE));
    if (point[0] !== UNCOMPRESSED || point.length < POINT_SIZE)
      throw new Error('the point of SM2 is missing');
    return (message, { type, r, s }) =>
      type === SignatureType.Sm2 && sm2Verify(point, message, numberBytes(r), numberBytes(s));
  }
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'rsa') return rsaVerifier(key);
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return eccVerifier(key);
  throw new Error('it is of another kind');
}

/** PKCS #1 v1.5 with SHA-256. */
function rsaVerifier(key: KeyObject): Verify {
  return (message, { type, r }) => type === SignatureType.Rsa && verify('sha256', message, key, r);
}

/** ECDSA with SHA-256. */
function eccVerifier(key: KeyObject): Verify {
  return (message, { type, r, s }) => {
    if (type !== SignatureType.Ecc) return false;
    const signature = Buffer.concat([numberBytes(r), numberBytes(s)]);
    return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  };
}

/** As many bytes as a number has, whether it came with fewer or, as in DER, with a zero before them. */
function numberBytes(number: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(NUMBER_SIZE), number]).subarray(-NUMBER_SIZE);
}

import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';

/** An ephemeral key of ours. */
export interface EphemeralKey {
  /** As on the wire. */
  readonly publicKey: Buffer;
  /** @throws when `peerKey` is no public key of the group */
  agree(peerKey: Buffer): Buffer;
}

/** A group for ECDHE. */
export interface Group {
  /** NamedCurve (RFC 8422 §5.1.1). */
  readonly id: number;
  generate(): EphemeralKey;
}

/** SubjectPublicKeyInfo of an X25519 key, up to its 32 bytes (RFC 8410 §4). */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const X25519_LENGTH = 32;

/** An uncompressed point, the only form there is (RFC 8422 §5.4.1), and its bytes. */
const UNCOMPRESSED_POINT = 4;
const P256_LENGTH = 65;

function generateP256(): EphemeralKey {
  const ecdh = createECDH('prime256v1');
  return {
    publicKey: ecdh.generateKeys(),
    agree(peerKey) {
      if (peerKey.length !== P256_LENGTH || peerKey[0] !== UNCOMPRESSED_POINT) {
        throw new RangeError('no uncompressed point of P-256');
      }
      return ecdh.computeSecret(peerKey);
    },
  };
}

function generateX25519(): EphemeralKey {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(X25519_SPKI.length),
    agree(peerKey) {
      if (peerKey.length !== X25519_LENGTH) throw new RangeError('no X25519 key');
      const key = Buffer.concat([X25519_SPKI, peerKey]);
      return diffieHellman({
        privateKey,
        publicKey: createPublicKey({ key, format: 'der', type: 'spki' }),
      });
    },
  };
}

/** secp256r1 */
export const P256 = 23;
const X25519 = 29;

/** Best first: what constrained clients have, then what is quicker. */
export const GROUPS: readonly Group[] = [
  { id: P256, generate: generateP256 },
  { id: X25519, generate: generateX25519 },
];

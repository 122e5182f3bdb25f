import { createPublicKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import type { MaybePromise, PeerProof, PresentedKey, VerifyPeer } from '../contract.js';
import { keepCopy } from '../keep-copy.js';
import { whenReady } from '../maybe-promise.js';
import { decodeField } from '../wire/fields.js';
import { HandshakeFailure } from './failure.js';
import { ECDSA_SHA256, rawPublicKeyCertificate, x509Certificate } from './messages.js';

export type CertificateTypeName = 'x509' | 'rawPublicKey';

/** What a Certificate message presents. That the peer has the private key remains to be shown. */
export interface ClaimedKey {
  readonly presented: PresentedKey;
  readonly publicKey: KeyObject;
}

/**
 * Reads the body of a Certificate message, to which what is presented points; see {@link keepProof}.
 * @returns undefined when it is empty
 * @throws HandshakeFailure `certificate_unusable`
 */
export function readClaimedKey(body: Buffer, type: CertificateTypeName): ClaimedKey | undefined {
  if (type === 'x509') {
    const chain = decodeField(x509Certificate, body);
    const [own] = chain;
    if (own === undefined) return undefined;
    const publicKey = p256Key(() => new X509Certificate(own).publicKey);
    return { presented: { kind: 'certificate', chain }, publicKey };
  }
  const spki = decodeField(rawPublicKeyCertificate, body);
  if (spki.length === 0) return undefined;
  const publicKey = p256Key(() => createPublicKey({ key: spki, format: 'der', type: 'spki' }));
  return { presented: { kind: 'rawPublicKey', spki }, publicKey };
}

/** What a peer has proved, with memory of its own: up to now it was the memory of the handshake's messages. */
export function keepProof(proof: PeerProof): PeerProof {
  if (proof.kind === 'certificate') return { ...proof, chain: proof.chain.map(keepCopy) };
  return proof.kind === 'rawPublicKey' ? { ...proof, spki: keepCopy(proof.spki) } : proof;
}

/** Whether a key can be used with the ECDHE_ECDSA suites here. */
export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

/** SubjectPublicKeyInfo of the public half of a key, DER. */
export function spkiOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

/** ecdsa_secp256r1_sha256 @returns what `digitallySigned` holds */
export function signWith(privateKey: KeyObject, data: Buffer): { algorithm: number; signature: Buffer } {
  return { algorithm: ECDSA_SHA256, signature: sign('sha256', data, privateKey) };
}

/** @throws HandshakeFailure when the peer does not have the private key */
export function checkSignature(
  { publicKey }: ClaimedKey,
  signed: { readonly algorithm: number; readonly signature: Buffer },
  data: Buffer,
): void {
  if (signed.algorithm !== ECDSA_SHA256) {
    const algorithm = signed.algorithm.toString(16).padStart(4, '0');
    throw new HandshakeFailure('protocol', 'illegal_parameter', `a signature of algorithm 0x${algorithm}`);
  }
  if (!verify('sha256', data, publicKey, signed.signature)) {
    throw new HandshakeFailure('proof_failed', 'decrypt_error', 'the signature is not of the key presented');
  }
}

/** Has the user judge a key. @throws HandshakeFailure (or rejects with it) when it is not trusted */
export function requireTrust(verifyPeer: VerifyPeer, presented: PresentedKey): MaybePromise<void> {
  return whenReady(verifyPeer(presented), (verdict) => {
    if (verdict === 'trusted') return;
    throw new HandshakeFailure('certificate_rejected', verdict.alert, verdict.reason);
  });
}

function p256Key(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new HandshakeFailure(
      'certificate_unusable',
      'bad_certificate',
      'the certificate or public key is none',
    );
  }
  if (isP256(key)) return key;
  const found = `${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.namedCurve ?? ''}`.trim();
  throw new HandshakeFailure('certificate_unusable', 'unsupported_certificate', `a key of kind ${found}`);
}

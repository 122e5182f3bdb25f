import { createHash, type KeyObject } from 'node:crypto';

/**
 * Raw public keys (RFC 7250) are known by their fingerprint, which is also who their owner is: the SHA-256 of the
 * SubjectPublicKeyInfo in DER, as lower-case hexadecimal digits.
 */

/** @param spki SubjectPublicKeyInfo, DER */
export function fingerprintOf(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** As {@link fingerprintOf}. */
export function fingerprintOfKey(key: KeyObject): string {
  return fingerprintOf(key.export({ type: 'spki', format: 'der' }));
}

const FINGERPRINT = /^[0-9a-f]{64}$/;

/** A fingerprint that people wrote, maybe in capitals or with colons; undefined when it is none. */
export function plainFingerprint(text: string): string | undefined {
  const plain = text.replaceAll(':', '').toLowerCase();
  return FINGERPRINT.test(plain) ? plain : undefined;
}

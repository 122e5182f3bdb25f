import { createHash, type KeyObject } from 'node:crypto';

/**
 * The raw public keys (RFC 7250) that a listener takes, by fingerprint: the SHA-256 of the SubjectPublicKeyInfo in
 * DER, as lower-case hexadecimal digits. The fingerprint is also who its owner is.
 */
export class RawPublicKeys {
  readonly #fingerprints: ReadonlySet<string>;

  /** @param fingerprints as {@link plainFingerprint} writes them */
  constructor(fingerprints: Iterable<string>) {
    this.#fingerprints = new Set(fingerprints);
  }

  get size(): number {
    return this.#fingerprints.size;
  }

  /** @param fingerprint as {@link fingerprintOf} gives it */
  accepts(fingerprint: string): boolean {
    return this.#fingerprints.has(fingerprint);
  }
}

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

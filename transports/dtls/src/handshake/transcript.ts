import { createHash } from 'node:crypto';

/** All messages of a handshake in their order, without HelloVerifyRequest and the ClientHello before it (RFC 6347 §4.2.1). */
export class Transcript {
  #messages: Buffer[] = [];

  add(message: Buffer): void {
    this.#messages.push(message);
  }

  /** Begins anew: the ClientHello that was answered with a cookie does not count. */
  clear(): void {
    this.#messages = [];
  }

  /** SHA-256 of all so far. */
  hash(): Buffer {
    const hash = createHash('sha256');
    for (const message of this.#messages) hash.update(message);
    return hash.digest();
  }

  /** All so far: what CertificateVerify signs (RFC 5246 §7.4.8). */
  bytes(): Buffer {
    return Buffer.concat(this.#messages);
  }
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PeerKey } from '../contract.js';
import type { ClientHello } from '../handshake/messages.js';

/** Bytes of a cookie. */
const COOKIE_LENGTH = 16;
/** Milliseconds after which a new secret is used; cookies of the one before are good for as long again. */
export const SECRET_LIFETIME = 60_000;

/**
 * Cookies that show that a peer gets what is sent to its address, without anything kept for it (RFC 6347 §4.2.1): a
 * MAC over the address and what the ClientHello has to repeat.
 */
export class Cookies {
  readonly #now: () => number;
  #secret = randomBytes(32);
  #before = randomBytes(32);
  #since: number;

  /** @param now milliseconds, never going back */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  make(hello: ClientHello, key: PeerKey): Buffer {
    this.#rotate();
    return cookieOf(this.#secret, hello, key);
  }

  isRight(hello: ClientHello, key: PeerKey): boolean {
    if (hello.cookie.length !== COOKIE_LENGTH) return false;
    this.#rotate();
    return [this.#secret, this.#before].some((secret) =>
      timingSafeEqual(cookieOf(secret, hello, key), hello.cookie),
    );
  }

  #rotate(): void {
    const age = this.#now() - this.#since;
    if (age < SECRET_LIFETIME) return;
    this.#before = age < 2 * SECRET_LIFETIME ? this.#secret : randomBytes(32);
    this.#secret = randomBytes(32);
    this.#since = this.#now();
  }
}

function cookieOf(secret: Buffer, hello: ClientHello, key: PeerKey): Buffer {
  const { version, random, sessionId, cipherSuites, compressionMethods } = hello;
  return createHmac('sha256', secret)
    .update(JSON.stringify([key, version, cipherSuites]))
    .update(random)
    .update(sessionId)
    .update(compressionMethods)
    .digest()
    .subarray(0, COOKIE_LENGTH);
}

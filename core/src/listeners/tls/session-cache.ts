/** Sessions kept for one listener; with a client certificate each is about 1 KB. */
const CAPACITY = 10_000;

/** How a serialized session of TLS 1.2 begins behind its length: the version of the format, that of TLS. */
const FORMAT_1_TLS_1_2 = Buffer.from('02010102020303', 'hex');

/**
 * Sessions of TLS 1.2 by their session id, RFC 5246 §7.3, for clients that know no tickets. With tickets, and
 * always in TLS 1.3, the client keeps the session itself. OpenSSL sees to their age.
 */
export class SessionCache {
  /** By id in hex; the oldest first. */
  readonly #sessions = new Map<string, Buffer>();

  get size(): number {
    return this.#sessions.size;
  }

  /** @param session as OpenSSL serializes it */
  store(id: Buffer, session: Buffer): void {
    if (session.subarray(0, 12).indexOf(FORMAT_1_TLS_1_2) < 0) return;
    this.#sessions.set(id.toString('hex'), session);
    if (this.#sessions.size <= CAPACITY) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }

  /** The session; null when it is not known. */
  find(id: Buffer): Buffer | null {
    return this.#sessions.get(id.toString('hex')) ?? null;
  }

  clear(): void {
    this.#sessions.clear();
  }
}

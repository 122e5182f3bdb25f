import type { CipherSuiteName } from '../cipher-suites.js';
import type { PeerProof } from '../contract.js';

/** A session with extended master secret, which can be resumed (RFC 5246 §7.3, RFC 7627 §5.3). */
export interface CachedSession {
  readonly master: Buffer;
  readonly cipherSuite: CipherSuiteName;
  readonly peer: PeerProof;
  readonly serverName: string | undefined;
}

/** Bytes of certificates that are remembered with a session; one with more is not resumed. */
const MAX_CHAIN = 4096;

interface Entry {
  readonly session: CachedSession;
  /** Milliseconds. */
  readonly since: number;
}

/** Sessions by their id, as many as there may be; the oldest give way. */
export class SessionCache {
  readonly #limit: number;
  readonly #lifetime: number;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #age = 0;

  /**
   * @param limit sessions, 0 for none
   * @param lifetime milliseconds
   * @param now milliseconds, never going back
   */
  constructor(limit: number, lifetime: number, now: () => number) {
    this.#limit = limit;
    this.#lifetime = lifetime;
    this.#now = now;
  }

  get enabled(): boolean {
    return this.#limit > 0;
  }

  /** How often it has been cleared; a handshake notes it when it begins. */
  get age(): number {
    return this.#age;
  }

  /** @param age of the cache when the handshake began: since it was cleared, its credentials are not good any more */
  add(id: Buffer, session: CachedSession, age: number): void {
    if (age !== this.#age || chainBytesOf(session.peer) > MAX_CHAIN) {
      session.master.fill(0);
      return;
    }
    this.#entries.set(keyOf(id), { session, since: this.#now() });
    this.#dropOldest();
  }

  find(id: Buffer): CachedSession | undefined {
    this.#dropOldest();
    return this.#entries.get(keyOf(id))?.session;
  }

  delete(id: Buffer): void {
    this.#drop(keyOf(id));
  }

  clear(): void {
    this.#age++;
    for (const key of this.#entries.keys()) this.#drop(key);
  }

  /** And all whose time is over. */
  #dropOldest(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#limit && !this.#isOver(entry)) break;
      this.#drop(key);
    }
  }

  #isOver({ since }: Entry): boolean {
    return this.#now() - since >= this.#lifetime;
  }

  #drop(key: string): void {
    this.#entries.get(key)?.session.master.fill(0);
    this.#entries.delete(key);
  }
}

function chainBytesOf(peer: PeerProof): number {
  return peer.kind === 'certificate' ? peer.chain.reduce((sum, { length }) => sum + length, 0) : 0;
}

function keyOf(id: Buffer): string {
  return id.toString('latin1');
}

import type { CipherSuiteName } from '../cipher-suites.js';
import type { PeerProof } from '../contract.js';

/** A session that can be resumed (RFC 5246 §7.3). */
export interface CachedSession {
  readonly master: Buffer;
  readonly cipherSuite: CipherSuiteName;
  readonly extendedMasterSecret: boolean;
  readonly peer: PeerProof;
  readonly serverName: string | undefined;
}

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

  add(id: Buffer, session: CachedSession): void {
    this.#entries.set(keyOf(id), { session, since: this.#now() });
    this.#dropOldest();
  }

  find(id: Buffer): CachedSession | undefined {
    const entry = this.#entries.get(keyOf(id));
    return entry === undefined || this.#isOver(entry) ? undefined : entry.session;
  }

  delete(id: Buffer): void {
    this.#drop(keyOf(id));
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.#drop(key);
  }

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

function keyOf(id: Buffer): string {
  return id.toString('latin1');
}

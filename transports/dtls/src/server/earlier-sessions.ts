import type { PeerKey, PeerProof } from '../contract.js';
import type { Session } from '../session/session.js';

/**
 * Finds the session that a peer has left behind, when it begins anew. Only those with a connection id are here: others
 * make room by their address. That a peer is the same is sure
 *
 * - when it resumes the session: nobody else has its master secret;
 * - when it shows the same certificate or raw public key from the same address, since nobody else has the private key.
 *
 * A pre-shared key is not enough: many devices may have one, and behind a NAT each may get the address of another.
 */
export class EarlierSessions {
  /** The newest of those that can be resumed; ids as text of one character per byte. */
  readonly #bySessionId = new Map<string, Session>();
  /** The newest of those whose peers have a private key. */
  readonly #byAddress = new Map<PeerKey, Session>();

  add(session: Session): void {
    if (!session.hasConnectionId) return;
    if (session.sessionId !== undefined) this.#bySessionId.set(idOf(session.sessionId), session);
    if (session.key !== undefined && ownKeyOf(session.peer) !== undefined) {
      this.#byAddress.set(session.key, session);
    }
  }

  delete(session: Session): void {
    const { sessionId, key } = session;
    if (sessionId !== undefined) remove(this.#bySessionId, idOf(sessionId), session);
    if (key !== undefined) remove(this.#byAddress, key, session);
  }

  /** The session has another address. @param before its `key` until then */
  moved(session: Session, before: PeerKey | undefined): void {
    if (before === undefined || session.key === undefined) return;
    if (remove(this.#byAddress, before, session)) this.#byAddress.set(session.key, session);
  }

  /** The session of the same peer that a new one replaces. */
  find({ resumed, sessionId, key, peer }: Session): Session | undefined {
    if (resumed && sessionId !== undefined) return this.#bySessionId.get(idOf(sessionId));
    const there = key === undefined ? undefined : this.#byAddress.get(key);
    const shown = ownKeyOf(peer);
    if (there === undefined || shown === undefined) return undefined;
    return ownKeyOf(there.peer)?.equals(shown) ? there : undefined;
  }
}

/** The certificate or public key by which a peer is told from all others. */
function ownKeyOf(peer: PeerProof): Buffer | undefined {
  if (peer.kind === 'certificate') return peer.chain[0];
  return peer.kind === 'rawPublicKey' ? peer.spki : undefined;
}

function idOf(sessionId: Buffer): string {
  return sessionId.toString('latin1');
}

/** @returns whether it was there */
function remove<K>(sessions: Map<K, Session>, key: K, session: Session): boolean {
  return sessions.get(key) === session && sessions.delete(key);
}

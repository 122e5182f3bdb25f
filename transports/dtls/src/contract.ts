import type { KeyObject } from 'node:crypto';
import type { AlertName } from './alerts.js';
import type { CipherSuiteName } from './cipher-suites.js';

/**
 * What this package and its user say to one another. The user owns the sockets, the clock and the timers; the
 * package owns the protocol. A server is fed every datagram of one UDP port:
 *
 *     const server = new DtlsServer(options, host);
 *     socket.on('message', (datagram, from) => server.receive(datagram, from, keyOf(from)));
 *
 * and calls its host back: `send` with what has to leave, `accept` with each session that has come to be,
 * `refused` with each handshake that has not. Everything happens synchronously within `receive`, within a timer,
 * or within what the user calls, but for what waits for a promise of the user's own (a key looked up, a
 * certificate checked).
 */

/** A value, or a promise of one where finding it takes time. */
export type MaybePromise<T> = T | Promise<T>;

/** An address of a peer, as the operating system writes it; Node's `RemoteInfo` is one. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A timer that is kept by its owner and armed as often as it likes. */
export interface DtlsTimer {
  /** Whether it is waiting to fire. */
  readonly armed: boolean;
}

/** Timers of the user; the core's timer wheel is one. Delays are in milliseconds. */
export interface DtlsTimers {
  /** A timer that is armed. */
  after(delay: number, onFire: () => void): DtlsTimer;
  /** Arms a timer anew, also one that is armed. */
  arm(timer: DtlsTimer, delay: number): void;
  /** Disarms a timer; does nothing to one that is not armed. */
  cancel(timer: DtlsTimer): void;
}

/** What both ends need of the place they run in. */
export interface DtlsEnvironment {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  readonly timers: DtlsTimers;
}

/** What a server needs of its user. None of its functions throws. */
export interface DtlsServerHost extends DtlsEnvironment {
  /** Sends one datagram. Its bytes are the host's from then on. */
  send(datagram: Buffer, to: Endpoint): void;
  /**
   * Asked about each peer that has shown that it gets what is sent to its address, before anything is kept for
   * it: whether it may go on. Counting and logging a refusal is the host's.
   */
  admits(from: Endpoint): boolean;
  /**
   * Asked when an authentic record has come from another address than its session has: whether it may come from there.
   * If not, it is dropped. Asked as well before a peer without a session is told that it has none.
   */
  mayMove(to: Endpoint): boolean;
  /**
   * A handshake is complete.
   * @returns who is told of the session's fate
   */
  accept(session: DtlsSession): DtlsSessionHandler;
  /** A handshake has failed; nothing is left of it. Enough for one line in a log. */
  refused(refusal: DtlsRefusal): void;
}

/** What a client needs of its user. None of its functions throws. */
export interface DtlsClientHost extends DtlsEnvironment {
  /** As {@link DtlsServerHost.send}, to the server. */
  send(datagram: Buffer): void;
  /** As {@link DtlsServerHost.accept}. */
  accept(session: DtlsSession): DtlsSessionHandler;
  /** The handshake has failed; the client is of no further use. */
  refused(refusal: DtlsRefusal): void;
}

/** Who is told of a session's fate; one per session. */
export interface DtlsSessionHandler {
  /** One application datagram, decrypted. The bytes are borrowed: good until this call returns. */
  onData(bytes: Buffer): void;
  /**
   * The peer has changed its address (RFC 9146 §6); `session.endpoint` is the new one already. Never called for
   * a session without a connection id, or on a client.
   */
  onMoved(): void;
  /** The session is gone; the last call. Comes exactly once, in the midst of `close()` when that was the reason. */
  onClose(reason: DtlsCloseReason): void;
}

/** An association with one peer whose handshake is complete. */
export interface DtlsSession {
  /** What the peer has proved to be. Of a certificate chain, the session keeps the first once it has been accepted. */
  readonly peer: PeerProof;
  readonly cipherSuite: CipherSuiteName;
  /** Name the client has asked for (RFC 6066 §3), in lower case; undefined when it has named none. */
  readonly serverName: string | undefined;
  /** Whether it goes on with the keys of an earlier session (RFC 5246 §7.3) in place of a full handshake. */
  readonly resumed: boolean;
  /** Whether the peer puts a connection id into its records, so that its address may change. */
  readonly hasConnectionId: boolean;
  /** Where the peer is now; undefined on a client, which has one server. */
  readonly endpoint: Endpoint | undefined;
  readonly closed: boolean;
  /** Milliseconds, by the host's clock: when the last authentic record came. */
  readonly lastReceived: number;
  /** What a client needs to resume the session later; undefined on a server, or when the server does not resume. */
  readonly ticket: ResumptionTicket | undefined;
  /**
   * Sends one application datagram as one record in one datagram. The bytes may be used again at once. Does
   * nothing once closed; data of more than 16,384 bytes (RFC 5246 §6.2.1) is dropped and counted.
   */
  send(data: Buffer): void;
  /** Sends close_notify and forgets the session. Does nothing once closed. */
  close(): void;
}

/** What a user makes of an address and port: one value for each. */
export type PeerKey = number | string;

/** What a peer has proved to be. */
export type PeerProof =
  /** It knows the key of this identity (RFC 4279 §5.1). */
  | { readonly kind: 'psk'; readonly identity: string }
  /** It has the private key of the first certificate. */
  | ({ readonly kind: 'certificate' } & PeerChain)
  /** It has the private key of this public key (RFC 7250). */
  | ({ readonly kind: 'rawPublicKey' } & PeerRawKey)
  /** Nothing. Not so with PSK, nor on a client. */
  | { readonly kind: 'none' };

interface PeerChain {
  /** DER, the peer's own first, in the order in which it sent them (RFC 5246 §7.4.2). */
  readonly chain: readonly Buffer[];
}

interface PeerRawKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
}

/** A certificate chain or raw public key whose private key the peer has. */
export type PresentedKey = Extract<PeerProof, { kind: 'certificate' | 'rawPublicKey' }>;

/** Whether a presented key is that of somebody who may come in; see {@link VerifyPeer}. */
export type PeerVerdict = 'trusted' | PeerRejection;

/** Why a presented key is not taken. */
export interface PeerRejection {
  /** What the peer is told, such as `unknown_ca` or `certificate_expired`. */
  readonly alert: AlertName;
  /** What the operator is told, in one line. */
  readonly reason: string;
}

/**
 * Decides about a key that a peer has presented. Called after the peer has proved that it has the private key,
 * with a key on the curve P-256; everything else is this function's: trust, dates, names, revocation. When it
 * throws or rejects, the peer is refused with `internal_error`.
 */
export type VerifyPeer = (presented: PresentedKey) => MaybePromise<PeerVerdict>;

/**
 * Finds the key of an identity; undefined when there is none. Which of the two it was, a peer is not told: it goes on
 * as with a wrong key (RFC 4279 §2). Identities that are no UTF-8 are not asked for. The key is copied.
 * When it throws or rejects, the peer is refused with `internal_error`.
 */
export type FindPsk = (identity: string) => MaybePromise<Buffer | undefined>;

/** A key on the curve P-256 with its certificates. */
export interface CertificateCredential {
  /** DER, the own certificate first, each certified by the next. */
  readonly chain: readonly Buffer[];
  readonly privateKey: KeyObject;
}

/** What a server shows to its clients and asks of them. Each part is optional, one of them is needed. */
export interface ServerCredentials {
  readonly psk?: {
    readonly find: FindPsk;
    /** Helps a client to choose its identity (RFC 4279 §5.2), at most 128 bytes of UTF-8. */
    readonly hint?: string | undefined;
  };
  /** For clients that want X.509 certificates. */
  readonly certificate?: CertificateCredential | undefined;
  /** A private key on the curve P-256, for clients that want a raw public key (RFC 7250). */
  readonly rawKey?: KeyObject | undefined;
}

/** What is asked of clients with the ECDHE_ECDSA suites. */
export interface ClientAuthentication {
  /**
   * - `none`: nothing.
   * - `optional`: a certificate or raw public key; a client may have none.
   * - `required`: as before; a client without one is refused with `handshake_failure` (RFC 5246 §7.4.6).
   */
  readonly request: 'none' | 'optional' | 'required';
  /** What a client may answer with, best first; never empty. */
  readonly types: readonly ('x509' | 'rawPublicKey')[];
  readonly verify: VerifyPeer;
  /** Distinguished names (DER) of authorities for clients to choose a certificate by (RFC 5246 §7.4.4); at most 2 KiB. */
  readonly authorities?: readonly Buffer[];
}

/** Bounds of a server. Times are in milliseconds. */
export interface DtlsServerLimits {
  /**
   * Handshakes under way at once. Peers beyond that are dropped until one of them is over; but an address that has more
   * than its share makes room for others.
   */
  readonly halfOpen: number;
  /** Sessions, with those under way. */
  readonly sessions: number;
  /** A session from which no authentic record came for so long is forgotten; 0 for never. */
  readonly idleTime: number;
  /** Longest time of a handshake. */
  readonly handshakeTime: number;
}

/** What a server is given when it is made. */
export interface DtlsServerOptions {
  readonly credentials: ServerCredentials;
  /** Cipher suites, the server's favourite first. Those that no credential serves are passed over. */
  readonly cipherSuites?: readonly CipherSuiteName[];
  readonly clients: ClientAuthentication;
  readonly limits: DtlsServerLimits;
  /**
   * Bytes of the connection ids (RFC 9146) that clients which support them put into their records, 0 to 20; 0
   * leaves addresses as the only way to tell clients apart.
   */
  readonly connectionIdLength: number;
  /** Sessions that are remembered for resumption (RFC 5246 §7.3); 0 for none. The oldest give way. */
  readonly resumption: {
    readonly sessions: number;
    /** Milliseconds after its full handshake during which a session can be resumed. */
    readonly lifetime: number;
  };
  /** Largest datagram in bytes that a handshake sends, at least 256; 1,200 when not given. */
  readonly mtu?: number;
}

/** What a client proves itself with. */
export type ClientCredentials =
  | { readonly kind: 'psk'; readonly identity: string; readonly key: Buffer }
  | ({ readonly kind: 'certificate' } & CertificateCredential)
  | { readonly kind: 'rawPublicKey'; readonly privateKey: KeyObject }
  | { readonly kind: 'none' };

/** What a client is given when it is made. */
export interface DtlsClientOptions {
  readonly credentials: ClientCredentials;
  /** Cipher suites, the favourite first. Those that the credential does not serve are passed over. */
  readonly cipherSuites?: readonly CipherSuiteName[];
  /** What the server may show with an ECDHE_ECDSA suite, best first; `['x509']` when not given. */
  readonly serverTypes?: readonly ('x509' | 'rawPublicKey')[];
  /** Needed with all credentials but PSK. */
  readonly verifyServer?: VerifyPeer;
  /** Name of the server to ask for (RFC 6066 §3). */
  readonly serverName?: string;
  /**
   * Connection id that the server is to put into its records, at most 20 bytes; empty for none of the own but the
   * server's in what this client sends; undefined for no connection ids at all.
   */
  readonly connectionId?: Buffer | undefined;
  /** A session to resume; the handshake is a full one when the server does not remember it. */
  readonly ticket?: ResumptionTicket | undefined;
  /** Longest time of the handshake in milliseconds. */
  readonly handshakeTime: number;
  /** Largest datagram in bytes that the handshake sends, at least 256; 1,200 when not given. */
  readonly mtu?: number;
}

/** A session that a client can resume. Keep it secret: it holds the master secret. */
export interface ResumptionTicket {
  readonly sessionId: Buffer;
  readonly masterSecret: Buffer;
  readonly cipherSuite: CipherSuiteName;
  /** RFC 7627 */
  readonly extendedMasterSecret: boolean;
  readonly peer: PeerProof;
}

/** Why a handshake has failed. */
export interface DtlsRefusal {
  /** Where the peer is; undefined on a client. */
  readonly from: Endpoint | undefined;
  readonly reason: RefusalReason;
  /** The alert that the peer was sent, or sent (`peer_alert`); undefined when there was none. */
  readonly alert: AlertName | undefined;
  /** What happened, in one line, without anything secret. */
  readonly detail: string;
}

/** Reasons of {@link DtlsRefusal}, also for the labels of metrics. */
export type RefusalReason =
  /** Too many handshakes under way. */
  | 'half_open_limit'
  /** Too many sessions. */
  | 'session_limit'
  /** It took too long. */
  | 'handshake_timeout'
  /** The peer gave up with an alert. */
  | 'peer_alert'
  /** No version, cipher suite, curve, certificate type or signature algorithm in common. */
  | 'nothing_in_common'
  /** There is no key for the PSK identity that the peer names. */
  | 'unknown_psk_identity'
  /** The peer has another key than its PSK identity has here. */
  | 'wrong_psk'
  /** The peer has shown no certificate or raw public key, and has to. */
  | 'certificate_missing'
  /** The certificate or raw public key is none, or of another kind than P-256. */
  | 'certificate_unusable'
  /** The verdict of {@link VerifyPeer}. */
  | 'certificate_rejected'
  /** The peer does not have the private key, or Finished is not what was said before. */
  | 'proof_failed'
  /** What the peer sent breaks the protocol. */
  | 'protocol'
  /** The peer began anew from the same address before the handshake was over. */
  | 'restarted'
  /** A function of the host threw, or the server or client was closed in the midst of it. */
  | 'internal';

/** Why a session has come to its end. */
export type DtlsCloseReason =
  /** close_notify of the peer. */
  | 'closed'
  /** `close()` here, of the session or of the whole server. */
  | 'local'
  | 'idle_timeout'
  /** The peer has made a new session: from the same address (RFC 6347 §4.2.8), or by resuming this one. */
  | 'replaced'
  /** A fatal alert of the peer. */
  | 'peer_alert'
  /** Something authentic of the peer breaks the protocol. */
  | 'protocol';

/** Why records or datagrams were dropped without further ado (RFC 6347 §4.1.2.7). */
export type DropReason =
  /** Shorter than it says, or than any record. */
  | 'truncated'
  /** A content type or version that is none. */
  | 'not_dtls'
  /** Of an epoch that is over or has not begun, or plain where it has to be encrypted. */
  | 'wrong_epoch'
  /** Came before, or is too old to tell. */
  | 'replayed'
  /** Not authentic. */
  | 'bad_record_mac'
  /** Of an address, or with a connection id, that no session has. */
  | 'unknown_peer'
  /** Authentic, but from an address that {@link DtlsServerHost.mayMove} refuses. */
  | 'denied_address'
  /** Not sent, as it goes to an address that a session has moved to and that has not shown yet that it gets it. */
  | 'unproven_address'
  /** A ClientHello that is none, is not whole in one record, or has numbers that leave none for the handshake; what stands behind one. */
  | 'bad_client_hello'
  /** A handshake message that comes again, or does not fit into what may wait. */
  | 'handshake_message'
  /** Application data before the handshake was complete. */
  | 'early_data'
  /** More than a record may hold; ours to send included. */
  | 'oversize';

/** Counts since start; see {@link DropReason} for `dropped`. */
export interface DtlsCounters {
  /** ClientHellos answered with a cookie. */
  readonly cookiesSent: number;
  /** Handshakes begun: ClientHellos with the right cookie that were let in. */
  readonly handshakesStarted: number;
  /** Of these, how many became sessions, resumed ones included. */
  readonly handshakesCompleted: number;
  readonly sessionsResumed: number;
  /** Flights sent again. */
  readonly retransmissions: number;
  /** Changes of address. */
  readonly moves: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

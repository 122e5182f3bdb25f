import { randomBytes } from 'node:crypto';
import type {
  DtlsCloseReason,
  DtlsCounters,
  DtlsServerHost,
  DtlsServerOptions,
  Endpoint,
  PeerKey,
  ServerCredentials,
} from '../contract.js';
import { Counters } from '../counters.js';
import type { Failure } from '../handshake/handshake.js';
import { DEFAULT_MTU } from '../handshake/outgoing.js';
import { requireRanges } from '../ranges.js';
import { CONTENT, RecordCursor } from '../record/record.js';
import { type Established, helloTagOf, Session, type SessionSite } from '../session/session.js';
import { Cookies } from './cookies.js';
import { EarlierSessions } from './earlier-sessions.js';
import { HalfOpen } from './half-open.js';
import { checkHello, isClientHello } from './hello-gate.js';
import { type Offer, offerOf } from './offer.js';
import { type AdmittedHello, ServerHandshake, type ServerHandshakeSite } from './server-handshake.js';
import { SessionCache } from './session-cache.js';
import { StrangerAlerts } from './stranger-alerts.js';

/** Connection ids that are tried, as short ones may all be taken. */
const CID_ATTEMPTS = 8;

/**
 * The DTLS server of one UDP port: takes each record to the handshake or session that it belongs to, by the address it
 * came from or by its connection id, and keeps both within their bounds.
 */
export class DtlsServer {
  readonly #host: DtlsServerHost;
  readonly #options: DtlsServerOptions;
  readonly #counters = new Counters();
  readonly #cookies: Cookies;
  readonly #cache: SessionCache;
  readonly #handshakeSite: ServerHandshakeSite;
  readonly #sessionSite: SessionSite;
  readonly #handshakes: HalfOpen<ServerHandshake>;
  /** Sessions whose peers are told apart by their address. */
  readonly #byAddress = new Map<PeerKey, Session>();
  /** Sessions and handshakes with a connection id; the id as text of one character per byte. */
  readonly #byCid = new Map<string, Session | ServerHandshake>();
  readonly #earlier = new EarlierSessions();
  readonly #strangers: StrangerAlerts;
  #sessionCount = 0;
  /** Sessions and handshakes at a time. */
  #maxSessions: number;
  #offer: Offer;
  #closed = false;

  /**
   * @throws TypeError when there is no credential, or one that is not on the curve P-256
   * @throws RangeError when `connectionIdLength` or `mtu` is out of its range
   */
  constructor(options: DtlsServerOptions, host: DtlsServerHost) {
    const { limits, resumption, connectionIdLength } = options;
    requireRanges(options.mtu, connectionIdLength);
    const now = () => host.now();
    this.#host = host;
    this.#options = options;
    this.#maxSessions = limits.sessions;
    this.#offer = offerOf(options, options.credentials);
    this.#handshakes = new HalfOpen(limits.halfOpen);
    this.#cookies = new Cookies(now);
    this.#strangers = new StrangerAlerts(now);
    this.#cache = new SessionCache(resumption.sessions, resumption.lifetime, now);
    this.#handshakeSite = {
      environment: host,
      counters: this.#counters,
      handshakeTime: limits.handshakeTime,
      cidLength: connectionIdLength,
      cache: this.#cache,
      mtu: options.mtu ?? DEFAULT_MTU,
      allocateCid: () => this.#allocateCid(),
    };
    this.#sessionSite = {
      environment: host,
      counters: this.#counters,
      idleTime: limits.idleTime,
      renegotiationRequest: 'client_hello',
      transmit: (datagram, { endpoint }) => {
        if (endpoint !== undefined) host.send(datagram, endpoint);
      },
      mayMove: (to) => host.mayMove(to),
      moved: (session, before) => this.#earlier.moved(session, before),
      forget: (session, reason) => this.#forget(session, reason),
    };
  }

  get counters(): DtlsCounters {
    return this.#counters;
  }

  /** Sessions whose handshake is complete. */
  get sessionCount(): number {
    return this.#sessionCount;
  }

  /** Handshakes under way. */
  get halfOpenCount(): number {
    return this.#handshakes.size;
  }

  /**
   * Takes one datagram. Its memory is the server's from then on: it is decrypted in place.
   * @param from address it came from; kept, not copied
   * @param key one value for each address and port, as the host likes to make it
   */
  receive(datagram: Buffer, from: Endpoint, key: PeerKey): void {
    const record = new RecordCursor(datagram, this.#options.connectionIdLength);
    while (record.more && !this.#closed) {
      const drop = record.next();
      if (drop !== undefined) {
        this.#counters.dropped[drop]++;
        return;
      }
      if (isClientHello(record)) {
        this.#takeOnlyHello(record, from, key);
        return;
      }
      this.#takeRecord(record, from, key);
    }
  }

  /** What handshakes that begin from now on use; sessions go on, and can be resumed no more. */
  useCredentials(credentials: ServerCredentials): void {
    this.#offer = offerOf(this.#options, credentials);
    this.#cache.clear();
  }

  /** Another limit holds for handshakes that begin from now on. @param sessions at a time */
  limitSessions(sessions: number): void {
    this.#maxSessions = sessions;
  }

  /** Sends close_notify to all peers and forgets them; handshakes under way are refused. Takes nothing further. */
  close(): void {
    this.#closed = true;
    for (const handshake of this.#handshakes.values()) {
      handshake.abort('internal', 'user_canceled', 'the server is closing');
    }
    for (const session of this.#byAddress.values()) session.close();
    for (const receiver of this.#byCid.values()) {
      if (receiver instanceof Session) receiver.close();
    }
    this.#cache.clear();
  }

  /** A session goes on while a handshake is under way at its address, RFC 6347 §4.2.8. */
  #takeRecord(record: RecordCursor, from: Endpoint, key: PeerKey): void {
    const receiver = this.#receiverOf(record, key);
    if (receiver === undefined) this.#dropUnknown(record, from, key);
    else if (receiver instanceof Session) receiver.receive(record, from, key);
    else if (this.#byAddress.get(key)?.receiveOwn(record, from, key) !== true) receiver.receive(record);
  }

  /** Nobody is told at whose address there is a session or handshake: what comes late must not end that. */
  #dropUnknown(record: RecordCursor, from: Endpoint, key: PeerKey): void {
    this.#counters.dropped.unknown_peer++;
    if (this.#byAddress.has(key) || this.#handshakes.get(key) !== undefined) return;
    const alert = this.#strangers.answer(record);
    if (alert !== undefined && this.#host.mayMove(from)) this.#host.send(alert, from);
  }

  #receiverOf(record: RecordCursor, key: PeerKey): Session | ServerHandshake | undefined {
    if (record.type !== CONTENT.tls12_cid) return this.#handshakes.get(key) ?? this.#byAddress.get(key);
    const receiver = this.#byCid.get(cidKey(record.connectionId()));
    return receiver instanceof Session || receiver === this.#handshakes.get(key) ? receiver : undefined;
  }

  /** A ClientHello is a flight: one datagram gets one answer, as it may have come in somebody else's name. */
  #takeOnlyHello(record: RecordCursor, from: Endpoint, key: PeerKey): void {
    if (record.more) this.#counters.dropped.bad_client_hello++;
    this.#takeHello(record, from, key);
  }

  #takeHello(record: RecordCursor, from: Endpoint, key: PeerKey): void {
    const outcome = checkHello(record, key, this.#cookies);
    if (outcome === undefined) this.#counters.dropped.bad_client_hello++;
    else if (outcome.kind === 'admitted') this.#takeAdmitted(outcome, from, key);
    else {
      this.#counters.cookiesSent++;
      this.#host.send(outcome.datagram, from);
    }
  }

  #takeAdmitted(admitted: AdmittedHello, from: Endpoint, key: PeerKey): void {
    const { hello } = admitted;
    const handshake = this.#handshakes.get(key);
    if (handshake?.clientRandom.equals(hello.random)) {
      handshake.repeatAnswer();
      return;
    }
    if (this.#byAddress.get(key)?.beganWith(hello)) {
      this.#counters.dropped.handshake_message++;
      return;
    }
    handshake?.abort('restarted', undefined, 'the client began anew');
    if (this.#hasRoom(from) && this.#host.admits(from)) this.#begin(admitted, from, key);
  }

  #hasRoom(from: Endpoint): boolean {
    const refuse = (reason: 'half_open_limit' | 'session_limit', detail: string): false => {
      this.#host.refused({ from, reason, alert: undefined, detail });
      return false;
    };
    if (!this.#handshakes.hasRoomFor(from.address))
      return refuse('half_open_limit', `${this.#options.limits.halfOpen} handshakes are under way`);
    if (this.#handshakes.size + this.#sessionCount >= this.#maxSessions)
      return refuse('session_limit', `there are ${this.#maxSessions} sessions`);
    return true;
  }

  #begin(admitted: AdmittedHello, from: Endpoint, key: PeerKey): void {
    this.#handshakes
      .givingWayTo(from.address)
      ?.abort('half_open_limit', undefined, 'its address has most of the handshakes under way');
    const end = (): void => {
      this.#handshakes.delete(from.address, key);
      if (handshake.ownCid !== undefined) this.#byCid.delete(cidKey(handshake.ownCid));
    };
    const owner = {
      send: (datagram: Buffer) => this.#host.send(datagram, from),
      complete: (established: Established) => {
        end();
        this.#open(established, admitted, from, key);
      },
      fail: (failure: Failure) => {
        end();
        this.#host.refused({ from, ...failure });
      },
    };
    const handshake = new ServerHandshake(this.#handshakeSite, owner, this.#offer, admitted);
    this.#counters.handshakesStarted++;
    this.#handshakes.add(from.address, key, handshake);
    handshake.start();
    if (handshake.ownCid !== undefined && this.#handshakes.get(key) === handshake) {
      this.#byCid.set(cidKey(handshake.ownCid), handshake);
    }
  }

  #open(established: Established, { hello }: AdmittedHello, from: Endpoint, key: PeerKey): void {
    const session = new Session(established, this.#sessionSite, {
      endpoint: from,
      key,
      helloTag: helloTagOf(hello),
    });
    this.#byAddress.get(key)?.end('replaced');
    const earlier = this.#earlier.find(session);
    if (earlier !== undefined) session.replaces(earlier);
    this.#earlier.add(session);
    if (session.ownCid !== undefined) this.#byCid.set(cidKey(session.ownCid), session);
    else this.#byAddress.set(key, session);
    this.#sessionCount++;
    this.#counters.handshakesCompleted++;
    if (session.resumed) this.#counters.sessionsResumed++;
    session.open((opened) => this.#host.accept(opened));
  }

  /** After an error a session is not resumed (RFC 5246 §7.2.2). */
  #forget(session: Session, reason: DtlsCloseReason): void {
    this.#sessionCount--;
    this.#earlier.delete(session);
    const failed = reason === 'peer_alert' || reason === 'protocol';
    if (failed && session.sessionId !== undefined) this.#cache.delete(session.sessionId);
    if (session.ownCid !== undefined) this.#byCid.delete(cidKey(session.ownCid));
    else if (session.key !== undefined) this.#byAddress.delete(session.key);
  }

  #allocateCid(): Buffer | undefined {
    for (let attempt = 0; attempt < CID_ATTEMPTS; attempt++) {
      const cid = randomBytes(this.#options.connectionIdLength);
      if (!this.#byCid.has(cidKey(cid))) return cid;
    }
    return undefined;
  }
}

function cidKey(cid: Buffer): string {
  return cid.toString('latin1');
}

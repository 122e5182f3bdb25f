import { type AlertName, decodeAlert, encodeAlert } from '../alerts.js';
import type { CipherSuiteName } from '../cipher-suites.js';
import type {
  DtlsCloseReason,
  DtlsEnvironment,
  DtlsSession,
  DtlsSessionHandler,
  DtlsTimer,
  Endpoint,
  PeerKey,
  PeerProof,
  ResumptionTicket,
} from '../contract.js';
import type { Counters } from '../counters.js';
import { HANDSHAKE_TYPES } from '../handshake/messages.js';
import type { Outgoing } from '../handshake/outgoing.js';
import type { Opener, Sealer } from '../record/protection.js';
import { CONTENT, MAX_PLAINTEXT, MAX_SEQUENCE, type RecordCursor } from '../record/record.js';
import { pathResponseTo, UnprovenAddress } from './unproven-address.js';

/** What a handshake leaves behind. */
export interface Established {
  readonly peer: PeerProof;
  readonly cipherSuite: CipherSuiteName;
  readonly serverName: string | undefined;
  readonly resumed: boolean;
  readonly sealer: Sealer;
  readonly opener: Opener;
  /** The connection id of ours that the peer puts into its records. */
  readonly ownCid: Buffer | undefined;
  readonly returnRoutabilityCheck: boolean;
  /** By which the session can be resumed; undefined when it cannot, or this end is the client. */
  readonly sessionId: Buffer | undefined;
  /** Holds this end's last flight, when the handshake ended with it: the peer may not have got it. */
  readonly finalFlight: Outgoing | undefined;
  readonly ticket: ResumptionTicket | undefined;
}

/** What a server knows of a session's peer beside what it has proved. */
export interface Whereabouts {
  readonly endpoint: Endpoint;
  readonly key: PeerKey;
  /** See {@link helloTagOf}. */
  readonly helloTag: number;
}

/** By which a ClientHello that comes late is told from a new one: 32 bits of its random. */
export function helloTagOf({ random }: { readonly random: Buffer }): number {
  return random.readUInt32BE(random.length - 4);
}

/** What a session needs of the server or client that it belongs to; one object for all sessions. */
export interface SessionSite {
  readonly environment: DtlsEnvironment;
  readonly counters: Counters;
  /** Milliseconds; 0 for never. */
  readonly idleTime: number;
  /** With the message type by which the peer asks for a renegotiation. */
  readonly renegotiationRequest: 'client_hello' | 'hello_request';
  transmit(datagram: Buffer, session: Session): void;
  /** See `DtlsServerHost`; never called on a client. */
  mayMove(to: Endpoint): boolean;
  /** The session has moved. @param before where it was, as its `key` */
  moved(session: Session, before: PeerKey | undefined): void;
  /** The session is over. */
  forget(session: Session, reason: DtlsCloseReason): void;
}

const NOT_YET: DtlsSessionHandler = { onData() {}, onMoved() {}, onClose() {} };

/** A session of a server or client. */
export class Session implements DtlsSession {
  peer: PeerProof;
  readonly cipherSuite: CipherSuiteName;
  readonly serverName: string | undefined;
  readonly resumed: boolean;
  readonly ticket: ResumptionTicket | undefined;
  readonly ownCid: Buffer | undefined;
  readonly sessionId: Buffer | undefined;
  endpoint: Endpoint | undefined;
  /** Of `endpoint`. */
  key: PeerKey | undefined;
  lastReceived: number;
  readonly #helloTag: number | undefined;
  readonly #site: SessionSite;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #withCheck: boolean;
  /** There while nothing shows that the address that it has moved to is the peer's. */
  #unproven: UnprovenAddress | undefined;
  /** See {@link replaces}. */
  #predecessor: Session | undefined;
  #finalFlight: Outgoing | undefined;
  #handler: DtlsSessionHandler = NOT_YET;
  #idleTimer: DtlsTimer | undefined;
  #ended: DtlsCloseReason | undefined;

  constructor(established: Established, site: SessionSite, whereabouts?: Whereabouts) {
    this.peer = established.peer;
    this.cipherSuite = established.cipherSuite;
    this.serverName = established.serverName;
    this.resumed = established.resumed;
    this.ticket = established.ticket;
    this.ownCid = established.ownCid;
    this.sessionId = established.sessionId;
    this.#sealer = established.sealer;
    this.#opener = established.opener;
    this.#withCheck = established.returnRoutabilityCheck;
    this.#finalFlight = established.finalFlight;
    this.endpoint = whereabouts?.endpoint;
    this.key = whereabouts?.key;
    this.#helloTag = whereabouts?.helloTag;
    this.#site = site;
    this.lastReceived = site.environment.now();
  }

  get closed(): boolean {
    return this.#ended !== undefined;
  }

  get hasConnectionId(): boolean {
    return this.ownCid !== undefined && this.ownCid.length > 0;
  }

  /** Whether it is of the handshake that began with this ClientHello. */
  beganWith(hello: { readonly random: Buffer }): boolean {
    return this.#helloTag === helloTagOf(hello);
  }

  /**
   * Its peer had another session before. That one ends as soon as this has brought the user something: until then the
   * user does not know who has come back.
   */
  replaces(earlier: Session): void {
    earlier.#endPredecessor();
    this.#predecessor = earlier;
  }

  /** Shows the session to its user. It begins to live. */
  open(accept: (session: DtlsSession) => DtlsSessionHandler): void {
    const { idleTime, environment } = this.#site;
    if (idleTime > 0) this.#idleTimer = environment.timers.after(idleTime, () => this.#onIdle());
    this.#handler = accept(this);
    this.peer = withoutAuthorities(this.peer);
    if (this.#ended !== undefined) this.#handler.onClose(this.#ended);
  }

  send(data: Buffer): void {
    if (this.#ended !== undefined) return;
    if (data.length > MAX_PLAINTEXT) this.#site.counters.dropped.oversize++;
    else this.#sendRecord(CONTENT.application_data, data);
  }

  close(): void {
    this.end('local', 'close_notify');
  }

  /**
   * Ends it, whatever the reason.
   * @param alert what the peer is told; undefined for nothing
   */
  end(reason: DtlsCloseReason, alert?: AlertName): void {
    if (this.#ended !== undefined) return;
    if (alert !== undefined) this.#sendAlert(alert === 'close_notify' ? 'warning' : 'fatal', alert);
    this.#ended = reason;
    if (this.#idleTimer !== undefined) this.#site.environment.timers.cancel(this.#idleTimer);
    this.#finalFlight = undefined;
    this.#endPredecessor();
    this.#site.forget(this, reason);
    this.#handler.onClose(reason);
  }

  /** Takes a record of epoch 1. @param from where it came from, with its key; undefined on a client */
  receive(record: RecordCursor, from?: Endpoint, key?: PeerKey): void {
    if (this.#ended !== undefined) return;
    const drop = this.#opener.open(record);
    if (drop === undefined) this.#takeOpened(record, from, key);
    else this.#site.counters.dropped[drop]++;
  }

  /** As {@link receive}, of a record that may be somebody else's. @returns whether it was authentic here */
  receiveOwn(record: RecordCursor, from: Endpoint, key: PeerKey): boolean {
    if (this.#opener.open(record) !== undefined) return false;
    this.#takeOpened(record, from, key);
    return true;
  }

  #takeOpened(record: RecordCursor, from: Endpoint | undefined, key: PeerKey | undefined): void {
    if (from !== undefined && key !== this.key && !this.#site.mayMove(from)) {
      this.#site.counters.dropped.denied_address++;
      return;
    }
    this.lastReceived = this.#site.environment.now();
    if (this.#opener.newest && this.hasConnectionId) this.#follow(record, from, key);
    if (this.#ended === undefined) this.#take(record.type, record.body);
  }

  #take(type: number, body: Buffer): void {
    if (type === CONTENT.application_data) {
      this.#finalFlight = undefined;
      this.#handler.onData(body);
      this.#endPredecessor();
    } else if (type === CONTENT.alert) this.#takeAlert(body);
    else if (type === CONTENT.handshake) this.#takeHandshake(body);
    else if (type === CONTENT.return_routability_check && this.#withCheck) this.#takeCheck(body);
    else this.end('protocol', 'unexpected_message');
  }

  #takeAlert(body: Buffer): void {
    const alert = decodeAlert(body);
    if (alert === undefined) this.end('protocol', 'decode_error');
    else if (alert.name === 'close_notify') this.end('closed', 'close_notify');
    else if (alert.fatal) this.end('peer_alert');
  }

  /** The peer sends its last flight again when it has not got ours; anything else would be a renegotiation. */
  #takeHandshake(body: Buffer): void {
    const type = body[0];
    if (type === HANDSHAKE_TYPES[this.#site.renegotiationRequest]) {
      this.#sendAlert('warning', 'no_renegotiation');
    } else if (type === HANDSHAKE_TYPES.finished && this.#finalFlight !== undefined) {
      this.#site.counters.retransmissions++;
      this.#finalFlight.transmit((datagram) => this.#transmit(datagram));
    } else this.#site.counters.dropped.handshake_message++;
  }

  /** Goes where its newest record has come from (RFC 9146 §6). */
  #follow(record: RecordCursor, from: Endpoint | undefined, key: PeerKey | undefined): void {
    if (key !== this.key) this.#move(from, key);
    else if (this.#unproven?.mayHaveAnswered) this.#unproven = undefined;
    if (this.#unproven === undefined || this.#ended !== undefined) return;
    this.#unproven.received(record.end - record.start);
    const { challenge } = this.#unproven;
    if (challenge === undefined || record.type === CONTENT.return_routability_check) return;
    this.#sendRecord(CONTENT.return_routability_check, challenge);
  }

  #move(endpoint: Endpoint | undefined, key: PeerKey | undefined): void {
    const before = this.key;
    this.endpoint = endpoint;
    this.key = key;
    this.#unproven = new UnprovenAddress(this.#withCheck);
    this.#site.counters.moves++;
    this.#site.moved(this, before);
    this.#handler.onMoved();
  }

  /** RFC 9853 §5: what is neither a challenge nor its answer says nothing. */
  #takeCheck(body: Buffer): void {
    if (this.#unproven?.isAnsweredBy(body)) this.#unproven = undefined;
    const response = pathResponseTo(body);
    if (response !== undefined) this.#sendRecord(CONTENT.return_routability_check, response);
  }

  #endPredecessor(): void {
    const predecessor = this.#predecessor;
    this.#predecessor = undefined;
    predecessor?.end('replaced');
  }

  #sendAlert(level: 'warning' | 'fatal', alert: AlertName): void {
    this.#sendRecord(CONTENT.alert, encodeAlert(level, alert));
  }

  /** The last sequence number is the last of the session, as there is no renegotiation (RFC 6347 §4.1). */
  #sendRecord(type: number, data: Buffer): void {
    if (this.#sealer.sequence > MAX_SEQUENCE) this.end('protocol');
    else this.#transmit(this.#sealer.seal(type, data));
  }

  #transmit(datagram: Buffer): void {
    if (this.#unproven?.maySend(datagram.length) === false) this.#site.counters.dropped.unproven_address++;
    else this.#site.transmit(datagram, this);
  }

  #onIdle(): void {
    const { environment, idleTime } = this.#site;
    const left = this.lastReceived + idleTime - environment.now();
    if (left > 0 && this.#idleTimer !== undefined) environment.timers.arm(this.#idleTimer, left);
    else this.end('idle_timeout', 'close_notify');
  }
}

/** What tells a peer from others: of a certificate chain the first. */
function withoutAuthorities(peer: PeerProof): PeerProof {
  return peer.kind === 'certificate' && peer.chain.length > 1
    ? { ...peer, chain: peer.chain.slice(0, 1) }
    : peer;
}

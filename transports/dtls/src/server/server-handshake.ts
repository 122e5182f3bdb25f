import { randomBytes } from 'node:crypto';
import { CIPHER_SUITES, type KeyExchange } from '../cipher-suites.js';
import type { FindPsk, MaybePromise, PeerProof } from '../contract.js';
import { type Agreement, agreeOnMaster, protectionOf } from '../handshake/agreement.js';
import { agreeWith } from '../handshake/ecdhe.js';
import { HandshakeFailure } from '../handshake/failure.js';
import type { HandshakeMessage } from '../handshake/fragments.js';
import {
  Handshake,
  type HandshakeOwner,
  type HandshakeSite,
  type Transitions,
  unexpected,
} from '../handshake/handshake.js';
import {
  type ClientHello,
  certificateVerify,
  clientKeyExchange,
  HANDSHAKE_TYPES,
  type HandshakeType,
} from '../handshake/messages.js';
import { Outgoing } from '../handshake/outgoing.js';
import {
  type CertificateTypeName,
  type ClaimedKey,
  checkSignature,
  keepProof,
  readClaimedKey,
  requireTrust,
} from '../handshake/presented-key.js';
import { MAX_MESSAGE, MAX_SHORT_MESSAGE, Reassembler } from '../handshake/reassembler.js';
import { keepCopy } from '../keep-copy.js';
import type { EphemeralKey } from '../keys/groups.js';
import { pskPremaster } from '../keys/key-schedule.js';
import { whenReady } from '../maybe-promise.js';
import type { Sealer } from '../record/protection.js';
import { decodeField } from '../wire/fields.js';
import { type Choice, choose, requireCommonGround, serverNameOf } from './negotiation.js';
import type { Offer } from './offer.js';
import { decodePskIdentity } from './psk-identity.js';
import { addFullFlight, addServerHello } from './server-flight.js';
import type { CachedSession, SessionCache } from './session-cache.js';

/** What all handshakes of a server share. */
export interface ServerHandshakeSite extends HandshakeSite {
  readonly cache: SessionCache;
  readonly mtu: number;
  /** A connection id that no session has; undefined when none is found. */
  allocateCid(): Buffer | undefined;
}

/** A ClientHello with the right cookie. */
export interface AdmittedHello {
  readonly hello: ClientHello;
  /** Its message, as it came. */
  readonly bytes: Buffer;
  readonly messageSequence: number;
  readonly recordSequence: number;
}

type State =
  | 'expect_certificate'
  | 'expect_client_key_exchange'
  | 'expect_certificate_verify'
  | 'expect_finished';

/** Bytes of our session ids, and of the key that stands in where there is none. */
const SESSION_ID_LENGTH = 32;
const STAND_IN_KEY_LENGTH = 32;
/** Bytes of messages that come before their turn. */
const ROOM_AHEAD = 4096;
/** Characters of an identity that go into a log. */
const MAX_SHOWN_IDENTITY = 128;

/** The server's side of one handshake (RFC 5246 §7.3, RFC 6347 §4.2.4). */
export class ServerHandshake extends Handshake {
  static readonly #TRANSITIONS: Transitions<State, ServerHandshake> = {
    expect_certificate: { certificate: (own, { body }) => own.#takeCertificate(body) },
    expect_client_key_exchange: { client_key_exchange: (own, { body }) => own.#takeKeyExchange(body) },
    expect_certificate_verify: { certificate_verify: (own, message) => own.#takeVerify(message) },
    expect_finished: { finished: (own, message) => own.#takeFinished(message) },
  };

  readonly clientRandom: Buffer;
  readonly #site: ServerHandshakeSite;
  readonly #offer: Offer;
  readonly #hello: ClientHello;
  #state: State = 'expect_client_key_exchange';
  #agreement: Agreement | undefined;
  #keyExchange: KeyExchange = 'psk';
  #clientType: CertificateTypeName | undefined;
  /** Empty for a session that cannot be resumed: one without extended master secret (RFC 7627 §5.3). */
  #sessionId: Buffer;
  readonly #cacheAge: number;
  #resumed = false;
  #ephemeral: EphemeralKey | undefined;
  #claimed: ClaimedKey | undefined;
  #peer: PeerProof = { kind: 'none' };
  #pskKnown = false;
  #master: Buffer = Buffer.alloc(0);
  #sealer: Sealer | undefined;

  constructor(site: ServerHandshakeSite, owner: HandshakeOwner, offer: Offer, admitted: AdmittedHello) {
    const { hello, bytes, messageSequence, recordSequence } = admitted;
    const outgoing = new Outgoing(site.mtu, messageSequence, recordSequence);
    super(site, owner, outgoing, new Reassembler(messageSequence + 1, ROOM_AHEAD));
    this.#site = site;
    this.#offer = offer;
    this.#hello = hello;
    this.clientRandom = hello.random;
    const resumable = site.cache.enabled && hello.extensions.extendedMasterSecret === true;
    this.#sessionId = resumable ? randomBytes(SESSION_ID_LENGTH) : Buffer.alloc(0);
    this.#cacheAge = site.cache.age;
    this.transcript.add(bytes);
  }

  /** The connection id that the client is to use, if both want one. */
  get ownCid(): Buffer | undefined {
    return this.#agreement?.ownCid;
  }

  /** Answers the ClientHello. */
  start(): void {
    this.guard(() => {
      requireCommonGround(this.#hello);
      const cached = this.#findResumable();
      if (cached === undefined) this.#beginFull(choose(this.#hello, this.#offer));
      else this.#resume(cached);
    });
  }

  /** The ClientHello has come again. */
  repeatAnswer(): void {
    if (this.#state !== 'expect_finished' || this.#resumed) this.repeatFlight();
  }

  protected override dispatch(type: HandshakeType, message: HandshakeMessage): MaybePromise<void> {
    const handler = ServerHandshake.#TRANSITIONS[this.#state][type];
    if (handler === undefined) throw unexpected(`${type} in the state ${this.#state}`);
    return handler(this, message);
  }

  /** A handshake that has not been asked for a certificate gets no room for one. */
  protected override longest(type: number): number {
    const isDue = type === HANDSHAKE_TYPES.certificate && this.#state === 'expect_certificate';
    return isDue ? MAX_MESSAGE : MAX_SHORT_MESSAGE;
  }

  protected override forgetSecrets(): void {
    this.#master.fill(0);
  }

  /**
   * A PSK that is not there and one that is not right look alike from outside (RFC 4279 §2). With other suites the
   * record may come from anybody and is no reason to give up.
   */
  protected override onForgedFinished(): void {
    if (this.#peer.kind !== 'psk' || this.#resumed) return;
    const identity = JSON.stringify(this.#peer.identity.slice(0, MAX_SHOWN_IDENTITY));
    if (this.#pskKnown)
      this.abort('wrong_psk', 'decrypt_error', `wrong key for the PSK identity ${identity}`);
    else this.abort('unknown_psk_identity', 'decrypt_error', `no key for the PSK identity ${identity}`);
  }

  /** RFC 5246 §7.4.1.3, RFC 7627 §5.3, RFC 6066 §3 */
  #findResumable(): CachedSession | undefined {
    const { sessionId, extensions, cipherSuites } = this.#hello;
    const cached = sessionId.length === 0 ? undefined : this.#site.cache.find(sessionId);
    if (cached === undefined) return undefined;
    const suite = CIPHER_SUITES[cached.cipherSuite];
    const sameTerms = cipherSuites.includes(suite.id) && cached.serverName === serverNameOf(this.#hello);
    if (!sameTerms) return undefined;
    if (extensions.extendedMasterSecret !== true) {
      throw new HandshakeFailure(
        'protocol',
        'handshake_failure',
        'resumption without extended master secret',
      );
    }
    return cached;
  }

  #beginFull(choice: Choice): void {
    const agreement = this.#agree(choice.cipherSuite);
    this.#keyExchange = CIPHER_SUITES[choice.cipherSuite].keyExchange;
    this.#clientType = choice.clientType;
    this.#ephemeral = choice.group?.generate();
    const contents = {
      hello: this.#hello,
      agreement,
      sessionId: this.#sessionId,
      offer: this.#offer,
      choice,
      ephemeral: this.#ephemeral,
    };
    addFullFlight(contents, this.outgoing, this.transcript);
    this.#state = choice.clientType === undefined ? 'expect_client_key_exchange' : 'expect_certificate';
    this.sendFlight();
  }

  #resume(cached: CachedSession): void {
    const agreement = this.#agree(cached.cipherSuite);
    this.#resumed = true;
    this.#sessionId = keepCopy(this.#hello.sessionId);
    this.#peer = cached.peer;
    this.#master = Buffer.from(cached.master);
    const contents = { hello: this.#hello, agreement, sessionId: this.#sessionId };
    addServerHello(contents, this.outgoing, this.transcript);
    this.addFinished('server', this.#master, this.#protect(agreement));
    this.#state = 'expect_finished';
    this.sendFlight();
  }

  #agree(cipherSuite: Choice['cipherSuite']): Agreement {
    const { random, extensions } = this.#hello;
    const { connectionId, returnRoutabilityCheck } = extensions;
    const wanted = connectionId !== undefined && this.#site.cidLength > 0;
    const ownCid = wanted ? this.#site.allocateCid() : undefined;
    this.#agreement = {
      cipherSuite,
      randoms: { client: random, server: randomBytes(random.length) },
      extendedMasterSecret: extensions.extendedMasterSecret === true,
      ownCid,
      peerCid: connectionId === undefined || ownCid === undefined ? undefined : keepCopy(connectionId),
      returnRoutabilityCheck: ownCid !== undefined && returnRoutabilityCheck === true,
    };
    return this.#agreement;
  }

  #takeCertificate(body: Buffer): void {
    this.#claimed = readClaimedKey(body, this.#clientType ?? 'x509');
    if (this.#claimed === undefined && this.#offer.clients.request === 'required') {
      throw new HandshakeFailure('certificate_missing', 'handshake_failure', 'the client has no certificate');
    }
    this.#state = 'expect_client_key_exchange';
  }

  #takeKeyExchange(body: Buffer): MaybePromise<void> {
    this.#state = this.#claimed === undefined ? 'expect_finished' : 'expect_certificate_verify';
    if (this.#keyExchange === 'ecdhe_ecdsa') {
      this.#deriveKeys(this.#sharedSecret(decodeField(clientKeyExchange.ecdhe_ecdsa, body).publicKey));
      return;
    }
    if (this.#keyExchange === 'psk') {
      return this.#takeIdentity(decodeField(clientKeyExchange.psk, body).identity, undefined);
    }
    const { identity, publicKey } = decodeField(clientKeyExchange.ecdhe_psk, body);
    return this.#takeIdentity(identity, this.#sharedSecret(publicKey));
  }

  /** @param shared secret of ECDHE; undefined with plain PSK */
  #takeIdentity(bytes: Buffer, shared: Buffer | undefined): MaybePromise<void> {
    const identity = decodePskIdentity(bytes);
    this.#peer = { kind: 'psk', identity: identity ?? bytes.toString('latin1') };
    const find: FindPsk = (name) => this.#offer.credentials.psk?.find(name);
    return whenReady(identity === undefined ? undefined : find(identity), (found) => {
      if (this.over) return;
      this.#pskKnown = found !== undefined;
      const key = found === undefined ? randomBytes(STAND_IN_KEY_LENGTH) : Buffer.from(found);
      this.#deriveKeys(pskPremaster(key, shared));
      key.fill(0);
      shared?.fill(0);
    });
  }

  #sharedSecret(peerKey: Buffer): Buffer {
    if (this.#ephemeral === undefined) throw new TypeError('no key exchange has begun');
    return agreeWith(this.#ephemeral, peerKey);
  }

  #deriveKeys(premaster: Buffer): void {
    const agreement = this.#agreed();
    this.#master = agreeOnMaster(agreement, premaster, this.transcript.hash());
    this.#protect(agreement);
  }

  #protect(agreement: Agreement): Sealer {
    const { sealer, opener } = protectionOf(agreement, this.#master, 'server');
    this.#sealer = sealer;
    this.opener = opener;
    return sealer;
  }

  #takeVerify({ body, bytes }: HandshakeMessage): MaybePromise<void> {
    const claimed = this.#claimed;
    if (claimed === undefined) throw new TypeError('nothing was claimed');
    checkSignature(claimed, decodeField(certificateVerify, body), this.transcript.bytes());
    this.transcript.add(bytes);
    this.#state = 'expect_finished';
    this.#peer = claimed.presented;
    return requireTrust(this.#offer.clients.verify, claimed.presented);
  }

  #takeFinished(message: HandshakeMessage): void {
    const sealer = this.#sealer;
    if (sealer === undefined) throw new TypeError('there are no keys');
    this.checkFinished(message, 'client', this.#master);
    if (!this.#resumed) {
      this.outgoing.beginFlight();
      this.addFinished('server', this.#master, sealer);
      this.outgoing.transmit((datagram) => this.owner.send(datagram));
    }
    this.#establish(sealer);
  }

  #establish(sealer: Sealer): void {
    const agreement = this.#agreed();
    const serverName = serverNameOf(this.#hello);
    const { cipherSuite, ownCid, returnRoutabilityCheck } = agreement;
    const peer = this.#resumed ? this.#peer : keepProof(this.#peer);
    const resumable = this.#sessionId.length > 0;
    if (!this.#resumed && resumable) {
      const master = keepCopy(this.#master);
      this.#site.cache.add(this.#sessionId, { master, cipherSuite, peer, serverName }, this.#cacheAge);
    }
    const { opener } = this;
    if (opener === undefined) throw new TypeError('there are no keys');
    this.succeed({
      peer,
      cipherSuite,
      serverName,
      resumed: this.#resumed,
      sealer,
      opener,
      ownCid,
      returnRoutabilityCheck,
      sessionId: resumable ? this.#sessionId : undefined,
      finalFlight: this.#resumed ? undefined : this.outgoing,
      ticket: undefined,
    });
  }

  #agreed(): Agreement {
    if (this.#agreement === undefined) throw new TypeError('nothing is agreed on');
    return this.#agreement;
  }
}

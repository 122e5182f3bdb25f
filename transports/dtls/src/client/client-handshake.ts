import { randomBytes } from 'node:crypto';
import { CIPHER_SUITES, type KeyExchange } from '../cipher-suites.js';
import type { DtlsClientOptions, MaybePromise, PeerProof, ResumptionTicket } from '../contract.js';
import { agreeOnMaster, protectionOf } from '../handshake/agreement.js';
import { agreeWith, type EcdhParams, signedParams } from '../handshake/ecdhe.js';
import { HandshakeFailure } from '../handshake/failure.js';
import type { Fragment, HandshakeMessage } from '../handshake/fragments.js';
import {
  Handshake,
  type HandshakeOwner,
  type HandshakeSite,
  type Transitions,
  unexpected,
} from '../handshake/handshake.js';
import {
  type ClientHello,
  certificateRequest,
  certificateVerify,
  clientHello,
  clientKeyExchange,
  ECDSA_SHA256,
  ECDSA_SIGN,
  HANDSHAKE_TYPES,
  type HandshakeType,
  helloVerifyRequest,
  NAMED_CURVE,
  rawPublicKeyCertificate,
  serverHello,
  serverKeyExchange,
  x509Certificate,
} from '../handshake/messages.js';
import { DEFAULT_MTU, Outgoing } from '../handshake/outgoing.js';
import {
  type ClaimedKey,
  checkSignature,
  keepProof,
  readClaimedKey,
  requireTrust,
  signWith,
  spkiOf,
} from '../handshake/presented-key.js';
import { MAX_MESSAGE, Reassembler } from '../handshake/reassembler.js';
import { keepCopy } from '../keep-copy.js';
import { GROUPS } from '../keys/groups.js';
import { pskPremaster } from '../keys/key-schedule.js';
import type { Sealer } from '../record/protection.js';
import { decodeField, encodeField, nothing } from '../wire/fields.js';
import { type Acceptance, makeClientHello, readServerHello } from './client-hello.js';

type State =
  | 'expect_server_hello'
  | 'expect_certificate'
  | 'expect_server_key_exchange'
  | 'expect_hint_or_done'
  | 'expect_request_or_done'
  | 'expect_done'
  | 'expect_finished';

/** What the state after ServerHello is in a full handshake. */
const FIRST_STATE = {
  psk: 'expect_hint_or_done',
  ecdhe_psk: 'expect_server_key_exchange',
  ecdhe_ecdsa: 'expect_certificate',
} as const satisfies Record<KeyExchange, State>;

const NO_BYTES = Buffer.alloc(0);
/** HelloVerifyRequests that are answered: more would go on for ever. */
const MAX_COOKIES = 5;

/** The client's side of one handshake (RFC 5246 §7.3, RFC 6347 §4.2.4). */
export class ClientHandshake extends Handshake {
  static readonly #TRANSITIONS: Transitions<State, ClientHandshake> = {
    expect_server_hello: {
      server_hello: (own, { body }) => own.#takeServerHello(body),
    },
    expect_certificate: { certificate: (own, { body }) => own.#takeCertificate(body) },
    expect_server_key_exchange: { server_key_exchange: (own, { body }) => own.#takeKeyExchange(body) },
    expect_hint_or_done: {
      server_key_exchange: (own, { body }) => own.#takeKeyExchange(body),
      server_hello_done: (own, { body }) => own.#takeDone(body),
    },
    expect_request_or_done: {
      certificate_request: (own, { body }) => own.#takeRequest(body),
      server_hello_done: (own, { body }) => own.#takeDone(body),
    },
    expect_done: { server_hello_done: (own, { body }) => own.#takeDone(body) },
    expect_finished: { finished: (own, message) => own.#takeFinished(message) },
  };

  readonly #options: DtlsClientOptions;
  readonly #random = randomBytes(32);
  #state: State = 'expect_server_hello';
  #hello: ClientHello;
  #cookiesLeft = MAX_COOKIES;
  #sessionId: Buffer = NO_BYTES;
  #accepted: Acceptance | undefined;
  #claimed: ClaimedKey | undefined;
  #params: EcdhParams | undefined;
  #certificateWanted = false;
  #signatureWanted = false;
  #peer: PeerProof = { kind: 'none' };
  #master: Buffer = NO_BYTES;
  #sealer: Sealer | undefined;

  constructor(site: HandshakeSite, owner: HandshakeOwner, options: DtlsClientOptions) {
    super(site, owner, new Outgoing(options.mtu ?? DEFAULT_MTU, 0, 0), new Reassembler(0, MAX_MESSAGE));
    this.#options = options;
    this.#hello = makeClientHello(options, this.#random, NO_BYTES);
  }

  /** Sends the first ClientHello. */
  start(): void {
    this.guard(() => this.#sendHello(0));
  }

  protected override dispatch(type: HandshakeType, message: HandshakeMessage): MaybePromise<void> {
    const handler = ClientHandshake.#TRANSITIONS[this.#state][type];
    if (handler === undefined) throw unexpected(`${type} in the state ${this.#state}`);
    return handler(this, message);
  }

  protected override longest(): number {
    return MAX_MESSAGE;
  }

  protected override forgetSecrets(): void {
    this.#master.fill(0);
  }

  /** The server sees it first when keys differ, and says so. */
  protected override onForgedFinished(): void {}

  /**
   * A server that keeps nothing numbers each HelloVerifyRequest 0 (RFC 6347 §4.2.2), and sends another when its secret
   * has changed meanwhile. ServerHello is 1 however many there were.
   */
  protected override takeOutOfTurn({ type, length, part }: Fragment): boolean {
    if (type !== HANDSHAKE_TYPES.hello_verify_request || this.#state !== 'expect_server_hello') return false;
    if (part.length === length) this.#takeVerifyRequest(part);
    return true;
  }

  #sendHello(messageSequence: number): void {
    this.transcript.clear();
    this.outgoing.beginFlight(messageSequence);
    this.#say('client_hello', encodeField(clientHello, this.#hello));
    this.sendFlight();
  }

  #say(type: HandshakeType, body: Buffer): void {
    this.transcript.add(this.outgoing.addMessage(type, body));
  }

  #takeVerifyRequest(body: Buffer): void {
    const { cookie } = decodeField(helloVerifyRequest, body);
    if (this.#hello.cookie.equals(cookie)) return;
    this.#cookiesLeft--;
    if (this.#cookiesLeft < 0) throw unexpected('one more hello_verify_request');
    this.#hello = makeClientHello(this.#options, this.#random, Buffer.from(cookie));
    this.expectMessage(1);
    this.#sendHello(1);
  }

  #takeServerHello(body: Buffer): void {
    const hello = decodeField(serverHello, body);
    const accepted = readServerHello(hello, this.#hello, this.#options);
    this.#accepted = accepted;
    this.#sessionId = hello.sessionId;
    const { ticket } = this.#options;
    if (accepted.resumed && ticket !== undefined) {
      this.#peer = ticket.peer;
      this.#master = Buffer.from(ticket.masterSecret);
      this.#protect(accepted);
      this.#state = 'expect_finished';
    } else this.#state = FIRST_STATE[this.#keyExchange()];
  }

  #takeCertificate(body: Buffer): void {
    this.#claimed = readClaimedKey(body, this.#agreed().serverType);
    if (this.#claimed === undefined) {
      throw new HandshakeFailure('certificate_missing', 'decode_error', 'the server has no certificate');
    }
    this.#state = 'expect_server_key_exchange';
  }

  #takeKeyExchange(body: Buffer): MaybePromise<void> {
    const keyExchange = this.#keyExchange();
    this.#state = keyExchange === 'ecdhe_ecdsa' ? 'expect_request_or_done' : 'expect_done';
    if (keyExchange === 'ecdhe_ecdsa') return this.#takeSignedParams(body);
    if (keyExchange === 'psk') decodeField(serverKeyExchange.psk, body);
    else this.#params = decodeField(serverKeyExchange.ecdhe_psk, body).params;
    return undefined;
  }

  #takeSignedParams(body: Buffer): MaybePromise<void> {
    const { params, signed } = decodeField(serverKeyExchange.ecdhe_ecdsa, body);
    const claimed = this.#claimed;
    const { verifyServer } = this.#options;
    if (claimed === undefined || verifyServer === undefined) throw new TypeError('nothing to check with');
    checkSignature(claimed, signed, signedParams(this.#agreed().agreement.randoms, params));
    this.#params = params;
    this.#peer = claimed.presented;
    return requireTrust(verifyServer, claimed.presented);
  }

  #takeRequest(body: Buffer): void {
    const { certificateTypes, signatureAlgorithms } = decodeField(certificateRequest, body);
    const { credentials } = this.#options;
    this.#certificateWanted = true;
    this.#signatureWanted =
      certificateTypes.includes(ECDSA_SIGN) &&
      signatureAlgorithms.includes(ECDSA_SHA256) &&
      credentials.kind === (this.#agreed().clientType === 'x509' ? 'certificate' : 'rawPublicKey');
    this.#state = 'expect_done';
  }

  #takeDone(body: Buffer): void {
    decodeField(nothing, body);
    this.outgoing.beginFlight();
    if (this.#certificateWanted) this.#say('certificate', this.#certificateBody());
    const accepted = this.#agreed();
    const premaster = this.#sayKeyExchange();
    this.#master = agreeOnMaster(accepted.agreement, premaster, this.transcript.hash());
    this.#sayVerify();
    this.addFinished('client', this.#master, this.#protect(accepted));
    this.#state = 'expect_finished';
    this.sendFlight();
  }

  #certificateBody(): Buffer {
    const { credentials } = this.#options;
    const { clientType } = this.#agreed();
    if (clientType === 'x509') {
      const known = this.#signatureWanted && credentials.kind === 'certificate';
      return encodeField(x509Certificate, known ? credentials.chain : []);
    }
    const known = this.#signatureWanted && credentials.kind === 'rawPublicKey';
    return encodeField(rawPublicKeyCertificate, known ? spkiOf(credentials.privateKey) : NO_BYTES);
  }

  /** Sends the client's part of the key exchange. @returns the premaster secret */
  #sayKeyExchange(): Buffer {
    const { credentials } = this.#options;
    const keyExchange = this.#keyExchange();
    const { publicKey, shared } = this.#ecdhe();
    if (credentials.kind !== 'psk') {
      this.#say('client_key_exchange', encodeField(clientKeyExchange.ecdhe_ecdsa, { publicKey }));
      return shared;
    }
    const identity = Buffer.from(credentials.identity);
    this.#peer = { kind: 'psk', identity: credentials.identity };
    if (keyExchange === 'psk') {
      this.#say('client_key_exchange', encodeField(clientKeyExchange.psk, { identity }));
      return pskPremaster(credentials.key);
    }
    this.#say('client_key_exchange', encodeField(clientKeyExchange.ecdhe_psk, { identity, publicKey }));
    return pskPremaster(credentials.key, shared);
  }

  /** Both are empty with plain PSK. */
  #ecdhe(): { publicKey: Buffer; shared: Buffer } {
    const params = this.#params;
    if (params === undefined) return { publicKey: NO_BYTES, shared: NO_BYTES };
    const group = GROUPS.find(({ id }) => id === params.group);
    if (params.curveType !== NAMED_CURVE || group === undefined) {
      throw new HandshakeFailure('protocol', 'illegal_parameter', `group ${params.group} was not offered`);
    }
    const own = group.generate();
    return { publicKey: own.publicKey, shared: agreeWith(own, params.publicKey) };
  }

  #sayVerify(): void {
    const { credentials } = this.#options;
    if (!this.#signatureWanted || !('privateKey' in credentials)) return;
    const signed = signWith(credentials.privateKey, this.transcript.bytes());
    this.#say('certificate_verify', encodeField(certificateVerify, signed));
  }

  #protect({ agreement }: Acceptance): Sealer {
    const { sealer, opener } = protectionOf(agreement, this.#master, 'client');
    this.#sealer = sealer;
    this.opener = opener;
    return sealer;
  }

  #takeFinished(message: HandshakeMessage): void {
    const { resumed, agreement } = this.#agreed();
    const { opener } = this;
    const sealer = this.#sealer;
    if (sealer === undefined || opener === undefined) throw new TypeError('there are no keys');
    this.checkFinished(message, 'server', this.#master);
    if (resumed) {
      this.outgoing.beginFlight();
      this.addFinished('client', this.#master, sealer);
      this.outgoing.transmit((datagram) => this.owner.send(datagram));
    }
    const ticket = this.#ticket();
    this.succeed({
      peer: keepProof(this.#peer),
      cipherSuite: agreement.cipherSuite,
      serverName: this.#options.serverName,
      resumed,
      sealer,
      opener,
      ownCid: agreement.ownCid,
      returnRoutabilityCheck: agreement.returnRoutabilityCheck,
      sessionId: undefined,
      finalFlight: resumed ? this.outgoing : undefined,
      ticket,
    });
  }

  #ticket(): ResumptionTicket | undefined {
    if (this.#sessionId.length === 0) return undefined;
    const { cipherSuite, extendedMasterSecret } = this.#agreed().agreement;
    return {
      sessionId: keepCopy(this.#sessionId),
      masterSecret: keepCopy(this.#master),
      cipherSuite,
      extendedMasterSecret,
      peer: keepProof(this.#peer),
    };
  }

  #keyExchange(): KeyExchange {
    return CIPHER_SUITES[this.#agreed().agreement.cipherSuite].keyExchange;
  }

  #agreed(): Acceptance {
    if (this.#accepted === undefined) throw new TypeError('nothing is agreed on');
    return this.#accepted;
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CipherSuiteName, KeyExchange } from './cipher-suites.js';
import { type Agreement, agreeOnMaster, protectionOf } from './handshake/agreement.js';
import { fragmentsIn, HANDSHAKE_HEADER } from './handshake/fragments.js';
import {
  type ClientHello,
  clientHello,
  clientKeyExchange,
  HANDSHAKE_BODIES,
  HANDSHAKE_TYPES,
  type HandshakeType,
  type ServerHello,
  serverHello,
  serverKeyExchange,
} from './handshake/messages.js';
import { Transcript } from './handshake/transcript.js';
import { pskPremaster, verifyData } from './keys/key-schedule.js';
import type { Opener } from './record/protection.js';
import { CONTENT, RecordCursor } from './record/record.js';
import { readVectors } from './testing/vectors.js';
import { decodeField, encodeField, type Field } from './wire/fields.js';

interface HandshakeVector {
  readonly name: string;
  readonly message: HandshakeType;
  readonly keyExchange: KeyExchange;
  readonly certificateType: 'x509' | 'rawPublicKey';
  readonly hex: string;
}

interface SessionVector {
  readonly cipherSuite: CipherSuiteName;
  readonly psk: string;
  /** With ECDHE: what both sides have got by it. */
  readonly sharedSecret?: string;
  readonly masterSecret?: string;
  readonly vectors: readonly { readonly from: 'client' | 'server'; readonly hex: string }[];
}

function bodyField({ message, keyExchange, certificateType }: HandshakeVector): Field<unknown> {
  if (message === 'server_key_exchange') return serverKeyExchange[keyExchange];
  if (message === 'client_key_exchange') return clientKeyExchange[keyExchange];
  const [first, second] = HANDSHAKE_BODIES[message];
  return (certificateType === 'rawPublicKey' ? (second ?? first) : first) ?? assert.fail();
}

for (const vector of readVectors<{ vectors: HandshakeVector[] }>('handshake').vectors) {
  test(`${vector.name}: reads, and writes to what it was but for extensions that are unknown here`, () => {
    const field = bodyField(vector);
    const body = Buffer.from(vector.hex, 'hex').subarray(HANDSHAKE_HEADER);
    const value = decodeField(field, body);
    const written = encodeField(field, value);
    if (vector.message !== 'client_hello') assert.deepEqual(written, body);
    assert.deepEqual(decodeField(field, written), value);
  });
}

/** The handshake of a recorded session, read again. */
class Replay {
  readonly transcript = new Transcript();
  readonly protectedRecords: { from: 'client' | 'server'; record: RecordCursor }[] = [];
  readonly #cipherSuite: CipherSuiteName;
  #hello: ClientHello | undefined;
  #answer: ServerHello | undefined;

  constructor({ cipherSuite, vectors }: SessionVector) {
    this.#cipherSuite = cipherSuite;
    for (const { from, hex } of vectors) {
      const datagram = Buffer.from(hex, 'hex');
      let at = 0;
      while (at < datagram.length) {
        const record = new RecordCursor(datagram.subarray(at), this.#cidLengthOf(from));
        assert.equal(record.next(), undefined);
        at += record.end;
        if (record.epoch > 0) this.protectedRecords.push({ from, record });
        else if (record.type === CONTENT.handshake) this.#add(record);
      }
    }
  }

  get agreement(): Agreement {
    const client = this.#hello ?? assert.fail();
    const server = this.#answer ?? assert.fail();
    return {
      cipherSuite: this.#cipherSuite,
      randoms: { client: client.random, server: server.random },
      extendedMasterSecret: server.extensions.extendedMasterSecret === true,
      ownCid: server.extensions.connectionId,
      peerCid: client.extensions.connectionId,
      returnRoutabilityCheck: false,
    };
  }

  /** Of the ids in the records that a side sends: they are the other side's. */
  #cidLengthOf(from: 'client' | 'server'): number {
    const other = from === 'client' ? this.#answer : this.#hello;
    return other?.extensions.connectionId?.length ?? 0;
  }

  #add(record: RecordCursor): void {
    for (const { type, part } of fragmentsIn(record.body)) {
      if (type === HANDSHAKE_TYPES.hello_verify_request) continue;
      if (type === HANDSHAKE_TYPES.client_hello) {
        this.#hello = decodeField(clientHello, part);
        this.transcript.clear();
      }
      if (type === HANDSHAKE_TYPES.server_hello) this.#answer = decodeField(serverHello, part);
    }
    this.transcript.add(record.body);
  }
}

/** What both sides of a recorded session say, when each is read as the other reads it. */
function read(vector: SessionVector): string[] {
  const replay = new Replay(vector);
  const { agreement, transcript } = replay;
  const shared = vector.sharedSecret === undefined ? undefined : Buffer.from(vector.sharedSecret, 'hex');
  const premaster = pskPremaster(Buffer.from(vector.psk, 'hex'), shared);
  const master = agreeOnMaster(agreement, premaster, transcript.hash());
  if (vector.masterSecret !== undefined) assert.equal(master.toString('hex'), vector.masterSecret);
  const asClient = { ...agreement, ownCid: agreement.peerCid, peerCid: agreement.ownCid };
  const openers: Record<'client' | 'server', Opener> = {
    client: protectionOf(agreement, master, 'server').opener,
    server: protectionOf(asClient, master, 'client').opener,
  };
  const seen: string[] = [];
  for (const { from, record } of replay.protectedRecords) {
    assert.equal(openers[from].open(record), undefined);
    if (record.type === CONTENT.handshake) {
      assert.deepEqual(record.body.subarray(HANDSHAKE_HEADER), verifyData(master, from, transcript.hash()));
      transcript.add(Buffer.from(record.body));
    } else if (record.type === CONTENT.application_data) {
      seen.push(`${from}: ${record.body.toString('latin1')}`);
    } else if (record.type === CONTENT.return_routability_check) {
      seen.push(`${from}: check ${record.body.toString('hex')}`);
    }
  }
  return seen;
}

const HTTP = 'GET / HTTP/1.0\r\nHo\r\n';
const COAP_PING = '\x40\x00\x12\x34';

for (const [what, name, said] of [
  ['OpenSSL, PSK with CCM_8', 'session', ['client: hello\n', 'server: hello\n']],
  [
    'Mbed TLS, with connection ids both ways, and from another port in the midst of it',
    'session-mbedtls-cid',
    [`client: ${HTTP}`, `server: ${HTTP}`, `client: ${HTTP}`, `server: ${HTTP}`],
  ],
  [
    'wolfSSL, ECDHE_PSK with GCM',
    'session-wolfssl-ecdhe-psk',
    [`client: ${COAP_PING}`, `server: ${COAP_PING}`],
  ],
  [
    'Californium, ECDHE_PSK with CCM_8, and a return routability check when its port has changed',
    'session-californium-rrc',
    [
      `client: ${COAP_PING}`,
      `server: ${COAP_PING}`,
      'client: \x40\x00\x12\x35',
      'server: \x40\x00\x12\x35',
      'client: \x40\x00\x12\x36',
      'server: check 00c27d381578f8dd95',
      'server: \x40\x00\x12\x36',
      'client: check 01c27d381578f8dd95',
    ],
  ],
] as const) {
  test(`a session of ${what}: Finished of both sides and its application data`, () => {
    assert.deepEqual(read(readVectors<SessionVector>(name)), said);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CIPHER_SUITES, type CipherSuiteName, type KeyExchange } from './cipher-suites.js';
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
  readonly masterSecret: string;
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
  #hello: ClientHello | undefined;
  #answer: ServerHello | undefined;

  constructor({ vectors }: SessionVector) {
    for (const { from, hex } of vectors) {
      const datagram = Buffer.from(hex, 'hex');
      let at = 0;
      while (at < datagram.length) {
        const record = new RecordCursor(datagram.subarray(at), 0);
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
      cipherSuite: 'TLS_PSK_WITH_AES_128_CCM_8',
      randoms: { client: client.random, server: server.random },
      extendedMasterSecret: server.extensions.extendedMasterSecret === true,
      ownCid: undefined,
      peerCid: undefined,
      returnRoutabilityCheck: false,
    };
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

test('a session of OpenSSL: its master secret, Finished of both sides and its application data', () => {
  const vector = readVectors<SessionVector>('session');
  const replay = new Replay(vector);
  const { agreement, transcript } = replay;
  assert.equal(CIPHER_SUITES[agreement.cipherSuite], CIPHER_SUITES[vector.cipherSuite]);
  const premaster = pskPremaster(Buffer.from(vector.psk, 'hex'));
  const master = agreeOnMaster(agreement, premaster, transcript.hash());
  assert.equal(master.toString('hex'), vector.masterSecret);
  const openers: Record<'client' | 'server', Opener> = {
    client: protectionOf(agreement, master, 'server').opener,
    server: protectionOf(agreement, master, 'client').opener,
  };
  const seen: string[] = [];
  for (const { from, record } of replay.protectedRecords) {
    assert.equal(openers[from].open(record), undefined);
    if (record.type === CONTENT.handshake) {
      assert.deepEqual(record.body.subarray(HANDSHAKE_HEADER), verifyData(master, from, transcript.hash()));
      transcript.add(Buffer.from(record.body));
    } else if (record.type === CONTENT.application_data) seen.push(`${from}: ${record.body}`);
  }
  assert.deepEqual(seen, ['client: hello\n', 'server: hello\n']);
});

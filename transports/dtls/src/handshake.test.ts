import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { CIPHER_SUITES, type CipherSuite, type CipherSuiteName } from './cipher-suites.js';
import type { ClientAuthentication, DtlsClientOptions, DtlsServerOptions, PeerProof } from './contract.js';
import { wholeMessage } from './handshake/fragments.js';
import { HANDSHAKE_TYPES } from './handshake/messages.js';
import { spkiOf } from './handshake/presented-key.js';
import { CONTENT, plainRecord } from './record/record.js';
import { p256Key, selfSigned } from './testing/certificate.js';
import { IDENTITY, KEY, trustAll, World } from './testing/world.js';

const serverCertificate = selfSigned('server');
const clientCertificate = selfSigned('client');
const serverKey = p256Key();
const clientKey = p256Key();

const ALL_CREDENTIALS: DtlsServerOptions['credentials'] = {
  psk: { find: (identity) => (identity === IDENTITY ? KEY : undefined), hint: 'hint' },
  certificate: serverCertificate,
  rawKey: serverKey,
};

function ask(request: ClientAuthentication['request'], ...types: ('x509' | 'rawPublicKey')[]) {
  return { request, types, verify: trustAll };
}

/** Both ends get to the same, and a datagram goes there and back. */
function assertEcho(server: Partial<DtlsServerOptions>, client: Partial<DtlsClientOptions>): World {
  const world = new World({ credentials: ALL_CREDENTIALS, ...server });
  const { recorder } = world.establish(client);
  recorder.session.send(Buffer.from('ping'));
  world.settle();
  assert.deepEqual(recorder.received, ['ping']);
  assert.equal(world.sessions.length, 1);
  assert.equal(world.sessions[0]?.session.cipherSuite, recorder.session.cipherSuite);
  assert.equal(world.server.sessionCount, 1);
  assert.equal(world.server.halfOpenCount, 0);
  return world;
}

for (const cipherSuite of Object.keys(CIPHER_SUITES) as CipherSuiteName[]) {
  test(`${cipherSuite}: a session, and an echo`, () => {
    const { keyExchange }: CipherSuite = CIPHER_SUITES[cipherSuite];
    const credentials =
      keyExchange === 'ecdhe_ecdsa'
        ? ({ kind: 'none' } as const)
        : ({ kind: 'psk', identity: IDENTITY, key: KEY } as const);
    const world = assertEcho({}, { credentials, cipherSuites: [cipherSuite] });
    const { session } = world.sessions[0] ?? assert.fail();
    assert.equal(session.cipherSuite, cipherSuite);
    const expected: PeerProof =
      keyExchange === 'ecdhe_ecdsa' ? { kind: 'none' } : { kind: 'psk', identity: IDENTITY };
    assert.deepEqual(session.peer, expected);
  });
}

test('the server prefers its own order', () => {
  const cipherSuites = ['TLS_PSK_WITH_AES_128_CCM_8', 'TLS_PSK_WITH_AES_128_CCM'] as const;
  const world = new World({ cipherSuites });
  const { recorder } = world.establish({ cipherSuites: [...cipherSuites].reverse() });
  assert.equal(recorder.session.cipherSuite, 'TLS_PSK_WITH_AES_128_CCM_8');
});

for (const request of ['optional', 'required'] as const) {
  test(`a client proves its certificate where one is ${request}`, () => {
    const world = assertEcho(
      { clients: ask(request, 'x509') },
      { credentials: { kind: 'certificate', ...clientCertificate } },
    );
    assert.deepEqual(world.sessions[0]?.session.peer, {
      kind: 'certificate',
      chain: clientCertificate.chain,
    });
  });
}

test('a client without a certificate comes in where one is optional', () => {
  const world = assertEcho({ clients: ask('optional', 'x509') }, { credentials: { kind: 'none' } });
  assert.deepEqual(world.sessions[0]?.session.peer, { kind: 'none' });
});

test('raw public keys on both sides', () => {
  const seen: PeerProof[] = [];
  const world = assertEcho(
    { clients: ask('required', 'rawPublicKey', 'x509') },
    {
      credentials: { kind: 'rawPublicKey', privateKey: clientKey },
      serverTypes: ['rawPublicKey'],
      verifyServer: (presented) => {
        seen.push(presented);
        return 'trusted';
      },
    },
  );
  assert.deepEqual(world.sessions[0]?.session.peer, { kind: 'rawPublicKey', spki: spkiOf(clientKey) });
  assert.deepEqual(seen, [{ kind: 'rawPublicKey', spki: spkiOf(serverKey) }]);
});

test('a raw public key of the client, a certificate of the server', () => {
  const world = assertEcho(
    { clients: ask('required', 'x509', 'rawPublicKey') },
    { credentials: { kind: 'rawPublicKey', privateKey: clientKey } },
  );
  assert.equal(world.sessions[0]?.session.peer.kind, 'rawPublicKey');
});

test('a client with a certificate has none to show where only raw public keys are asked for', () => {
  const world = assertEcho(
    { clients: ask('optional', 'rawPublicKey') },
    { credentials: { kind: 'certificate', ...clientCertificate } },
  );
  assert.deepEqual(world.sessions[0]?.session.peer, { kind: 'none' });
});

test('keys and verdicts may take their time', async () => {
  const clients = { ...ask('required', 'x509'), verify: async () => 'trusted' as const };
  const credentials = { ...ALL_CREDENTIALS, psk: { find: async () => KEY } };
  const world = new World({ clients, credentials });
  const both = [
    world.connect({
      credentials: { kind: 'certificate', ...clientCertificate },
      verifyServer: async () => 'trusted' as const,
    }),
    world.connect(),
  ];
  for (let turn = 0; turn < 20; turn++) {
    world.settle();
    await new Promise(setImmediate);
  }
  for (const { recorder } of both) assert.ok(recorder !== undefined);
  assert.equal(world.server.counters.retransmissions, 0);
});

test('what a client sends again and again while a lookup takes long is bounded, and enough', async () => {
  let found: (key: Buffer) => void = () => assert.fail();
  const find = () => new Promise<Buffer>((resolve) => (found = resolve));
  const world = new World({ credentials: { psk: { find } } });
  const one = world.connect();
  world.time.advance(1_000_000);
  assert.ok(world.server.counters.dropped.wrong_epoch > 0);
  found(KEY);
  await new Promise(setImmediate);
  world.settle();
  assert.ok(one.recorder !== undefined);
});

test('a client that is closed gives its handshake up, or ends its session', () => {
  const world = new World();
  const early = world.connect();
  early.client.close();
  assert.equal(early.refusals[0]?.reason, 'internal');
  const { client, recorder } = world.establish();
  assert.equal(client.session, recorder.session);
  client.close();
  assert.equal(recorder.closed, 'local');
});

test('clients that cannot be', () => {
  const world = new World();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const credentials = { kind: 'rawPublicKey', privateKey } as const;
  assert.throws(() => world.connect({ credentials }), TypeError);
  assert.throws(() => world.connect({ credentials: { kind: 'none' }, verifyServer: undefined }), TypeError);
  assert.throws(() => world.connect({ connectionId: Buffer.alloc(21) }), RangeError);
  assert.throws(() => world.connect({ mtu: 100 }), RangeError);
});

test('a client takes five cookies and no more', () => {
  const world = new World({}, { loss: 1 });
  const one = world.connect();
  for (let cookie = 1; cookie <= 6; cookie++) {
    assert.deepEqual(one.refusals, []);
    const body = Buffer.from([0xfe, 0xff, 1, cookie]);
    const message = wholeMessage(HANDSHAKE_TYPES.hello_verify_request, 0, body);
    const record = plainRecord(CONTENT.handshake, 0, message);
    one.client.receive(Buffer.from(record));
    one.client.receive(record);
  }
  assert.deepEqual(
    one.refusals.map(({ reason, alert }) => [reason, alert]),
    [['protocol', 'unexpected_message']],
  );
  assert.equal(world.sent.toServer.length, 1 + 5 + 1);
});

test('a lookup that fails ends the handshake, and one that fails too late does nothing', async () => {
  for (const [waiting, reason, alert] of [
    [1000, 'internal', 'internal_error'],
    [6000, 'handshake_timeout', undefined],
  ] as const) {
    const failing: ((error: Error) => void)[] = [];
    const find = () => new Promise<never>((_resolve, reject) => failing.push(reject));
    const limits = { halfOpen: 1, sessions: 1, idleTime: 0, handshakeTime: 5000 };
    const world = new World({ credentials: { psk: { find } }, limits });
    world.connect();
    world.time.advance(waiting);
    for (const fail of failing) fail(new Error('the database is gone'));
    await new Promise(setImmediate);
    assert.deepEqual(
      world.refusals.map((refusal) => [refusal.reason, refusal.alert]),
      [[reason, alert]],
    );
  }
});

test('the name that a client asks for, in lower case', () => {
  const world = new World();
  world.establish({ serverName: 'Hub.Example' });
  assert.equal(world.sessions[0]?.session.serverName, 'hub.example');
});

test('a name that is no host name is none', () => {
  const world = new World();
  world.establish({ serverName: 'hub\nexample' });
  assert.equal(world.sessions[0]?.session.serverName, undefined);
});

test('close_notify goes to the other side, from either', () => {
  const world = new World();
  const first = world.establish().recorder;
  const second = world.establish().recorder;
  first.session.close();
  world.sessions[1]?.session.close();
  world.settle();
  assert.deepEqual(
    [first, second, ...world.sessions].map(({ closed }) => closed),
    ['local', 'closed', 'closed', 'local'],
  );
  assert.equal(world.server.sessionCount, 0);
  assert.equal(world.time.armedCount, 0);
});

test('what is sent after the end goes nowhere', () => {
  const world = new World();
  const { recorder } = world.establish();
  recorder.session.close();
  const before = world.sent.toServer.length;
  recorder.session.send(Buffer.from('late'));
  recorder.session.close();
  assert.equal(world.sent.toServer.length, before);
});

test('a server that is closed takes nothing', () => {
  const world = new World();
  world.server.close();
  const one = world.connect({ handshakeTime: 5000 });
  world.until(one, () => one.refusals.length > 0);
  assert.equal(one.refusals[0]?.reason, 'handshake_timeout');
  assert.deepEqual(world.sent.toClient, []);
});

for (const connectionIdLength of [0, 4]) {
  test(`a server that closes says good-bye to sessions with ids of ${connectionIdLength} bytes`, () => {
    const world = new World({ connectionIdLength });
    const { recorder } = world.establish({ connectionId: Buffer.alloc(0) });
    world.server.close();
    world.settle();
    assert.equal(recorder.closed, 'closed');
    assert.equal(world.sessions[0]?.closed, 'local');
    assert.equal(world.server.sessionCount, 0);
  });
}

test('a server that closes gives up handshakes under way', () => {
  const world = new World({ credentials: { psk: { find: () => new Promise(() => {}) } } });
  const waiting = world.connect();
  world.settle();
  assert.equal(world.server.halfOpenCount, 1);
  world.server.close();
  world.settle();
  assert.equal(world.server.halfOpenCount, 0);
  assert.deepEqual(
    waiting.refusals.map(({ reason, alert }) => [reason, alert]),
    [['peer_alert', 'user_canceled']],
  );
  assert.equal(world.time.armedCount, 0);
});

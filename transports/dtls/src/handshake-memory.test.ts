import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DtlsClientOptions, DtlsServerOptions, VerifyPeer } from './contract.js';
import { wholeMessage } from './handshake/fragments.js';
import { HANDSHAKE_TYPES } from './handshake/messages.js';
import { CONTENT, plainRecord } from './record/record.js';
import { selfSigned } from './testing/certificate.js';
import { PLAIN_HELLO, sayHello } from './testing/raw-hello.js';
import { trustAll, World } from './testing/world.js';

const PEER = { address: '10.9.9.9', port: 9 };
const MASTER_LENGTH = 48;
const own = selfSigned('device');

function certified(verify: VerifyPeer = trustAll): Partial<DtlsServerOptions> {
  return {
    credentials: { certificate: selfSigned('server') },
    clients: { request: 'required', types: ['x509'], verify },
    resumption: { sessions: 10, lifetime: 60_000 },
  };
}

function withAuthorities(chain: readonly Buffer[]): Partial<DtlsClientOptions> {
  return { credentials: { kind: 'certificate', ...own, chain: [...own.chain, ...chain] } };
}

/** Buffers as long as a master secret that are overwritten with zeros until the test is over. */
function overwrittenSecrets(t: TestContext): Buffer[] {
  const overwritten: Buffer[] = [];
  const { fill } = Buffer.prototype;
  t.mock.method(Buffer.prototype, 'fill', function (this: Buffer, ...args: Parameters<typeof fill>) {
    if (args[0] === 0 && args[1] === undefined && this.length === MASTER_LENGTH) overwritten.push(this);
    return fill.apply(this, args);
  });
  return overwritten;
}

/** Begins a message of a length in the handshake of {@link PEER}. @returns whether there is no room for it */
function isRefused(world: World, type: number, length: number): boolean {
  const { dropped } = world.server.counters;
  const before = dropped.handshake_message;
  const fragment = wholeMessage(type, 2, Buffer.alloc(length)).subarray(0, 12);
  fragment.writeUIntBE(0, 9, 3);
  world.sendToServer(plainRecord(CONTENT.handshake, 2, fragment), PEER);
  world.settle();
  return dropped.handshake_message > before;
}

test('there is room for a long message only where a certificate is due', () => {
  const world = new World();
  sayHello(world, PLAIN_HELLO, PEER);
  assert.equal(isRefused(world, HANDSHAKE_TYPES.certificate, 16_384), true);
  assert.equal(isRefused(world, HANDSHAKE_TYPES.client_key_exchange, 2049), true);
  assert.equal(isRefused(world, HANDSHAKE_TYPES.client_key_exchange, 2048), false);
  const asking = new World(certified());
  sayHello(asking, { ...PLAIN_HELLO, cipherSuites: [0xc02b], extensions: { supportedGroups: [23] } }, PEER);
  assert.equal(isRefused(asking, HANDSHAKE_TYPES.client_key_exchange, 2049), true);
  assert.equal(isRefused(asking, HANDSHAKE_TYPES.certificate, 16_384), false);
});

test('of a chain, a session keeps the certificate of its peer', () => {
  const world = new World(certified());
  world.establish(withAuthorities([Buffer.alloc(1000, 1)]));
  const { peer } = world.sessions[0]?.session ?? assert.fail();
  assert.deepEqual(peer, { kind: 'certificate', chain: own.chain });
});

test('a session with a chain of more than 4 KiB is not resumed', () => {
  for (const [length, resumed] of [
    [1000, true],
    [4096, false],
  ] as const) {
    const world = new World(certified());
    const client = withAuthorities([Buffer.alloc(length, 1)]);
    const { ticket } = world.establish(client).recorder.session;
    assert.equal(world.establish({ ...client, ticket }).recorder.session.resumed, resumed);
  }
});

test('the master secret of a handshake that fails is overwritten on both sides', (t) => {
  const overwritten = overwrittenSecrets(t);
  const world = new World(certified(() => ({ alert: 'unknown_ca', reason: 'nobody knows it' })));
  const one = world.connect(withAuthorities([]));
  world.until(one, () => one.refusals.length > 0);
  assert.equal(overwritten.length, 2);
  for (const secret of overwritten) assert.deepEqual(secret, Buffer.alloc(MASTER_LENGTH));
});

test('a key that is found when the handshake is over is not used', async (t) => {
  let find: (key: Buffer) => void = () => {};
  const found = new Promise<Buffer>((resolve) => {
    find = resolve;
  });
  const world = new World({ credentials: { psk: { find: () => found } } });
  const one = world.connect();
  world.until(one, () => world.server.halfOpenCount === 1);
  world.settle();
  world.server.close();
  const key = Buffer.from('1234');
  const copies = t.mock.method(Buffer, 'from');
  find(key);
  await found;
  await nextTurn();
  assert.equal(copies.mock.calls.filter(({ arguments: [bytes] }) => bytes === key).length, 0);
});

test('a remembered session whose time is over loses its master secret when another is looked for', (t) => {
  const world = new World({ resumption: { sessions: 10, lifetime: 1000 } });
  world.establish();
  world.time.advance(1000);
  const overwritten = overwrittenSecrets(t);
  const sessionId = Buffer.alloc(32, 7);
  sayHello(world, { ...PLAIN_HELLO, sessionId }, PEER);
  assert.equal(overwritten.length, 1);
});

test('when short connection ids are all taken, sessions do without', () => {
  const world = new World({ connectionIdLength: 1 });
  const options = { connectionId: Buffer.from('c') };
  for (let i = 0; i < 300; i++) world.establish(options);
  const withId = world.sessions.filter(({ session }) => session.hasConnectionId).length;
  assert.equal(world.server.sessionCount, 300);
  assert.ok(withId > 100 && withId <= 256, String(withId));
  const { recorder } = world.establish(options);
  recorder.session.send(Buffer.from('ping'));
  world.settle();
  assert.deepEqual(recorder.received, ['ping']);
});

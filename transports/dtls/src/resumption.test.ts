import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DtlsClientOptions, DtlsServerOptions, ResumptionTicket } from './contract.js';
import { Session } from './session/session.js';
import { selfSigned } from './testing/certificate.js';
import { PLAIN_HELLO, sayHello } from './testing/raw-hello.js';
import { KEY, trustAll, World } from './testing/world.js';

const LIFETIME = 60_000;
const resumption = { sessions: 2, lifetime: LIFETIME };
const certificate = selfSigned('somebody');
const PEER = { address: '10.9.9.9', port: 9 };
/** In a datagram that begins with ServerHello: behind the headers, the version and the random. */
const SESSION_ID_LENGTH_AT = 13 + 12 + 2 + 32;

/** A session and its ticket. */
function first(
  options: Partial<DtlsServerOptions> = {},
  client: Partial<DtlsClientOptions> = {},
): { world: World; ticket: ResumptionTicket } {
  const world = new World({ resumption, ...options });
  const { ticket } = world.establish(client).recorder.session;
  return { world, ticket: ticket ?? assert.fail('there is no ticket') };
}

function assertResumes(world: World, expected: boolean, client: Partial<DtlsClientOptions>): void {
  const { recorder } = world.establish(client);
  world.settle();
  assert.equal(recorder.session.resumed, expected);
  assert.equal(world.sessions.at(-1)?.session.resumed, expected);
  recorder.session.send(Buffer.from('ping'));
  world.settle();
  assert.deepEqual(recorder.received, ['ping']);
}

test('a session goes on with its keys, cipher suite and peer', () => {
  const { world, ticket } = first();
  assertResumes(world, true, { ticket });
  assert.deepEqual(world.sessions[1]?.session.peer, world.sessions[0]?.session.peer);
  assert.equal(world.server.counters.sessionsResumed, 1);
});

test('with connection ids, which are new', () => {
  const { world, ticket } = first({ connectionIdLength: 4 }, { connectionId: Buffer.from('c') });
  assertResumes(world, true, { ticket, connectionId: Buffer.alloc(0) });
});

test('the certificate of the first session is not asked for again', () => {
  let verdicts = 0;
  const verify = () => {
    verdicts++;
    return 'trusted' as const;
  };
  const clients = { request: 'required', types: ['x509'], verify } as const;
  const client: Partial<DtlsClientOptions> = { credentials: { kind: 'certificate', ...certificate } };
  const { world, ticket } = first({ credentials: { certificate }, clients }, client);
  assertResumes(world, true, { ...client, ticket, verifyServer: trustAll });
  assert.equal(verdicts, 1);
  assert.equal(world.sessions[1]?.session.peer.kind, 'certificate');
});

/** A client with a connection id has resumed its session, and the first session is still there. */
function resumedAnew(options: Partial<DtlsServerOptions> = {}, client: Partial<DtlsClientOptions> = {}) {
  const withIds = { connectionId: Buffer.from('c'), ...client };
  const { world, ticket } = first({ connectionIdLength: 4, ...options }, withIds);
  const again = world.establish({ ...withIds, ticket });
  world.settle();
  const [before, after] = world.sessions;
  if (before === undefined || after === undefined) return assert.fail('there are not two sessions');
  assert.equal(after.session.resumed, true);
  return { world, ticket, withIds, again, before, after };
}

test('a resumed session replaces the one with a connection id as soon as it brings data', () => {
  const { world, again, before, after } = resumedAnew();
  assert.equal(before.closed, undefined);
  again.recorder.session.send(Buffer.from('here I am'));
  world.settle();
  assert.deepEqual(after.received, ['here I am']);
  assert.equal(before.closed, 'replaced');
  assert.equal(after.closed, undefined);
  assert.equal(world.server.sessionCount, 1);
});

test('sessions that are resumed again and again do not pile up', () => {
  const { world, ticket, withIds } = resumedAnew();
  for (let i = 0; i < 10; i++) world.establish({ ...withIds, ticket });
  world.settle();
  assert.equal(world.server.sessionCount, 2);
  world.sessions.at(-1)?.session.close();
  assert.equal(world.server.sessionCount, 0);
});

test('not after its time', () => {
  const { world, ticket } = first();
  world.time.advance(LIFETIME);
  assertResumes(world, false, { ticket });
});

test('not when others have taken its place', () => {
  const { world, ticket } = first();
  world.establish();
  assertResumes(world, true, { ticket });
  world.establish();
  assertResumes(world, false, { ticket });
});

test('not for another server name, nor without its cipher suite', () => {
  const { world, ticket } = first();
  assertResumes(world, false, { ticket, serverName: 'another' });
  assertResumes(world, false, { ticket, cipherSuites: ['TLS_PSK_WITH_AES_128_CCM_8'] });
});

test('not once the server has new credentials', () => {
  const { world, ticket } = first();
  world.server.useCredentials({ psk: { find: () => Buffer.from('a key that nobody knows') } });
  assertResumes(world, false, { ticket });
});

test('not when the handshake had begun before the server got new credentials', () => {
  const world = new World({ resumption });
  const one = world.connect();
  world.until(one, () => world.server.halfOpenCount === 1);
  world.server.useCredentials({ psk: { find: () => KEY } });
  world.until(one, () => one.recorder !== undefined);
  const ticket = one.recorder?.session.ticket ?? assert.fail('there is no ticket');
  assertResumes(world, false, { ticket });
});

test('not after a fatal alert', () => {
  const { world, ticket } = first();
  const { session } = world.establish({ ticket }).recorder;
  assert.ok(session instanceof Session && session.resumed);
  session.end('protocol', 'decode_error');
  world.settle();
  assert.equal(world.sessions[1]?.closed, 'peer_alert');
  assertResumes(world, false, { ticket });
});

test('not with another master secret', () => {
  const { world, ticket } = first();
  const one = world.connect({ ticket: { ...ticket, masterSecret: Buffer.alloc(48) }, handshakeTime: 10_000 });
  world.until(one, () => one.refusals.length > 0);
  assert.equal(one.recorder, undefined);
});

test('a server that remembers nothing gives no ticket', () => {
  const world = new World();
  assert.equal(world.establish().recorder.session.ticket, undefined);
});

test('a session with extended master secret is not resumed without (RFC 7627 §5.3)', () => {
  const { world, ticket } = first();
  const hello = { ...PLAIN_HELLO, sessionId: ticket.sessionId, cipherSuites: [0xd001] };
  sayHello(world, hello, PEER);
  assert.deepEqual(
    world.refusals.map(({ reason, alert }) => [reason, alert]),
    [['protocol', 'handshake_failure']],
  );
});

test('a session without extended master secret gets no id to resume it by (RFC 7627 §5.3)', () => {
  for (const [extensions, length] of [
    [{}, 0],
    [{ extendedMasterSecret: true } as const, 32],
  ] as const) {
    const [answer] = sayHello(new World({ resumption }), { ...PLAIN_HELLO, extensions }, PEER);
    assert.equal(answer?.[SESSION_ID_LENGTH_AT], length);
  }
});

test('neither another version nor a renegotiation gets at a session (RFC 5746 §3.6)', () => {
  for (const [change, alert] of [
    [{ version: 0xfeff }, 'protocol_version'],
    [
      { extensions: { extendedMasterSecret: true, renegotiationInfo: Buffer.from('x') } },
      'handshake_failure',
    ],
  ] as const) {
    const { world, ticket } = first();
    const resuming = { ...PLAIN_HELLO, sessionId: ticket.sessionId, cipherSuites: [0xd001] };
    sayHello(world, { ...resuming, ...change }, PEER);
    assert.deepEqual(
      world.refusals.map((refusal) => refusal.alert),
      [alert],
    );
  }
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { wholeMessage } from '../handshake/fragments.js';
import { HANDSHAKE_TYPES } from '../handshake/messages.js';
import { CONTENT, plainRecord, RecordCursor } from '../record/record.js';
import { cookieIn, helloDatagram, PLAIN_HELLO, sayHello } from '../testing/raw-hello.js';
import { forgedRecord, makePair } from '../testing/secured.js';
import { IDENTITY, KEY, serverOptions, World } from '../testing/world.js';
import { SECRET_LIFETIME } from './cookies.js';
import { DtlsServer } from './dtls-server.js';

const PEER = { address: '10.9.9.9', port: 9 };
const OTHER = { address: '10.9.9.9', port: 10 };
const limits = { halfOpen: 100, sessions: 1000, idleTime: 0, handshakeTime: 300_000 };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function cursorOf(datagram: Buffer): RecordCursor {
  const cursor = new RecordCursor(datagram, 0);
  cursor.next();
  return cursor;
}

/** Servers answer these many ClientHellos without a cookie. */
const FLOOD = 20_000;

test('a flood of ClientHellos without a cookie leaves nothing behind, and gets less than it sends', () => {
  const world = new World();
  let sent = 0;
  let answered = 0;
  const server = new DtlsServer(serverOptions(), {
    now: () => world.time.now(),
    timers: world.time,
    send: (datagram) => {
      answered += datagram.length;
    },
    admits: () => assert.fail('nobody has shown a cookie'),
    mayMove: () => assert.fail(),
    accept: () => assert.fail(),
    refused: () => assert.fail(),
  });
  const hello = helloDatagram(PLAIN_HELLO);
  const flood = (from: number) => {
    for (let port = from; port < from + FLOOD; port++) {
      sent += hello.length;
      server.receive(Buffer.from(hello), { address: '10.0.0.2', port }, port);
    }
  };
  const memory = () => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  flood(0);
  // What is left behind would be there after each flood; what V8 makes for itself is not.
  const grown = [1, 2, 3, 4].map((round) => {
    const before = memory();
    flood(round * FLOOD);
    return memory() - before;
  });
  assert.equal(server.counters.cookiesSent, 5 * FLOOD);
  assert.equal(server.halfOpenCount, 0);
  assert.equal(world.time.armedCount, 0);
  assert.ok(answered <= sent);
  assert.ok(Math.min(...grown) < FLOOD * 20, `${grown.join(' and ')} bytes more`);
});

/** Sends a hello with `cookie`. @returns whether the server begins a handshake */
function begins(world: World, cookie: Buffer, hello = PLAIN_HELLO, from = PEER): boolean {
  const before = world.server.counters.handshakesStarted;
  world.sendToServer(helloDatagram({ ...hello, cookie }, 1), from);
  world.settle();
  return world.server.counters.handshakesStarted > before;
}

function getCookie(world: World): Buffer {
  world.sendToServer(helloDatagram(PLAIN_HELLO), PEER);
  world.settle();
  return cookieIn(world.sent.toClient.at(-1) ?? Buffer.alloc(0));
}

test('a cookie is good for its address and its hello alone', () => {
  const world = new World();
  const cookie = getCookie(world);
  const wrong = Buffer.from(cookie);
  wrong[3] = (wrong[3] as number) ^ 1;
  for (const other of [wrong, cookie.subarray(1), Buffer.concat([cookie, cookie])]) {
    assert.equal(begins(world, other), false);
  }
  assert.equal(begins(world, cookie, PLAIN_HELLO, OTHER), false);
  assert.equal(begins(world, cookie, { ...PLAIN_HELLO, random: Buffer.alloc(32, 1) }), false);
  assert.equal(begins(world, cookie, { ...PLAIN_HELLO, cipherSuites: [0xc0a8, 0xc0a4] }), false);
  assert.equal(begins(world, cookie), true);
});

test('a cookie lives for one to two minutes', () => {
  for (const [age, good] of [
    [SECRET_LIFETIME - 1000, true],
    [SECRET_LIFETIME + 1000, true],
    [2 * SECRET_LIFETIME, false],
  ] as const) {
    const world = new World();
    const cookie = getCookie(world);
    world.time.advance(age);
    assert.equal(begins(world, cookie), good, `after ${age} ms`);
  }
});

test('a ClientHello in pieces, cut off, or with more behind it is dropped', () => {
  const world = new World();
  const body = helloDatagram(PLAIN_HELLO).subarray(13);
  const inPieces = Buffer.from(body);
  inPieces.writeUIntBE(body.length - 12 + 1, 1, 3);
  for (const bad of [inPieces, body.subarray(0, -1), Buffer.concat([body, body]), body.subarray(0, 5)]) {
    world.sendToServer(plainRecord(CONTENT.handshake, 0, bad), PEER);
  }
  world.settle();
  assert.equal(world.server.counters.dropped.bad_client_hello, 4);
  assert.deepEqual(world.sent.toClient, []);
});

test('many ClientHellos in one datagram get one answer', () => {
  const world = new World();
  const hello = helloDatagram(PLAIN_HELLO);
  world.sendToServer(Buffer.concat([hello, hello, hello]), PEER);
  world.settle();
  assert.equal(world.sent.toClient.length, 1);
  assert.equal(world.server.counters.dropped.bad_client_hello, 1);
});

test('a ClientHello whose numbers leave none for the handshake is dropped', () => {
  const world = new World();
  const withCookie = { ...PLAIN_HELLO, cookie: getCookie(world) };
  const lastRecord = helloDatagram(withCookie, 1);
  lastRecord.writeUIntBE(2 ** 48 - 1, 5, 6);
  const lastMessage = helloDatagram(withCookie, 2 ** 16 - 1);
  for (const bad of [lastRecord, lastMessage]) world.sendToServer(bad, PEER);
  world.settle();
  const { handshakesStarted, dropped } = world.server.counters;
  assert.deepEqual([handshakesStarted, dropped.bad_client_hello], [0, 2]);
});

test('peers whom the host does not admit are dropped without a word', () => {
  const world = new World();
  world.admits = false;
  assert.deepEqual(sayHello(world, PLAIN_HELLO, PEER), []);
  assert.equal(world.server.halfOpenCount, 0);
  assert.deepEqual(world.refusals, []);
});

test('no more handshakes at once than may be', () => {
  const world = new World({ limits: { ...limits, halfOpen: 1 } });
  sayHello(world, PLAIN_HELLO, PEER);
  assert.deepEqual(sayHello(world, PLAIN_HELLO, OTHER), []);
  assert.deepEqual(
    world.refusals.map(({ reason, from }) => [reason, from]),
    [['half_open_limit', OTHER]],
  );
  world.time.advance(limits.handshakeTime);
  assert.equal(world.server.halfOpenCount, 0);
  assert.notDeepEqual(sayHello(world, PLAIN_HELLO, OTHER), []);
});

test('an address that has more than its share of the handshakes makes room for others', () => {
  const world = new World({ limits: { ...limits, halfOpen: 4 } });
  const begin = (address: string, port: number) => sayHello(world, PLAIN_HELLO, { address, port }).length > 0;
  const crowd = [1, 2, 3, 4, 5].map((port) => begin('10.9.9.9', port));
  const others = [1, 2, 3].map((port) => begin('10.8.8.8', port));
  assert.deepEqual(crowd, [true, true, true, true, false]);
  assert.deepEqual(others, [true, true, false]);
  assert.deepEqual(
    world.refusals.map(({ reason, from }) => [reason, from?.address, from?.port]),
    [
      ['half_open_limit', '10.9.9.9', 5],
      ['half_open_limit', '10.9.9.9', 1],
      ['half_open_limit', '10.9.9.9', 2],
      ['half_open_limit', '10.8.8.8', 3],
    ],
  );
  assert.equal(world.server.halfOpenCount, 4);
});

test('no more sessions than may be', () => {
  const world = new World({ limits: { ...limits, sessions: 1 } });
  const first = world.establish();
  sayHello(world, PLAIN_HELLO, PEER);
  assert.equal(world.refusals[0]?.reason, 'session_limit');
  first.recorder.session.close();
  world.settle();
  assert.notDeepEqual(sayHello(world, PLAIN_HELLO, PEER), []);
});

test('another limit of sessions holds for those that come', () => {
  const world = new World({ limits: { ...limits, sessions: 2 } });
  const { recorder } = world.establish();
  world.server.limitSessions(1);
  sayHello(world, PLAIN_HELLO, PEER);
  assert.deepEqual(
    world.refusals.map(({ reason, detail }) => [reason, detail]),
    [['session_limit', 'there are 1 sessions']],
  );
  assert.equal(recorder.closed, undefined);
  world.server.limitSessions(2);
  assert.notDeepEqual(sayHello(world, PLAIN_HELLO, PEER), []);
});

test('a session lives on while somebody at its address begins anew, and gives way to the one that comes of it', () => {
  const { world, one, accepted } = makePair();
  sayHello(world, PLAIN_HELLO, one.endpoint);
  one.recorder.session.send(Buffer.from('still here'));
  world.settle();
  assert.deepEqual(accepted.received, ['still here']);
  assert.equal(world.server.halfOpenCount, 1);
  const again = world.connect({}, one.endpoint);
  world.until(again, () => again.recorder !== undefined);
  assert.deepEqual(
    world.refusals.map(({ reason }) => reason),
    ['restarted'],
  );
  assert.equal(accepted.closed, 'replaced');
  assert.equal(world.server.sessionCount, 1);
  again.recorder?.session.send(Buffer.from('ping'));
  world.settle();
  assert.deepEqual(again.recorder?.received, ['ping']);
});

test('a ClientHello that comes again once its session is there starts nothing', () => {
  const world = new World();
  world.establish();
  const second = world.sent.toServer[1] ?? assert.fail();
  const { halfOpenCount } = world.server;
  world.sendToServer(Buffer.from(second), { address: '10.0.0.1', port: 1000 });
  world.settle();
  assert.equal(world.server.halfOpenCount, halfOpenCount);
  assert.equal(world.server.counters.dropped.handshake_message, 1);
});

test('what no session has asked for is dropped', () => {
  const { world, one, accepted } = makePair();
  const { dropped } = world.server.counters;
  world.sendToServer(forgedRecord(CONTENT.application_data, Buffer.from('hello')), PEER);
  world.sendToServer(forgedRecord(CONTENT.application_data, Buffer.from('hello')), one.endpoint);
  world.sendToServer(plainRecord(CONTENT.alert, 5, Buffer.from([2, 40])), one.endpoint);
  const done = wholeMessage(HANDSHAKE_TYPES.server_hello_done, 3, Buffer.alloc(0));
  world.sendToServer(plainRecord(CONTENT.handshake, 5, done), one.endpoint);
  world.sendToServer(Buffer.from('not DTLS at all'), one.endpoint);
  world.sendToServer(Buffer.from([22]), one.endpoint);
  world.settle();
  assert.deepEqual(accepted.received, []);
  assert.equal(accepted.closed, undefined);
  const { unknown_peer, bad_record_mac, wrong_epoch, not_dtls, truncated } = dropped;
  assert.deepEqual([unknown_peer, bad_record_mac, wrong_epoch, not_dtls, truncated], [1, 1, 2, 1, 1]);
});

/** What a peer gets that goes on with a session, after the server has been started anew. */
function answersAfterRestart(before: World, record: Buffer, copies = 1): Buffer[] {
  const world = new World({ connectionIdLength: 6 });
  const { address, port } = PEER;
  for (let copy = 0; copy < copies; copy++)
    world.sendToServer(Buffer.from(record), { address, port: port + copy });
  world.settle();
  assert.equal(world.server.counters.dropped.unknown_peer, copies);
  assert.equal(world.server.halfOpenCount + world.server.sessionCount, 0);
  assert.ok(before.server.sessionCount > 0);
  return world.sent.toClient;
}

for (const [what, options] of [
  ['an address', {}],
  ['a connection id', { connectionId: Buffer.of(1) }],
] as const) {
  test(`whose session, known by ${what}, is gone is told so, by less than it has sent`, () => {
    const { world, one } = makePair({ connectionIdLength: 6 }, options);
    one.recorder.session.send(Buffer.from('reading'));
    const record = world.sent.toServer[0] ?? assert.fail();
    const [alert, another] = answersAfterRestart(world, record);
    assert.equal(another, undefined);
    const { type, epoch, body } = cursorOf(alert ?? assert.fail());
    assert.deepEqual([type, epoch, body.toString('hex')], [CONTENT.alert, 0, '020a']);
    assert.ok(alert.length < record.length);
  });
}

test('no more than a thousand peers in a second are told that their session is gone', () => {
  const { world, one } = makePair();
  one.recorder.session.send(Buffer.from('reading'));
  const record = world.sent.toServer[0] ?? assert.fail();
  assert.equal(answersAfterRestart(world, record, 1500).length, 1000);
});

test('nobody else is told: with no data, with more behind it, not admitted, or with a session or handshake there', () => {
  const data = forgedRecord(CONTENT.application_data, Buffer.from('reading'));
  const cid = forgedRecord(CONTENT.tls12_cid, Buffer.from('reading'), Buffer.alloc(6, 9));
  const { world, one } = makePair({ connectionIdLength: 6 });
  const half = { address: '10.9.9.9', port: 11 };
  sayHello(world, PLAIN_HELLO, half);
  world.sent.toClient.length = 0;
  const short = plainRecord(CONTENT.application_data, 1, Buffer.from('??'));
  short.writeUInt16BE(1, 3);
  for (const [datagram, from] of [
    [forgedRecord(CONTENT.alert, Buffer.from([2, 40])), PEER],
    [forgedRecord(CONTENT.handshake, Buffer.from([20])), PEER],
    [plainRecord(CONTENT.application_data, 1, Buffer.alloc(40)), PEER],
    [short, PEER],
    [Buffer.concat([data, Buffer.of(0)]), PEER],
    [cid, one.endpoint],
    [cid, half],
  ] as const) {
    world.sendToServer(Buffer.from(datagram), from);
  }
  world.admits = false;
  world.sendToServer(data, PEER);
  world.settle();
  assert.deepEqual(world.sent.toClient, []);
});

test('what is no fragment of a message does not disturb a handshake', () => {
  const garbage = [
    plainRecord(CONTENT.handshake, 7, Buffer.alloc(11, 1)),
    plainRecord(CONTENT.handshake, 8, Buffer.alloc(20, 0xff)),
    plainRecord(CONTENT.change_cipher_spec, 9, Buffer.from('?')),
    plainRecord(CONTENT.application_data, 10, Buffer.from('plain')),
  ];
  const world = new World({}, { tamper: (datagram) => [datagram, ...garbage] });
  const { recorder } = world.establish();
  recorder.session.send(Buffer.from('ping'));
  world.settle();
  assert.deepEqual(recorder.received, ['ping']);
});

test('a recording of a session, played again, does nothing', () => {
  const { world, one, accepted } = makePair();
  one.recorder.session.send(Buffer.from('once'));
  world.settle();
  const [recorded] = world.sent.toServer;
  world.sendToServer(Buffer.from(recorded ?? assert.fail()), one.endpoint);
  world.settle();
  assert.deepEqual(accepted.received, ['once']);
  assert.equal(world.server.counters.dropped.replayed, 1);
});

test('application data that overtakes Finished is dropped, the handshake is not', () => {
  const world = new World(
    {},
    {
      tamper: (datagram, to) =>
        to === 'server' && datagram.length > 150
          ? [forgedRecord(CONTENT.application_data, Buffer.from('early')), datagram]
          : [datagram],
    },
  );
  world.establish();
  assert.ok(world.server.counters.dropped.early_data > 0);
  assert.deepEqual(world.sessions[0]?.received, []);
});

test('new credentials are for new handshakes', () => {
  const { world, one } = makePair();
  const otherKey = Buffer.from('another key');
  world.server.useCredentials({ psk: { find: () => otherKey } });
  one.recorder.session.send(Buffer.from('ping'));
  world.settle();
  assert.deepEqual(one.recorder.received, ['ping']);
  world.establish({ credentials: { kind: 'psk', identity: IDENTITY, key: otherKey } });
  const refused = world.connect({ credentials: { kind: 'psk', identity: IDENTITY, key: KEY } });
  world.until(refused, () => refused.refusals.length > 0);
  assert.equal(refused.refusals[0]?.alert, 'decrypt_error');
});

test('X25519 for a client that does not have P-256', () => {
  const hello = { ...PLAIN_HELLO, cipherSuites: [0xd003], extensions: { supportedGroups: [24, 29] } };
  const answer = Buffer.concat(sayHello(new World(), hello, PEER));
  assert.ok(answer.includes(Buffer.from('03001d20', 'hex')));
});

test('options that cannot be', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const host = {
    now: () => 0,
    timers: new World().time,
    send() {},
    admits: () => true,
    mayMove: () => true,
    accept: () => assert.fail(),
    refused() {},
  };
  const make = (options: Parameters<typeof serverOptions>[0]) => () =>
    new DtlsServer(serverOptions(options), host);
  assert.throws(make({ credentials: {} }), TypeError);
  assert.throws(make({ credentials: { rawKey: privateKey } }), TypeError);
  assert.throws(make({ connectionIdLength: 21 }), RangeError);
  assert.throws(make({ mtu: 100 }), RangeError);
});

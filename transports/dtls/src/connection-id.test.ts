import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT, RECORD_HEADER } from './record/record.js';
import { selfSigned } from './testing/certificate.js';
import { forgedRecord, makePair, type Pair } from './testing/secured.js';
import { IDENTITY, KEY, trustAll, type Weather, World } from './testing/world.js';

const SERVER = { connectionIdLength: 6 };
const CLIENT = { connectionId: Buffer.from('c1d0') };

function say({ world, one }: Pair, text: string): void {
  one.recorder.session.send(Buffer.from(text));
  world.settle();
}

/** Keeps what the client sends from now on from arriving. @returns where it is kept */
function holdBack({ world }: Pair): Buffer[] {
  const held: Buffer[] = [];
  const tamper: Weather['tamper'] = (datagram, to) => {
    if (to === 'server') held.push(Buffer.from(datagram));
    return to === 'server' ? [] : [datagram];
  };
  world.weather = { tamper };
  return held;
}

test('both sides put what the other wants into their records', () => {
  const pair = makePair(SERVER, CLIENT);
  say(pair, 'ping');
  const { toServer, toClient } = pair.world.sent;
  assert.equal(toServer[0]?.[0], CONTENT.tls12_cid);
  assert.equal(toClient[0]?.[0], CONTENT.tls12_cid);
  assert.equal(toClient[0]?.toString('latin1', 11, 15), 'c1d0');
  assert.ok(pair.accepted.session.hasConnectionId);
});

test('a client without an id of its own gets plain records', () => {
  const pair = makePair(SERVER, { connectionId: Buffer.alloc(0) });
  say(pair, 'ping');
  assert.equal(pair.world.sent.toServer[0]?.[0], CONTENT.tls12_cid);
  assert.equal(pair.world.sent.toClient[0]?.[0], CONTENT.application_data);
  assert.deepEqual(pair.one.recorder.received, ['ping']);
});

test('no ids when one side does not want any', () => {
  for (const [server, client] of [
    [SERVER, {}],
    [{}, CLIENT],
  ] as const) {
    const pair = makePair(server, client);
    say(pair, 'ping');
    assert.equal(pair.world.sent.toServer[0]?.[0], CONTENT.application_data);
    assert.equal(pair.accepted.session.hasConnectionId, false);
  }
});

test('a client whose new address is not admitted is heard again from its old one', () => {
  const pair = makePair(SERVER, CLIENT);
  const { world, one, accepted } = pair;
  const { endpoint } = one;
  world.admits = false;
  world.move(one);
  say(pair, 'from elsewhere');
  one.endpoint = endpoint;
  say(pair, 'from here');
  assert.deepEqual(accepted.received, ['from here']);
  assert.deepEqual(accepted.session.endpoint, endpoint);
  assert.equal(world.server.counters.dropped.denied_address, 1);
});

test('a client that gets a new address in mid-session is answered there', () => {
  const pair = makePair(SERVER, CLIENT);
  const { world, one, accepted } = pair;
  say(pair, 'before');
  world.move(one);
  say(pair, 'after');
  assert.deepEqual(accepted.received, ['before', 'after']);
  assert.deepEqual(one.recorder.received, ['before', 'after']);
  assert.equal(accepted.moves, 1);
  assert.deepEqual(accepted.session.endpoint, one.endpoint);
  assert.equal(world.server.counters.moves, 1);
});

test('a client that has moved answers the challenge, and gets whatever is sent to it', () => {
  const pair = makePair(SERVER, CLIENT);
  const { world, one, accepted } = pair;
  world.move(one);
  say(pair, 'here I am');
  for (let i = 0; i < 50; i++) accepted.session.send(Buffer.alloc(1000));
  world.settle();
  assert.equal(one.recorder.received.length, 51);
  assert.equal(world.server.counters.dropped.unproven_address, 0);
});

test('who forwards a record from elsewhere gets little of what is sent, and that until the client speaks', () => {
  const pair = makePair(SERVER, CLIENT);
  const { world, one, accepted } = pair;
  const held = holdBack(pair);
  say(pair, 'taken');
  world.weather = {};
  const sentBefore = world.sent.toClient.length;
  const [record] = held;
  world.sendToServer(record ?? assert.fail(), { address: '10.6.6.6', port: 6 });
  world.settle();
  for (let i = 0; i < 50; i++) accepted.session.send(Buffer.alloc(1000));
  const bytes = world.sent.toClient.slice(sentBefore).reduce((sum, { length }) => sum + length, 0);
  assert.ok(bytes < 3 * (record?.length ?? 0) + 1100, String(bytes));
  say(pair, 'back');
  assert.deepEqual(accepted.session.endpoint, one.endpoint);
  assert.deepEqual(one.recorder.received, ['back']);
});

test('without ids a client that gets a new address is nobody', () => {
  const pair = makePair();
  pair.world.move(pair.one);
  say(pair, 'after');
  assert.deepEqual(pair.accepted.received, []);
  assert.equal(pair.world.server.counters.dropped.unknown_peer, 1);
});

test('an old record from a new address is taken, and moves nothing', () => {
  const pair = makePair(SERVER, CLIENT);
  const { world, one, accepted } = pair;
  const held = holdBack(pair);
  say(pair, 'old');
  world.weather = {};
  say(pair, 'new');
  world.sendToServer(held[0] ?? assert.fail(), { address: '10.6.6.6', port: 6 });
  world.settle();
  assert.deepEqual(accepted.received, ['new', 'old']);
  assert.equal(accepted.moves, 0);
  assert.deepEqual(accepted.session.endpoint, one.endpoint);
});

test('neither a record that comes again nor a forged one moves a session', () => {
  const pair = makePair(SERVER, CLIENT);
  const { world, one, accepted } = pair;
  say(pair, 'once');
  const recorded = world.sent.toServer[0] ?? assert.fail();
  const cid = recorded.subarray(11, 17);
  const thief = { address: '10.6.6.6', port: 6 };
  world.sendToServer(Buffer.from(recorded), thief);
  world.sendToServer(forgedRecord(CONTENT.application_data, Buffer.from('mine'), cid), thief);
  world.settle();
  assert.deepEqual(accepted.received, ['once']);
  assert.equal(accepted.moves, 0);
  assert.deepEqual(accepted.session.endpoint, one.endpoint);
  const { replayed, bad_record_mac } = world.server.counters.dropped;
  assert.deepEqual([replayed, bad_record_mac], [1, 1]);
});

test('a client with a private key replaces its session at the same address, one with a shared key does not', () => {
  const certificate = selfSigned('device');
  const clients = { request: 'required', types: ['x509'], verify: trustAll } as const;
  const credentials = { certificate, psk: { find: () => KEY } };
  for (const [shown, left] of [
    [{ kind: 'certificate', ...certificate }, 1],
    [{ kind: 'psk', identity: IDENTITY, key: KEY }, 2],
  ] as const) {
    const { world, one } = makePair({ ...SERVER, credentials, clients }, { ...CLIENT, credentials: shown });
    world.move(one);
    one.recorder.session.send(Buffer.from('moved'));
    world.settle();
    const again = world.connect({ ...CLIENT, credentials: shown }, one.endpoint);
    world.until(again, () => again.recorder !== undefined);
    again.recorder?.session.send(Buffer.from('anew'));
    world.settle();
    assert.equal(world.server.sessionCount, left);
    assert.equal(world.sessions[0]?.closed, left === 1 ? 'replaced' : undefined);
    assert.equal(world.sessions[1]?.closed, undefined);
  }
});

test('an id that nobody has, and a record without the id that was agreed on', () => {
  const pair = makePair(SERVER, CLIENT);
  const { world, one, accepted } = pair;
  const cid = Buffer.alloc(6, 0xee);
  world.sendToServer(forgedRecord(CONTENT.application_data, Buffer.from('x'), cid), one.endpoint);
  world.sendToServer(forgedRecord(CONTENT.application_data, Buffer.from('x')), one.endpoint);
  world.settle();
  assert.equal(world.server.counters.dropped.unknown_peer, 2);
  assert.deepEqual(accepted.received, []);
});

test('the client drops records with the id of another', () => {
  const pair = makePair(SERVER, CLIENT);
  const record = forgedRecord(CONTENT.application_data, Buffer.from('x'), Buffer.from('othr'));
  pair.one.client.receive(record);
  pair.one.client.receive(forgedRecord(CONTENT.application_data, Buffer.from('x'), CLIENT.connectionId));
  const { unknown_peer, bad_record_mac } = pair.one.client.counters.dropped;
  assert.deepEqual([unknown_peer, bad_record_mac], [1, 1]);
});

test('the ids of a handshake that fails are given back, and it is bound to its address', () => {
  const world = new World(SERVER, {
    tamper: (datagram, to) => (to === 'server' && datagram.length > 140 ? [] : [datagram]),
  });
  const one = world.connect({ ...CLIENT, handshakeTime: 5000 });
  world.until(one, () => world.server.halfOpenCount === 1);
  world.settle();
  const flight = world.sent.toServer.at(-1) ?? assert.fail();
  const finishedAt = flight.indexOf(Buffer.from([CONTENT.tls12_cid, 0xfe, 0xfd, 0, 1]));
  assert.ok(finishedAt > RECORD_HEADER);
  world.weather = {};
  world.sendToServer(Buffer.from(flight.subarray(finishedAt)), { address: '10.6.6.6', port: 6 });
  world.settle();
  assert.equal(world.server.counters.dropped.unknown_peer, 1);
  world.server.close();
  assert.equal(world.server.halfOpenCount, 0);
});

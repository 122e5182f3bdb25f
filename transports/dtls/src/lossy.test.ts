import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DtlsClientOptions, DtlsServerOptions } from './contract.js';
import { fragmentsIn, fragmentsOf, HANDSHAKE_HEADER } from './handshake/fragments.js';
import { HANDSHAKE_TYPES } from './handshake/messages.js';
import { CONTENT, plainRecord, RecordCursor } from './record/record.js';
import { selfSigned } from './testing/certificate.js';
import { IDENTITY, KEY, trustAll, type Weather, World } from './testing/world.js';

const WORLDS = 40;

const KINDS: Readonly<Record<string, [Partial<DtlsServerOptions>, Partial<DtlsClientOptions>]>> = {
  PSK: [{}, {}],
  'connection ids': [{ connectionIdLength: 6 }, { connectionId: Buffer.from('c1') }],
  'certificates on both sides': [
    {
      credentials: { certificate: selfSigned('server') },
      clients: { request: 'required', types: ['x509'], verify: trustAll },
      mtu: 256,
    },
    { credentials: { kind: 'certificate', ...selfSigned('client') }, mtu: 256 },
  ],
};

const WEATHERS: Readonly<Record<string, Weather>> = {
  '5 % loss': { loss: 0.05 },
  '30 % loss': { loss: 0.3 },
  reordering: { jitter: 100 },
  duplication: { duplication: 0.5 },
  'all of them': { loss: 0.3, jitter: 100, duplication: 0.3 },
};

for (const [kind, [server, client]] of Object.entries(KINDS)) {
  for (const [name, weather] of Object.entries(WEATHERS)) {
    test(`${kind}: every handshake comes to its end in ${name}`, () => {
      for (let seed = 1; seed <= WORLDS; seed++) {
        const world = new World(server, { ...weather, seed });
        const one = world.establish({ connectionId: undefined, ...client });
        world.weather = {};
        world.settle();
        one.recorder.session.send(Buffer.from('ping'));
        world.settle();
        assert.deepEqual(one.recorder.received, ['ping'], `seed ${seed}`);
      }
    });
  }
}

test('resumption, in the worst of them', () => {
  let resumed = 0;
  for (let seed = 1; seed <= WORLDS; seed++) {
    const world = new World({ resumption: { sessions: 10, lifetime: 3_600_000 } });
    const { ticket } = world.establish().recorder.session;
    world.weather = { ...WEATHERS['all of them'], seed };
    const { recorder } = world.establish({ ticket });
    world.weather = {};
    world.until(recorder, () => world.sessions.length === 2);
    recorder.session.send(Buffer.from('ping'));
    world.settle();
    assert.deepEqual(recorder.received, ['ping'], `seed ${seed}`);
    if (recorder.session.resumed) resumed++;
  }
  assert.ok(resumed > WORLDS / 2);
});

const CUTTABLE: readonly (number | undefined)[] = Object.values(HANDSHAKE_TYPES).filter(
  (type) => type !== HANDSHAKE_TYPES.client_hello && type !== HANDSHAKE_TYPES.hello_verify_request,
);

/** Cuts all plain handshake messages into parts of one byte each, but for those of the exchange of cookies. */
function crumble(datagram: Buffer): Buffer[] {
  const crumbs: Buffer[] = [];
  const record = new RecordCursor(datagram, 0);
  while (record.more && record.next() === undefined) {
    const plain = record.epoch === 0 && record.type === CONTENT.handshake;
    if (plain && CUTTABLE.includes(record.body[0])) crumbs.push(...crumbsOf(record));
    else crumbs.push(record.copy());
  }
  return crumbs;
}

function crumbsOf(record: RecordCursor): Buffer[] {
  const [fragment] = fragmentsIn(record.body);
  assert.equal(fragment?.part.length, fragment?.length);
  assert.equal(record.body.length, HANDSHAKE_HEADER + (fragment?.length ?? 0));
  return fragmentsOf(record.body, 1).map((part) => plainRecord(CONTENT.handshake, record.sequence, part));
}

test('fragments of one byte, in any order', () => {
  const [server, client] = KINDS['certificates on both sides'] ?? assert.fail();
  const weather = { tamper: crumble, jitter: 50 };
  const world = new World({ ...server, mtu: 4096 }, weather);
  world.establish({ ...client, mtu: 4096 });
  assert.ok(world.sent.toServer.length < 10);
});

test('a flight is sent again after 1, 2, 4 … seconds, 60 at most, until the time is up', () => {
  const world = new World({}, { loss: 1 });
  const one = world.connect({ handshakeTime: 300_000 });
  const times: number[] = [];
  while (one.refusals.length === 0 && world.time.step()) times.push(world.time.now() / 1000);
  assert.deepEqual(times, [1, 3, 7, 15, 31, 63, 123, 183, 243, 300]);
  assert.equal(one.client.counters.retransmissions, 9);
  assert.deepEqual(
    one.refusals.map(({ reason, alert }) => [reason, alert]),
    [['handshake_timeout', undefined]],
  );
});

test('the server sends its flight again as well, and forgets the client when the time is up', () => {
  const world = new World({ limits: { halfOpen: 1, sessions: 1, idleTime: 0, handshakeTime: 10_000 } });
  const one = world.connect({ credentials: { kind: 'psk', identity: IDENTITY, key: KEY } });
  world.until(one, () => world.server.halfOpenCount === 1);
  world.weather = { loss: 1 };
  const before = world.sent.toClient.length;
  world.until(one, () => world.refusals.length > 0);
  assert.equal(world.sent.toClient.length - before, 3);
  assert.equal(world.refusals[0]?.reason, 'handshake_timeout');
  assert.equal(world.server.halfOpenCount, 0);
});

test('the client gets the last flight again when it was lost', () => {
  const world = new World({}, { tamper: loseFinished(2) });
  const { recorder } = world.establish();
  assert.equal(world.server.counters.retransmissions, 2);
  recorder.session.send(Buffer.from('ping'));
  world.settle();
  assert.deepEqual(recorder.received, ['ping']);
});

/** Loses the server's last flight so many times. */
function loseFinished(times: number): (datagram: Buffer, to: 'client' | 'server') => Buffer[] {
  let left = times;
  return (datagram, to) => {
    if (to === 'server' || datagram[0] !== CONTENT.change_cipher_spec || left === 0) return [datagram];
    left--;
    return [];
  };
}

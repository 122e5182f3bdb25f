import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectPacket, Packet } from '@portico/codec-mqtt';
import { TestHub } from '@portico/core/testing';
import { Client, startGateway } from './testing.js';

const METHOD = 'SECRET';

/**
 * A hub with a method of its own: the client names a user, is asked for the secret, and gets `welcome` for the
 * right one, which is `secret of <user>`.
 */
function hubWithMethod(): TestHub {
  const hub = new TestHub();
  hub.access.addEnhancedAuthenticator({
    name: 'test',
    method: METHOD,
    start: () => {
      let user: string | undefined;
      return {
        next: (data) => {
          const text = data?.toString() ?? '';
          if (user === undefined) {
            user = text;
            return { answer: 'continue', data: Buffer.from('secret?') };
          }
          if (text !== `secret of ${user}`) return { answer: 'deny', refusal: 'bad_credentials' };
          return { answer: 'allow', username: user, data: Buffer.from('welcome') };
        },
      };
    },
  });
  return hub;
}

function auth(reasonCode: number, data: string, method = METHOD): Packet {
  const properties = { authenticationMethod: method, authenticationData: Buffer.from(data) };
  return { type: 'auth', reasonCode, properties };
}

/** A client whose CONNECT names the method and a user. */
function asked(hub: TestHub, fields: Partial<ConnectPacket> = {}, user = 'ann'): Client {
  const client = new Client(startGateway(hub), hub, 5);
  const properties = { authenticationMethod: METHOD, authenticationData: Buffer.from(user) };
  client.connects({ properties, ...fields });
  return client;
}

/** A client that has been let in. */
function welcomed(hub: TestHub): Client {
  const client = asked(hub);
  client.sends(auth(0x18, 'secret of ann'));
  client.look();
  return client;
}

const QUESTION = `AUTH 0x18 (Continue authentication) authenticationMethod=${METHOD} authenticationData=7 bytes`;

test('a client is asked until it is known who it is, and then let in', () => {
  const hub = hubWithMethod();
  const client = asked(hub);
  assert.deepEqual(client.look(), [QUESTION]);
  assert.equal(hub.engine.sessions.size, 0);
  client.sends(auth(0x18, 'secret of ann'));
  const [connack, ...others] = client.takes();
  assert.equal(connack?.type, 'connack');
  assert.equal(connack.reasonCode, 0);
  assert.equal(connack.properties?.authenticationMethod, METHOD);
  assert.equal(connack.properties?.authenticationData?.toString(), 'welcome');
  assert.deepEqual(others, []);
  assert.equal(hub.engine.sessions.get('c')?.client.username, 'ann');
  assert.equal(hub.metrics.get('packets.auth.sent'), 1);
  assert.equal(hub.metrics.get('packets.auth.received'), 1);
});

test('a banned client is told so at once', () => {
  const hub = hubWithMethod();
  const at = hub.clock.now();
  hub.engine.ban({ as: 'clientid', who: 'c', by: 'user', reason: 'test', at, until: at + 1000 });
  const client = asked(hub);
  const [connack, ...others] = client.takes();
  assert.equal(connack?.type, 'connack');
  assert.equal(connack.reasonCode, 0x8a);
  assert.deepEqual(others, []);
});

test('a client that proves nothing is not authorized', () => {
  const hub = hubWithMethod();
  const client = asked(hub);
  client.look();
  client.sends(auth(0x18, 'secret of bob'));
  assert.deepEqual(client.look(), ['CONNACK sessionPresent=false 0x87 (Not authorized)']);
  assert.equal(client.closed, 'not_authorized');
  assert.equal(hub.engine.sessions.size, 0);
});

test('a user name in CONNECT must be that of the user who is proved', () => {
  const hub = hubWithMethod();
  const client = asked(hub, { username: 'bob' });
  client.look();
  client.sends(auth(0x18, 'secret of ann'));
  assert.deepEqual(client.look(), ['CONNACK sessionPresent=false 0x87 (Not authorized)']);
});

test('a method that is not offered is refused', () => {
  for (const hub of [hubWithMethod(), new TestHub()]) {
    const client = asked(hub, { properties: { authenticationMethod: 'secret' } });
    assert.deepEqual(client.look(), ['CONNACK sessionPresent=false 0x8c (Bad authentication method)']);
    assert.equal(client.closed, 'bad_authentication_method');
  }
});

const OUT_OF_TURN: readonly (readonly [what: string, packet: Packet])[] = [
  ['another method', auth(0x18, 'secret of ann', 'OTHER')],
  ['a second beginning', auth(0x19, 'ann')],
  ['success, which only a server declares', auth(0x00, '')],
  ['a PINGREQ', { type: 'pingreq' }],
  [
    'a second CONNECT',
    { type: 'connect', protocolVersion: 5, cleanStart: true, keepAlive: 0, clientId: 'd' },
  ],
  ['a PUBACK', { type: 'puback', packetId: 1, reasonCode: 0 }],
];

for (const [what, packet] of OUT_OF_TURN) {
  test(`${what} in place of an answer is a protocol error`, () => {
    const hub = hubWithMethod();
    const client = asked(hub);
    client.look();
    client.sends(packet);
    assert.match(client.look().join(), /^CONNACK sessionPresent=false 0x82 \(Protocol Error\)/);
    assert.equal(client.closed, 'protocol_error');
    assert.equal(hub.engine.sessions.size, 0);
  });
}

test('a client may give up instead of answering', () => {
  const client = asked(hubWithMethod());
  client.look();
  client.sends({ type: 'disconnect', reasonCode: 0 });
  assert.deepEqual([client.look(), client.closed], [[], 'normal']);
});

test('a client that never answers is closed when the idle timeout is over', () => {
  const hub = hubWithMethod();
  const client = asked(hub);
  hub.clock.advance(14_000);
  assert.equal(client.closed, undefined);
  hub.clock.advance(1100);
  assert.equal(client.closed, 'idle_timeout');
});

test('a connected client is asked again while everything else goes on', () => {
  const hub = hubWithMethod();
  const client = welcomed(hub);
  for (const round of [1, 2]) {
    client.sends(auth(0x19, 'ann'));
    assert.deepEqual(client.look(), [QUESTION]);
    client.publishes('t', 'x', { qos: 1 });
    assert.deepEqual(client.look(), ['PUBACK id=1 0x10 (No matching subscribers)']);
    client.sends(auth(0x18, 'secret of ann'));
    const success = `AUTH 0x00 (Success) authenticationMethod=${METHOD} authenticationData=7 bytes`;
    assert.deepEqual(client.look(), [success], `round ${round}`);
  }
});

test('a connected client that is asked again and proves nothing, or to be somebody else, is disconnected', () => {
  for (const [user, secret] of [
    ['ann', 'secret of bob'],
    ['bob', 'secret of bob'],
  ] as const) {
    const client = welcomed(hubWithMethod());
    client.sends(auth(0x19, user));
    client.look();
    client.sends(auth(0x18, secret));
    assert.deepEqual(client.look(), ['DISCONNECT 0x87 (Not authorized)']);
    assert.equal(client.closed, 'not_authorized');
  }
});

const UNASKED: readonly (readonly [what: string, packets: readonly Packet[]])[] = [
  ['an answer to nothing', [auth(0x18, 'x')]],
  ['a beginning by another method', [auth(0x19, 'ann', 'OTHER')]],
  ['a second beginning before the first has ended', [auth(0x19, 'ann'), auth(0x19, 'ann')]],
  ['an answer by another method', [auth(0x19, 'ann'), auth(0x18, 'secret of ann', 'OTHER')]],
  ['success, which only a server declares', [auth(0x00, '')]],
];

for (const [what, packets] of UNASKED) {
  test(`${what} of a connected client is a protocol error`, () => {
    const client = welcomed(hubWithMethod());
    for (const packet of packets) client.sends(packet);
    assert.match(client.look().at(-1) ?? '', /^DISCONNECT 0x82 \(Protocol Error\)/);
    assert.equal(client.closed, 'protocol_error');
  });
}

test('AUTH of a client whose CONNECT named no method is a protocol error', () => {
  const client = new Client(startGateway(hubWithMethod()), hubWithMethod(), 5);
  client.connects();
  client.look();
  client.sends(auth(0x19, 'ann'));
  assert.match(client.look().join(), /^DISCONNECT 0x82 \(Protocol Error\)/);
});

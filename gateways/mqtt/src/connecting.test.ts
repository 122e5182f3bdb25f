import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectPacket, ProtocolVersion } from '@portico/codec-mqtt';
import type { AuthenticationAnswer, Credentials, ProvenIdentity } from '@portico/core';
import { connectionInfo, TestHub } from '@portico/core/testing';
import { Client, connected, startGateway } from './testing.js';

/** What a client of that version gets for a CONNECT, and why it was closed. */
function answer(
  version: ProtocolVersion,
  fields: Partial<ConnectPacket>,
  config: Record<string, unknown> = {},
  hub = new TestHub(),
): { lines: string[]; closed: string | undefined } {
  const client = new Client(startGateway(hub, config), hub, version);
  client.connects(fields);
  return { lines: client.look(), closed: client.closed };
}

function hubThatAnswers(reply: AuthenticationAnswer): TestHub {
  const hub = new TestHub();
  hub.access.addAuthenticator({ name: 'test', authenticate: () => reply });
  return hub;
}

for (const version of [3, 4] as const) {
  test(`a client of version ${version} is welcome`, () => {
    const hub = new TestHub();
    const client = new Client(startGateway(hub), hub, version);
    client.connects();
    assert.deepEqual(client.look(), ['CONNACK sessionPresent=false 0x00 (Success)']);
    assert.equal(client.peer.clientId, 'c');
    assert.equal(client.closed, undefined);
    assert.equal(hub.engine.sessions.get('c')?.client.protocolVersion, version);
  });
}

test('CONNACK tells an MQTT 5 client what the standard does not let it assume', () => {
  assert.deepEqual(answer(5, {}).lines, [
    'CONNACK sessionPresent=false 0x00 (Success) maximumPacketSize=1048576 receiveMaximum=100 topicAliasMaximum=32',
  ]);
  const config = {
    max_packet_size: 4096,
    max_awaiting_rel: 0,
    max_topic_alias: 0,
    max_qos_allowed: 1,
    retain_available: false,
    wildcard_subscription: false,
    shared_subscription: false,
    server_keepalive: 60,
  };
  assert.deepEqual(answer(5, { keepAlive: 120 }, config).lines, [
    'CONNACK sessionPresent=false 0x00 (Success) maximumPacketSize=4096 maximumQos=1 retainAvailable=false wildcardSubscriptionAvailable=false sharedSubscriptionAvailable=false serverKeepAlive=60',
  ]);
});

test('the longest keep alive is for MQTT 5 clients that ask for more, or for none', () => {
  const config = { server_keepalive: 60 };
  const given = (version: ProtocolVersion, keepAlive: number) => {
    const hub = new TestHub();
    new Client(startGateway(hub, config), hub, version).connects({ keepAlive });
    return hub.engine.sessions.get('c')?.client.keepalive;
  };
  assert.deepEqual([given(5, 0), given(5, 61), given(5, 60), given(5, 5)], [60, 60, 60, 5]);
  assert.deepEqual([given(4, 0), given(4, 300)], [0, 300]);
});

test('an earlier session is present, unless the client starts clean', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub);
  const again = (cleanStart: boolean) => {
    const client = new Client(gateway, hub, 4);
    client.connects({ cleanStart });
    client.sends({ type: 'disconnect', reasonCode: 0 });
    return client.look();
  };
  const absent = ['CONNACK sessionPresent=false 0x00 (Success)'];
  const present = ['CONNACK sessionPresent=true 0x00 (Success)'];
  assert.deepEqual(
    [again(false), again(false), again(true), again(false)],
    [absent, present, absent, absent],
  );
});

test('sessions of MQTT 3 clients without clean session live as long as the configuration says', () => {
  const expiry = (version: ProtocolVersion, fields: Partial<ConnectPacket>) => {
    const hub = new TestHub();
    answer(version, fields, { session_expiry_interval: '90s' }, hub);
    return hub.engine.sessions.get('c')?.client.sessionExpiry;
  };
  assert.equal(expiry(4, { cleanStart: false }), 90);
  assert.equal(expiry(4, { cleanStart: true }), 0);
  assert.equal(expiry(5, { cleanStart: false }), 0);
  assert.equal(expiry(5, { properties: { sessionExpiryInterval: 0xffffffff } }), 0xffffffff);
});

test('who may leave out its client identifier gets one, and is told with MQTT 5', () => {
  const hub = new TestHub();
  const [line] = answer(5, { clientId: '' }, {}, hub).lines;
  const [clientId] = hub.engine.sessions.keys();
  assert.match(clientId ?? '', /^auto-/);
  assert.ok(line?.endsWith(`assignedClientIdentifier=${clientId}`));
  assert.deepEqual(answer(4, { clientId: '' }).lines, ['CONNACK sessionPresent=false 0x00 (Success)']);
  const rejected = { lines: ['CONNACK sessionPresent=false 0x02'], closed: 'clientid_invalid' };
  assert.deepEqual(answer(4, { clientId: '', cleanStart: false }), rejected);
  assert.deepEqual(answer(3, { clientId: '' }), rejected);
});

test('a client identifier that is too long is refused; bytes count', () => {
  const config = { max_clientid_len: 4 };
  assert.equal(answer(4, { clientId: 'éé' }, config).closed, undefined);
  assert.deepEqual(answer(5, { clientId: 'éée' }, config), {
    lines: ['CONNACK sessionPresent=false 0x85 (Client Identifier not valid) reasonString=empty or too long'],
    closed: 'clientid_invalid',
  });
});

test('the user name can stand for the client identifier', () => {
  const config = { use_username_as_clientid: true };
  const hub = new TestHub();
  answer(4, { clientId: 'x', username: 'joe' }, config, hub);
  assert.deepEqual([...hub.engine.sessions.keys()], ['joe']);
  assert.equal(answer(5, { clientId: 'x' }, config).closed, 'clientid_invalid');
});

test('what a certificate proves stands above what the client says', () => {
  const connect = (proven: ProvenIdentity, fields: Partial<ConnectPacket>, config = {}) => {
    const hub = new TestHub();
    const client = new Client(startGateway(hub, config), hub, 5, connectionInfo('mqtt', { proven }));
    client.connects(fields);
    const [session] = hub.engine.sessions.values();
    return { who: [session?.client.clientId, session?.client.username], lines: client.look() };
  };
  const both = { username: 'device-1', clientId: 'd1' };
  assert.deepEqual(connect(both, { clientId: 'x', username: 'y' }).who, ['d1', 'device-1']);
  const named = connect(both, { clientId: '' });
  assert.deepEqual(named.who, ['d1', 'device-1']);
  assert.match(named.lines.join(), /assignedClientIdentifier=d1/);
  const username = { username: 'device-1', clientId: undefined };
  assert.deepEqual(connect(username, { clientId: 'x', username: 'y' }).who, ['x', 'device-1']);
  const config = { use_username_as_clientid: true };
  assert.deepEqual(connect(username, { username: 'y' }, config).who, ['device-1', 'device-1']);
  assert.deepEqual(connect({ username: undefined, clientId: 'd1' }, { username: 'y' }, config).who, [
    'd1',
    'y',
  ]);
});

test('refusals of the hub have codes in every version', () => {
  const codes = (refusal: 'bad_credentials' | 'not_authorized') =>
    ([3, 4, 5] as const).map((version) => {
      const hub = hubThatAnswers({ answer: 'deny', refusal });
      const { lines, closed } = answer(version, { username: 'joe' }, {}, hub);
      assert.equal(closed, refusal);
      assert.equal(hub.metrics.get('packets.connack.error'), 1);
      assert.equal(hub.metrics.get('packets.connack.auth_error'), 1);
      return lines[0]?.split(' ')[2];
    });
  assert.deepEqual(codes('bad_credentials'), ['0x04', '0x04', '0x86']);
  assert.deepEqual(codes('not_authorized'), ['0x05', '0x05', '0x87']);
});

test('a will that the gateway cannot take is refused', () => {
  const will = { topic: 'w', payload: Buffer.alloc(0), qos: 2, retain: true } as const;
  assert.equal(answer(5, { will }).closed, undefined);
  assert.deepEqual(answer(5, { will }, { max_qos_allowed: 1 }).lines, [
    'CONNACK sessionPresent=false 0x9b (QoS not supported)',
  ]);
  assert.deepEqual(answer(5, { will }, { retain_available: false }).lines, [
    'CONNACK sessionPresent=false 0x9a (Retain not supported)',
  ]);
  const deep = { ...will, topic: 'a/b/c' };
  assert.deepEqual(answer(5, { will: deep }, { max_topic_levels: 2 }).lines, [
    'CONNACK sessionPresent=false 0x90 (Topic Name invalid) reasonString=ill-formed or of too many levels',
  ]);
  const endless = { ...will, topic: '/'.repeat(60_000) };
  assert.equal(answer(5, { will: endless }, { max_topic_levels: 0 }).closed, 'topic_name_invalid');
});

test('where MQTT 3 has no code that applies, the connection is closed without a CONNACK', () => {
  const will = { topic: 'w', payload: Buffer.alloc(0), qos: 2, retain: false } as const;
  assert.deepEqual(answer(4, { will }, { max_qos_allowed: 1 }), { lines: [], closed: 'qos_not_supported' });
});

test('an authentication method is refused', () => {
  assert.deepEqual(answer(5, { properties: { authenticationMethod: 'SCRAM-SHA-1' } }), {
    lines: ['CONNACK sessionPresent=false 0x8c (Bad authentication method)'],
    closed: 'bad_authentication_method',
  });
});

test('a protocol level that does not exist gets return code 1', () => {
  const hub = new TestHub();
  const client = new Client(startGateway(hub), hub, 4);
  client.sendsBytes(Buffer.from('100d00044d515454060200000000', 'hex'));
  assert.deepEqual(client.look(), []);
  client.sendsBytes(Buffer.from('0163', 'hex'));
  assert.deepEqual(client.look(), ['CONNACK sessionPresent=false 0x01']);
  assert.equal(client.closed, 'unsupported_protocol_version');
});

test('a malformed CONNECT of MQTT 5 is told so, others are just closed', () => {
  const reply = (hex: string, version: ProtocolVersion) => {
    const hub = new TestHub();
    const client = new Client(startGateway(hub), hub, version);
    client.sendsBytes(Buffer.from(hex, 'hex'));
    return { lines: client.look(), closed: client.closed };
  };
  assert.deepEqual(reply('100e00044d5154540503000000000163', 5), {
    lines: [
      'CONNACK sessionPresent=false 0x81 (Malformed Packet) reasonString=the reserved connect flag is set',
    ],
    closed: 'malformed_packet',
  });
  assert.deepEqual(reply('100d00044d51545404030000000163', 4), { lines: [], closed: 'malformed_packet' });
  assert.deepEqual(reply('474554202f20', 4), { lines: [], closed: 'malformed_packet' });
  assert.deepEqual(reply('30ffffff7f', 4), { lines: [], closed: 'packet_too_large' });
});

test('anything but CONNECT comes too early', () => {
  const hub = new TestHub();
  const client = new Client(startGateway(hub), hub, 4);
  client.publishes('a', 'x');
  assert.deepEqual(client.look(), []);
  assert.equal(client.closed, 'connect_expected');
});

test('a second CONNECT ends the connection; an MQTT 5 client is told', () => {
  for (const version of [4, 5] as const) {
    const hub = new TestHub();
    const client = connected(hub, version);
    client.connects();
    assert.deepEqual(
      client.look(),
      version === 5 ? ['DISCONNECT 0x82 (Protocol Error) reasonString=CONNECT when connected'] : [],
    );
    assert.equal(client.closed, 'protocol_error');
    assert.equal(hub.engine.sessions.size, 0);
  }
});

test('the answer to a second CONNECT is in the version of the first', () => {
  const client = connected(new TestHub(), 5);
  client.sendsBytes(Buffer.from('100d00044d51545404020000000163', 'hex'));
  assert.deepEqual(client.look(), ['DISCONNECT 0x82 (Protocol Error) reasonString=CONNECT when connected']);
});

test('a connection without a CONNECT is closed in time, one with a CONNECT stays', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub, { idle_timeout: '5s' });
  const silent = new Client(gateway, hub, 4);
  const speaking = connected(hub, 4, {}, gateway);
  hub.clock.advance(4990);
  assert.equal(silent.closed, undefined);
  hub.clock.advance(20);
  assert.equal(silent.closed, 'idle_timeout');
  assert.equal(speaking.closed, undefined);
});

test('the hub is told who comes', () => {
  const hub = new TestHub();
  const shown: Credentials[] = [];
  hub.access.addAuthenticator({
    name: 'test',
    authenticate: (credentials) => {
      shown.push(credentials);
      return { answer: 'allow' };
    },
  });
  const config = { mountpoint: 'site/%u/' };
  answer(5, { username: 'joe', password: Buffer.from('secret'), keepAlive: 30 }, config, hub);
  assert.equal(shown[0]?.username, 'joe');
  assert.equal(shown[0].password?.toString(), 'secret');
  const client = hub.engine.sessions.get('c')?.client;
  assert.equal(client?.protocol, 'MQTT');
  assert.equal(client.mountpoint, 'site/joe/');
  assert.equal(client.keepalive, 30);
});

test('a client that leaves while it is being authenticated has no session', async () => {
  const hub = new TestHub();
  let decide: (answer: AuthenticationAnswer) => void = () => {};
  const pending = new Promise<AuthenticationAnswer>((resolve) => {
    decide = resolve;
  });
  hub.access.addAuthenticator({ name: 'slow', authenticate: () => pending });
  const client = new Client(startGateway(hub), hub, 4);
  const connecting = client.connects();
  assert.deepEqual(client.look(), []);
  client.channel.onClose('closed');
  decide({ answer: 'allow' });
  await connecting;
  assert.deepEqual(client.look(), []);
  assert.equal(hub.engine.sessions.size, 0);
});

test('a client whose authentication takes time is welcome in the end', async () => {
  const hub = hubThatAnswers({ answer: 'ignore' });
  hub.access.addAuthenticator({ name: 'slow', authenticate: async () => ({ answer: 'allow' }) });
  const client = new Client(startGateway(hub), hub, 4);
  await client.connects();
  assert.deepEqual(client.look(), ['CONNACK sessionPresent=false 0x00 (Success)']);
});

test('a client whose authentication takes longer than the idle timeout is let go', async () => {
  const hub = new TestHub();
  hub.access.addAuthenticator({ name: 'hangs', authenticate: () => new Promise(() => {}) });
  const client = new Client(startGateway(hub, { idle_timeout: '15s' }), hub, 4);
  void client.connects();
  hub.clock.advance(15_010);
  assert.equal(client.closed, 'idle_timeout');
});

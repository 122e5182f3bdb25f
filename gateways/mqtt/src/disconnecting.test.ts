import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectPacket, ProtocolVersion } from '@portico/codec-mqtt';
import { TestHub } from '@portico/core/testing';
import { Client, connected, startGateway } from './testing.js';

const WILL = { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: false } as const;

/** A hub with an application that watches for wills. */
function watched() {
  const hub = new TestHub();
  const app = hub.client('application');
  app.subscribe('will', { qos: 1 });
  return { hub, app, gateway: startGateway(hub) };
}

test('a client that says goodbye leaves no will', () => {
  for (const version of [3, 4, 5] as const) {
    const { hub, app, gateway } = watched();
    const client = connected(hub, version, { will: WILL }, gateway);
    client.sends({ type: 'disconnect', reasonCode: 0 });
    assert.deepEqual(app.take(), []);
    assert.equal(client.closed, 'normal');
    assert.equal(hub.engine.sessions.has('c'), false);
  }
});

test('a client that is lost leaves its will', () => {
  const { hub, app, gateway } = watched();
  connected(hub, 4, { will: WILL }, gateway).channel.onClose('closed');
  assert.deepEqual(app.take(), ['will=gone']);
});

test('an MQTT 5 client can ask for its will, and any error in DISCONNECT is taken so', () => {
  for (const [reasonCode, closed] of [
    [0x04, 'disconnected_0x04'],
    [0x80, 'disconnected_0x80'],
  ] as const) {
    const { hub, app, gateway } = watched();
    const client = connected(hub, 5, { will: WILL }, gateway);
    client.sends({ type: 'disconnect', reasonCode });
    assert.deepEqual(app.take(), ['will=gone']);
    assert.equal(client.closed, closed);
  }
});

test('a will waits for its delay and has its properties but not the delay', () => {
  const { hub, app, gateway } = watched();
  const properties = { willDelayInterval: 10, contentType: 'text', userProperties: [['k', 'v']] as const };
  const fields: Partial<ConnectPacket> = {
    will: { ...WILL, properties },
    properties: { sessionExpiryInterval: 60 },
  };
  connected(hub, 5, fields, gateway).channel.onClose('closed');
  hub.clock.advance(9000);
  assert.equal(app.received.length, 0);
  hub.clock.advance(2000);
  const [will] = app.received;
  assert.deepEqual(will?.message.properties, { contentType: 'text', userProperties: [['k', 'v']] });
});

test('DISCONNECT can change how long the session lives, but not make one live on that was not to', () => {
  const { hub, gateway } = watched();
  const lives = connected(hub, 5, { properties: { sessionExpiryInterval: 5 } }, gateway);
  lives.sends({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 20 } });
  hub.clock.advance(19_000);
  assert.equal(hub.engine.sessions.has('c'), true);
  hub.clock.advance(2000);
  assert.equal(hub.engine.sessions.has('c'), false);
  const ends = connected(hub, 5, {}, gateway);
  ends.sends({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 20 } });
  assert.match(ends.look()[0] ?? '', /^DISCONNECT 0x82 \(Protocol Error\)/);
  assert.equal(ends.closed, 'protocol_error');
  assert.equal(hub.engine.sessions.has('c'), false);
});

test('a client that is silent for one and a half times its keep alive is gone; any byte counts', () => {
  for (const version of [4, 5] as const) {
    const { hub, app, gateway } = watched();
    const client = connected(hub, version, { keepAlive: 60, will: WILL }, gateway);
    hub.clock.advance(89_000);
    client.peer.received();
    hub.clock.advance(89_900);
    assert.equal(client.closed, undefined);
    hub.clock.advance(200);
    assert.equal(client.closed, 'keepalive_timeout');
    assert.deepEqual(client.look(), version === 5 ? ['DISCONNECT 0x8d (Keep Alive timeout)'] : []);
    assert.deepEqual(app.take(), ['will=gone']);
  }
});

test('the tolerance of the keep alive is configured, and keep alive 0 means for ever', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub, { keepalive_backoff: 1 });
  const client = connected(hub, 4, { keepAlive: 60 }, gateway);
  const patient = connected(hub, 4, { clientId: 'd' }, gateway);
  hub.clock.advance(119_900);
  assert.equal(client.closed, undefined);
  hub.clock.advance(200);
  assert.equal(client.closed, 'keepalive_timeout');
  hub.clock.advance(86_400_000);
  assert.equal(patient.closed, undefined);
});

/** What a client of that version is sent when something ends its connection. */
function ended(version: ProtocolVersion, end: (hub: TestHub, client: Client) => void): unknown[] {
  const { hub, gateway } = watched();
  const client = connected(hub, version, {}, gateway);
  end(hub, client);
  return [...client.look(), client.closed];
}

test('a client is told why the hub ends its connection, if it speaks MQTT 5', () => {
  const takeOver = (hub: TestHub) => {
    connected(hub, 4, {});
  };
  assert.deepEqual(ended(5, takeOver), ['DISCONNECT 0x8e (Session taken over)', 'taken_over']);
  assert.deepEqual(ended(4, takeOver), ['taken_over']);
  const kick = (hub: TestHub) => {
    hub.engine.kick('c');
  };
  assert.deepEqual(ended(5, kick), ['DISCONNECT 0x98 (Administrative action)', 'kicked']);
  const stopHub = (hub: TestHub) => hub.engine.stop();
  assert.deepEqual(ended(5, stopHub), ['DISCONNECT 0x8b (Server shutting down)', 'server_shutdown']);
  const stopGateway = (_: TestHub, client: Client) => client.channel.onShutdown();
  assert.deepEqual(ended(5, stopGateway), ['DISCONNECT 0x8b (Server shutting down)', 'server_shutdown']);
});

test('packets that only a server sends are protocol errors, whatever they hold', () => {
  const wrong = [
    { type: 'connack', sessionPresent: false, reasonCode: 0 },
    { type: 'suback', packetId: 1, reasonCodes: [0] },
    { type: 'unsuback', packetId: 1, reasonCodes: [0] },
    { type: 'pingresp' },
  ] as const;
  for (const packet of wrong) {
    const reason = `reasonString=${packet.type.toUpperCase()} from a client`;
    assert.deepEqual(
      ended(5, (_, client) => client.sends(packet)),
      [`DISCONNECT 0x82 (Protocol Error) ${reason}`, 'protocol_error'],
    );
  }
});

test('malformed packets are answered with their reason code, and the will is published', () => {
  const { hub, app, gateway } = watched();
  const client = connected(hub, 5, { will: WILL }, gateway);
  client.sendsBytes(Buffer.from('3600', 'hex'));
  assert.deepEqual(client.look(), ['DISCONNECT 0x81 (Malformed Packet) reasonString=QoS 3']);
  assert.equal(client.closed, 'malformed_packet');
  assert.deepEqual(app.take(), ['will=gone']);
  const reply = (hex: string) => ended(5, (_, other) => other.sendsBytes(Buffer.from(hex, 'hex')))[0];
  assert.match(`${reply('8203000a00')}`, /^DISCONNECT 0x82/);
  assert.match(`${reply('300700017403230000')}`, /^DISCONNECT 0x94/);
  assert.match(`${reply('30ffffff7f')}`, /^DISCONNECT 0x95/);
});

test('a client that wants no reasons, or has no room for them, gets none', () => {
  for (const properties of [{ requestProblemInformation: false }, { maximumPacketSize: 20 }]) {
    const client = connected(new TestHub(), 5, { properties });
    client.sends({ type: 'pingresp' });
    assert.deepEqual(client.look(), ['DISCONNECT 0x82 (Protocol Error)']);
  }
});

test('after the end nothing more is sent', () => {
  const { hub, app, gateway } = watched();
  const client = connected(hub, 5, {}, gateway);
  client.subscribes('a');
  client.look();
  client.channel.onClose('closed');
  app.publish('a', 'x');
  client.channel.onShutdown();
  client.channel.onWritable();
  assert.deepEqual(client.look(), []);
});

test('what a client leaves behind comes to itself only when it is back (MQTT-3.14.4-1)', () => {
  const { hub, gateway } = watched();
  const lasting: Partial<ConnectPacket> = { cleanStart: false, properties: { sessionExpiryInterval: 60 } };
  const client = connected(hub, 5, { ...lasting, will: WILL }, gateway);
  client.subscribes('will', 1);
  client.look();
  client.sends({ type: 'connack', sessionPresent: false, reasonCode: 0 });
  assert.deepEqual(
    client.takes().map(({ type }) => type),
    ['disconnect'],
  );
  const again = new Client(gateway, hub, 5);
  again.connects(lasting);
  assert.deepEqual(again.look().slice(1), ['PUBLISH Q1 D0 R0 id=1 topic=will payload=4 bytes']);
});

test('PINGREQ is answered with PINGRESP', () => {
  const client = connected(new TestHub(), 4);
  client.sends({ type: 'pingreq' });
  assert.deepEqual(client.look(), ['PINGRESP']);
});

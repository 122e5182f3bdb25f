import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectPacket, ProtocolVersion, QoS, ReceivedPacket } from '@portico/codec-mqtt';
import { Message } from '@portico/core';
import { TestHub } from '@portico/core/testing';
import { Client, connected, startGateway } from './testing.js';

/** A client with one subscription, its SUBACK already looked at. */
function subscribed(
  hub: TestHub,
  version: ProtocolVersion,
  qos: QoS = 0,
  fields: Partial<ConnectPacket> = {},
  gateway = startGateway(hub),
): Client {
  const client = connected(hub, version, fields, gateway);
  client.subscribes('a/#', qos);
  client.look();
  return client;
}

function propertiesOf(packet: ReceivedPacket | undefined): unknown {
  assert.equal(packet?.type, 'publish');
  return packet.properties;
}

for (const version of [3, 4, 5] as const) {
  test(`messages go to a client of version ${version} with QoS 0`, () => {
    const hub = new TestHub();
    const app = hub.client('application');
    const client = subscribed(hub, version, 0);
    app.publish('a/b', 'x', 2);
    app.publish('b', 'y');
    assert.deepEqual(client.messages(), ['a/b=x']);
    assert.equal(hub.metrics.get('packets.publish.sent'), 1);
  });

  test(`a QoS 1 delivery of version ${version} ends with PUBACK`, () => {
    const hub = new TestHub();
    const app = hub.client('application');
    const client = subscribed(hub, version, 1);
    app.publish('a', 'x', 1);
    assert.deepEqual(client.look(), ['PUBLISH Q1 D0 R0 id=1 topic=a payload=1 bytes']);
    client.sends({ type: 'puback', packetId: 1, reasonCode: 0 });
    assert.equal(hub.engine.sessions.get('c')?.statistics.inflight, 0);
    client.sends({ type: 'puback', packetId: 1, reasonCode: 0 });
    assert.equal(hub.metrics.get('packets.puback.missed'), 1);
  });

  test(`a QoS 2 delivery of version ${version} goes PUBLISH, PUBREC, PUBREL, PUBCOMP`, () => {
    const hub = new TestHub();
    const app = hub.client('application');
    const client = subscribed(hub, version, 2);
    app.publish('a', 'x', 2);
    client.look();
    client.sends({ type: 'pubrec', packetId: 1, reasonCode: 0 });
    assert.deepEqual(client.look(), ['PUBREL id=1 0x00 (Success)']);
    client.sends({ type: 'pubcomp', packetId: 1, reasonCode: 0 });
    assert.equal(hub.engine.sessions.get('c')?.statistics.inflight, 0);
    client.sends({ type: 'pubcomp', packetId: 1, reasonCode: 0 });
    assert.equal(hub.metrics.get('packets.pubcomp.missed'), 1);
  });
}

test('an acknowledgement out of its turn is a protocol error', () => {
  const wrong = [
    { qos: 1, type: 'pubrec' },
    { qos: 1, type: 'pubcomp' },
    { qos: 2, type: 'puback' },
    { qos: 2, type: 'pubcomp' },
  ] as const;
  for (const { qos, type } of wrong) {
    for (const version of [4, 5] as const) {
      const hub = new TestHub();
      const client = subscribed(hub, version, qos);
      hub.client('application').publish('a', 'x', qos);
      client.look();
      client.sends({ type, packetId: 1, reasonCode: 0 });
      const reason = `DISCONNECT 0x82 (Protocol Error) reasonString=${type.toUpperCase()} out of turn`;
      assert.deepEqual(client.look(), version === 5 ? [`${reason} for packet identifier 1`] : []);
      assert.equal(client.closed, 'protocol_error');
      assert.equal(hub.metrics.get(`packets.${type}.inuse`), 1);
    }
  }
});

test('a PUBREC that refuses a message ends its delivery', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const client = subscribed(hub, 5, 2);
  app.publish('a', 'x', 2);
  client.look();
  client.sends({ type: 'pubrec', packetId: 1, reasonCode: 0x97 });
  assert.deepEqual(client.look(), []);
  assert.equal(hub.engine.sessions.get('c')?.statistics.inflight, 0);
});

test('a PUBREC for nothing is answered as not found, unless it refuses', () => {
  const hub = new TestHub();
  const client = connected(hub, 5);
  client.sends({ type: 'pubrec', packetId: 4, reasonCode: 0 });
  client.sends({ type: 'pubrec', packetId: 5, reasonCode: 0x80 });
  assert.deepEqual(client.look(), [
    'PUBREL id=4 0x92 (Packet Identifier not found) reasonString=no such message is on its way',
  ]);
  assert.equal(hub.metrics.get('packets.pubrec.missed'), 2);
});

test('a client that comes back gets what it has not acknowledged again, as duplicates', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const gateway = startGateway(hub);
  const first = subscribed(hub, 4, 2, { cleanStart: false }, gateway);
  app.publish('a', '1', 1);
  app.publish('a', '2', 2);
  app.publish('a', '3', 2);
  first.sends({ type: 'pubrec', packetId: 3, reasonCode: 0 });
  first.channel.onClose('closed');
  app.publish('a', '4', 1);
  const second = new Client(gateway, hub, 4);
  second.connects({ cleanStart: false });
  assert.deepEqual(second.look(), [
    'CONNACK sessionPresent=true 0x00 (Success)',
    'PUBLISH Q1 D1 R0 id=1 topic=a payload=1 bytes',
    'PUBLISH Q2 D1 R0 id=2 topic=a payload=1 bytes',
    'PUBREL id=3 0x00 (Success)',
    'PUBLISH Q1 D0 R0 id=4 topic=a payload=1 bytes',
  ]);
});

test('only before MQTT 5 are messages sent again on the same connection', () => {
  for (const version of [4, 5] as const) {
    const hub = new TestHub();
    const app = hub.client('application');
    const client = subscribed(hub, version, 1);
    app.publish('a', 'x', 1);
    client.look();
    hub.clock.advance(60_000);
    const again = 'PUBLISH Q1 D1 R0 id=1 topic=a payload=1 bytes';
    assert.equal(client.look()[0], version === 4 ? again : undefined);
  }
});

test('the Receive Maximum of the client bounds what is sent at a time', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const client = subscribed(hub, 5, 1, { properties: { receiveMaximum: 2 } });
  for (const payload of ['1', '2', '3']) app.publish('a', payload, 1);
  assert.deepEqual(client.messages(), ['a=1', 'a=2']);
  client.sends({ type: 'puback', packetId: 1, reasonCode: 0 });
  assert.deepEqual(client.messages(), ['a=3']);
});

test('a packet larger than the client takes is dropped and counted', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const client = subscribed(hub, 5, 1, { properties: { maximumPacketSize: 20 } });
  app.publish('a', 'x'.repeat(12), 1);
  app.publish('a', 'y'.repeat(13), 1);
  app.publish('a', 'z', 1);
  assert.deepEqual(client.messages(), [`a=${'x'.repeat(12)}`, 'a=z']);
  assert.equal(hub.metrics.get('delivery.dropped.too_large'), 1);
});

test('a message that MQTT cannot carry is dropped and counted', () => {
  const hub = new TestHub();
  const client = subscribed(hub, 5);
  const old = subscribed(hub, 4, 0, { clientId: 'd' });
  const properties = { contentType: 'x'.repeat(65_536) };
  const timestamp = hub.clock.now();
  hub.engine.publish(new Message({ topic: 'a', payload: Buffer.from('x'), properties, timestamp }));
  assert.deepEqual(client.messages(), []);
  assert.deepEqual(old.messages(), ['a=x']);
  assert.equal(hub.metrics.get('delivery.dropped.too_large'), 1);
});

test('properties travel to MQTT 5 clients and are left out for others', () => {
  const hub = new TestHub();
  const properties = {
    payloadFormatIndicator: 1,
    contentType: 'text/plain',
    responseTopic: 'reply',
    correlationData: Buffer.from('id'),
    userProperties: [
      ['k', '1'],
      ['k', '2'],
    ] as const,
  };
  const client5 = subscribed(hub, 5);
  const client4 = subscribed(hub, 4, 0, { clientId: 'd' });
  const publisher = connected(hub, 5, { clientId: 'p' });
  publisher.publishes('a', 'x', { properties });
  assert.deepEqual(propertiesOf(client5.takes()[0]), properties);
  assert.equal(propertiesOf(client4.takes()[0]), undefined);
});

test('the expiry interval shrinks while a message waits, and an expired message is not delivered', () => {
  const hub = new TestHub();
  const session = { cleanStart: false, properties: { sessionExpiryInterval: 3600 } };
  const gateway = startGateway(hub);
  const away = subscribed(hub, 5, 1, session, gateway);
  away.channel.onClose('closed');
  const publisher = connected(hub, 5, { clientId: 'p' }, gateway);
  publisher.publishes('a/long', 'x', { qos: 1, properties: { messageExpiryInterval: 60 } });
  publisher.publishes('a/short', 'y', { qos: 1, properties: { messageExpiryInterval: 10 } });
  hub.clock.advance(20_000);
  const back = connected(hub, 5, session, gateway);
  assert.deepEqual(back.takes(), []);
  const again = new Client(gateway, hub, 5);
  again.connects(session);
  const [, message, ...rest] = again.takes();
  assert.deepEqual(propertiesOf(message), { messageExpiryInterval: 40 });
  assert.deepEqual(rest, []);
});

test('all subscription identifiers that led to a delivery come with it', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const client = connected(hub, 5);
  client.subscribes('a/#', 1, { properties: { subscriptionIdentifier: 5 } });
  client.subscribes('a/+', 0, { properties: { subscriptionIdentifier: 268_435_455 } });
  client.look();
  app.publish('a/b', 'x');
  const [message] = client.takes();
  assert.deepEqual(propertiesOf(message), { subscriptionIdentifiers: [5, 268_435_455] });
});

test('an MQTT 5 client with topic aliases gets a topic once, and then its alias', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const client = subscribed(hub, 5, 0, { properties: { topicAliasMaximum: 2 } });
  for (const topic of ['a/first', 'a/first', 'a/2nd', 'a/third', 'a/2nd', 'a/third', 'a'])
    app.publish(topic, 'x');
  assert.deepEqual(
    client.takes().map((packet) => {
      assert.equal(packet.type, 'publish');
      return `${packet.topic} ${packet.properties?.topicAlias}`;
    }),
    ['a/first 1', ' 1', 'a/2nd 2', 'a/third undefined', ' 2', 'a/third undefined', 'a undefined'],
  );
});

test('an alias that was not sent because its message was too large is not used', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const client = subscribed(hub, 5, 0, { properties: { topicAliasMaximum: 9, maximumPacketSize: 30 } });
  app.publish('a/topic', 'x'.repeat(30));
  app.publish('a/topic', 'y');
  app.publish('a/topic', 'z');
  const aliases = client.takes().map((packet) => (packet.type === 'publish' ? packet.topic : undefined));
  assert.deepEqual(aliases, ['a/topic', '']);
});

test('a message that has room only without the alias is sent without', () => {
  const hub = new TestHub();
  const client = subscribed(hub, 5, 0, { properties: { topicAliasMaximum: 9, maximumPacketSize: 30 } });
  hub.client('application').publish('a/topic', 'x'.repeat(30 - 2 - 9 - 1));
  const [message] = client.takes();
  assert.equal(message?.type === 'publish' && message.topic, 'a/topic');
  assert.equal(propertiesOf(message), undefined);
});

test('one message to many clients is encoded once for those who get the same', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub);
  const versions = [3, 4, 4, 5, 5] as const;
  const clients = versions.map((version, i) => {
    const qos = (i % 2) as QoS;
    return subscribed(hub, version, qos, { clientId: `c${i}` }, gateway);
  });
  let forms = 0;
  const last = hub.client('last');
  last.deliver = ({ wire }) => {
    forms = wire?.filter((form) => form !== undefined).length ?? 0;
    return 'ok';
  };
  last.subscribe('a/#');
  const message = new Message({
    topic: 'a/b',
    payload: Buffer.from('hello'),
    qos: 1,
    properties: { contentType: 'text' },
    timestamp: hub.clock.now(),
  });
  hub.engine.publish(message);
  assert.deepEqual(
    clients.map((client) => client.look()),
    [
      ['PUBLISH Q0 D0 R0 id=0 topic=a/b payload=5 bytes'],
      ['PUBLISH Q1 D0 R0 id=1 topic=a/b payload=5 bytes'],
      ['PUBLISH Q0 D0 R0 id=0 topic=a/b payload=5 bytes'],
      ['PUBLISH Q1 D0 R0 id=1 topic=a/b payload=5 bytes contentType=text'],
      ['PUBLISH Q0 D0 R0 id=0 topic=a/b payload=5 bytes contentType=text'],
    ],
  );
  assert.equal(forms, 4);
  assert.equal(message.wire, undefined, 'nothing of it is kept with a message that is kept');
});

test('one message to many clients behind different mountpoints has the right topic for each', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const inside = startGateway(hub, { mountpoint: 'a/' });
  const outside = startGateway(hub);
  const within = new Client(inside, hub, 4);
  within.connects({ clientId: 'within' });
  within.subscribes('#');
  within.look();
  const without = subscribed(hub, 4, 0, { clientId: 'without' }, outside);
  app.publish('a/b', 'x');
  assert.deepEqual([within.messages(), without.messages()], [['b=x'], ['a/b=x']]);
});

test('a publisher does not get its own message back with No Local', () => {
  const hub = new TestHub();
  const client = connected(hub, 5);
  const subscription = {
    filter: 'a',
    qos: 0,
    noLocal: true,
    retainAsPublished: false,
    retainHandling: 0,
  } as const;
  client.sends({ type: 'subscribe', packetId: 1, subscriptions: [subscription] });
  client.look();
  client.publishes('a', 'x');
  assert.deepEqual(client.look(), []);
});

test('a client that publishes to its own subscription gets both message and acknowledgement', () => {
  const hub = new TestHub();
  const client = subscribed(hub, 4, 1);
  client.publishes('a', 'x', { qos: 1, packetId: 5 });
  assert.deepEqual(client.look().sort(), [
    'PUBACK id=5 0x00 (Success)',
    'PUBLISH Q1 D0 R0 id=1 topic=a payload=1 bytes',
  ]);
});

test('messages wait while the client cannot be written to', () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const client = subscribed(hub, 4, 1);
  client.peer.writable = false;
  app.publish('a', '1', 1);
  assert.deepEqual(client.messages(), []);
  client.peer.writable = true;
  client.channel.onWritable();
  assert.deepEqual(client.messages(), ['a=1']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { Client, connected, startGateway } from './testing.js';

/** An application that is subscribed to everything. */
function application(hub: TestHub) {
  const client = hub.client('application');
  client.subscribe('#', { qos: 2 });
  return client;
}

test('a QoS 0 message is published and not answered', () => {
  const hub = new TestHub();
  const app = application(hub);
  const client = connected(hub, 4);
  assert.equal(client.publishes('a/b', 'x'), undefined);
  assert.deepEqual(app.take(), ['a/b=x']);
  assert.deepEqual(client.look(), []);
});

test('messages outlive the bytes that they came in', () => {
  const hub = new TestHub();
  const away = hub.client('away', { cleanStart: false, sessionExpiry: 60 });
  away.subscribe('#', { qos: 1 });
  away.session.close('closed');
  const client = connected(hub, 5);
  client.publishes('a', 'kept', { properties: { correlationData: Buffer.from('id') } });
  client.publishes('b', 'kept too', { qos: 1 });
  const back = hub.client('away', { cleanStart: false, sessionExpiry: 60 });
  const [first, second] = back.received;
  assert.deepEqual([first?.payload, second?.payload], ['kept', 'kept too']);
  assert.equal(first?.message.properties?.correlationData?.toString(), 'id');
});

test('a QoS 1 message is acknowledged, with MQTT 5 also when nobody wanted it', () => {
  const hub = new TestHub();
  const app = application(hub);
  for (const version of [3, 4, 5] as const) {
    const client = connected(hub, version);
    client.publishes('a', 'x', { qos: 1, packetId: 77 });
    assert.deepEqual(client.look(), ['PUBACK id=77 0x00 (Success)']);
  }
  assert.deepEqual(app.take(), ['a=x', 'a=x', 'a=x']);
  app.session.close('closed');
  const lonely = [3, 4, 5].map((version) => {
    const client = connected(hub, version as 3 | 4 | 5);
    client.publishes('a', 'x', { qos: 1 });
    return client.look()[0];
  });
  const nobody = 'PUBACK id=1 0x10 (No matching subscribers)';
  assert.deepEqual(lonely, ['PUBACK id=1 0x00 (Success)', 'PUBACK id=1 0x00 (Success)', nobody]);
});

test('a QoS 2 message is published once, however often it comes before its release', () => {
  for (const version of [4, 5] as const) {
    const hub = new TestHub();
    const app = application(hub);
    const client = connected(hub, version);
    client.publishes('a', 'x', { qos: 2, packetId: 9 });
    client.publishes('a', 'x', { qos: 2, packetId: 9, dup: true });
    assert.deepEqual(client.look(), ['PUBREC id=9 0x00 (Success)', 'PUBREC id=9 0x00 (Success)']);
    assert.deepEqual(app.take(), ['a=x']);
    assert.equal(hub.metrics.get('packets.publish.inuse'), 1);
    client.sends({ type: 'pubrel', packetId: 9, reasonCode: 0 });
    assert.deepEqual(client.look(), ['PUBCOMP id=9 0x00 (Success)']);
    client.publishes('a', 'y', { qos: 2, packetId: 9 });
    assert.deepEqual(app.take(), ['a=y']);
  }
});

test('a PUBREL for nothing is completed, with MQTT 5 as not found', () => {
  for (const version of [4, 5] as const) {
    const hub = new TestHub();
    const client = connected(hub, version);
    client.sends({ type: 'pubrel', packetId: 3, reasonCode: 0 });
    const missing = '0x92 (Packet Identifier not found) reasonString=no such message is on its way';
    const found = version === 5 ? missing : '0x00 (Success)';
    assert.deepEqual(client.look(), [`PUBCOMP id=3 ${found}`]);
    assert.equal(hub.metrics.get('packets.pubrel.missed'), 1);
  }
});

test('a QoS 2 exchange goes on after the connection was lost', () => {
  const hub = new TestHub();
  const app = application(hub);
  const gateway = startGateway(hub);
  const first = connected(hub, 4, { cleanStart: false }, gateway);
  first.publishes('a', 'x', { qos: 2, packetId: 9 });
  first.channel.onClose('closed');
  const second = connected(hub, 4, { cleanStart: false }, gateway);
  second.publishes('a', 'x', { qos: 2, packetId: 9, dup: true });
  second.sends({ type: 'pubrel', packetId: 9, reasonCode: 0 });
  assert.deepEqual(second.look(), ['PUBREC id=9 0x00 (Success)', 'PUBCOMP id=9 0x00 (Success)']);
  assert.deepEqual(app.take(), ['a=x']);
});

test('what may not be published is refused with MQTT 5, and acknowledged as ever before it', () => {
  for (const version of [4, 5] as const) {
    const hub = new TestHub();
    hub.authorize('publish', 'deny');
    const client = connected(hub, version);
    client.publishes('a', 'x');
    client.publishes('a', 'x', { qos: 1, packetId: 1 });
    client.publishes('a', 'x', { qos: 2, packetId: 2 });
    const code = version === 5 ? '0x87 (Not authorized)' : '0x00 (Success)';
    assert.deepEqual(client.look(), [`PUBACK id=1 ${code}`, `PUBREC id=2 ${code}`]);
    assert.equal(hub.metrics.get('packets.publish.auth_error'), 3);
    assert.equal(client.closed, undefined);
  }
});

test('where access control disconnects, the client is told why and gets no acknowledgement', () => {
  const hub = new TestHub({ policy: { denyAction: 'disconnect' } });
  hub.authorize('publish', 'deny');
  const client = connected(hub, 5);
  client.publishes('a', 'x', { qos: 1 });
  assert.deepEqual(client.look(), ['DISCONNECT 0x87 (Not authorized)']);
  assert.equal(client.closed, 'not_authorized');
});

test('access control may take its time, the acknowledgement waits for it', async () => {
  const hub = new TestHub();
  const app = application(hub);
  hub.authorize('publish', Promise.resolve('allow'));
  const client = connected(hub, 5);
  const publishing = client.publishes('a', 'x', { qos: 1 });
  assert.deepEqual(client.look(), []);
  await publishing;
  assert.deepEqual(client.look(), ['PUBACK id=1 0x00 (Success)']);
  assert.deepEqual(app.take(), ['a=x']);
});

test('a topic with too many levels is refused', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub, { max_topic_levels: 2 });
  const client = connected(hub, 5, {}, gateway);
  client.publishes('a/b/c', 'x', { qos: 1 });
  assert.deepEqual(client.look(), [
    'PUBACK id=1 0x90 (Topic Name invalid) reasonString=ill-formed or of too many levels',
  ]);
  assert.equal(hub.metrics.get('packets.publish.error'), 1);
});

test('a QoS or a retained message that is not supported ends the connection', () => {
  const end = (version: 4 | 5, config: Record<string, unknown>, fields: object) => {
    const hub = new TestHub();
    const client = connected(hub, version, {}, startGateway(hub, config));
    client.publishes('a', 'x', fields);
    return [...client.look(), client.closed];
  };
  const noQos2 = { max_qos_allowed: 1 };
  const noRetain = { retain_available: false };
  assert.deepEqual(end(5, noQos2, { qos: 2 }), ['DISCONNECT 0x9b (QoS not supported)', 'qos_not_supported']);
  assert.deepEqual(end(4, noQos2, { qos: 2 }), ['qos_not_supported']);
  assert.deepEqual(end(5, noRetain, { retain: true }), [
    'DISCONNECT 0x9a (Retain not supported)',
    'retain_not_supported',
  ]);
  assert.deepEqual(end(4, noRetain, { retain: true }), ['retain_not_supported']);
});

test('an MQTT 5 client that exceeds the Receive Maximum is disconnected', () => {
  const hub = new TestHub();
  const client = connected(hub, 5, {}, startGateway(hub, { max_awaiting_rel: 2 }));
  client.publishes('a', 'x', { qos: 2, packetId: 1 });
  client.publishes('a', 'x', { qos: 2, packetId: 2 });
  client.publishes('a', 'x', { qos: 2, packetId: 2, dup: true });
  client.sends({ type: 'pubrel', packetId: 1, reasonCode: 0 });
  client.publishes('a', 'x', { qos: 2, packetId: 3 });
  assert.equal(client.closed, undefined);
  client.publishes('a', 'x', { qos: 2, packetId: 4 });
  assert.equal(client.look().at(-1), 'DISCONNECT 0x93 (Receive Maximum exceeded)');
  assert.equal(client.closed, 'receive_maximum_exceeded');
  assert.equal(hub.metrics.get('packets.publish.dropped'), 1);
});

test('a refused QoS 2 message does not count against the Receive Maximum', () => {
  const hub = new TestHub();
  hub.authorize('publish', 'deny');
  const client = connected(hub, 5, {}, startGateway(hub, { max_awaiting_rel: 1 }));
  for (let packetId = 1; packetId < 4; packetId++) client.publishes('a', 'x', { qos: 2, packetId });
  assert.equal(client.closed, undefined);
});

test('messages of an earlier connection that are not released are no fault of an MQTT 5 client', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub, { max_awaiting_rel: 1 });
  const session = { cleanStart: false, properties: { sessionExpiryInterval: 60 } };
  const first = connected(hub, 5, session, gateway);
  first.publishes('a', 'x', { qos: 2, packetId: 1 });
  first.channel.onClose('closed');
  const second = connected(hub, 5, session, gateway);
  second.publishes('a', 'x', { qos: 2, packetId: 2 });
  const explanation = 'reasonString=too many messages of the session await their PUBREL';
  assert.deepEqual(second.look(), [`PUBREC id=2 0x97 (Quota exceeded) ${explanation}`]);
  assert.equal(second.closed, undefined);
});

test('before MQTT 5, where no packet can be refused, there is no receive limit', () => {
  const hub = new TestHub();
  const app = application(hub);
  const client = connected(hub, 4, {}, startGateway(hub, { max_awaiting_rel: 1 }));
  for (const packetId of [1, 2, 3]) client.publishes('a', 'x', { qos: 2, packetId });
  assert.deepEqual(
    client.look(),
    [1, 2, 3].map((id) => `PUBREC id=${id} 0x00 (Success)`),
  );
  assert.deepEqual(app.take(), ['a=x', 'a=x', 'a=x']);
});

test('a topic alias stands for the topic it was last given', () => {
  const hub = new TestHub();
  const app = application(hub);
  const client = connected(hub, 5);
  const alias = (topicAlias: number) => ({ properties: { topicAlias } });
  client.publishes('one', '1', alias(1));
  client.publishes('two', '2', alias(32));
  client.publishes('', '3', alias(1));
  client.publishes('new', '4', alias(1));
  client.publishes('', '5', alias(1));
  client.publishes('', '6', alias(32));
  assert.deepEqual(app.take(), ['one=1', 'two=2', 'one=3', 'new=4', 'new=5', 'two=6']);
});

test('a topic alias is not passed on, other properties are', () => {
  const hub = new TestHub();
  const app = application(hub);
  const client = connected(hub, 5);
  client.publishes('a', 'x', { properties: { topicAlias: 1 } });
  client.publishes('a', 'y', {
    properties: { topicAlias: 1, contentType: 'text', messageExpiryInterval: 9 },
  });
  const [first, second] = app.received;
  assert.equal(first?.message.properties, undefined);
  assert.deepEqual(second?.message.properties, { contentType: 'text', messageExpiryInterval: 9 });
});

test('a topic alias that cannot be is answered with the reason', () => {
  const end = (config: Record<string, unknown>, topic: string, topicAlias: number) => {
    const hub = new TestHub();
    const client = connected(hub, 5, {}, startGateway(hub, config));
    client.publishes(topic, 'x', { properties: { topicAlias } });
    return [...client.look(), client.closed];
  };
  const invalid = (alias: number) => [
    `DISCONNECT 0x94 (Topic Alias invalid) reasonString=topic alias ${alias}`,
    'topic_alias_invalid',
  ];
  assert.deepEqual(end({ max_topic_alias: 5 }, 'a', 6), invalid(6));
  assert.deepEqual(end({ max_topic_alias: 0 }, 'a', 1), invalid(1));
  assert.deepEqual(end({}, '', 1), [
    'DISCONNECT 0x82 (Protocol Error) reasonString=topic alias 1',
    'protocol_error',
  ]);
});

test('a subscription identifier from a client is a protocol error', () => {
  const client = connected(new TestHub(), 5);
  client.publishes('a', 'x', { properties: { subscriptionIdentifiers: [1] } });
  assert.equal(client.look().length, 1);
  assert.equal(client.closed, 'protocol_error');
});

test('the mountpoint is put in front of what a client publishes', () => {
  const hub = new TestHub();
  const app = application(hub);
  const client = new Client(startGateway(hub, { mountpoint: 'site/%c/' }), hub, 4);
  client.connects();
  client.publishes('a', 'x');
  assert.deepEqual(app.take(), ['site/c/a=x']);
});

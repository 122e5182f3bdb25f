import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnTest } from './testing.js';

const PREDEFINED = { predefined_topics: { 'predefined/one': 1, 'predefined/two': 2 } };

test('§6.9 SUBSCRIBE by name tells the topic id, with which messages come', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  device.receives('0b 12 20 0007 746f706963 42');
  assert.deepEqual(device.look(), ['SUBACK Q1 msgId=7 topicId=1 accepted']);
  for (const qos of [0, 1, 2] as const) it.publish('topicB', `m${qos}`, qos);
  assert.deepEqual(device.drain(), ['PUBLISH q0 id 1 m0', 'PUBLISH q1 id 1 m1', 'PUBLISH q1 id 1 m2']);
});

test('§6.9 messages do not overtake the SUBACK of their subscription, should access control take its time', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  it.hub.authorize('subscribe', Promise.resolve('allow'));
  it.hub.hooks.sessionSubscribed.add('test', () => it.publish('room/light', 'on', 0));
  await device.sends({
    type: 'subscribe',
    dup: false,
    qos: 1,
    msgId: 9,
    topicIdType: 0,
    topicName: 'room/#',
  });
  assert.deepEqual(device.drain(), [
    'SUBACK Q1 msgId=9 topicId=0 accepted',
    'REGISTER 1 room/light',
    'PUBLISH q0 id 1 on',
  ]);
});

test('§6.9 QoS 2 to a client goes through PUBREC, PUBREL and PUBCOMP', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.subscribes('t/1', 2);
  it.publish('t/1', 'a', 2);
  it.publish('t/1', 'b', 2);
  assert.deepEqual(device.drain(), ['PUBLISH q2 id 1 a', 'PUBREL', 'PUBLISH q2 id 1 b', 'PUBREL']);
  assert.equal(it.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
});

test('§6.10 with wildcards each topic is registered before its first message, one at a time and in order', async () => {
  const it = new SnTest({ max_inflight: 10 });
  const device = await it.connected('dev1');
  device.receives('08 12 40 0008 772f23');
  assert.deepEqual(device.look(), ['SUBACK Q2 msgId=8 topicId=0 accepted']);
  it.publish('w/x', '1', 1);
  it.publish('w/y', '2', 0);
  it.publish('w/x', '3', 0);
  assert.deepEqual(device.look(), ['REGISTER 1 w/x']);
  device.receives('07 0b 0001 0001 00');
  assert.deepEqual(device.look(), ['PUBLISH q1 id 1 1', 'REGISTER 2 w/y']);
  it.publish('w/x', '4', 0);
  assert.deepEqual(device.look(), []);
  device.receives('07 0b 0002 0002 00');
  assert.deepEqual(device.look(), ['PUBLISH q0 id 2 2', 'PUBLISH q0 id 1 3', 'PUBLISH q0 id 1 4']);
  it.publish('w/y', '5', 0);
  assert.deepEqual(device.look(), ['PUBLISH q0 id 2 5']);
});

test('§6.10 REGISTER is sent again until it is answered, and no message is lost by that', async () => {
  const it = new SnTest({ retry_interval: '10s', max_retries: 3 });
  const device = await it.connected('dev1', { duration: 0 });
  await device.subscribes('w/#');
  it.publish('w/x', '1', 1);
  it.wait(10_020);
  it.wait(10_020);
  assert.deepEqual(device.drain(), [
    'REGISTER 1 w/x',
    'REGISTER 1 w/x',
    'REGISTER 1 w/x',
    'PUBLISH q1 id 1 1',
  ]);
  assert.equal(it.count('register.retransmitted'), 2);
});

test('§6.13 a client that never answers REGISTER is lost', async () => {
  const it = new SnTest({ retry_interval: '10s', max_retries: 3 });
  const device = await it.connected('dev1', { duration: 0 });
  await device.subscribes('w/#');
  it.publish('w/x', '1', 0);
  for (let i = 0; i < 4; i++) it.wait(10_020);
  assert.deepEqual(device.look(), [...Array(4).fill('REGISTER 1 w/x'), 'DISCONNECT']);
  assert.deepEqual(it.clients, []);
});

test('§6.13 PUBLISH and PUBREL are sent again with the same MsgId, max_retries times; then the client is lost', async () => {
  const it = new SnTest({ retry_interval: '10s', max_retries: 2 });
  const device = await it.connected('dev1', { duration: 0, cleanSession: false });
  await device.subscribes('t/1', 2);
  it.publish('t/1', 'a', 2);
  assert.deepEqual(device.look(), ['PUBLISH q2 id 1 a']);
  it.wait(10_020);
  it.wait(10_020);
  const sent = device.take();
  assert.deepEqual(
    sent.map((message) => message.type === 'publish' && [message.dup, message.msgId]),
    [
      [true, 1],
      [true, 1],
    ],
  );
  device.receives('04 0f 0001');
  for (let i = 0; i < 3; i++) it.wait(10_020);
  assert.deepEqual(device.look(), ['PUBREL', 'PUBREL', 'PUBREL', 'DISCONNECT']);
  await device.connects('dev1', { cleanSession: false });
  assert.deepEqual(device.drain(), ['CONNACK accepted', 'PUBREL']);
});

test('a session that goes on sends an unacknowledged QoS 2 message again, its topic told first, and keeps its client', async () => {
  const it = new SnTest({ retry_interval: '10s', max_retries: 2 });
  const device = await it.connected('dev1', { duration: 0, cleanSession: false });
  await device.subscribes('t/#', 2);
  it.publish('t/1', 'a', 2);
  device.receives('07 0b 0001 0001 00');
  assert.deepEqual(device.look(), ['REGISTER 1 t/1', 'PUBLISH q2 id 1 a']);
  const back = device.rebound();
  await back.connects('dev1', { duration: 0, cleanSession: false });
  assert.deepEqual(back.drain(), ['CONNACK accepted', 'REGISTER 1 t/1', 'PUBLISH q2 dup id 1 a', 'PUBREL']);
  it.wait(60_000);
  assert.deepEqual(back.look(), []);
  it.publish('t/1', 'b', 2);
  assert.deepEqual(back.drain(), ['PUBLISH q2 id 1 b', 'PUBREL']);
  assert.equal(it.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
});

test('a client that refuses a topic does not get its messages, others it does', async () => {
  const it = new SnTest({ max_inflight: 10 });
  const device = await it.connected('dev1');
  await device.subscribes('w/#', 2);
  for (const qos of [0, 1, 2] as const) it.publish('w/x', String(qos), qos);
  it.publish('w/y', '3', 1);
  assert.deepEqual(device.look(), ['REGISTER 1 w/x']);
  device.receives('07 0b 0001 0001 03');
  assert.deepEqual(device.drain(), ['REGISTER 2 w/y', 'PUBLISH q1 id 2 3']);
  assert.equal(it.count('delivery.dropped.not_registered'), 3);
  assert.equal(it.hub.metrics.get('messages.acked'), 1);
  assert.equal(it.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
});

test('§6.10 a client that refuses the topic of a subscription is not subscribed to it any more', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { cleanSession: false });
  await device.subscribes('room/light');
  await device.subscribes('room/#');
  device.sends({ type: 'disconnect', duration: undefined });
  it.publish('room/light', 'on', 1);
  await device.connects('dev1', { cleanSession: false });
  assert.deepEqual(device.look(), ['DISCONNECT', 'CONNACK accepted', 'REGISTER 1 room/light']);
  device.receives('07 0b 0001 0001 03');
  assert.deepEqual([...(it.hub.engine.sessions.get('dev1')?.subscriptions.keys() ?? [])], ['room/#']);
});

test('§5.3.10 a client that is congested is asked again later, however often, and is not lost', async () => {
  const it = new SnTest({ retry_interval: '10s', max_retries: 1 });
  const device = await it.connected('dev1', { duration: 0 });
  await device.subscribes('w/#');
  it.publish('w/x', '1', 1);
  for (let i = 0; i < 5; i++) {
    device.receives('07 0b 0001 0001 01');
    it.wait(10_020);
  }
  assert.deepEqual(device.drain(), [...Array(6).fill('REGISTER 1 w/x'), 'PUBLISH q1 id 1 1']);
  it.publish('w/x', '2', 1);
  for (let i = 0; i < 5; i++) {
    device.receives('07 0d 0001 0002 01');
    it.wait(10_020);
  }
  assert.deepEqual(device.drain(), ['PUBLISH q1 id 1 2', ...Array(5).fill('PUBLISH q1 dup id 1 2')]);
  assert.deepEqual(it.clients, ['dev1']);
});

test('a client that has forgotten a topic id is told it, then sent the message again', async () => {
  const it = new SnTest({ retry_interval: '10s' });
  const device = await it.connected('dev1', { duration: 0 });
  await device.subscribes('room/light');
  it.publish('room/light', 'on', 1);
  assert.deepEqual(device.look(), ['PUBLISH q1 id 1 on']);
  device.receives('07 0d 0001 0001 02');
  it.wait(10_020);
  assert.deepEqual(device.drain(), ['REGISTER 1 room/light', 'PUBLISH q1 dup id 1 on']);
});

test('§6.9 predefined and short topics keep their kind', async () => {
  const it = new SnTest(PREDEFINED);
  const device = await it.connected('dev1');
  device.receives('07 12 22 0009 7a7a');
  device.receives('07 12 21 000a 0002');
  device.receives('07 12 21 000b 0fff');
  assert.deepEqual(device.look(), [
    'SUBACK Q1 msgId=9 topicId=0 accepted',
    'SUBACK Q1 msgId=10 topicId=2 accepted',
    `SUBACK Q1 msgId=11 topicId=${0xfff} invalidTopicId`,
  ]);
  it.publish('zz', 'm3', 0);
  it.publish('predefined/two', 'm4', 1);
  assert.deepEqual(device.drain(), [`PUBLISH q0 short ${0x7a7a} m3`, 'PUBLISH q1 predefined 2 m4']);
});

test('QoS -1 cannot be subscribed with; what access control refuses is not supported', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  device.receives('07 12 60 000c 7171');
  it.hub.authorize('subscribe', 'deny');
  device.receives('06 12 20 000d 61');
  assert.deepEqual(device.look(), [
    'SUBACK Q0 msgId=12 topicId=0 notSupported',
    'SUBACK Q1 msgId=13 topicId=0 notSupported',
  ]);
});

test('SUBSCRIBE above max_topics is told congestion; a message without an id for it is dropped and counted', async () => {
  const it = new SnTest({ max_topics: 1 });
  const device = await it.connected('dev1');
  await device.subscribes('a');
  await device.subscribes('w/#');
  device.receives('06 12 20 000d 62');
  assert.deepEqual(device.look(), ['SUBACK Q1 msgId=13 topicId=0 congestion']);
  it.publish('w/x', '1', 1);
  it.publish('a', '2', 1);
  assert.deepEqual(device.drain(), ['PUBLISH q1 id 1 2']);
  assert.equal(it.hub.metrics.get('delivery.dropped.no_topic_id'), 1);
});

test('§6.9 a subscription of a retained topic is answered before the message comes', async () => {
  const it = new SnTest();
  it.publish('room/light', 'on', 1, true);
  const device = await it.connected('dev1');
  await device.subscribes('room/light');
  await it.hub.nextTurn();
  assert.deepEqual(device.drain(), ['PUBLISH q1 retain id 1 on']);
});

test('§6.9 UNSUBSCRIBE by name, short and predefined, also of what was never subscribed to', async () => {
  const it = new SnTest(PREDEFINED);
  const device = await it.connected('dev1');
  await device.subscribes('topicB');
  await device.subscribes('zz');
  device.receives('0b 14 00 000d 746f70696342');
  device.receives('07 14 02 000e 7a7a');
  device.receives('07 14 01 000f 0001');
  device.receives('07 14 01 0010 0fff');
  assert.deepEqual(device.look(), [
    'UNSUBACK msgId=13',
    'UNSUBACK msgId=14',
    'UNSUBACK msgId=15',
    'UNSUBACK msgId=16',
  ]);
  assert.equal(it.hub.engine.sessions.get('dev1')?.statistics.subscriptions, 0);
});

test('shared subscriptions have no topic id of their own', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.subscribes('$share/g/room/light');
  it.publish('room/light', 'on');
  assert.deepEqual(device.drain(), ['REGISTER 1 room/light', 'PUBLISH q1 id 1 on']);
});

test('a message too large for a datagram is dropped and counted', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.subscribes('a');
  it.publish('a', 'x'.repeat(65_499), 1);
  it.publish('a', 'x'.repeat(65_498), 1);
  assert.deepEqual(
    device.drain().map((text) => text.length),
    ['PUBLISH q1 id 1 '.length + 65_498],
  );
  assert.equal(it.hub.metrics.get('delivery.dropped.too_large'), 1);
});

test('§6.10 a message whose topic is too long for a REGISTER is dropped and counted, and harms nobody else', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.subscribes('w/#');
  const others = it.hub.client('others');
  others.subscribe('w/#');
  const topic = (octets: number) => 'w/'.padEnd(octets, 'x');
  for (const octets of [65_499, 65_500, 65_535]) it.publish(topic(octets), '1', 1);
  it.publish('w/y', '2', 1);
  assert.deepEqual(device.drain(), [
    `REGISTER 1 ${topic(65_499)}`,
    'PUBLISH q1 id 1 1',
    'REGISTER 2 w/y',
    'PUBLISH q1 id 2 2',
  ]);
  assert.equal(others.take().length, 4);
  assert.equal(it.hub.metrics.get('delivery.dropped.too_large'), 2);
});

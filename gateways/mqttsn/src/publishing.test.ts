import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnTest } from './testing.js';

const PREDEFINED = { predefined_topics: { 'predefined/one': 1, 'predefined/two': 2 } };

test('§6.5 REGISTER gives a topic an id, always the same, that is no predefined one', async () => {
  const it = new SnTest(PREDEFINED);
  const device = await it.connected('dev1');
  device.registers('room/temp', 1);
  device.registers('room/temp', 2);
  device.registers('room/light', 3);
  assert.deepEqual(device.look(), [
    'REGACK msgId=1 topicId=3 accepted',
    'REGACK msgId=2 topicId=3 accepted',
    'REGACK msgId=3 topicId=4 accepted',
  ]);
});

test('§7.3 topic ids belong to one client', async () => {
  const it = new SnTest();
  it.app.subscribe('#', { qos: 1 });
  const [first, second] = [await it.connected('first'), await it.connected('second')];
  first.registers('a');
  second.registers('b');
  assert.deepEqual(first.look(), ['REGACK msgId=1 topicId=1 accepted']);
  assert.deepEqual(second.look(), ['REGACK msgId=1 topicId=1 accepted']);
  first.receives('08 0c 20 0001 0002 31');
  second.receives('08 0c 20 0001 0002 32');
  assert.deepEqual(it.app.take(), ['a=1', 'b=2']);
  second.registers('c');
  second.look();
  first.receives('08 0c 20 0002 0003 33');
  assert.deepEqual(first.look(), [
    'PUBACK msgId=2 topicId=1 accepted',
    'PUBACK msgId=3 topicId=2 invalidTopicId',
  ]);
  assert.deepEqual(it.app.take(), []);
});

test('§6.5 a topic with wildcards is refused, and one too many is told congestion', async () => {
  const it = new SnTest({ max_topics: 2 });
  const device = await it.connected('dev1');
  for (const topic of ['room/#', '', 'a', 'b', 'c', 'a']) device.registers(topic);
  assert.deepEqual(device.look(), [
    'REGACK msgId=1 topicId=0 notSupported',
    'REGACK msgId=1 topicId=0 notSupported',
    'REGACK msgId=1 topicId=1 accepted',
    'REGACK msgId=1 topicId=2 accepted',
    'REGACK msgId=1 topicId=0 congestion',
    'REGACK msgId=1 topicId=1 accepted',
  ]);
});

test('§6.6 PUBLISH of QoS 0, 1 and 2 with the id of a REGISTER', async () => {
  const it = new SnTest();
  it.app.subscribe('room/temp', { qos: 2 });
  const device = await it.connected('dev1');
  device.registers('room/temp');
  device.look();
  device.receives('09 0c 00 0001 0000 7130');
  assert.deepEqual(device.look(), []);
  device.receives('09 0c 20 0001 0002 7131');
  assert.deepEqual(device.look(), ['PUBACK msgId=2 topicId=1 accepted']);
  device.receives('09 0c 40 0001 0003 7132');
  device.receives('09 0c c0 0001 0003 7132');
  assert.deepEqual(device.look(), ['PUBREC msgId=3', 'PUBREC msgId=3']);
  device.receives('04 10 0003');
  device.receives('04 10 0003');
  assert.deepEqual(device.look(), ['PUBCOMP msgId=3', 'PUBCOMP msgId=3']);
  assert.deepEqual(
    it.app.received.map(({ topic, payload, qos }) => `${topic}=${payload} q${qos}`),
    ['room/temp=q0 q0', 'room/temp=q1 q1', 'room/temp=q2 q2'],
  );
});

test('§6.6 retained messages are kept', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  device.receives('09 0c 32 6162 0002 6f6e');
  it.app.subscribe('ab');
  await it.hub.nextTurn();
  assert.deepEqual(it.app.take(), ['ab=on']);
});

test('§6.7 predefined and short topic ids need no REGISTER', async () => {
  const it = new SnTest(PREDEFINED);
  it.app.subscribe('#');
  const device = await it.connected('dev1');
  device.receives('09 0c 21 0001 0002 6f6e');
  device.receives('09 0c 22 7879 0003 6f6e');
  assert.deepEqual(device.look(), [
    'PUBACK msgId=2 topicId=1 accepted',
    `PUBACK msgId=3 topicId=${0x7879} accepted`,
  ]);
  assert.deepEqual(it.app.take(), ['predefined/one=on', 'xy=on']);
});

test('§5.4.13 an unknown topic id is refused, also with QoS 0', async () => {
  const it = new SnTest(PREDEFINED);
  const device = await it.connected('dev1');
  device.receives('09 0c 00 0fff 0000 6f6e');
  device.receives('09 0c 20 0001 0002 6f6e');
  device.receives('09 0c 41 0fff 0003 6f6e');
  device.receives('09 0c 22 2b2b 0004 6f6e');
  assert.deepEqual(device.look(), [
    `PUBACK msgId=0 topicId=${0xfff} invalidTopicId`,
    'PUBACK msgId=2 topicId=1 invalidTopicId',
    `PUBACK msgId=3 topicId=${0xfff} invalidTopicId`,
    `PUBACK msgId=4 topicId=${0x2b2b} invalidTopicId`,
  ]);
  assert.equal(it.count('publish.refused'), 4);
});

test('the topics of a client are below the mountpoint, and it does not see that', async () => {
  const it = new SnTest({
    mountpoint: 'site/%c/',
    enable_qos3: true,
    predefined_topics: { 'sensors/temp': 1 },
  });
  it.app.subscribe('#', { qos: 1 });
  const device = await it.connected('dev1');
  await device.subscribes('room/#');
  await device.registers('room/temp');
  device.look();
  device.receives('09 0c 20 0002 0002 3231');
  assert.deepEqual(it.app.take(), ['site/dev1/room/temp=21']);
  assert.deepEqual(device.drain(), ['PUBACK msgId=2 topicId=2 accepted', 'PUBLISH q1 id 2 21']);
  device.receives('09 0c 01 0001 0000 3232');
  assert.deepEqual(it.app.take(), ['site/dev1/sensors/temp=22']);
});

test('a publication that access control refuses is not supported', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  it.hub.authorize('publish', 'deny');
  device.receives('09 0c 22 7879 0003 6f6e');
  assert.deepEqual(device.look(), [`PUBACK msgId=3 topicId=${0x7879} notSupported`]);
});

test('a QoS 1 PUBLISH that comes again because its PUBACK was lost is answered and not published again', async () => {
  const it = new SnTest();
  it.app.subscribe('xy');
  const device = await it.connected('dev1');
  device.receives('09 0c 22 7879 0003 6f6e');
  device.receives('09 0c a2 7879 0003 6f6e');
  device.receives('09 0c a2 7879 0004 6f66');
  assert.equal(device.look().length, 3);
  assert.deepEqual(it.app.take(), ['xy=on', 'xy=of']);
  assert.equal(it.count('publish.duplicate'), 1);
});

test('a client whose publication fails gets its messages all the same when it is back', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { duration: 600 });
  await device.subscribes('t');
  const { engine } = it.hub;
  const publish = engine.publish.bind(engine);
  engine.publish = () => {
    throw new Error('broken');
  };
  assert.throws(() => device.receives('09 0c 22 7879 0003 6f6e'), /broken/);
  engine.publish = publish;
  const again = device.forgotten();
  again.pings();
  it.publish('t', '1');
  assert.deepEqual(again.drain(), ['PINGRESP', 'PUBLISH q1 id 1 1']);
});

test('a publication that has to wait is answered when it is decided', async () => {
  const it = new SnTest();
  it.app.subscribe('xy');
  it.hub.authorize('publish', Promise.resolve('allow'));
  const device = await it.connected('dev1');
  await device.receives('09 0c 22 7879 0003 6f6e');
  assert.deepEqual(device.look(), [`PUBACK msgId=3 topicId=${0x7879} accepted`]);
  assert.deepEqual(it.app.take(), ['xy=on']);
});

test('§6.8 QoS -1 needs no connection, but has to be enabled', async () => {
  const off = new SnTest(PREDEFINED);
  off.app.subscribe('#');
  const stranger = off.device();
  await stranger.receives('0c 0c 61 0001 0102 68656c6c6f');
  assert.deepEqual([stranger.look(), off.app.take(), off.clients], [[], [], []]);
  assert.equal(off.count('publish.qos3.dropped'), 1);

  const it = new SnTest({ ...PREDEFINED, enable_qos3: true, mountpoint: 'sn/' });
  it.app.subscribe('#');
  const device = it.device();
  await device.receives('0c 0c 61 0001 0102 68656c6c6f');
  await device.receives('09 0c 62 6162 0000 6869');
  await device.receives('09 0c 60 0001 0000 6e6f');
  assert.deepEqual(device.look(), []);
  assert.deepEqual(it.app.take(), ['sn/predefined/one=hello', 'sn/ab=hi']);
  assert.equal(it.count('publish.qos3.received'), 2);
  assert.equal(it.count('publish.qos3.dropped'), 1);
});

test('§6.8 access control looks at each sender of QoS -1 by the host that it sends from', async () => {
  const it = new SnTest({ enable_qos3: true });
  it.app.subscribe('#');
  it.hub.access.addAuthorizer({
    name: 'hosts',
    authorize: ({ peer }) => (peer.host === '198.51.100.1' ? 'deny' : 'ignore'),
  });
  const sensor = it.device();
  const other = it.device({ peer: { host: '198.51.100.1', port: 5 } });
  await sensor.receives('09 0c 62 6162 0000 6869');
  await other.receives('09 0c 62 6162 0000 6e6f');
  await it.device().receives('09 0c 62 6162 0000 796f');
  assert.deepEqual(it.app.take(), ['ab=hi', 'ab=yo']);
  assert.deepEqual(it.clients, [
    'qos-1@mqttsn:udp:default@192.0.2.7',
    'qos-1@mqttsn:udp:default@198.51.100.1',
  ]);
  assert.equal(it.count('publish.qos3.dropped'), 1);
});

test('§6.8 over DTLS senders of QoS -1 are told apart by their keys', async () => {
  const it = new SnTest({ enable_qos3: true });
  it.app.subscribe('#');
  it.hub.access.addAuthorizer({
    name: 'users',
    authorize: ({ username }) => (username === 'good' ? 'ignore' : 'deny'),
  });
  for (const pskIdentity of ['good', 'bad']) {
    const device = it.device({
      transport: 'dtls',
      pskIdentity,
      proven: { username: pskIdentity, clientId: pskIdentity },
    });
    await device.receives(`09 0c 62 6162 0000 ${Buffer.from(pskIdentity.slice(0, 2)).toString('hex')}`);
  }
  assert.deepEqual(it.app.take(), ['ab=go']);
  assert.deepEqual(
    it.clients,
    ['bad', 'good'].map((id) => `qos-1@mqttsn:dtls:default@psk ${id}`),
  );
});

test('§6.8 a message of QoS -1 waits while its sender is let in', async () => {
  const it = new SnTest({ enable_qos3: true });
  it.app.subscribe('#');
  it.hub.hooks.clientConnect.add('slow', async (request) => ({ value: request }));
  await it.device().receives('09 0c 62 6162 0000 6869');
  assert.deepEqual(it.app.take(), ['ab=hi']);
});

test('§6.8 a sender of QoS -1 that is not let in leaves nothing behind', async () => {
  const it = new SnTest({ enable_qos3: true });
  it.hub.access.addAuthenticator({
    name: 'test',
    authenticate: () => ({ answer: 'deny', refusal: 'bad_credentials' }),
  });
  await it.device().receives('09 0c 62 6162 0000 6869');
  assert.deepEqual([it.clients, it.count('publish.qos3.dropped')], [[], 1]);
});

test('§6.8 the senders of QoS -1 are bounded: who was silent longest makes room', async () => {
  const it = new SnTest({ enable_qos3: true });
  const sends = (host: string) => it.device({ peer: { host, port: 5 } }).receives('09 0c 62 6162 0000 6869');
  for (let i = 0; i < 1000; i++) await sends(`10.0.${i >> 8}.${i & 0xff}`);
  await sends('10.0.0.0');
  await sends('10.1.0.0');
  assert.equal(it.clients.length, 1000);
  const hosts = it.clients.map((clientId) => clientId.split('@').at(-1));
  assert.deepEqual(
    ['10.0.0.0', '10.0.0.1', '10.1.0.0'].map((host) => hosts.includes(host)),
    [true, false, true],
  );
});

test('§6.8 of a connected client QoS -1 is QoS 0', async () => {
  const it = new SnTest();
  it.app.subscribe('ab');
  const device = await it.connected('dev1');
  device.receives('09 0c 62 6162 0000 6869');
  assert.deepEqual([device.look(), it.app.take()], [[], ['ab=hi']]);
});

test('a client that is subscribed to what it publishes gets PUBACK first, then the message', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.subscribes('xy');
  device.receives('09 0c 22 7879 0003 6f6e');
  assert.deepEqual(
    device.take().map(({ type }) => type),
    ['puback', 'publish'],
  );
  await device.subscribes('room/#');
  device.registers('room/temp');
  device.receives('09 0c 20 0001 0004 6f6e');
  assert.deepEqual(
    device.take().map(({ type }) => type),
    ['regack', 'puback'],
  );
  device.receives(`07 0d 7879 0001 00`);
  assert.deepEqual(
    device.take().map(({ type }) => type),
    ['publish'],
  );
});

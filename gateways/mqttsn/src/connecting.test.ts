import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnTest } from './testing.js';

test('§6.1 SEARCHGW is answered with GWINFO', async () => {
  const it = new SnTest({ gateway_id: 7 });
  const device = it.device();
  device.receives('03 01 00');
  assert.deepEqual(device.look(), ['GWINFO gwId=7 gwAdd=0 bytes']);
});

test('§6.1 behind a forwarder GWINFO goes as far as SEARCHGW went', async () => {
  const it = new SnTest();
  const forwarder = it.device();
  const wirelessNodeId = Buffer.from('01', 'hex');
  for (const radius of [0, 2, 3, 200]) {
    const message = { type: 'searchgw', radius } as const;
    await forwarder.sends({ type: 'encapsulated', radius: 1, wirelessNodeId, message });
  }
  assert.deepEqual(
    forwarder.look(),
    [0, 2, 3, 3].map((radius) => `ENCAPSULATED node=01 radius=${radius} GWINFO gwId=1 gwAdd=0 bytes`),
  );
});

test('§6.1 SEARCHGW in a multicast group is answered at once, anything else there is not', () => {
  const { gateway } = new SnTest({ gateway_id: 7 });
  const asked = (hex: string) => gateway.answerMulticast?.(Buffer.from(hex, 'hex'));
  assert.deepEqual(asked('030100'), { datagram: Buffer.from('030207', 'hex'), delay: 0 });
  for (const hex of ['050001003c', '07040401003c61', '0216', '0401', '']) {
    assert.equal(asked(hex), undefined, hex);
  }
});

test('§6.1 ADVERTISE goes to a broadcast or multicast address, if there is one', () => {
  assert.equal(new SnTest().gateway.announcement, undefined);
  const config = { gateway_id: 7, advertise_address: '225.1.1.1:1883', advertise_interval: '90s' };
  assert.deepEqual(new SnTest(config).gateway.announcement, {
    datagram: Buffer.from('050007005a', 'hex'),
    to: { host: '225.1.1.1', port: 1883 },
    interval: 90_000,
  });
  for (const advertise_address of [
    'gateways',
    '225.1.1.1',
    '225.1.1.1:0',
    '225.1.1.1:65536',
    '300.1.1.1:1',
  ]) {
    assert.throws(() => new SnTest({ advertise_address }), /not an IPv4 address and port/);
  }
});

test('§6.2 CONNECT opens a session under the client id', async () => {
  const it = new SnTest({ mountpoint: 'sn/', username: 'sensors', password: 'secret' });
  const device = await it.connected('dev1', { duration: 30 });
  assert.equal(device.peer.clientId, 'dev1');
  const client = it.hub.engine.sessions.get('dev1')?.client;
  assert.equal(client?.protocol, 'MQTT-SN');
  assert.equal(client.username, 'sensors');
  assert.equal(client.keepalive, 30);
  assert.equal(client.mountpoint, 'sn/');
  assert.equal(it.gauge('clients'), 1);
});

test('§6.2 wrong credentials, another protocol and an unusable client id are refused', async () => {
  const it = new SnTest();
  const device = it.device();
  await device.connects('dev1', { protocolId: 2 });
  await device.connects('x'.repeat(256));
  await device.connects('', { cleanSession: false });
  await device.connects('dev\0');
  assert.deepEqual(device.look(), Array(4).fill('CONNACK notSupported'));
  it.hub.access.addAuthenticator({
    name: 'test',
    authenticate: () => ({ answer: 'deny', refusal: 'bad_credentials' }),
  });
  await device.connects('dev1');
  assert.deepEqual(device.look(), ['CONNACK notSupported']);
  assert.deepEqual(it.clients, []);
  assert.equal(it.count('connect.refused'), 5);
});

test('§5.3.10 a hub that has no room says congestion', async () => {
  const it = new SnTest();
  it.hub.access.addAuthenticator({
    name: 'test',
    authenticate: () => ({ answer: 'deny', refusal: 'server_busy' }),
  });
  const device = it.device();
  await device.connects('dev1');
  assert.deepEqual(device.look(), ['CONNACK congestion']);
});

test('over DTLS the client id that a certificate proves stands above what a client says', async () => {
  const it = new SnTest();
  const secured = (clientId: string, port: number) =>
    it.device({
      transport: 'dtls',
      peer: { host: '192.0.2.1', port },
      proven: { clientId, username: undefined },
    });
  const device = secured('cn-1', 1);
  await device.connects('dev1', { cleanSession: false });
  device.registers('a');
  device.sleeps(60);
  assert.deepEqual(it.clients, ['cn-1']);
  assert.deepEqual(device.look(), ['CONNACK accepted', 'REGACK msgId=1 topicId=1 accepted', 'DISCONNECT']);
  const other = secured('cn-2', 2);
  await other.connects('dev1', { cleanSession: false });
  other.registers('b');
  assert.deepEqual(other.look(), ['CONNACK accepted', 'REGACK msgId=1 topicId=1 accepted']);
  const rebound = secured('cn-1', 3);
  await rebound.pings('dev1');
  assert.deepEqual(rebound.look(), ['PINGRESP']);
  assert.deepEqual(it.clients, ['cn-1', 'cn-2']);
});

test('over DTLS wireless nodes do not have the client id that their forwarder proves, but its username', async () => {
  const it = new SnTest();
  const forwarder = it.device({ transport: 'dtls', proven: { clientId: 'cn-1', username: 'forwarder' } });
  for (const node of ['01', '02']) {
    const connect = {
      type: 'connect',
      cleanSession: true,
      will: false,
      protocolId: 1,
      duration: 60,
    } as const;
    const message = { ...connect, clientId: `node-${node}` };
    await forwarder.sends({
      type: 'encapsulated',
      radius: 0,
      wirelessNodeId: Buffer.from(node, 'hex'),
      message,
    });
  }
  assert.deepEqual(it.clients, ['node-01', 'node-02']);
  assert.equal(it.hub.engine.sessions.get('node-01')?.client.username, 'forwarder');
});

test('clients are bounded by max_clients, also those whose address is forgotten', async () => {
  const it = new SnTest({ max_clients: 2 });
  const first = await it.connected('dev1', { duration: 0 });
  first.forgotten();
  const second = await it.connected('dev2');
  const third = it.device();
  await third.connects('dev3');
  assert.deepEqual(third.look(), ['CONNACK congestion']);
  await third.connects('dev1');
  await second.connects('dev3');
  assert.deepEqual([third.look(), second.look()], [['CONNACK accepted'], ['CONNACK accepted']]);
  assert.deepEqual(it.clients, ['dev1', 'dev3']);
  assert.equal(it.count('connect.refused'), 1);
});

test('a client without a client id gets one for a clean session', async () => {
  const it = new SnTest();
  await it.connected('');
  assert.match(it.clients.join(), /^mqttsn-[0-9a-f-]{36}$/);
});

test('CONNECT that comes again, because CONNACK was lost, is answered again', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.connects('dev1');
  assert.deepEqual(device.look(), ['CONNACK accepted']);
  assert.deepEqual(it.clients, ['dev1']);
  assert.equal(it.gauge('clients'), 1);
});

test('a client that connects from elsewhere takes its session along, the old address is told', async () => {
  const it = new SnTest();
  const before = await it.connected('dev1', { cleanSession: false });
  await before.subscribes('room/light');
  const after = await it.connected('dev1', { cleanSession: false });
  assert.deepEqual(before.look(), ['DISCONNECT']);
  it.publish('room/light', 'on');
  assert.deepEqual(after.drain(), ['REGISTER 1 room/light', 'PUBLISH q1 id 1 on']);
  before.registers('a');
  assert.deepEqual(before.look(), ['DISCONNECT']);
});

test('another client at the same address replaces the one that was there', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.connects('dev2');
  assert.deepEqual(device.look(), ['CONNACK accepted']);
  assert.deepEqual(it.clients, ['dev2']);
});

test('§6.3 the gateway asks for the will, and publishes it when the client is lost', async () => {
  const it = new SnTest();
  it.app.subscribe('will/#', { qos: 2 });
  const device = it.device();
  await device.connects('dev1', { will: true });
  assert.deepEqual(device.look(), ['WILLTOPICREQ']);
  await device.sends({ type: 'willtopic', qos: 1, retain: false, willTopic: 'will/dev1' });
  await device.sends({ type: 'willtopic', qos: 1, retain: false, willTopic: 'will/dev1' });
  assert.deepEqual(device.look(), ['WILLMSGREQ', 'WILLMSGREQ']);
  assert.deepEqual(it.clients, []);
  await device.sends({ type: 'willmsg', willMsg: Buffer.from('gone') });
  await device.sends({ type: 'willmsg', willMsg: Buffer.from('gone') });
  assert.deepEqual(device.look(), ['CONNACK accepted', 'CONNACK accepted']);
  it.wait(90_010);
  assert.deepEqual(it.app.take(), ['will/dev1=gone']);
  assert.deepEqual(it.clients, []);
  assert.equal(it.count('clients.lost'), 1);
});

test('§6.3 an empty WILLTOPIC means no will; one of QoS -1 is refused', async () => {
  const it = new SnTest();
  const device = it.device();
  await device.connects('dev1', { will: true });
  await device.receives('02 07');
  assert.deepEqual(device.look(), ['WILLTOPICREQ', 'CONNACK accepted']);
  await device.connects('dev1', { will: true });
  await device.sends({ type: 'willtopic', qos: -1, retain: false, willTopic: 'will' });
  await device.sends({ type: 'willmsg', willMsg: Buffer.from('gone') });
  assert.deepEqual(device.look(), ['WILLTOPICREQ', 'WILLMSGREQ', 'CONNACK notSupported']);
});

test('§6.3 a session that goes on keeps its will, a clean one has none', async () => {
  const it = new SnTest();
  it.app.subscribe('will', { qos: 2 });
  const device = it.device();
  const persistent = { cleanSession: false };
  await device.connects('dev1', { ...persistent, will: true });
  await device.sends({ type: 'willtopic', qos: 0, retain: false, willTopic: 'will' });
  await device.sends({ type: 'willmsg', willMsg: Buffer.from('gone') });
  device.sends({ type: 'disconnect', duration: undefined });
  assert.deepEqual(it.app.take(), []);
  await device.connects('dev1', persistent);
  it.wait(90_010);
  assert.deepEqual(it.app.take(), ['will=gone']);
  await device.connects('dev1');
  it.wait(90_010);
  assert.deepEqual(it.app.take(), []);
});

for (const cleanSession of [true, false]) {
  for (const sleeps of [true, false]) {
    const what = `that ${sleeps ? 'sleeps' : 'is active'}, clean session ${cleanSession},`;
    test(`§6.14 a client ${what} is not lost by connecting anew: no will is published`, async () => {
      const it = new SnTest();
      it.app.subscribe('will', { qos: 2 });
      const device = await it.connected('dev1', { cleanSession });
      device.sends({ type: 'willtopicupd', qos: 0, retain: false, willTopic: 'will' });
      if (sleeps) device.sleeps(60);
      await device.connects('dev1', { cleanSession });
      await device.connects('dev1', { cleanSession: true });
      it.wait(90_020);
      assert.deepEqual([it.app.take(), it.clients], [[], []]);
    });
  }
}

test('§6.2 a client that connects from an address that was forgotten gets CONNACK before its messages', async () => {
  const it = new SnTest();
  const before = await it.connected('dev1', { cleanSession: false });
  await before.subscribes('zz');
  it.publish('zz', 'on', 1);
  assert.deepEqual(before.look(), [`PUBLISH q1 short ${0x7a7a} on`]);
  const device = before.forgotten();
  await device.connects('dev1', { cleanSession: false });
  assert.deepEqual(device.look(), ['CONNACK accepted', `PUBLISH q1 dup short ${0x7a7a} on`]);
  const again = device.forgotten();
  await again.connects('dev1', { cleanSession: false, will: true });
  await again.sends({ type: 'willtopic', qos: 1, retain: false, willTopic: 'will' });
  await again.sends({ type: 'willmsg', willMsg: Buffer.from('gone') });
  const lines = ['WILLTOPICREQ', 'WILLMSGREQ', 'CONNACK accepted', `PUBLISH q1 dup short ${0x7a7a} on`];
  assert.deepEqual(again.drain(), lines);
});

test('a client that has begun to connect anew and goes on without gets what waited for it', async () => {
  const it = new SnTest();
  const before = await it.connected('dev1');
  await before.subscribes('zz');
  const device = before.forgotten();
  it.publish('zz', 'on', 1);
  await device.connects('dev1', { will: true });
  assert.deepEqual(device.look(), ['WILLTOPICREQ']);
  await device.pings();
  assert.deepEqual(device.drain(), ['PINGRESP', `PUBLISH q1 short ${0x7a7a} on`]);
});

test('§6.4 WILLTOPICUPD and WILLMSGUPD change the will, an empty WILLTOPICUPD deletes it', async () => {
  const it = new SnTest();
  it.app.subscribe('will/#', { qos: 2 });
  const device = await it.connected('dev1');
  device.sends({ type: 'willmsgupd', willMsg: Buffer.from('early') });
  device.sends({ type: 'willtopicupd', qos: 1, retain: false, willTopic: 'will/#' });
  assert.deepEqual(device.look(), ['WILLMSGRESP notSupported', 'WILLTOPICRESP invalidTopicId']);
  device.sends({ type: 'willtopicupd', qos: 1, retain: false, willTopic: 'will/2' });
  device.sends({ type: 'willmsgupd', willMsg: Buffer.from('new') });
  assert.deepEqual(device.look(), ['WILLTOPICRESP accepted', 'WILLMSGRESP accepted']);
  it.wait(90_010);
  assert.deepEqual(it.app.take(), ['will/2=new']);
  await device.connects('dev1');
  device.sends({ type: 'willtopicupd', qos: 1, retain: false, willTopic: 'will/3' });
  device.receives('02 1a');
  device.look();
  it.wait(90_010);
  assert.deepEqual(it.app.take(), []);
});

test('§6.11 a client is lost when nothing came for its keep alive, 50% longer up to a minute, 10% above', async () => {
  const it = new SnTest();
  const short = await it.connected('short', { duration: 60 });
  const long = await it.connected('long', { duration: 1000 });
  await it.connected('for ever', { duration: 0 });
  it.wait(60_000);
  short.pings();
  assert.deepEqual(short.look(), ['PINGRESP']);
  it.wait(89_980);
  assert.deepEqual(it.clients, ['for ever', 'long', 'short']);
  it.wait(40);
  assert.deepEqual(short.look(), ['DISCONNECT']);
  assert.deepEqual(it.clients, ['for ever', 'long']);
  it.wait(1_100_000 - 150_020 - 20);
  assert.deepEqual(it.clients, ['for ever', 'long']);
  it.wait(40);
  assert.deepEqual(long.look(), ['DISCONNECT']);
  assert.deepEqual(it.clients, ['for ever']);
});

test('§6.12 DISCONNECT is answered with DISCONNECT; a session that is not clean stays', async () => {
  const it = new SnTest();
  const clean = await it.connected('clean');
  const kept = await it.connected('kept', { cleanSession: false });
  for (const device of [clean, kept]) {
    device.sends({ type: 'disconnect', duration: undefined });
    assert.deepEqual(device.look(), ['DISCONNECT']);
  }
  assert.deepEqual(it.clients, ['kept']);
  it.wait(7_200_010);
  assert.deepEqual(it.clients, []);
});

test('an address that nobody connects from is forgotten after idle_timeout, one with a client is not', async () => {
  const it = new SnTest({ idle_timeout: '30s' });
  const stranger = it.device();
  stranger.receives('03 01 00');
  const device = await it.connected('dev1', { duration: 0 });
  it.wait(29_000);
  stranger.receives('03 01 00');
  it.wait(29_000);
  assert.equal(stranger.peer.ended, undefined);
  it.wait(1_010);
  assert.equal(stranger.peer.ended, 'idle_timeout');
  assert.equal(device.peer.ended, undefined);
  device.sends({ type: 'disconnect', duration: undefined });
  it.wait(60_020);
  assert.equal(device.peer.ended, 'idle_timeout');
});

test('the listener keeps the address of a client for its keep alive or its sleep, and as long as §7.2 adds to it', async () => {
  const it = new SnTest();
  const durations = { active: 3600, asleep: 7200 };
  const active = await it.connected('active', { duration: durations.active });
  const sleeper = await it.connected('sleeper', { duration: 30 });
  sleeper.sleeps(durations.asleep);
  const unlimited = await it.connected('unlimited', { duration: 0 });
  const kept = () => [active, sleeper, unlimited].map(({ channel }) => channel.mayBeSilent?.());
  assert.deepEqual(kept(), [true, true, false]);
  it.wait(durations.active * 1100 - 10);
  assert.deepEqual(kept(), [true, true, false]);
  it.wait(20);
  assert.deepEqual(kept(), [false, true, false]);
  it.wait((durations.asleep - durations.active) * 1100 - 30);
  assert.deepEqual(kept(), [false, true, false]);
  it.wait(30);
  assert.deepEqual(kept(), [false, false, false]);
  assert.equal(it.count('clients.lost'), 2);
});

test('the listener keeps a forwarder for as long as one of its wireless nodes', async () => {
  const it = new SnTest();
  const forwarder = it.device();
  const wirelessNodeId = Buffer.from('01', 'hex');
  const encapsulated = { type: 'encapsulated', radius: 0, wirelessNodeId } as const;
  const connect = { type: 'connect', cleanSession: true, will: false, protocolId: 1 } as const;
  await forwarder.sends({ ...encapsulated, message: { ...connect, duration: 3600, clientId: 'node' } });
  assert.equal(forwarder.channel.mayBeSilent?.(), true);
  await forwarder.sends({ ...encapsulated, message: { type: 'disconnect', duration: undefined } });
  assert.equal(forwarder.channel.mayBeSilent?.(), false);
});

test('a client whose address has been forgotten for its silence goes on when it is heard again', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { duration: 600 });
  await device.subscribes('room/light');
  const again = device.forgotten();
  it.publish('room/light', 'on');
  again.pings();
  assert.deepEqual(again.drain(), ['PINGRESP', 'PUBLISH q1 id 1 on']);
});

test('when the gateway stops active clients are told', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  device.channel.onShutdown();
  assert.deepEqual(device.look(), ['DISCONNECT']);
  assert.deepEqual(it.clients, []);
});

test('a kicked client is told', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  it.hub.engine.sessions.get('dev1')?.attachment?.expel('kicked');
  assert.deepEqual(device.look(), ['DISCONNECT']);
  device.registers('a');
  assert.deepEqual(device.look(), ['DISCONNECT']);
});

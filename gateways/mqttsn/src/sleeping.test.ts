import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@portico/core';
import { type Device, SnTest } from './testing.js';

/** A client that has subscribed to `room/light` and sleeps for a minute. */
async function sleeper(it: SnTest, clientId = 'dev1', cleanSession = true): Promise<Device> {
  const device = await it.connected(clientId, { duration: 10, cleanSession });
  await device.subscribes('room/light');
  device.sleeps(60);
  assert.deepEqual(device.look(), ['DISCONNECT']);
  return device;
}

test('§6.14 active to asleep: DISCONNECT with a duration is answered, and nothing is sent any more', async () => {
  const it = new SnTest();
  const device = await sleeper(it);
  it.publish('room/light', 'on', 1);
  it.publish('room/light', 'off', 0);
  it.wait(89_000);
  assert.deepEqual(device.look(), []);
  assert.deepEqual(it.clients, ['dev1']);
  assert.equal(it.gauge('clients.asleep'), 1);
});

test('§6.14 asleep to awake and back: PINGREQ brings all messages, then PINGRESP, then never again', async () => {
  const it = new SnTest();
  const device = await sleeper(it);
  for (const [index, qos] of ([1, 0, 2, 1] as const).entries()) it.publish('room/light', `m${index}`, qos);
  device.pings('dev1');
  assert.deepEqual(device.drain(), [
    'PUBLISH q1 id 1 m0',
    'PUBLISH q0 id 1 m1',
    'PUBLISH q1 id 1 m2',
    'PUBLISH q1 id 1 m3',
    'PINGRESP',
  ]);
  it.publish('room/light', 'later', 0);
  assert.deepEqual(device.look(), []);
  device.pings('dev1');
  assert.deepEqual(device.drain(), ['PUBLISH q0 id 1 later', 'PINGRESP']);
  device.pings('dev1');
  assert.deepEqual(device.drain(), ['PINGRESP']);
  assert.equal(it.count('clients.woken'), 3);
});

test('§6.14 awake: PINGRESP waits for the last acknowledgement, also of QoS 2', async () => {
  const it = new SnTest({ max_inflight: 5 });
  const device = await it.connected('dev1');
  await device.subscribes('t/1', 2);
  device.sleeps(60);
  it.publish('t/1', 'a', 2);
  it.publish('t/1', 'b', 1);
  device.pings('dev1');
  assert.deepEqual(device.look(), ['DISCONNECT', 'PUBLISH q2 id 1 a', 'PUBLISH q1 id 1 b']);
  device.receives('07 0d 0001 0002 00');
  device.receives('04 0f 0001');
  assert.deepEqual(device.look(), ['PUBREL']);
  device.receives('04 0e 0001');
  assert.deepEqual(device.look(), ['PINGRESP']);
});

test('§6.14 awake to active: CONNECT while messages are on their way brings the rest', async () => {
  const it = new SnTest();
  const device = await sleeper(it, 'dev1', false);
  it.publish('room/light', '1', 1);
  it.publish('room/light', '2', 1);
  device.pings('dev1');
  assert.deepEqual(device.look(), ['PUBLISH q1 id 1 1']);
  await device.connects('dev1', { cleanSession: false });
  assert.deepEqual(device.drain(), [
    'CONNACK accepted',
    'REGISTER 1 room/light',
    'PUBLISH q1 dup id 1 1',
    'PUBLISH q1 id 1 2',
  ]);
});

test('§6.14 asleep to active: CONNECT brings what waited', async () => {
  const it = new SnTest();
  const device = await sleeper(it, 'dev1', false);
  it.publish('room/light', 'on', 1);
  await device.connects('dev1', { cleanSession: false, duration: 10 });
  assert.deepEqual(device.drain(), ['CONNACK accepted', 'REGISTER 1 room/light', 'PUBLISH q1 id 1 on']);
  assert.equal(it.gauge('clients.asleep'), 0);
  it.publish('room/light', 'off', 1);
  assert.deepEqual(device.drain(), ['PUBLISH q1 id 1 off']);
  it.wait(15_020);
  assert.deepEqual(device.look(), ['DISCONNECT']);
});

test('§6.14 asleep to lost: who does not come back in the announced time leaves its will', async () => {
  const it = new SnTest();
  it.app.subscribe('will/#', { qos: 1 });
  const device = await sleeper(it);
  device.sends({ type: 'willtopicupd', qos: 0, retain: false, willTopic: 'will/dev1' });
  it.wait(89_900);
  device.pings('dev1');
  it.wait(89_900);
  assert.deepEqual(it.app.take(), []);
  it.wait(200);
  assert.deepEqual(it.app.take(), ['will/dev1=']);
  assert.deepEqual(it.clients, []);
  assert.deepEqual([it.gauge('clients'), it.gauge('clients.asleep')], [0, 0]);
});

test('§6.14 awake to lost: who stops in the middle of its messages is asleep, and lost in the end', async () => {
  const it = new SnTest({ retry_interval: '10s', max_retries: 1 });
  const device = await sleeper(it);
  it.publish('room/light', 'on', 1);
  device.pings('dev1');
  it.wait(10_020);
  it.wait(10_020);
  it.wait(10_020);
  assert.deepEqual(device.look(), ['PUBLISH q1 id 1 on', 'PUBLISH q1 dup id 1 on']);
  assert.deepEqual(it.clients, ['dev1']);
  device.pings('dev1');
  assert.deepEqual(device.drain(), ['PUBLISH q1 dup id 1 on', 'PINGRESP']);
  device.pings('dev1');
  it.wait(90_020);
  assert.deepEqual(it.clients, []);
});

test('§6.14 asleep to asleep: another DISCONNECT with a duration changes the duration', async () => {
  const it = new SnTest();
  const device = await sleeper(it);
  device.sleeps(1000);
  assert.deepEqual(device.look(), ['DISCONNECT']);
  it.wait(1_099_000);
  assert.deepEqual(it.clients, ['dev1']);
  it.wait(1_100);
  assert.deepEqual(it.clients, []);
});

test('§6.14 asleep to disconnected: DISCONNECT without a duration, no will', async () => {
  const it = new SnTest();
  it.app.subscribe('will');
  const device = await sleeper(it);
  device.sends({ type: 'willtopicupd', qos: 0, retain: false, willTopic: 'will' });
  device.look();
  device.sends({ type: 'disconnect', duration: undefined });
  assert.deepEqual(device.look(), ['DISCONNECT']);
  assert.deepEqual([it.clients, it.app.take()], [[], []]);
});

test('§6.14 awake to asleep: a DISCONNECT with a duration in the middle keeps the rest for the next time', async () => {
  const it = new SnTest();
  const device = await sleeper(it);
  it.publish('room/light', '1', 1);
  it.publish('room/light', '2', 1);
  device.pings('dev1');
  device.sleeps(60);
  assert.deepEqual(device.look(), ['PUBLISH q1 id 1 1', 'DISCONNECT']);
  device.pings('dev1');
  assert.deepEqual(device.drain(), ['PUBLISH q1 dup id 1 1', 'PUBLISH q1 id 1 2', 'PINGRESP']);
});

test('§6.14 on waking a topic of a wildcard subscription is registered, then published', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.subscribes('room/#');
  device.sleeps(60);
  it.publish('room/light', 'on', 1);
  it.publish('room/temp', '21', 0);
  it.publish('room/light', 'off', 0);
  device.pings('dev1');
  assert.deepEqual(device.drain(), [
    'DISCONNECT',
    'REGISTER 1 room/light',
    'PUBLISH q1 id 1 on',
    'REGISTER 2 room/temp',
    'PUBLISH q0 id 2 21',
    'PUBLISH q0 id 1 off',
    'PINGRESP',
  ]);
});

test('who falls asleep in the middle of a REGISTER gets the messages when it wakes', async () => {
  const it = new SnTest({ max_inflight: 5 });
  const device = await it.connected('dev1');
  await device.subscribes('room/#');
  it.publish('room/light', 'on', 1);
  it.publish('room/temp', '21', 0);
  assert.deepEqual(device.look(), ['REGISTER 1 room/light']);
  device.sleeps(60);
  it.wait(30_000);
  assert.deepEqual(device.look(), ['DISCONNECT']);
  device.pings('dev1');
  assert.deepEqual(device.drain().sort(), [
    'PINGRESP',
    'PUBLISH q0 id 2 21',
    'PUBLISH q1 dup id 1 on',
    'REGISTER 1 room/light',
    'REGISTER 2 room/temp',
  ]);
});

test('topic ids outlive the sleep', async () => {
  const it = new SnTest();
  it.app.subscribe('room/temp');
  const device = await it.connected('dev1');
  device.registers('room/temp');
  device.sleeps(60);
  device.pings('dev1');
  device.look();
  device.receives('09 0c 20 0001 0002 3231');
  assert.deepEqual(device.look(), ['PUBACK msgId=2 topicId=1 accepted']);
  assert.deepEqual(it.app.take(), ['room/temp=21']);
});

test('PINGREQ of a sleeping client is recognised with and without a client id', async () => {
  const it = new SnTest();
  const device = await sleeper(it);
  device.pings('dev1');
  device.pings();
  assert.deepEqual(device.look(), ['PINGRESP', 'PINGRESP']);
});

test('PINGREQ that comes again, because the messages were lost, brings them again', async () => {
  const it = new SnTest();
  const device = await sleeper(it);
  it.publish('room/light', 'on', 1);
  device.pings('dev1');
  device.look();
  device.pings('dev1');
  assert.deepEqual(device.drain(), ['PUBLISH q1 dup id 1 on', 'PINGRESP']);
});

test('over DTLS a sleeping client goes on from any host with its key, and nobody with another key', async () => {
  const it = new SnTest();
  const secured = (pskIdentity: string, host: string) =>
    it.device({ transport: 'dtls', pskIdentity, peer: { host, port: 7 } });
  const device = secured('key-1', '192.0.2.1');
  await device.connects('dev1');
  device.look();
  device.sleeps(60);
  assert.deepEqual(device.look(), ['DISCONNECT']);
  const stranger = secured('key-2', '192.0.2.1');
  await stranger.pings('dev1');
  assert.deepEqual(stranger.look(), ['DISCONNECT']);
  const elsewhere = secured('key-1', '198.51.100.1');
  await elsewhere.pings('dev1');
  assert.deepEqual(elsewhere.look(), ['PINGRESP']);
});

test('a sleeping client goes on from another port, but not from another host', async () => {
  const it = new SnTest();
  const device = await sleeper(it);
  it.publish('room/light', 'on', 1);
  const thief = it.device({ peer: { host: '198.51.100.1', port: 1 } });
  await thief.pings('dev1');
  assert.deepEqual(thief.look(), ['DISCONNECT']);
  const rebound = device.rebound();
  await rebound.pings('dev1');
  assert.deepEqual(rebound.drain(), ['PUBLISH q1 id 1 on', 'PINGRESP']);
  assert.equal(it.count('clients.moved'), 1);
  device.registers('a');
  assert.deepEqual(device.look(), ['DISCONNECT']);
});

test('a sleeping client whose address has been forgotten meanwhile is found again', async () => {
  const it = new SnTest();
  const device = (await sleeper(it)).forgotten();
  it.publish('room/light', 'on', 1);
  assert.deepEqual(device.look(), []);
  device.pings('dev1');
  assert.deepEqual(device.drain(), ['PUBLISH q1 id 1 on', 'PINGRESP']);
});

test('messages wait for a sleeping client by the rules of the queue', async () => {
  const it = new SnTest({ max_mqueue_len: 2, mqueue_store_qos0: false });
  const device = await sleeper(it);
  it.publish('room/light', '0', 0);
  for (const payload of ['1', '2', '3']) it.publish('room/light', payload, 1);
  device.pings('dev1');
  assert.deepEqual(device.drain(), ['PUBLISH q1 id 1 2', 'PUBLISH q1 id 1 3', 'PINGRESP']);
  assert.equal(it.hub.metrics.get('delivery.dropped.qos0_msg'), 1);
  assert.equal(it.hub.metrics.get('delivery.dropped.queue_full'), 1);
});

test('an awake client whose last message expires is let go back to sleep', async () => {
  const it = new SnTest({ retry_interval: '10s' });
  const device = await sleeper(it);
  it.publish('room/light', 'on', 1);
  const properties = { messageExpiryInterval: 5 };
  it.app.session.publish({
    topic: 'room/light',
    payload: Buffer.from('old'),
    qos: 1,
    retain: false,
    properties,
  });
  device.pings('dev1');
  it.wait(6_000);
  assert.deepEqual(device.drain(), ['PUBLISH q1 id 1 on', 'PINGRESP']);
});

test('operators see what a client is like and where it is, and how many are in each state', async () => {
  const lines: string[] = [];
  const output = { write: (line: string) => void lines.push(line) };
  const it = new SnTest({}, { log: createLogger({ level: 'debug', format: 'text', output }) });
  const device = await it.connected('dev1');
  await device.subscribes('t');
  const seen = () => [it.gauge('clients.active'), it.gauge('clients.asleep'), it.gauge('clients.awake')];
  const shown = () => it.hub.engine.sessions.get('dev1')?.status;
  assert.deepEqual([shown()?.state, ...seen()], ['active', 1, 0, 0]);
  device.sleeps(60);
  assert.deepEqual([shown()?.state, ...seen()], ['asleep', 0, 1, 0]);
  it.publish('t', 'x');
  const rebound = device.rebound();
  rebound.pings('dev1');
  assert.deepEqual([shown(), ...seen()], [{ state: 'awake', peer: rebound.peer.info.peer }, 0, 0, 1]);
  const port = rebound.peer.info.peer.port;
  assert.match(lines.at(-1) ?? '', new RegExp(`clientid=dev1 .*mqttsn.*:${port} state=awake`));
  it.wait(90_010);
  assert.deepEqual([shown(), ...seen(), it.gauge('clients')], [undefined, 0, 0, 0, 0]);
  assert.match(lines.at(-1) ?? '', /client disconnected clientid=dev1 .* state=a\w+ reason=sleep_timeout/);
});

test('10,000 sleeping clients wake each to its own messages', async () => {
  const it = new SnTest();
  const devices: Device[] = [];
  for (let i = 0; i < 10_000; i++) {
    const device = it.device();
    await device.connects(`dev${i}`, { duration: 60 });
    device.sends({ type: 'subscribe', dup: false, qos: 1, msgId: 1, topicIdType: 0, topicName: `dn/${i}` });
    device.sleeps(3600);
    assert.equal(device.take().length, 3);
    devices.push(device);
  }
  assert.equal(it.gauge('clients.asleep'), 10_000);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < devices.length; i++) it.publish(`dn/${i}`, `${round} for ${i}`);
    it.wait(1_800_000);
    for (const [i, device] of devices.entries()) {
      assert.deepEqual(device.take(), []);
      device.pings(`dev${i}`);
      assert.deepEqual(device.drain(), [`PUBLISH q1 id 1 ${round} for ${i}`, 'PINGRESP']);
    }
  }
});

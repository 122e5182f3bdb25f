import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnMessage } from '@portico/codec-mqtt-sn';
import { MemoryStore, VirtualClock } from '@portico/core';
import { TestStore } from '@portico/core/testing';
import { snConfig } from './config.js';
import { mqttSnGateway } from './gateway.js';
import { type Device, SnTest } from './testing.js';

const SUBSCRIBE = { type: 'subscribe', dup: false, qos: 1, msgId: 9, topicIdType: 0 } as const;

/** Hubs that follow one another on the same store. */
class Restarts {
  readonly #clock = new VirtualClock();
  readonly #store: MemoryStore;
  #running: SnTest | undefined;

  constructor(store = new MemoryStore({ durable: true })) {
    this.#store = store;
  }

  /** The one that runs falls without a word. */
  async start(config: Record<string, unknown> = {}): Promise<SnTest> {
    this.#running = new SnTest(config, { store: this.#store, clock: this.#clock });
    await this.#running.hub.engine.start();
    return this.#running;
  }
}

/** A client that has registered `room/temp`, subscribed to `room/light` and sleeps for ten minutes. */
async function sleeper(it: SnTest, cleanSession: boolean): Promise<Device> {
  const device = await it.connected('dev1', { cleanSession });
  device.registers('room/temp');
  device.look();
  await device.subscribes('room/light');
  device.sleeps(600);
  assert.deepEqual(device.look(), ['DISCONNECT']);
  return device;
}

async function drained(it: SnTest, device: Device): Promise<string[]> {
  const lines: string[] = [];
  for (let turn = 0; turn < 10; turn++) {
    await it.hub.nextTurn();
    lines.push(...device.drain());
  }
  return lines;
}

for (const cleanSession of [false, true]) {
  for (const end of ['falls', 'stops'] as const) {
    test(`a sleeping client finds messages and topic ids when the hub ${end}, clean session ${cleanSession}`, async () => {
      const restarts = new Restarts();
      const first = await restarts.start();
      await sleeper(first, cleanSession);
      first.publish('room/light', 'on', 1);
      if (end === 'stops') first.stop();
      const second = await restarts.start();
      second.app.subscribe('room/temp');
      second.publish('room/light', 'off', 1);
      const device = second.device();
      await device.pings('dev1');
      assert.deepEqual(await drained(second, device), [
        'REGISTER 2 room/light',
        // Who falls does not know what it has sent.
        `PUBLISH q1${end === 'falls' ? ' dup' : ''} id 2 on`,
        'PUBLISH q1 id 2 off',
        'PINGRESP',
      ]);
      device.receives('09 0c 20 0001 0002 3231');
      assert.deepEqual(device.look(), ['PUBACK msgId=2 topicId=1 accepted']);
      assert.deepEqual(second.app.take(), ['room/temp=21']);
      await device.pings('dev1');
      assert.deepEqual(await drained(second, device), ['PINGRESP']);
      second.wait(660_020);
      assert.deepEqual(second.clients, cleanSession ? [] : ['dev1']);
    });
  }
}

test('a client that slept too long while the hub was away has to connect', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  await sleeper(first, false);
  first.wait(660_020);
  const second = await restarts.start();
  const device = second.device();
  await device.pings('dev1');
  assert.deepEqual(device.look(), ['DISCONNECT']);
});

test('after a restart nobody gets the messages of a sleeping client at another host, or of one that did not sleep', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  await sleeper(first, false);
  await first.connected('awake', { cleanSession: false });
  const second = await restarts.start();
  const thief = second.device({ peer: { host: '198.51.100.1', port: 1 } });
  for (const clientId of ['dev1', 'awake', 'nobody']) await thief.pings(clientId);
  await second.device().pings('awake');
  assert.deepEqual(thief.look(), Array(3).fill('DISCONNECT'));
});

test('SN-06: a session that goes on keeps its topic ids, which the client is told before their first message', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const device = await first.connected('dev1', { cleanSession: false });
  await device.subscribes('room/#');
  first.publish('room/light', 'on');
  assert.deepEqual(device.drain(), ['REGISTER 1 room/light', 'PUBLISH q1 id 1 on']);
  device.registers('room/temp');
  device.sends({ type: 'disconnect', duration: undefined });
  first.publish('room/light', 'off');

  const second = await restarts.start();
  second.app.subscribe('room/temp');
  const again = second.device();
  await again.connects('dev1', { cleanSession: false });
  assert.deepEqual(await drained(second, again), [
    'CONNACK accepted',
    'REGISTER 1 room/light',
    'PUBLISH q1 id 1 off',
  ]);
  again.receives('09 0c 20 0002 0002 3231');
  assert.deepEqual(second.app.take(), ['room/temp=21']);
  again.drain();
  await again.connects('dev1', { cleanSession: true });
  again.receives('09 0c 20 0002 0003 3231');
  assert.deepEqual(again.look(), ['CONNACK accepted', 'PUBACK msgId=3 topicId=2 invalidTopicId']);
});

for (const count of [1, 15, 16, 17, 40]) {
  test(`${count} topic ids outlive the hub`, async () => {
    const restarts = new Restarts();
    const first = await restarts.start();
    const device = await first.connected('dev1', { cleanSession: false });
    for (let i = 1; i <= count; i++) await device.registers(`topic/${i}`);
    const second = await restarts.start();
    second.app.subscribe('#');
    const again = await second.connected('dev1', { cleanSession: false });
    await again.registers('one/more');
    assert.deepEqual(again.look(), [`REGACK msgId=1 topicId=${count + 1} accepted`]);
    await again.sends({
      type: 'publish',
      dup: false,
      qos: 0,
      retain: false,
      topicIdType: 0,
      topicId: count,
      msgId: 0,
      data: Buffer.from('x'),
    });
    assert.deepEqual(second.app.take(), [`topic/${count}=x`]);
  });
}

test('topic ids of a session that was not clean do not come back with one that was', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const device = await first.connected('dev1', { cleanSession: false });
  for (let i = 1; i <= 40; i++) await device.registers(`topic/${i}`);
  await device.connects('dev1', { cleanSession: true });
  await device.sleeps(60);
  const again = (await restarts.start()).device();
  await again.pings('dev1');
  await again.registers('a');
  assert.deepEqual(again.look(), ['PINGRESP', 'REGACK msgId=1 topicId=1 accepted']);
});

test('a REGISTER writes down its topic with a few others, however many there are', async () => {
  const store = new MemoryStore({ durable: true });
  let octets = 0;
  const put = store.put.bind(store);
  store.put = (table, key, value) => {
    octets += value.length;
    put(table, key, value);
  };
  const it = new SnTest({}, { store });
  await it.hub.engine.start();
  const device = await it.connected('dev1', { cleanSession: false });
  for (let i = 0; i < 1000; i++) await device.registers(`sensors/floor/${i}`);
  assert.equal(device.look().filter((text) => text.endsWith('accepted')).length, 1000);
  assert.ok(octets < 1000 * 16 * 30, `${octets} octets`);
});

test('a record that cannot be understood is none', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { cleanSession: false });
  device.registers('a');
  device.sends({ type: 'disconnect', duration: undefined });
  it.hub.context('mqttsn').storage.put('dev1', Buffer.from('{'));
  const again = await it.connected('dev1', { cleanSession: false });
  again.registers('b');
  assert.deepEqual(again.look(), ['REGACK msgId=1 topicId=1 accepted']);
});

test('the will of a session outlives the hub', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const device = await first.connected('dev1', { cleanSession: false });
  device.sends({ type: 'willtopicupd', qos: 1, retain: true, willTopic: 'will' });
  device.sends({ type: 'willmsgupd', willMsg: Buffer.from('gone') });
  device.sends({ type: 'disconnect', duration: undefined });
  const second = await restarts.start();
  const again = second.device();
  await again.connects('dev1', { cleanSession: false });
  second.app.subscribe('will');
  second.wait(90_020);
  assert.deepEqual(second.app.take(), ['will=gone']);
});

/** A client with a will that sleeps for ten minutes, on a hub that falls or stops; and what came of the will so far. */
async function hubGoneWhileAsleep(end: 'falls' | 'stops', cleanSession: boolean) {
  const restarts = new Restarts();
  const first = await restarts.start();
  const device = await sleeper(first, cleanSession);
  device.sends({ type: 'willtopicupd', qos: 1, retain: true, willTopic: 'will' });
  if (end === 'stops') first.stop();
  const it = await restarts.start();
  it.app.subscribe('will');
  return it;
}

for (const end of ['falls', 'stops'] as const) {
  for (const cleanSession of [false, true]) {
    const when = `when the hub ${end}, clean session ${cleanSession}`;

    test(`§6.14 a sleeping client leaves its will when its sleep is over, not ${when}`, async () => {
      const it = await hubGoneWhileAsleep(end, cleanSession);
      it.wait(659_000);
      assert.deepEqual(it.app.take(), []);
      it.wait(2_000);
      assert.deepEqual(it.app.take(), ['will=']);
    });

    test(`§6.14 a sleeping client that comes back in time leaves no will ${when}`, async () => {
      const pinging = await hubGoneWhileAsleep(end, cleanSession);
      await pinging.device().pings('dev1');
      pinging.wait(659_000);
      assert.deepEqual(pinging.app.take(), []);
      pinging.wait(2_000);
      assert.deepEqual(pinging.app.take(), ['will=']);
      const connecting = await hubGoneWhileAsleep(end, cleanSession);
      await connecting.connected('dev1', { duration: 0, cleanSession });
      connecting.wait(800_000);
      assert.deepEqual(connecting.app.take(), []);
    });
  }
}

test('a client that has pinged for longer than it announced to sleep is still known when the hub falls', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const device = await sleeper(first, true);
  for (let i = 0; i < 3; i++) {
    first.wait(600_000);
    await device.pings('dev1');
  }
  first.publish('room/light', 'on', 1);
  const second = await restarts.start();
  const again = second.device();
  await again.pings('dev1');
  assert.deepEqual(await drained(second, again), [
    'REGISTER 2 room/light',
    'PUBLISH q1 dup id 2 on',
    'PINGRESP',
  ]);
});

test('a sleep that is longer than the session would live is remembered when the hub falls', async () => {
  const restarts = new Restarts();
  const first = await restarts.start({ session_expiry_interval: '60s' });
  await sleeper(first, false);
  const second = await restarts.start({ session_expiry_interval: '60s' });
  second.wait(600_000);
  const again = second.device();
  await again.pings('dev1');
  assert.deepEqual(again.look(), ['PINGRESP']);
});

test('what cannot be stored is refused with congestion', async () => {
  const store = new TestStore();
  const it = await new Restarts(store).start();
  it.hub.client('kept', { cleanStart: false, sessionExpiry: 60 }).subscribe('#', { qos: 2 });
  const device = await it.connected('dev1');
  store.full = true;
  device.receives('09 0c 22 7879 0003 6f6e');
  assert.deepEqual(device.look(), [`PUBACK msgId=3 topicId=${0x7879} congestion`]);
});

test('clients whose acknowledgements will never come have to connect again', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  device.channel.onStorageFailure?.();
  assert.deepEqual(it.clients, []);
});

test('messages of a subscription leave behind the SUBACK that waits for the store', async () => {
  const it = new SnTest();
  it.publish('room/light', 'kept', 0, true);
  const [device, other] = [await it.connected('dev1', { cleanSession: false }), await it.connected('dev2')];
  await other.registers('room/light');
  device.peer.storing = true;
  await device.sends({ ...SUBSCRIBE, topicName: 'room/light' });
  await other.receives('09 0c 00 0001 0000 6f6e');
  await it.hub.nextTurn();
  assert.deepEqual(device.look(), []);
  device.peer.settle();
  assert.deepEqual(device.look(), [
    'SUBACK Q1 msgId=9 topicId=1 accepted',
    'PUBLISH q0 id 1 on',
    'PUBLISH q0 retain id 1 kept',
  ]);
});

test('a PINGRESP that lets a client sleep again does not overtake its messages', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { cleanSession: false });
  await device.subscribes('xy');
  await device.sleeps(60);
  device.look();
  it.publish('xy', 'on', 0);
  await device.pings('dev1');
  assert.deepEqual(device.look(), ['PUBLISH q0 short 30841 on', 'PINGRESP']);
  device.peer.storing = true;
  await device.sleeps(60);
  it.publish('xy', 'off', 0);
  await device.pings('dev1');
  device.peer.settle();
  assert.deepEqual(device.look(), ['DISCONNECT', 'PUBLISH q0 short 30841 off', 'PINGRESP']);
});

test('a client that is told to connect anew is told at once', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { cleanSession: false });
  device.peer.storing = true;
  await device.sends({ ...SUBSCRIBE, topicName: 'xy' });
  device.channel.onShutdown();
  assert.deepEqual(device.look(), ['DISCONNECT']);
});

test('QoS 0 messages that wait behind an acknowledgement are bounded', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { cleanSession: false });
  device.peer.storing = true;
  await device.sends({ ...SUBSCRIBE, topicName: 'xy' });
  for (let i = 0; i < 1500; i++) it.publish('xy', `${i}`, 0);
  device.peer.settle();
  const lines = device.look();
  assert.deepEqual([lines[0], lines.length], ['SUBACK Q1 msgId=9 topicId=1 accepted', 1000]);
  assert.equal(it.hub.metrics.get('delivery.dropped.qos0_msg'), 501);
});

test('what is remembered of a client is forgotten when its session is over, also after a fall', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  await sleeper(first, false);
  const left = await first.connected('left', { cleanSession: false });
  left.registers('a');
  left.sends({ type: 'disconnect', duration: undefined });
  const clean = await first.connected('clean');
  clean.sleeps(60);
  clean.sends({ type: 'disconnect', duration: undefined });
  assert.deepEqual(remembered(first), ['dev1', 'left']);
  const second = await restarts.start();
  second.wait(3_600_010);
  assert.deepEqual(remembered(second), ['dev1', 'left']);
  second.wait(7_200_010);
  assert.deepEqual(second.clients, []);
  assert.deepEqual(remembered(second), []);
});

test('a client that connects twice, from two addresses at a time, has the topic ids that it got first', async () => {
  const store = new MemoryStore({ durable: true });
  const it = await new Restarts(store).start();
  const before = await it.connected('dev1', { cleanSession: false });
  before.sends({ type: 'disconnect', duration: undefined });
  const get = store.get.bind(store);
  let arrive = () => {};
  const arriving = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let reads = 0;
  // The record, then the topics, which come late.
  store.get = async (table, key) => {
    const value = await get(table, key);
    if (++reads === 2) await arriving;
    return value;
  };
  const late = it.device();
  const connecting = late.connects('dev1', { cleanSession: false });
  await it.hub.nextTurn();
  const first = await it.connected('dev1', { cleanSession: false });
  first.registers('room/temp');
  arrive();
  await connecting;
  it.app.subscribe('#');
  late.receives('09 0c 00 0001 0000 3231');
  assert.deepEqual([late.look(), it.app.take()], [['CONNACK accepted'], ['room/temp=21']]);
});

test('what is left of many clients is forgotten some at a time, so that nobody waits for that', async () => {
  const it = new SnTest();
  const { storage } = it.hub.context('mqttsn');
  for (let i = 0; i < 2500; i++) storage.put(`gone-${i}`, Buffer.from('{}'));
  it.wait(3_600_010);
  assert.equal(remembered(it).length, 1500);
  it.wait(60_000);
  assert.deepEqual(remembered(it), []);
  storage.put('gone again', Buffer.from('{}'));
  it.wait(3_600_010);
  assert.deepEqual(remembered(it), []);
});

test('the gateways of all zones remember together, and forget nothing that another one needs', async () => {
  const it = new SnTest({ session_expiry_interval: '1d' });
  const briefer = mqttSnGateway.create(
    it.hub.context('mqttsn'),
    snConfig.parse({ session_expiry_interval: '1s' }),
  );
  const device = await it.connected('dev1', { cleanSession: false, duration: 0 });
  device.registers('a');
  device.look();
  it.wait(20 * 3_600_000);
  assert.deepEqual(remembered(it), ['dev1']);
  device.sends({ type: 'disconnect', duration: undefined });
  it.wait(20 * 3_600_000);
  assert.deepEqual(remembered(it), ['dev1']);
  it.wait(5 * 3_600_000);
  assert.deepEqual(remembered(it), []);
  briefer.stop?.();
});

test('§6.3 topic ids and will do not come back when a client of another protocol has ended their session', async () => {
  const it = new SnTest();
  it.app.subscribe('#');
  const device = await it.connected('dev1', { cleanSession: false });
  device.registers('room/temp');
  device.sends({ type: 'willtopicupd', qos: 0, retain: false, willTopic: 'will' });
  it.wait(1000);
  const other = it.hub.client('dev1', { cleanStart: false, sessionExpiry: 60 });
  assert.deepEqual(it.app.take(), ['will=']);
  other.session.close('normal');
  const again = await it.connected('dev1', { cleanSession: false, duration: 60 });
  again.receives('09 0c 00 0001 0000 3231');
  it.wait(90_020);
  assert.deepEqual([it.app.take(), it.clients], [[], ['dev1']]);
});

test('what is left of a session that was ended is of no use to the next one', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { cleanSession: false });
  device.registers('a');
  assert.deepEqual(device.look(), ['REGACK msgId=1 topicId=1 accepted']);
  it.hub.engine.kick('dev1');
  const again = await it.connected('dev1', { cleanSession: false });
  again.registers('b');
  assert.deepEqual(again.look(), ['REGACK msgId=1 topicId=1 accepted']);
});

/** Client ids of which something is remembered. */
function remembered(it: SnTest): string[] {
  const keys = [...it.hub.context('mqttsn').storage.keys()];
  return [...new Set(keys.map((key) => key.split('\0', 1).join()))].sort();
}

test('a REGISTER and a PUBREL leave only when what they rest on is durable', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1', { cleanSession: false });
  await device.subscribes('room/#', 2);
  const held: SnMessage[] = [];
  device.peer.sendAck = (message) => held.push(message);
  it.publish('room/light', 'on', 2);
  assert.deepEqual(held, [{ type: 'register', topicId: 1, msgId: 1, topicName: 'room/light' }]);
  device.sends({ type: 'regack', topicId: 1, msgId: 1, returnCode: 0 });
  assert.deepEqual(device.look(), ['PUBLISH q2 id 1 on']);
  device.sends({ type: 'pubrec', msgId: 1 });
  assert.deepEqual(held.splice(1), [{ type: 'pubrel', msgId: 1 }]);
});

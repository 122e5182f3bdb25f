import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeToBuffer, type Packet } from '@portico/codec-mqtt';
import { silentLogger, systemClock } from '@portico/core';
import { TestStore } from '@portico/core/testing';
import { FREE_PORTS } from '../support/configuration.js';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { RawClient } from '../support/raw-client.js';

const VERSION = 4;

/** A hub whose store makes nothing durable before the test says so. */
async function heldHub(t: TestContext): Promise<{ hub: LocalHub; store: TestStore }> {
  const store = new TestStore();
  store.held = true;
  const hub = await LocalHub.start(FREE_PORTS, silentLogger, systemClock, store);
  t.after(() => {
    store.held = false;
    store.settle();
    return hub.stop();
  });
  return { hub, store };
}

class Client {
  private constructor(readonly raw: RawClient) {}

  static async connect(
    hub: LocalHub,
    clientId: string,
    cleanStart: boolean,
    sessionPresent = false,
  ): Promise<Client> {
    const client = new Client(await RawClient.connect(hub.port('mqtt:tcp:default')));
    client.send({ type: 'connect', protocolVersion: VERSION, cleanStart, keepAlive: 0, clientId });
    await client.expect(sessionPresent ? '20 02 01 00' : '20 02 00 00');
    return client;
  }

  send(packet: Packet): void {
    this.raw.send(encodeToBuffer(packet, VERSION));
  }

  publish(topic: string, qos: 1 | 2, packetId: number): void {
    this.send({
      type: 'publish',
      topic,
      payload: Buffer.from('x'),
      qos,
      retain: false,
      dup: false,
      packetId,
    });
  }

  /** @param hex the bytes that come next */
  async expect(hex: string): Promise<void> {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    assert.equal((await this.raw.readBytes(bytes.length)).toString('hex'), bytes.toString('hex'));
  }

  /** Nothing has come so far: an answer to a PINGREQ comes first. */
  async expectNothing(): Promise<void> {
    this.send({ type: 'pingreq' });
    await this.expect('d0 00');
  }
}

/** A session that is kept, subscribed to `kept` with QoS 2. */
async function subscriber(hub: LocalHub, store: TestStore): Promise<Client> {
  const client = await Client.connect(hub, 'app', false);
  client.raw.send('82 09 0001 0004 6b657074 02');
  await eventually('the subscription is written', () => [...store.keys('subscriptions')].length === 1);
  await client.expectNothing();
  store.settle();
  await client.expect('90 03 0001 02');
  return client;
}

test('PUBACK and PUBREC leave when the message is durable, in the order of what they acknowledge', async (t) => {
  const { hub, store } = await heldHub(t);
  await subscriber(hub, store);
  const device = await Client.connect(hub, 'device', true);
  device.publish('kept', 1, 1);
  device.publish('nobody', 1, 2);
  device.publish('kept', 2, 3);
  await device.expectNothing();
  store.settle();
  await device.expect('40 02 0001  40 02 0002  50 02 0003');
});

test('a client that ends its side gets what waits for the disk, and then the end of the connection', async (t) => {
  const { hub, store } = await heldHub(t);
  await subscriber(hub, store);
  const device = await Client.connect(hub, 'device', true);
  device.publish('kept', 1, 1);
  await device.expectNothing();
  device.raw.end();
  // Whoever comes later is answered when the hub knows of it.
  const witness = await Client.connect(hub, 'witness', true);
  await witness.expectNothing();
  store.settle();
  assert.equal((await device.raw.expectClose()).toString('hex'), '40020001');
});

test('what is not to be kept waits for nobody', async (t) => {
  const { hub, store } = await heldHub(t);
  await subscriber(hub, store);
  const one = await Client.connect(hub, 'one', true);
  one.publish('kept', 1, 1);
  await one.expectNothing();
  const other = await Client.connect(hub, 'other', true);
  other.publish('nobody', 1, 1);
  await other.expect('40 02 0001');
  store.settle();
  await one.expect('40 02 0001');
});

test('PUBLISH of QoS 2, PUBREL and PUBCOMP leave when what they stand on is durable', async (t) => {
  const { hub, store } = await heldHub(t);
  const app = await subscriber(hub, store);
  const device = await Client.connect(hub, 'device', false);
  device.publish('kept', 2, 7);
  await device.expectNothing();
  await app.expectNothing();
  store.settle();
  await device.expect('50 02 0007');
  await app.expect('34 09 0004 6b657074 0001 78');

  app.raw.send('50 02 0001');
  await app.expectNothing();
  device.raw.send('62 02 0007');
  await device.expectNothing();
  store.settle();
  await app.expect('62 02 0001');
  await device.expect('70 02 0007');
});

test('what a client repeats by another connection is answered when the first time is durable', async (t) => {
  const { hub, store } = await heldHub(t);
  const app = await subscriber(hub, store);
  const device = await Client.connect(hub, 'device', false);
  device.publish('nobody', 2, 7);
  await device.expectNothing();
  store.settle();
  await device.expect('50 02 0007');
  device.raw.send('62 02 0007');
  app.raw.send('a2 08 0002 0004 6b657074');
  for (const client of [device, app]) {
    await client.expectNothing();
    client.raw.destroy();
  }

  const again = await Client.connect(hub, 'device', false, true);
  again.raw.send('62 02 0007');
  const back = await Client.connect(hub, 'app', false, true);
  back.raw.send('a2 08 0002 0004 6b657074');
  for (const client of [again, back]) await client.expectNothing();
  store.settle();
  await again.expect('70 02 0007');
  await back.expect('b0 02 0002');
});

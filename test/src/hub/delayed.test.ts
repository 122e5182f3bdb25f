import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeToBuffer } from '@portico/codec-mqtt';
import { MemoryStore, silentLogger, VirtualClock } from '@portico/core';
import { TestStore } from '@portico/core/testing';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { LocalHub } from '../support/local-hub.js';
import { RawClient } from '../support/raw-client.js';

/** What MQTT clients see of `$delayed/<seconds>/<topic>`. */

async function start(t: TestContext, store: MemoryStore, clock = new VirtualClock()): Promise<LocalHub> {
  const hub = await LocalHub.start(FREE_PORTS, silentLogger, clock, store);
  t.after(() => hub.stop());
  return hub;
}

async function connect(t: TestContext, hub: LocalHub, clientId: string) {
  const url = `mqtt://127.0.0.1:${hub.port('mqtt:tcp:default')}`;
  const client = await mqtt.connectAsync(url, {
    clientId,
    clean: false,
    keepalive: 0,
    reconnectPeriod: 0,
    protocolVersion: 5,
    properties: { sessionExpiryInterval: 3600 },
  });
  t.after(() => client.endAsync(true));
  const next = () => {
    return new Promise<string>((resolve) => {
      client.once('message', (topic, payload) => resolve(`${topic}=${payload}`));
    });
  };
  return { client, next };
}

test('a message comes when its time has come, also by a hub that was started again meanwhile', async (t) => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ durable: true });
  const first = await start(t, store, clock);
  const { client, next } = await connect(t, first, 'app');
  await client.subscribeAsync('x/#', { qos: 1 });
  for (const seconds of [15, 60]) {
    await client.publishAsync(`$delayed/${seconds}/x/y`, `after ${seconds} s`, { qos: 1 });
  }
  const message = next();
  clock.advance(15_010);
  assert.equal(await message, 'x/y=after 15 s');
  await client.endAsync();
  await first.stop();

  const second = await start(t, store, clock);
  const back = await connect(t, second, 'app');
  const late = back.next();
  clock.advance(45_010);
  assert.equal(await late, 'x/y=after 60 s');
});

test('a topic without a sound delay is answered with 0x90', async (t) => {
  const hub = await start(t, new MemoryStore());
  const { client } = await connect(t, hub, 'app');
  await assert.rejects(client.publishAsync('$delayed/abc/x', 'p', { qos: 1 }), { code: 0x90 });
});

test('PUBACK and PUBREC come when the message is durable', async (t) => {
  const store = new TestStore();
  store.held = true;
  const hub = await start(t, store);
  t.after(() => {
    store.held = false;
    store.settle();
  });
  const device = await RawClient.connect(hub.port('mqtt:tcp:default'));
  t.after(() => device.destroy());
  device.send('10 0d 0004 4d515454 04 02 0000 0001 64');
  assert.equal((await device.readBytes(4)).toString('hex'), '20020000');
  for (const qos of [1, 2] as const) {
    device.send(
      encodeToBuffer(
        {
          type: 'publish',
          topic: '$delayed/5/x',
          payload: Buffer.from('p'),
          qos,
          retain: false,
          dup: false,
          packetId: qos,
        },
        4,
      ),
    );
  }
  device.send('c0 00');
  assert.equal((await device.readBytes(2)).toString('hex'), 'd000', 'nothing but the answer to PINGREQ');
  store.settle();
  assert.equal((await device.readBytes(8)).toString('hex'), '4002000150020002');
});

import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { patience } from '../support/patience.js';
import { Portico } from '../support/portico.js';

/** MQTT.js, over TCP and WebSocket, in both versions that it speaks. */

let portico: Portico;
before(async () => {
  portico = await Portico.start();
});
after(() => portico.stop());

const TRANSPORTS = {
  TCP: () => `mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`,
  WebSocket: () => `ws://127.0.0.1:${portico.port('mqtt:ws:default')}/mqtt`,
};

type Message = { topic: string; payload: string; packet: IPublishPacket };

/** The arguments of the client's next event of that name. */
function event(client: MqttClient, name: string): Promise<unknown[]> {
  return once(client as unknown as EventEmitter, name, { signal: patience() });
}

async function nextMessage(client: MqttClient): Promise<Message> {
  const [topic, payload, packet] = (await event(client, 'message')) as [string, Buffer, IPublishPacket];
  return { topic, payload: payload.toString(), packet };
}

for (const [transport, url] of Object.entries(TRANSPORTS)) {
  for (const protocolVersion of [4, 5] as const) {
    const connect = (options: IClientOptions = {}) =>
      mqtt.connectAsync(url(), { protocolVersion, reconnectPeriod: 0, ...options });

    describe(`MQTT.js over ${transport}, version ${protocolVersion}`, () => {
      for (const qos of [0, 1, 2] as const) {
        test(`publish and subscribe with QoS ${qos}`, async () => {
          const client = await connect();
          await client.subscribeAsync(`t/${qos}/+`, { qos });
          const arrives = nextMessage(client);
          await client.publishAsync(`t/${qos}/a`, 'hello', { qos });
          const { topic, payload, packet } = await arrives;
          assert.deepEqual([topic, payload, packet.qos], [`t/${qos}/a`, 'hello', qos]);
          await client.endAsync();
        });
      }

      test('a retained message reaches a later subscriber', async () => {
        const topic = `retained/${transport}/${protocolVersion}`;
        const publisher = await connect();
        await publisher.publishAsync(topic, 'kept', { qos: 1, retain: true });
        const subscriber = await connect();
        const arrives = nextMessage(subscriber);
        await subscriber.subscribeAsync(topic);
        const { payload, packet } = await arrives;
        assert.deepEqual([payload, packet.retain], ['kept', true]);
        await publisher.publishAsync(topic, '', { qos: 1, retain: true });
        await Promise.all([publisher.endAsync(), subscriber.endAsync()]);
      });

      test('a persistent session gets what it missed', async () => {
        const options: IClientOptions = {
          clientId: `away-${transport}-${protocolVersion}`,
          clean: false,
          ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: 60 } } : {}),
        };
        const topic = `away/${transport}/${protocolVersion}`;
        const first = await connect(options);
        await first.subscribeAsync(topic, { qos: 1 });
        await first.endAsync();
        const publisher = await connect();
        await publisher.publishAsync(topic, 'missed', { qos: 1 });
        const second = mqtt.connect(url(), { protocolVersion, reconnectPeriod: 0, ...options });
        assert.equal((await nextMessage(second)).payload, 'missed');
        await Promise.all([second.endAsync(), publisher.endAsync()]);
      });

      test('a large payload crosses in pieces', async () => {
        const client = await connect();
        const big = 'x'.repeat(900_000);
        await client.subscribeAsync('big');
        const arrives = nextMessage(client);
        await client.publishAsync('big', big);
        assert.equal((await arrives).payload, big);
        await client.endAsync();
      });

      test('a will is published when the connection breaks', async () => {
        const topic = `will/${transport}/${protocolVersion}`;
        const watcher = await connect();
        await watcher.subscribeAsync(topic);
        const client = await connect({
          will: { topic, payload: Buffer.from('gone'), qos: 1, retain: false },
        });
        const arrives = nextMessage(watcher);
        client.stream.destroy();
        assert.equal((await arrives).payload, 'gone');
        await Promise.all([watcher.endAsync(), client.endAsync(true)]);
      });
    });
  }
}

test('MQTT 5 properties travel with a message', async () => {
  const url = TRANSPORTS.TCP();
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
  await client.subscribeAsync('props', { qos: 1, properties: { subscriptionIdentifier: 42 } });
  const arrives = nextMessage(client);
  await client.publishAsync('props', 'x', {
    qos: 1,
    properties: {
      contentType: 'text/plain',
      responseTopic: 'answer/here',
      correlationData: Buffer.from([1, 2, 3]),
      userProperties: { a: 'b' },
      messageExpiryInterval: 60,
      payloadFormatIndicator: true,
    },
  });
  const { packet } = await arrives;
  assert.equal(packet.properties?.contentType, 'text/plain');
  assert.equal(packet.properties?.responseTopic, 'answer/here');
  assert.deepEqual(packet.properties?.correlationData, Buffer.from([1, 2, 3]));
  assert.deepEqual({ ...packet.properties?.userProperties }, { a: 'b' });
  assert.equal(packet.properties?.messageExpiryInterval, 60);
  assert.equal(packet.properties?.subscriptionIdentifier, 42);
  await client.endAsync();
});

test('a stopping hub says so to MQTT 5 clients (DISCONNECT 0x8B) and ends with 0', async () => {
  const own = await Portico.start();
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${own.port('mqtt:tcp:default')}`, {
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
  const told = event(client, 'disconnect');
  assert.equal(await own.stop(), 0);
  const [packet] = (await told) as [{ reasonCode?: number }];
  assert.equal(packet.reasonCode, 0x8b);
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import mqtt, { type IConnackPacket } from 'mqtt';
import { LocalHub } from '../support/local-hub.js';
import { RawClient } from '../support/raw-client.js';

/** What clients see of a server that limits them; suites of others are run against the same configuration. */

const CONFIG = new URL('../../config/mqtt-interoperability.yaml', import.meta.url);

let hub: LocalHub;
before(async () => {
  hub = await LocalHub.start(await readFile(CONFIG, 'utf8'));
});
after(() => hub.stop());

/** Connects MQTT.js and tells the CONNACK too. */
async function connect(protocolVersion: 4 | 5, keepalive = 120) {
  const url = `mqtt://127.0.0.1:${hub.port('mqtt:tcp:default')}`;
  const client = mqtt.connect(url, { protocolVersion, keepalive, reconnectPeriod: 0 });
  const connack = await new Promise<IConnackPacket>((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
  });
  return { client, connack };
}

test('an MQTT 5 client is told its limits, one before is not', async () => {
  const limits = await Promise.all(
    ([4, 5] as const).map(async (version) => {
      const { client, connack } = await connect(version);
      await client.endAsync();
      return connack.properties;
    }),
  );
  assert.deepEqual(limits, [
    undefined,
    { maximumPacketSize: 1_048_576, receiveMaximum: 20, topicAliasMaximum: 10, serverKeepAlive: 60 },
  ]);
});

test('a short keep alive stays as it is', async () => {
  const { client, connack } = await connect(5, 30);
  assert.equal(connack.properties?.serverKeepAlive, undefined);
  await client.endAsync();
});

test('a subscription that is denied is answered with 0x80 in every version', async () => {
  for (const version of [4, 5] as const) {
    const { client } = await connect(version);
    const answer = new Promise((resolve) => {
      client.on('packetreceive', (packet) => packet.cmd === 'suback' && resolve(packet.granted));
    });
    await client.subscribeAsync(['test/nosubscribe', 'test/other'], { qos: 1 }).catch(() => []);
    assert.deepEqual(await answer, [0x80, 1]);
    await client.endAsync();
  }
});

test('more QoS 2 messages at a time than announced end the connection with 0x93', async () => {
  const client = await RawClient.connect(hub.port('mqtt:tcp:default'));
  client.send('10 12 0004 4d515454 05 02 0000 00 0005 6c696d6974');
  const connack = await client.readBytes(2);
  await client.readBytes(connack.readUInt8(1));
  const publish = (packetId: number) => Buffer.from([0x34, 6, 0, 1, 0x61, 0, packetId, 0]);
  client.send(Buffer.concat(Array.from({ length: 21 }, (_, index) => publish(index + 1))));
  const answers = await client.expectClose();
  const pubrec = (packetId: number) => `5003 00${packetId.toString(16).padStart(2, '0')} 10`;
  const expected = [...Array.from({ length: 20 }, (_, index) => pubrec(index + 1)), 'e002 93 00'];
  assert.equal(answers.toString('hex'), expected.join('').replaceAll(' ', ''));
});

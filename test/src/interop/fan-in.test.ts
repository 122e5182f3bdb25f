import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeToBuffer } from '@portico/codec-mqtt';
import { LocalHub } from '../support/local-hub.js';
import { RawClient } from '../support/raw-client.js';

const PUBLISHERS = 20;
const MESSAGES = 2000;
/** Of a PUBLISH whose topic and payload have four bytes each. */
const PACKET_LENGTH = 12;

async function connect(t: TestContext, port: number, clientId: string): Promise<RawClient> {
  const client = await RawClient.connect(port);
  t.after(() => client.destroy());
  client.send(
    encodeToBuffer({ type: 'connect', protocolVersion: 4, cleanStart: true, keepAlive: 0, clientId }, 4),
  );
  assert.equal((await client.readBytes(4)).toString('hex'), '20020000');
  return client;
}

/** Messages 0, 1 … of a publisher, each with its number as payload. */
function burst(publisher: number): Buffer {
  const topic = Buffer.from(`f/${String(publisher).padStart(2, '0')}`);
  const bytes = Buffer.alloc(MESSAGES * PACKET_LENGTH);
  for (let number = 0; number < MESSAGES; number++) {
    const at = number * PACKET_LENGTH;
    bytes.writeUInt32BE(0x300a_0004, at);
    topic.copy(bytes, at + 4);
    bytes.writeUInt32BE(number, at + 8);
  }
  return bytes;
}

test('of many publishers at once one subscriber gets every QoS 0 message, each publisher’s in order', async (t) => {
  const hub = await LocalHub.start();
  t.after(() => hub.stop());
  const port = hub.port('mqtt:tcp:default');
  const subscriber = await connect(t, port, 'subscriber');
  subscriber.send('82 08 0001 0003 662f23 00');
  await subscriber.readBytes(5);
  const publishers = await Promise.all(
    Array.from({ length: PUBLISHERS }, (_, number) => connect(t, port, `publisher-${number}`)),
  );
  for (const [number, publisher] of publishers.entries()) publisher.send(burst(number));

  const received = await subscriber.readBytes(PUBLISHERS * MESSAGES * PACKET_LENGTH);
  const next = new Map<string, number>();
  for (let at = 0; at < received.length; at += PACKET_LENGTH) {
    const topic = received.toString('latin1', at + 4, at + 8);
    const expected = next.get(topic) ?? 0;
    assert.equal(received.readUInt32BE(at + 8), expected, topic);
    next.set(topic, expected + 1);
  }
  assert.equal(next.size, PUBLISHERS);
  assert.equal(hub.metric('delivery.dropped'), 0);
});

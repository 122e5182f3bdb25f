import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { encodeToBuffer, MqttDecoder, type Packet, type ReceivedPacket } from '@portico/codec-mqtt';
import { WebSocket } from 'ws';
import { LocalHub } from '../support/local-hub.js';

/** MQTT packets and WebSocket messages need not begin and end together: MQTT 5 §6. */

let hub: LocalHub;
before(async () => {
  hub = await LocalHub.start();
});
after(() => hub.stop());

const CONNECT: Packet = {
  type: 'connect',
  protocolVersion: 4,
  cleanStart: true,
  keepAlive: 60,
  clientId: 'browser',
};
const SUBSCRIBE: Packet = {
  type: 'subscribe',
  packetId: 1,
  subscriptions: [{ filter: 'chat', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
};

function publish(text: string): Packet {
  const payload = Buffer.from(text);
  return { type: 'publish', topic: 'chat', payload, qos: 0, retain: false, dup: false, packetId: 0 };
}

/** All of these as one row of bytes. */
function wire(...packets: readonly Packet[]): Buffer {
  return Buffer.concat(packets.map((packet) => encodeToBuffer(packet, 4)));
}

/** A client that reads packets out of whatever messages come. */
class Browser {
  readonly socket = new WebSocket(`ws://127.0.0.1:${hub.port('mqtt:ws:default')}/mqtt`, ['mqtt']);
  readonly #decoder = new MqttDecoder({ maxPacketSize: 1024 * 1024, version: 4 });
  readonly #packets: ReceivedPacket[] = [];

  constructor() {
    this.socket.on('message', (bytes: Buffer) => {
      this.#decoder.push(bytes);
      for (let it = this.#decoder.next(); it !== undefined; it = this.#decoder.next()) this.#packets.push(it);
      this.#decoder.keep();
    });
  }

  async takes(count: number): Promise<ReceivedPacket[]> {
    while (this.#packets.length < count) await once(this.socket, 'message');
    return this.#packets.splice(0, count);
  }
}

test('several packets in one message', async () => {
  const browser = new Browser();
  await once(browser.socket, 'open');
  browser.socket.send(wire(CONNECT, SUBSCRIBE, publish('one'), publish('two')));
  const types = (await browser.takes(4)).map(({ type }) => type);
  assert.deepEqual(types, ['connack', 'suback', 'publish', 'publish']);
  browser.socket.close();
  await once(browser.socket, 'close');
});

test('a packet over several messages, some of them fragmented', async () => {
  const browser = new Browser();
  await once(browser.socket, 'open');
  for (const byte of wire(CONNECT, SUBSCRIBE)) browser.socket.send(Buffer.of(byte));
  const long = wire(publish('x'.repeat(1000)));
  browser.socket.send(long.subarray(0, 3), { fin: false });
  browser.socket.send(long.subarray(3, 500), { fin: true });
  browser.socket.ping();
  browser.socket.send(Buffer.concat([long.subarray(500), wire(publish('behind'))]));
  const packets = await browser.takes(4);
  const texts = packets.map((packet) =>
    packet.type === 'publish' ? packet.payload.toString() : packet.type,
  );
  assert.deepEqual(texts, ['connack', 'suback', 'x'.repeat(1000), 'behind']);
  browser.socket.close();
  await once(browser.socket, 'close');
});

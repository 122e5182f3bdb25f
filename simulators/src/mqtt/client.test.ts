import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeToBuffer, MqttDecoder, type Packet, type ReceivedPacket } from '@portico/codec-mqtt';
import { DEFAULT_ROUTE } from '../route/default-route.js';
import { TestUplink } from '../testing.js';
import { Client } from './client.js';

/** A client, and the broker that it talks to. */
class Site {
  readonly uplink = new TestUplink();
  readonly #decoder = new MqttDecoder({ maxPacketSize: 65_536, fromClient: true });
  readonly client = new Client(
    {
      clientId: 'c1',
      username: 'ada',
      password: 'secret',
      topic: 'cars/c1',
      route: DEFAULT_ROUTE,
      interval: 10_000,
      heartbeat: 60_000,
    },
    this.uplink.services,
  );

  take(): ReceivedPacket[] {
    this.#decoder.push(this.uplink.take());
    const packets: ReceivedPacket[] = [];
    for (let packet = this.#decoder.next(); packet !== undefined; packet = this.#decoder.next()) {
      packets.push(packet);
    }
    return packets;
  }

  sends(packet: Packet): void {
    this.client.received(encodeToBuffer(packet, 4));
  }

  connects(reasonCode = 0): ReceivedPacket[] {
    this.client.opened(this.uplink);
    const packets = this.take();
    this.sends({ type: 'connack', sessionPresent: false, reasonCode });
    return packets;
  }
}

test('it connects as a user, and subscribes to its commands', () => {
  const site = new Site();
  const [connect] = site.connects();
  assert.ok(connect?.type === 'connect');
  assert.deepEqual([connect.clientId, connect.username, String(connect.password)], ['c1', 'ada', 'secret']);
  assert.deepEqual(site.uplink.said, ['accepted']);
  const [subscribe] = site.take();
  assert.ok(subscribe?.type === 'subscribe');
  assert.equal(subscribe.subscriptions[0]?.filter, 'cars/c1/command');
});

test('a broker that does not let it in is told of', () => {
  const site = new Site();
  site.connects(5);
  assert.deepEqual(site.uplink.said, ['refused: CONNACK, return code 5']);
});

test('it publishes where it is, with QoS 1, and counts what is acknowledged', () => {
  const site = new Site();
  site.connects();
  site.take();
  site.uplink.clock.advance(10_000);
  const [publish] = site.take().filter(({ type }) => type === 'publish');
  assert.ok(publish?.type === 'publish');
  const { lon, lat } = JSON.parse(String(publish.payload));
  assert.deepEqual([publish.topic, publish.qos], ['cars/c1', 1]);
  assert.ok(lon > 121 && lon < 122 && lat > 31 && lat < 32, `${lon} ${lat}`);
  const before = site.uplink.tally.counts.answered;
  site.sends({ type: 'puback', packetId: publish.packetId, reasonCode: 0 });
  assert.equal(site.uplink.tally.counts.answered, before + 1);
});

test('what it gathers without a connection is published when it is connected again', () => {
  const site = new Site();
  site.connects();
  site.uplink.clock.advance(10_000);
  site.client.closed();
  site.take();
  site.uplink.clock.advance(30_000);
  site.connects();
  assert.deepEqual(
    site.take().map(({ type }) => type),
    ['subscribe', 'publish', 'publish', 'publish'],
  );
});

test('it pings', () => {
  const site = new Site();
  site.connects();
  let pings = 0;
  for (let time = 0; time < 180; time += 10) {
    site.uplink.clock.advance(10_000);
    for (const packet of site.take()) {
      if (packet.type === 'publish') site.sends({ type: 'puback', packetId: packet.packetId, reasonCode: 0 });
      if (packet.type !== 'pingreq') continue;
      pings++;
      site.sends({ type: 'pingresp' });
    }
  }
  assert.equal(pings, 3);
});

test('it counts commands, and says goodbye', () => {
  const site = new Site();
  site.connects();
  const publish = { topic: 'cars/c1/command', payload: Buffer.from('stop'), qos: 0, packetId: 0 } as const;
  site.sends({ type: 'publish', retain: false, dup: false, ...publish });
  assert.equal(site.uplink.tally.counts.commands, 1);
  site.client.leave();
  assert.equal(site.take().at(-1)?.type, 'disconnect');
  site.uplink.clock.advance(600_000);
  assert.deepEqual(site.take(), []);
});

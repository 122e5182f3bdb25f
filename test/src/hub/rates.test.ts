import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeToBuffer } from '@portico/codec-mqtt';
import { VirtualClock } from '@portico/core';
import mqtt, { type MqttClient } from 'mqtt';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { nextTurn } from '../support/turns.js';
import { openUdp } from '../support/udp-socket.js';

/** How much clients may send, over each transport, and how fast they may come, wherever the configuration says so. */

const URLS = {
  tcp: (port: number) => `mqtt://127.0.0.1:${port}`,
  ws: (port: number) => `ws://127.0.0.1:${port}/mqtt`,
};
const TRANSPORTS = ['tcp', 'ws'] as const;
type Transport = (typeof TRANSPORTS)[number];

type Section = Readonly<Record<string, unknown>>;

/** Keys of the gateway, of the zone of its listener, and of that. */
interface Sections {
  readonly gateway?: Section;
  readonly zone?: Section;
  readonly listener?: Section;
}

/** Where a rate may stand. Places that it goes before have one that lets everything through. */
const PLACES: Readonly<Record<string, (rate: Section, wide: Section) => Sections>> = {
  'a listener': (rate, wide) => ({ gateway: wide, zone: wide, listener: rate }),
  'a zone': (rate, wide) => ({ gateway: wide, zone: rate }),
  'a gateway': (rate) => ({ gateway: rate }),
};

async function start(t: TestContext, transport: Transport, { gateway, zone, listener }: Sections) {
  const clock = new VirtualClock();
  const listeners = { [transport]: { default: { bind: '127.0.0.1:0', zone: 'z', ...listener } } };
  const gateways = {
    mqtt: { ...gateway, zones: { z: zone ?? {} }, listeners },
  };
  const local = await LocalHub.start(JSON.stringify({ gateways }), undefined, clock);
  t.after(() => local.stop());
  const name = `mqtt:${transport}:default`;
  const connect = async () => {
    const client = await mqtt.connectAsync(URLS[transport](local.port(name)), {
      keepalive: 0,
      reconnectPeriod: 0,
    });
    t.after(() => client.endAsync(true));
    return client;
  };
  return { clock, local, name, connect };
}

/** Sends QoS 1 messages in one piece. @returns waits until so many of all are acknowledged */
function publish(client: MqttClient, payloads: readonly string[]): (count: number) => Promise<void> {
  let acknowledged = 0;
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'puback') acknowledged++;
  });
  const packets = payloads.map((payload, index) =>
    encodeToBuffer(
      {
        type: 'publish',
        topic: 't',
        payload: Buffer.from(payload),
        qos: 1,
        retain: false,
        dup: false,
        packetId: index + 1,
      },
      4,
    ),
  );
  client.stream.write(Buffer.concat(packets));
  return async (count) => {
    while (acknowledged < count) {
      await new Promise<void>((resolve) => {
        client.once('packetreceive', () => resolve());
      });
    }
    assert.equal(acknowledged, count);
  };
}

for (const transport of TRANSPORTS) {
  for (const [place, sections] of Object.entries(PLACES)) {
    test(`${place} bounds the messages of each connection over ${transport}`, async (t) => {
      const { clock, local, connect } = await start(
        t,
        transport,
        sections({ messages_rate: '2,2s' }, { messages_rate: '99,1s' }),
      );
      const acknowledged = publish(await connect(), ['1', '2', '3', '4', '5']);
      await acknowledged(3);
      assert.equal(local.metric('messages.received'), 3);
      clock.advance(990);
      assert.equal(local.metric('messages.received'), 3);
      clock.advance(20);
      await acknowledged(4);
      clock.advance(1010);
      await acknowledged(5);
      const other = publish(await connect(), ['1', '2']);
      await other(2);
    });

    test(`${place} bounds the bytes of each connection over ${transport}`, async (t) => {
      const { clock, local, connect } = await start(
        t,
        transport,
        sections({ bytes_rate: '1KB,10s' }, { bytes_rate: '1MB,1s' }),
      );
      const client = await connect();
      const large = 'x'.repeat(900);
      await publish(client, [large])(1);
      const acknowledged = publish(client, [large]);
      await eventually('the second message has come', () => local.metric('bytes.received') > 1800);
      clock.advance(7000);
      assert.equal(local.metric('messages.received'), 1);
      clock.advance(2000);
      await acknowledged(1);
    });
  }

  test(`beyond max_conn_rate clients wait for their connection over ${transport}`, async (t) => {
    const { clock, local, name, connect } = await start(t, transport, { listener: { max_conn_rate: 2 } });
    await connect();
    await connect();
    const third = connect();
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    assert.equal(local.connections(name), 2);
    while (local.connections(name) < 3) {
      clock.advance(50);
      await nextTurn();
    }
    assert.ok(clock.monotonic() >= 500);
    await third;
  });
}

/** A non-confirmable CoAP PUT of nothing to the topic `a`. */
function coapPut(clientId: string, messageId: number): Buffer {
  const query = Buffer.from(`c=${clientId}`);
  const path = Buffer.from('b46d7174740161', 'hex');
  return Buffer.concat([Buffer.of(0x50, 3, 0, messageId), path, Buffer.of(0x40 | query.length), query]);
}

test('beyond max_conn_rate clients are refused over UDP, also when one peer brings them all', async (t) => {
  const listeners = { udp: { default: { bind: '127.0.0.1:0', max_conn_rate: 3 } } };
  const config = JSON.stringify({
    gateways: { coap: { listeners } },
  });
  const clock = new VirtualClock();
  const local = await LocalHub.start(config, undefined, clock);
  t.after(() => local.stop());
  const socket = await openUdp(local.port('coap:udp:default'));
  t.after(() => socket.close());
  let sent = 0;
  const logIn = async (clientIds: string[]) => {
    for (const clientId of clientIds) socket.send(coapPut(clientId, ++sent));
    await eventually('all requests have come', () => local.metric('coap.requests.received') === sent);
    return [...local.hub.engine.sessions.keys()].join();
  };
  assert.equal(await logIn(['a', 'b', 'c', 'd', 'e']), 'a,b,c');
  assert.deepEqual(local.refused('coap:udp:default'), { max_conn_rate: 2 });
  clock.advance(1000);
  assert.equal(await logIn(['a', 'd', 'e', 'f', 'g']), 'a,b,c,d,e,f');
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import mqtt from 'mqtt';
import { Portico } from '../support/portico.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';

/** What operators see of real devices by the management API, and do to them. */

const SECRET = 'open sesame';
const ADMINISTRATIVE_ACTION = 0x98;

let portico: Portico;

before(async () => {
  portico = await Portico.start({ env: { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET } });
});

after(() => portico.stop());

/** Asks below `/api/v4`. @returns `data` of the answer, which is a success */
async function ask(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${portico.port('management:http')}/api/v4${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { code, message, data } = (await response.json()) as {
    readonly code: number;
    readonly message?: string;
    readonly data?: unknown;
  };
  assert.deepEqual([response.status, code], [200, 0], message);
  return data;
}

interface ClientRow {
  readonly clientid: string;
  readonly gateway: string;
  readonly proto_name: string;
  readonly state: string;
  readonly port: number;
  readonly recv_oct: number;
  readonly recv_cnt: number;
  readonly recv_pkt: number;
  readonly recv_msg: number;
  readonly send_oct: number;
  readonly send_cnt: number;
  readonly send_pkt: number;
  readonly send_msg: number;
}

async function clients(query: string): Promise<readonly ClientRow[]> {
  return (await ask('GET', `/clients?${query}`)) as readonly ClientRow[];
}

function connect(clientId: string) {
  const url = `mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`;
  return mqtt.connectAsync(url, { clientId, protocolVersion: 5, reconnectPeriod: 0 });
}

test('an MQTT-SN device is shown active, asleep and where it is, and is told when it is kicked', async (t) => {
  const device = await openUdp(portico.port('mqttsn:udp:default'));
  t.after(() => device.close());
  const tell = async (hex: string) => {
    const answer = nextDatagram(device);
    device.send(Buffer.from(hex, 'hex'));
    return (await answer).toString('hex');
  };
  assert.equal(await tell('0804040100006131'), '030500', 'connected as a1');
  const [active] = await clients('gateway=mqttsn');
  const { port } = device.address();
  assert.deepEqual(
    [active?.clientid, active?.proto_name, active?.state, active?.port],
    ['a1', 'MQTT-SN', 'active', port],
  );
  assert.deepEqual([active?.recv_oct, active?.recv_cnt, active?.recv_pkt], [8, 1, 1]);
  assert.deepEqual([active?.send_oct, active?.send_cnt, active?.send_pkt], [3, 1, 1]);
  assert.equal(await tell('04180e10'), '0218', 'sleeps for an hour');
  const asleep = await clients('state=asleep');
  assert.deepEqual(
    asleep.map(({ clientid }) => clientid),
    ['a1'],
  );
  const told = nextDatagram(device);
  await ask('DELETE', '/clients/a1');
  assert.equal((await told).toString('hex'), '0218');
  assert.deepEqual(await clients('gateway=mqttsn'), []);
});

test('an operator subscribes an MQTT-SN device, which learns of the topic by its first message', async (t) => {
  const device = await openUdp(portico.port('mqttsn:udp:default'));
  t.after(() => device.close());
  const hears = async (said: string | undefined) => {
    const heard = nextDatagram(device);
    if (said !== undefined) device.send(Buffer.from(said, 'hex'));
    return (await heard).toString('hex');
  };
  assert.equal(await hears('0804040100006132'), '030500', 'connected as a2');
  await ask('POST', '/mqtt/subscribe', { clientid: 'a2', topic: 'op/+', qos: 0 });
  const registration = hears(undefined);
  await ask('POST', '/mqtt/publish', { clientid: 'b', topic: 'op/x', payload: 'hi', qos: 0 });
  const [, msgId] = /^0a0a0001(....)6f702f78$/.exec(await registration) ?? [];
  assert.ok(msgId, 'REGISTER of op/x as 1');
  assert.equal(await hears(`070b0001${msgId}00`), '090c00000100006869', 'PUBLISH to 1');
});

test('an MQTT 5 client that is kicked is told that an operator did it', async () => {
  const client = await connect('kicked');
  const told = once(client as unknown as NodeJS.EventEmitter, 'disconnect');
  await ask('DELETE', '/clients/kicked');
  const [{ reasonCode }] = (await told) as [{ reasonCode: number }];
  assert.equal(reasonCode, ADMINISTRATIVE_ACTION);
  await client.endAsync();
});

test('a message published by HTTP reaches an MQTT 5 client with its User Properties', async () => {
  const client = await connect('reader');
  await client.subscribeAsync('greenhouse/#', { qos: 1 });
  const [subscription] = (await ask('GET', '/subscriptions?_match_topic=greenhouse/1')) as readonly {
    readonly clientid: string;
    readonly topic: string;
  }[];
  assert.deepEqual([subscription?.clientid, subscription?.topic], ['reader', 'greenhouse/#']);
  const message = once(client as unknown as NodeJS.EventEmitter, 'message');
  const user_properties = { id: 10010 };
  await ask('POST', '/mqtt/publish', {
    topic: 'greenhouse/1',
    clientid: 'b',
    payload: '21',
    qos: 1,
    user_properties,
  });
  const [topic, payload, packet] = (await message) as [string, Buffer, mqtt.IPublishPacket];
  assert.deepEqual([topic, payload.toString(), packet.qos], ['greenhouse/1', '21', 1]);
  assert.deepEqual({ ...packet.properties?.userProperties }, { id: '10010' });
  await client.endAsync();
});

test('what a client has sent and been sent is counted: bytes, packets, messages', async () => {
  const client = await connect('counted');
  await client.subscribeAsync('counted', { qos: 1 });
  for (const payload of ['one', 'two']) {
    const echo = once(client as unknown as NodeJS.EventEmitter, 'message');
    await Promise.all([client.publishAsync('counted', payload, { qos: 0 }), echo]);
  }
  await client.unsubscribeAsync('counted');
  const [row] = await clients('clientid=counted');
  const { bytesWritten, bytesRead } = client.stream as unknown as Socket;
  assert.deepEqual([row?.recv_oct, row?.send_oct], [bytesWritten, bytesRead]);
  // CONNECT, SUBSCRIBE, 2 PUBLISH, UNSUBSCRIBE; and their answers, with the 2 PUBLISH that came back.
  assert.deepEqual([row?.recv_pkt, row?.send_pkt], [5, 5]);
  assert.deepEqual([row?.recv_msg, row?.send_msg], [2, 2]);
  await client.endAsync();
});

test('Prometheus is told what has passed the connections of each gateway, those that are gone too', async () => {
  const authorization = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;
  const counted = async (name: string) => {
    const url = `http://127.0.0.1:${portico.port('management:http')}/metrics`;
    const text = await (await fetch(url, { headers: { authorization } })).text();
    return Number(text.match(new RegExp(`^portico_gateway_${name}_total{gateway="mqtt"} (\\d+)$`, 'm'))?.[1]);
  };
  const before = await counted('frames_received');
  const client = await connect('counted');
  await client.publishAsync('t', 'x', { qos: 1 });
  assert.equal(await counted('frames_received'), before + 2, 'CONNECT and PUBLISH');
  const sent = await counted('bytes_sent');
  const gone = once(client as unknown as NodeJS.EventEmitter, 'close');
  await ask('DELETE', '/clients/counted');
  await gone;
  assert.equal(await counted('frames_received'), before + 2);
  assert.ok((await counted('bytes_sent')) > sent, 'DISCONNECT');
});

import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { after, before, test } from 'node:test';
import { Method } from '@portico/codec-coap';
import mqtt from 'mqtt';
import { nextCoap, sendCoap, uriOptions } from '../support/coap-socket.js';
import { OpenApiClient, type Parameters } from '../support/openapi-client.js';
import { Portico } from '../support/portico.js';
import { openUdp } from '../support/udp-socket.js';

/** The management API as programs see it that are generated from its OpenAPI document. */

const SECRET = 'open sesame';

/** The LwM2M device is another client. */
const OF_METER = /^\/(?:nodes\/\{node\}\/)?lwm2m_channels\/\{clientid\}/;

let portico: Portico;
let client: OpenApiClient;
let device: mqtt.MqttClient;
let meter: Socket;

before(async () => {
  portico = await Portico.start({ env: { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET } });
  const authorization = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;
  client = await OpenApiClient.load(`http://127.0.0.1:${portico.port('management:http')}`, authorization);
  device = await mqtt.connectAsync(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`, {
    clientId: 'device',
    username: 'ada',
  });
  await device.subscribeAsync('a/b', { qos: 1 });
  await device.subscribeAsync('$share/g/s', { qos: 2 });
  await device.publishAsync('a/b', 'kept', { retain: true, qos: 1 });
  meter = await openUdp(portico.port('lwm2m:udp:default'));
  const options = uriOptions(['rd'], ['ep=meter', 'lt=60', 'lwm2m=1.1', 'b=U']);
  sendCoap(meter, { code: Method.POST, options, payload: Buffer.from('</1/0>,</3/0>') });
  await nextCoap(meter);
});

after(async () => {
  await device.endAsync();
  meter.close();
  await portico.stop();
});

test('it can list clients', async () => {
  const { data, meta } = await client.call('list_clients', { _like_clientid: 'dev', _limit: '10' });
  const [row] = data as readonly { readonly clientid: string; readonly username: string }[];
  assert.deepEqual([row?.clientid, row?.username], ['device', 'ada']);
  assert.deepEqual(meta, { page: 1, limit: 10, hasnext: false, count: -1 });
});

test('each answer is as the document says, with nothing that it does not say', async () => {
  const { data } = await client.call('export');
  await client.call('add_app', {}, { app_id: 'shop', expired: 1e10 });
  await client.call('create_banned', {}, { who: 'thief', as: 'clientid' });
  await client.call('register_topic_metrics', {}, { topic: 'a/b' });
  await client.call('create_trace', {}, { name: 'bus', type: 'clientid', condition: 'device' });
  await client.call('mqtt_publish_batch', {}, [
    { topic: 'a/b', clientid: 'x', payload: '1' },
    { topic: '+' },
  ]);
  const { filename } = data as { readonly filename: string };
  const known: Parameters = {
    ...{ node: 'portico@127.0.0.1', clientid: 'device', username: 'ada', topic: 'a/b', filename },
    ...{ module: 'mqtt', gateway: 'mqtt', appid: 'shop', name: 'bus', key: 'broker' },
  };
  for (const { operationId, method, path } of client.operations.values()) {
    // A file is no JSON.
    if (method !== 'get' || path.endsWith('/download')) continue;
    await client.call(operationId, OF_METER.test(path) ? { ...known, clientid: 'meter' } : known);
  }
});

test('every answer that has something to tell says what', () => {
  const untold = [...client.operations.values()].filter(({ method, path, responses }) => {
    // A file is what it is.
    if (path.endsWith('/download')) return false;
    const { properties } = responses[200].content['application/json'].schema;
    return method === 'get' && !('data' in properties || 'file' in properties);
  });
  assert.deepEqual(untold, []);
});

const PAGING = ['_page', '_limit', '_cursor'];
const LONG_AGO = '1';
const FAR_AHEAD = '9999999999';

/** Conditions on clients: a value that finds the device, and one that does not where there is one. */
const ON_CLIENTS: Readonly<Record<string, readonly [finds: string, findsNot?: string]>> = {
  clientid: ['device', 'devic'],
  username: ['ada', 'ad'],
  zone: ['undefined', 'z'],
  ip_address: ['127.0.0.1', '127.0.0.2'],
  conn_state: ['connected', 'disconnected'],
  clean_start: ['true', 'false'],
  proto_name: ['MQTT', 'CoAP'],
  proto_ver: ['4', '5'],
  state: ['connected', 'disconnected'],
  _like_clientid: ['evic', 'x'],
  _like_username: ['d', 'x'],
  _gte_created_at: [LONG_AGO, FAR_AHEAD],
  _lte_created_at: [FAR_AHEAD, LONG_AGO],
  _gte_connected_at: [LONG_AGO, FAR_AHEAD],
  _lte_connected_at: [FAR_AHEAD, LONG_AGO],
  _gte_mqueue_len: ['0', '1'],
  _lte_mqueue_len: ['0'],
  _gte_mqueue_dropped: ['0', '1'],
  _lte_mqueue_dropped: ['0'],
};

/** Conditions of all lists, with a field of a row and what it is in the one that is to be found. */
const CONDITIONS: Readonly<
  Record<string, { readonly row: Parameters; readonly on: typeof ON_CLIENTS; readonly with?: Parameters }>
> = {
  list_clients: { row: { clientid: 'device' }, on: { ...ON_CLIENTS, gateway: ['mqtt', 'coap'] } },
  list_gateway_clients: { row: { clientid: 'device' }, on: ON_CLIENTS, with: { gateway: 'mqtt' } },
  list_subscriptions: {
    row: { topic: '$share/g/s' },
    on: {
      clientid: ['device', 'meter'],
      topic: ['$share/g/s', 'a/b'],
      qos: ['2', '1'],
      share: ['g', 'h'],
      _match_topic: ['s', 'a/b'],
    },
  },
  list_retained: { row: { topic: 'a/b' }, on: { topic: ['a/+', 'a'] } },
};

for (const [operation, { row, on, with: always = {} }] of Object.entries(CONDITIONS)) {
  for (const [name, [finds, findsNot]] of Object.entries(on)) {
    test(`${operation} by ${name}`, async () => {
      const [[field, expected] = ['', '']] = Object.entries(row);
      const isFound = async (value: string) => {
        const { data } = await client.call(operation, { ...always, [name]: value });
        return (data as readonly Parameters[]).some((found) => found[field] === expected);
      };
      assert.equal(await isFound(finds), true);
      if (findsNot !== undefined) assert.equal(await isFound(findsNot), false);
    });
  }
}

test('there is no condition on a list but these', () => {
  for (const { operationId, method, parameters } of client.operations.values()) {
    if (method !== 'get') continue;
    const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    const { on = {} } = CONDITIONS[operationId.replace('_node_', '_')] ?? {};
    const conditions = names.filter((name) => !PAGING.includes(name));
    assert.deepEqual(conditions.toSorted(), Object.keys(on).toSorted(), operationId);
  }
});

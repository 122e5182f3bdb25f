import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import mqtt from 'mqtt';
import { OpenApiClient, type Parameters } from '../support/openapi-client.js';
import { Portico } from '../support/portico.js';

/** The management API as programs see it that are generated from its OpenAPI document. */

const SECRET = 'open sesame';

/** There is no LwM2M device and no trace. */
const ABSENT = /^\/(?:nodes\/\{node\}\/)?(?:lwm2m_channels\/\{clientid\}|trace\/\{name\})/;

let portico: Portico;
let client: OpenApiClient;
let device: mqtt.MqttClient;

before(async () => {
  portico = await Portico.start({ env: { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET } });
  const authorization = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;
  client = await OpenApiClient.load(`http://127.0.0.1:${portico.port('management:http')}`, authorization);
  device = await mqtt.connectAsync(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`, {
    clientId: 'device',
    username: 'ada',
  });
  await device.subscribeAsync('a/b', { qos: 1 });
  await device.publishAsync('a/b', 'kept', { retain: true, qos: 1 });
});

after(async () => {
  await device.endAsync();
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
  await client.call('add_app', {}, { app_id: 'shop', expired: 1 });
  await client.call('create_banned', {}, { who: 'thief', as: 'clientid' });
  await client.call('register_topic_metrics', {}, { topic: 'a/b' });
  await client.call('mqtt_publish_batch', {}, [
    { topic: 'a/b', clientid: 'x', payload: '1' },
    { topic: '+' },
  ]);
  const { filename } = data as { readonly filename: string };
  const known: Parameters = {
    ...{ node: 'portico@127.0.0.1', clientid: 'device', username: 'ada', topic: 'a/b', filename },
    ...{ module: 'mqtt', gateway: 'mqtt', appid: 'shop' },
  };
  for (const { operationId, method, path } of client.operations.values()) {
    if (method === 'get' && !ABSENT.test(path)) await client.call(operationId, known);
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

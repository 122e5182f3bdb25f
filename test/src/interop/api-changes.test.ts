import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CertificateFolder } from '@portico/core/testing';
import mqtt from 'mqtt';
import { OpenApiClient, type Parameters } from '../support/openapi-client.js';
import { Portico } from '../support/portico.js';

/**
 * All that the management API can change, and all that what it is asked can fail by, as its OpenAPI document tells: a part of
 * either that nothing here asks for fails the tests.
 */

const SECRET = 'open sesame';
const NODE = 'portico@127.0.0.1';

/** An alarm of it is active at once: the machine uses more of its memory than that. */
const CONFIG = `
gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  stomp: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  lwm2m: { listeners: { udp: { default: { bind: 127.0.0.1:0 } } } }
os_mon: { mem_check_interval: 1s, sysmem_high_watermark: 1% }
`;
const WRONG_CONFIG = CONFIG.replace('stomp: {', 'stomp: { max_headers: 0,');
const ALARM = 'high_system_memory_usage';

const certificates = new CertificateFolder();
let folder: string;
let rules: string;
let portico: Portico;
let client: OpenApiClient;
let device: mqtt.MqttClient;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-test-'));
  rules = join(folder, 'acl.conf');
  await writeFile(rules, '{allow, all}.');
  certificates.authority('server');
  portico = await Portico.start({
    config: CONFIG,
    env: {
      PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET,
      PORTICO_MANAGEMENT__MAX_REQUEST_RATE: '0',
      PORTICO_ACCESS__ACL_FILE: rules,
      PORTICO_GATEWAYS__MQTT__LISTENERS__TLS__DEFAULT__BIND: '127.0.0.1:0',
      PORTICO_GATEWAYS__MQTT__LISTENERS__TLS__DEFAULT__CERTFILE: certificates.file('server.pem'),
      PORTICO_GATEWAYS__MQTT__LISTENERS__TLS__DEFAULT__KEYFILE: certificates.file('server.key'),
      // What stands there cannot be changed otherwise.
      PORTICO_GATEWAYS__LWM2M__ENABLE: 'true',
    },
  });
  const authorization = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;
  client = await OpenApiClient.load(`http://127.0.0.1:${portico.port('management:http')}`, authorization);
  device = await mqtt.connectAsync(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`, {
    clientId: 'device',
    reconnectPeriod: 0,
  });
});

after(async () => {
  device?.end(true);
  await portico.stop();
  await rm(folder, { recursive: true });
  certificates.remove();
});

type Request = readonly [operation: string, parameters?: Parameters, body?: object];

/** What every operation can fail by, and what goes with its parts: `every-endpoint.test.ts` of the API asks for these. */
function isGeneral(operation: string, status: number, code: number): boolean {
  if ([401, 413, 429, 503].includes(status) || code === 109) return true;
  const { path, parameters, requestBody } = client.operations.get(operation) ?? assert.fail(operation);
  if (status === 404 && code === 108) return path.includes('{node}');
  if (code === 107) return requestBody?.required === true;
  const isQueried = parameters.some(({ in: place }) => place === 'query');
  return code === 108 && status === 400 && (requestBody !== undefined || isQueried);
}

const SECOND: Parameters = { listener: 'stomp:tcp:second' };
const THIRD: Parameters = { listener: 'stomp:tcp:third' };
const DEFAULT: Parameters = { listener: 'mqtt:tcp:default' };
const STOMP: Parameters = { module: 'stomp' };
const NOBODY: Parameters = { clientid: 'nobody' };
const LISTENER_ACTIONS = ['start', 'stop', 'restart'];

/** What has to be there for something to fail. */
const BEFORE: readonly Request[] = [
  ['create_trace', {}, { name: 'there', type: 'clientid', condition: 'x' }],
  ['create_listener', {}, { name: 'stomp:tcp:second', bind: '127.0.0.1:0' }],
  ['stop_listener', SECOND],
];

/** Requests that fail, by status and code. */
const FAILING: Readonly<Record<string, readonly Request[]>> = {
  '400 107': [['set_keepalive', { clientid: 'device' }]],
  '400 108': [
    ...LISTENER_ACTIONS.flatMap((action): Request[] => [
      [`${action}_listener`, { listener: 'management:http' }],
      [`${action}_node_listener`, { node: NODE, listener: 'management:http' }],
    ]),
    ['delete_listener', DEFAULT],
    ['unload_module', { module: 'lwm2m' }],
    ['unload_node_module', { node: NODE, module: 'lwm2m' }],
    ['unset_config', { key: 'gateways.stomp.max_headers' }],
    ['get_config', { key: 'a..b' }],
    ['delete_app', { appid: 'admin' }],
    ['delete_banned', { as: 'nobody', who: 'x' }],
    ...['lookup', 'stop', 'download', 'delete'].map((word): Request => [`${word}_trace`, { name: 'a.b' }]),
    ...['download_file', 'delete_file'].map((word): Request => [word, { filename: 'none' }]),
  ],
  '400 110': [
    ['load_module', { module: 'mqtt' }],
    ['load_node_module', { node: NODE, module: 'mqtt' }],
    ['start_listener', DEFAULT],
    ['start_node_listener', { node: NODE, ...DEFAULT }],
    ['start_log_handler', { handler: 'console' }],
  ],
  '400 111': [
    ...['unload', 'restart'].flatMap((action): Request[] => [
      [`${action}_module`, { module: 'coap' }],
      [`${action}_node_module`, { node: NODE, module: 'coap' }],
    ]),
    ...['stop', 'restart'].flatMap((action): Request[] => [
      [`${action}_listener`, SECOND],
      [`${action}_node_listener`, { node: NODE, ...SECOND }],
    ]),
    ['stop_log_handler', { handler: 'file' }],
  ],
  '400 113': [
    ['add_app', {}, { app_id: 'admin' }],
    ['create_trace', {}, { name: 'there', type: 'clientid', condition: 'x' }],
  ],
  '400 115': [
    ['mqtt_publish', {}, { topic: 'a/+', clientid: 'x', payload: '' }],
    ['mqtt_subscribe', {}, { topic: '#/a', clientid: 'device' }],
    ['mqtt_unsubscribe', {}, { topic: '#/a', clientid: 'device' }],
    ['register_topic_metrics', {}, { topic: 'a/#' }],
    ['create_trace', {}, { name: 't', type: 'topic', condition: '#/a' }],
  ],
  '404 108': [
    ['list_gateway_clients', { gateway: 'none' }],
    ['get_gateway', { gateway: 'none' }],
    ['get_module', { module: 'none' }],
    ['get_config', { key: 'broker.none' }],
    ['configure_module', { module: 'none' }, { max_headers: 20 }],
    ...['load', 'unload', 'restart', 'reload'].map((word): Request => [`${word}_module`, { module: 'none' }]),
    ...LISTENER_ACTIONS.map((word): Request => [`${word}_listener`, { listener: 'none' }]),
    ['delete_listener', { listener: 'none' }],
    ...['lookup_retained', 'delete_retained'].map((word): Request => [word, { topic: 'none' }]),
    ...['get_topic_metrics', 'unregister_topic_metrics'].map((word): Request => [word, { topic: 'none' }]),
    ...['lookup', 'stop', 'download', 'delete'].map((word): Request => [`${word}_trace`, { name: 'none' }]),
    ['deactivate_alarm', {}, { node: NODE, name: 'none' }],
    ['delete_banned', { as: 'clientid', who: 'nobody' }],
    ['lookup_app', { appid: 'none' }],
    ['update_app', { appid: 'none' }, {}],
    ['delete_app', { appid: 'none' }],
    ['import', {}, { filename: 'none.json' }],
    ...['download_file', 'delete_file'].map((word): Request => [word, { filename: 'none.json' }]),
    ...['start', 'stop'].map((word): Request => [`${word}_log_handler`, { handler: 'none' }]),
    ['set_log_handler_level', { handler: 'none' }, { level: 'warn' }],
  ],
  '404 112': [
    ['kickout_client', NOBODY],
    ['set_keepalive', { interval: '5', ...NOBODY }],
    ['list_acl_cache', NOBODY],
    ['clean_acl_cache', NOBODY],
    ['mqtt_subscribe', {}, { topic: 'a', ...NOBODY }],
    ['mqtt_unsubscribe', {}, { topic: 'a', ...NOBODY }],
    ['lookup_lwm2m_channel', NOBODY],
    ['lookup_node_lwm2m_channel', { node: NODE, ...NOBODY }],
    ...['values', 'commands'].flatMap((what): Request[] => [
      [`list_lwm2m_${what}`, NOBODY],
      [`list_node_lwm2m_${what}`, { node: NODE, ...NOBODY }],
    ]),
  ],
};

test('what is asked fails by each status and code that the document tells of, and by no other', async () => {
  for (const [operation, parameters, body] of BEFORE) await client.call(operation, parameters, body);
  const asked = new Set<string>();
  const ask = async (expected: string, [operation, parameters, body]: Request) => {
    const { status, code, message } = await client.fail(operation, parameters, body);
    assert.equal(`${status} ${code}`, expected, `${operation}: ${message}`);
    asked.add(`${operation} ${expected}`);
  };
  for (const [expected, requests] of Object.entries(FAILING)) {
    for (const request of requests) await ask(expected, request);
  }
  // What is in files is wrong for a while.
  await writeFile(rules, 'allow everybody');
  await ask('400 108', ['reload_acl']);
  await writeFile(rules, '{allow, all}.');
  const certificate = await readFile(certificates.file('server.pem'));
  await writeFile(certificates.file('server.pem'), 'broken');
  await ask('400 108', ['reload_certificates']);
  await ask('400 108', ['reload_node_certificates', { node: NODE }]);
  await writeFile(certificates.file('server.pem'), certificate);
  await writeFile(portico.file, WRONG_CONFIG);
  await ask('400 108', ['reload_module', STOMP]);
  await ask('400 108', ['reload_node_module', { node: NODE, ...STOMP }]);
  await ask('400 108', ['reload_configs']);
  await ask('400 108', ['list_configs']);
  await writeFile(portico.file, CONFIG);
  const told = client.failures().filter(([operation, status, code]) => !isGeneral(operation, status, code));
  const words = told.map(([operation, status, code]) => `${operation} ${status} ${code}`);
  assert.deepEqual([...asked].toSorted(), words.toSorted());
});

/** All changes there are, so that each finds what it needs. */
const CHANGES: readonly Request[] = [
  ['set_keepalive', { clientid: 'device', interval: '60' }],
  ['clean_acl_cache', { clientid: 'device' }],
  ['clean_acl_cache_all'],
  ['clean_acl_cache_node', { node: NODE }],
  ['clean_acl_cache_nodes', { node: NODE }],
  ['reload_acl'],
  ['mqtt_subscribe', {}, { topic: 'a', clientid: 'device' }],
  ['mqtt_subscribe_batch', {}, [{ topics: 'b,c', clientid: 'device', qos: 1 }]],
  ['mqtt_unsubscribe', {}, { topic: 'a', clientid: 'device' }],
  ['mqtt_unsubscribe_batch', {}, [{ topic: 'b', clientid: 'device' }]],
  ['mqtt_publish', {}, { topic: 'kept/1', clientid: 'x', payload: 'MQ==', encoding: 'base64', retain: true }],
  ['mqtt_publish_batch', {}, [{ topic: 'kept/2', clientid: 'x', payload: '2', retain: true, qos: 1 }]],
  ['delete_retained', { topic: 'kept/1' }],
  ['clean_retained', { topic: 'kept/#' }],
  ['register_topic_metrics', {}, { topic: 'a' }],
  ['unregister_topic_metrics', { topic: 'a' }],
  ['unregister_all_topic_metrics'],
  ['create_trace', {}, { name: 'bus', type: 'topic', condition: 'a/#' }],
  ['stop_trace', { name: 'bus' }],
  ['delete_trace', { name: 'bus' }],
  ['delete_all_trace'],
  ['deactivate_alarm', {}, { node: NODE, name: ALARM }],
  ['delete_deactivated_alarms'],
  ['delete_node_deactivated_alarms', { node: NODE }],
  ['create_banned', {}, { who: '2001:db8::1', as: 'peerhost', until: 'infinity' }],
  ['delete_banned', { as: 'peerhost', who: '2001:db8::1' }],
  ['add_app', {}, { app_id: 'shop', secret: 'a long secret' }],
  ['update_app', { appid: 'shop' }, { name: 'Shop', status: false }],
  ['delete_app', { appid: 'shop' }],
  ['export'],
  ['upload_file', {}, { filename: 'from-elsewhere.json', file: { version: '4.4' } }],
  ['import', {}, { filename: 'from-elsewhere.json' }],
  ['delete_file', { filename: 'from-elsewhere.json' }],
  ['set_log_level', {}, { level: 'warn' }],
  ['set_primary_log_level', {}, { level: 'warn' }],
  ['set_log_handler_level', { handler: 'console' }, { level: 'info' }],
  ['stop_log_handler', { handler: 'console' }],
  ['start_log_handler', { handler: 'console' }],
  ['reload_certificates'],
  ['reload_node_certificates', { node: NODE }],
  ['create_listener', {}, { name: 'stomp:tcp:third', bind: '127.0.0.1:0', max_connections: 7 }],
  ['restart_listener', THIRD],
  ['stop_listener', THIRD],
  ['start_listener', THIRD],
  ['restart_node_listener', { node: NODE, ...THIRD }],
  ['stop_node_listener', { node: NODE, ...THIRD }],
  ['start_node_listener', { node: NODE, ...THIRD }],
  ['delete_listener', THIRD],
  ['configure_module', STOMP, { max_headers: 20 }],
  ['set_config', { key: 'gateways.stomp.max_headers' }, { value: 30 }],
  ['unset_config', { key: 'gateways.stomp.max_headers' }],
  ['set_configs', {}, { 'broker.sys_interval': '1h', 'broker.sys_heartbeat': '1h' }],
  ['reload_configs'],
  ...['restart', 'reload', 'unload', 'load'].map((word): Request => [`${word}_module`, STOMP]),
  ...['restart', 'reload', 'unload', 'load'].map(
    (word): Request => [`${word}_node_module`, { node: NODE, ...STOMP }],
  ),
  ['kickout_client', { clientid: 'device' }],
];

test('each change can be made, and is answered as the document says', async () => {
  while (!(await isAlarmActive())) await delay(20);
  for (const [operation, parameters, body] of CHANGES) await client.call(operation, parameters, body);
  const changing = [...client.operations.values()].filter(({ method }) => method !== 'get');
  const made = new Set([...BEFORE, ...CHANGES].map(([operation]) => operation));
  assert.deepEqual([...made].toSorted(), changing.map(({ operationId }) => operationId).toSorted());
});

async function isAlarmActive(): Promise<boolean> {
  const { data } = await client.call('list_node_activated_alarms', { node: NODE });
  return (data as readonly { readonly name: string }[]).some(({ name }) => name === ALARM);
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '@portico/core';
import { ManagementServer, managementConfigSchema } from '@portico/management';
import mqtt from 'mqtt';
import { ManagedHub } from '../support/managed-hub.js';

const STOMP = 'gateways:\n  stomp: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }\n';
const SECRET = 'open sesame';

/** There is always somebody else. */
const WITH_MQTT = `${STOMP}  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }\n`;

/** A hub with its API, asked by real HTTP. */
async function start(text = STOMP) {
  const managed = await ManagedHub.start(text);
  const { hub, modules, folder } = managed;
  const config = managementConfigSchema.parse({
    bind: '127.0.0.1:0',
    default_application: { secret: SECRET },
  });
  const errors: unknown[] = [];
  const error = (fields: unknown) => errors.push(fields);
  const log = { ...silentLogger, error, level: 'info', primaryLevel: 'info', handlers: [] } as const;
  const about = { node: 'test@127.0.0.1', version: '1.2.3', dataDir: folder, announce() {} };
  const server = await ManagementServer.create({ config, hub, modules, log, ...about });
  await server.start();
  const authorization = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;
  const ask = async (method: string, path: string, body?: object) => {
    const url = `http://127.0.0.1:${server.address.port}/api/v4${path}`;
    const init = { method, headers: { authorization }, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(url, init);
    return {
      status: response.status,
      ...((await response.json()) as {
        code: number;
        message?: string;
        warnings?: readonly string[];
        data?: unknown;
      }),
    };
  };
  return { ask, folder, errors, port: (name: string) => managed.port(name), stop: () => server.stop() };
}

test('modules are loaded, unloaded and configured over the API, with the codes of the reference', async () => {
  const { ask, stop } = await start();
  const active = async () => ((await ask('GET', '/modules/stomp')).data as { active: boolean }).active;
  assert.equal(await active(), true);
  assert.deepEqual(
    [(await ask('PUT', '/modules/stomp/load')).code, (await ask('PUT', '/modules/x/load')).status],
    [110, 404],
  );
  assert.equal((await ask('PUT', '/modules/stomp/configs', { max_headers: 20 })).code, 0);
  const wrong = await ask('PUT', '/configs/gateways.stomp.max_headers', { value: 5000 });
  assert.deepEqual([wrong.status, wrong.code], [400, 108]);
  assert.match(
    wrong.message ?? '',
    /max_headers: 5000 is not allowed; expected a whole number from 1 to 1000/,
  );
  assert.equal((await ask('DELETE', '/configs/gateways.stomp.max_headers')).code, 0);
  assert.equal((await ask('PUT', '/modules/stomp/restart')).code, 0);
  assert.equal(await active(), true);
  await stop();
});

test('listeners are added, stopped and removed over the API', async () => {
  const { ask, stop } = await start();
  const name = 'stomp:tcp:second';
  assert.equal((await ask('POST', '/listeners', { name, bind: '127.0.0.1:0' })).code, 0);
  assert.equal((await ask('POST', '/listeners', { name, bind: '127.0.0.1:0' })).code, 108);
  const row = async () => {
    const { data } = await ask('GET', '/nodes/test@127.0.0.1/listeners');
    return (data as { identifier: string; running: boolean; protocol: string }[]).find(
      ({ identifier }) => identifier === name,
    );
  };
  assert.deepEqual([(await row())?.running, (await row())?.protocol], [true, 'stomp:tcp']);
  assert.equal((await ask('PUT', `/listeners/${name}/stop`)).code, 0);
  assert.equal((await row())?.running, false);
  assert.equal((await ask('PUT', `/listeners/${name}/restart`)).code, 111);
  assert.equal((await ask('DELETE', `/listeners/${name}`)).code, 0);
  assert.equal(await row(), undefined);
  await stop();
});

test('what cannot be done is no bug of the hub: a port in use, changes that cannot be kept', async () => {
  const { ask, folder, errors, stop } = await start();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const bind = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  const added = await ask('POST', '/listeners', { name: 'stomp:tcp:second', bind });
  assert.deepEqual([added.status, added.code], [400, 108]);
  assert.match(added.message ?? '', /the port is in use .*gateways\.stomp\.listeners\.tcp\.second\.bind$/);
  taken.close();
  await mkdir(join(folder, 'runtime.yaml.draft'));
  const changed = await ask('PUT', '/configs/gateways.stomp.max_headers', { value: 20 });
  assert.deepEqual([changed.status, changed.code], [503, 102]);
  assert.match(changed.message ?? '', /^the change cannot be kept for the next start: .*runtime\.yaml: /);
  assert.deepEqual(errors, []);
  await stop();
});

const ON_NODE = '/nodes/test@127.0.0.1';
const KEY = '/configs/gateways.stomp.max_headers';
const DEFAULT = '/listeners/stomp:tcp:default';

/** One after the other: what is asked, and status and code of the answer. */
const ASKED: readonly (readonly [request: string, body: object | undefined, status: number, code: number])[] =
  [
    ['PUT /modules/stomp/load', undefined, 400, 110],
    [`PUT ${ON_NODE}/modules/stomp/load`, undefined, 400, 110],
    [`PUT ${ON_NODE}/modules/stomp/reload`, undefined, 200, 0],
    [`PUT ${ON_NODE}/modules/stomp/restart`, undefined, 200, 0],
    [`PUT ${ON_NODE}/modules/stomp/unload`, undefined, 200, 0],
    ['PUT /modules/stomp/unload', undefined, 400, 111],
    ['PUT /modules/stomp/restart', undefined, 400, 111],
    ['PUT /modules/mqtt/unload', undefined, 400, 108],
    [`PUT ${ON_NODE}/modules/stomp/load`, undefined, 200, 0],
    ['PUT /modules/stomp/configs', {}, 400, 107],
    ['PUT /modules/stomp/configs', { max_headers: 0 }, 400, 108],
    ['PUT /modules/stomp/configs', { max_hedaers: 20 }, 400, 108],
    ['PUT /modules/none/configs', { max_headers: 20 }, 404, 108],
    ['GET /modules/none', undefined, 404, 108],
    ['GET /gateways/none', undefined, 404, 108],
    [`PUT ${KEY}`, {}, 400, 107],
    ['PUT /configs/gateways.none.x', { value: 1 }, 400, 108],
    ['PUT /configs/log.level', { value: 'debug' }, 400, 108],
    [`DELETE ${KEY}`, undefined, 400, 108],
    [`PUT ${DEFAULT}/start`, undefined, 400, 110],
    [`PUT ${DEFAULT}/restart`, undefined, 200, 0],
    [`PUT ${DEFAULT}/stop`, undefined, 200, 0],
    [`PUT ${DEFAULT}/stop`, undefined, 400, 111],
    [`PUT ${DEFAULT}/restart`, undefined, 400, 111],
    [`PUT ${DEFAULT}/start`, undefined, 200, 0],
    [`DELETE ${DEFAULT}`, undefined, 400, 108],
    ['POST /listeners', {}, 400, 107],
    ['POST /listeners', { name: 'stomp' }, 400, 108],
    ['POST /listeners', { name: 'none:tcp:x', bind: 0 }, 400, 108],
    ['POST /listeners', { name: 'stomp:udp:x', bind: 0 }, 400, 108],
    ['DELETE /listeners/none', undefined, 404, 108],
  ];

test('what is done, is so already, is wrong or is not there has its status and code', async () => {
  const { ask, stop } = await start(WITH_MQTT);
  for (const [request, body, status, code] of ASKED) {
    const [method = '', path = ''] = request.split(' ');
    const answer = await ask(method, path, body);
    assert.deepEqual([answer.status, answer.code], [status, code], `${request}: ${answer.message}`);
  }
  await stop();
});

/** What an answer that is a success has in `warnings`. */
async function warningsOf(given: Promise<{ readonly code: number; readonly warnings?: readonly string[] }>) {
  const { code, warnings } = await given;
  assert.equal(code, 0);
  return warnings;
}

test('what a change does not do at once, or closes, is told in the answer', async () => {
  const { ask, stop, port } = await start(WITH_MQTT);
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${port('mqtt:tcp:default')}`, {
    reconnectPeriod: 0,
  });
  const change = (key: string, value: unknown) =>
    warningsOf(ask('PUT', `/configs/gateways.${key}`, { value }));
  const goesOn = 'mqtt:tcp:default: the change is for new connections, not for the 1 connection of before';
  assert.deepEqual(await change('mqtt.max_inflight', 10), [goesOn]);
  assert.deepEqual(await change('mqtt.max_inflight', 10), undefined);
  assert.deepEqual(await change('mqtt.listeners.tcp.default.max_connections', 5), [goesOn]);
  const ended = 'mqtt:tcp:default: 1 connection ended by the change';
  assert.deepEqual(await change('mqtt.listeners.tcp.default.backlog', 100), [ended]);
  device.end(true);
  assert.deepEqual(await warningsOf(ask('PUT', '/modules/mqtt/configs', { max_inflight: 11 })), undefined);
  assert.deepEqual(await warningsOf(ask('PUT', '/modules/stomp/unload')), undefined);
  const holdsLater = 'stomp is not enabled: this holds when it is';
  assert.deepEqual(await change('stomp.max_headers', 20), [holdsLater]);
  const second = { name: 'stomp:tcp:second', bind: '0.0.0.0:0' };
  assert.deepEqual(await warningsOf(ask('POST', '/listeners', second)), [holdsLater]);
  assert.deepEqual(await warningsOf(ask('PUT', '/listeners/stomp:tcp:second/restart')), [holdsLater]);
  const closed =
    'stomp:tcp:second: all clients are refused here: add access.users, or write down access.allow_anonymous: true';
  assert.deepEqual(await warningsOf(ask('PUT', '/modules/stomp/load')), [closed]);
  assert.deepEqual(await warningsOf(ask('PUT', '/listeners/stomp:tcp:second/stop')), undefined);
  const gone = 'stomp:tcp:second: the listener is no longer there';
  assert.deepEqual(await change('stomp', { max_headers: 30 }), [gone]);
  await stop();
});

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RuntimeConfig } from '@portico/cli';
import { createLogger } from '@portico/core';
import { CertificateFolder } from '@portico/core/testing';
import mqtt, { type MqttClient } from 'mqtt';
import { ManagedHub } from '../support/managed-hub.js';
import { RawClient } from '../support/raw-client.js';

const STOMP = 'gateways:\n  stomp: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }\n';
/** There is always somebody else. */
const MQTT = `${STOMP}  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }\n`;

const LISTENER = ['gateways', 'mqtt', 'listeners', 'tcp', 'default'];

function connect(hub: ManagedHub, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const url = `mqtt://127.0.0.1:${hub.port('mqtt:tcp:default')}`;
  return mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion: 5, ...options });
}

function event(client: MqttClient, name: string): Promise<unknown[]> {
  return once(client as unknown as NodeJS.EventEmitter, name);
}

test('clients of a gateway that is disabled are told goodbye, and resume their sessions when it is enabled', async () => {
  const hub = await ManagedHub.start(MQTT);
  const session = { clientId: 'a', clean: false, properties: { sessionExpiryInterval: 3600 } };
  const client = await connect(hub, session);
  await client.subscribeAsync('t', { qos: 1 });
  const told = event(client, 'disconnect');
  await hub.modules.enable(hub.module('mqtt'), false);
  const [{ reasonCode }] = (await told) as [{ reasonCode: number }];
  assert.equal(reasonCode, 0x8b, 'Server shutting down');
  assert.equal(hub.hub.engine.sessions.get('a')?.connected, false);
  assert.match(readFileSync(join(hub.folder, 'runtime.yaml'), 'utf8'), /enable: false/);

  await hub.modules.enable(hub.module('mqtt'), true);
  const url = `mqtt://127.0.0.1:${hub.port('mqtt:tcp:default')}`;
  const again = mqtt.connect(url, { ...session, protocolVersion: 5, reconnectPeriod: 0 });
  const [{ sessionPresent }] = (await event(again, 'connect')) as [{ sessionPresent: boolean }];
  assert.equal(sessionPresent, true);
  assert.deepEqual(hub.listener('mqtt:tcp:default').status.endings, { server_shutdown: 1 });
  await again.endAsync();
});

test('when MQTT is disabled, clients of other gateways go on, and nothing of theirs is opened anew', async () => {
  const hub = await ManagedHub.start(MQTT);
  const client = await connect(hub);
  const stomp = connectSocket(hub.port('stomp:tcp:default'), '127.0.0.1');
  after(() => stomp.destroy());
  const answer = async (frame: string) => {
    stomp.write(frame);
    return String(await once(stomp, 'data'));
  };
  assert.match(await answer('CONNECT\naccept-version:1.2\nhost:/\n\n\0'), /^CONNECTED\n/);
  const { listener } = hub.listener('stomp:tcp:default').status;
  const ended = event(client, 'close');
  await hub.modules.enable(hub.module('mqtt'), false);
  await ended;
  assert.match(await answer('SUBSCRIBE\nid:0\ndestination:t\nreceipt:r\n\n\0'), /^RECEIPT\n/);
  assert.equal(hub.listener('stomp:tcp:default').status.listener, listener);
  assert.deepEqual(hub.listener('stomp:tcp:default').status.endings, {});
});

test('a listener with other limits keeps its connections; one that is otherwise changed loses its own alone', async () => {
  const hub = await ManagedHub.start(MQTT);
  await hub.modules.addListener('mqtt:tcp:second', { bind: '127.0.0.1:0' });
  const port = hub.port('mqtt:tcp:second');
  const first = await connect(hub);
  const second = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  const set = (key: string, value: unknown) => hub.modules.change([{ path: [...LISTENER, key], value }]);

  await set('max_connections', 1);
  assert.equal(hub.listener('mqtt:tcp:default').status.maxConnections, 1);
  const refused = await RawClient.connect(hub.port('mqtt:tcp:default'));
  await refused.expectClose();
  assert.equal(first.connected, true);

  const ended = event(first, 'close');
  await set('nodelay', false);
  await ended;
  assert.equal(second.connected, true);
  assert.equal(hub.port('mqtt:tcp:second'), port);

  const closed = event(second, 'close');
  await hub.modules.removeListener(hub.listener('mqtt:tcp:second'));
  await closed;
  assert.throws(() => hub.listener('mqtt:tcp:second'), /no listener/);
  await assert.rejects(
    async () => hub.modules.removeListener(hub.listener('mqtt:tcp:default')),
    /mqtt:tcp:default: it is in the configuration file/,
  );
});

test('keys of a gateway whose connections are independent hold for new ones; the others live on', async () => {
  const hub = await ManagedHub.start(MQTT);
  const before = await connect(hub);
  await hub.modules.change([{ path: ['gateways', 'mqtt', 'max_packet_size'], value: 1024 }]);
  await before.publishAsync('t', 'x'.repeat(2000), { qos: 1 });
  const after = await connect(hub);
  const told = event(after, 'disconnect');
  after.publish('t', 'x'.repeat(2000), { qos: 1 });
  const [{ reasonCode }] = (await told) as [{ reasonCode: number }];
  assert.equal(reasonCode, 0x95, 'Packet too large');
  assert.equal(before.connected, true);
  await before.endAsync();
});

test('a listener that is to move to a port in use keeps its port and its connections', async () => {
  const hub = await ManagedHub.start(MQTT);
  const client = await connect(hub);
  const { listener } = hub.listener('mqtt:tcp:default').status;
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const value = `127.0.0.1:${(taken.address() as { port: number }).port}`;
  const move = async () => hub.modules.change([{ path: [...LISTENER, 'bind'], value }]);
  await assert.rejects(move, /mqtt:tcp:default on .*the port is in use.*mqtt\.listeners\.tcp\.default\.bind/);
  assert.equal(hub.listener('mqtt:tcp:default').status.listener, listener);
  await client.publishAsync('t', 'x', { qos: 1 });

  const ended = event(client, 'close');
  taken.close();
  await once(taken, 'close');
  await move();
  await ended;
  assert.equal(`127.0.0.1:${hub.port('mqtt:tcp:default')}`, value);
});

test('so does one of UDP, and a gateway that would have to be made anew', async () => {
  const hub = await ManagedHub.start(
    `${MQTT}  coap: { listeners: { udp: { default: { bind: 127.0.0.1:0 } } } }\n`,
  );
  const { listener } = hub.listener('coap:udp:default').status;
  const taken = createSocket('udp4').bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const bind = `127.0.0.1:${taken.address().port}`;
  const changes = [
    { path: ['gateways', 'coap', 'max_exchanges'], value: 32 },
    { path: ['gateways', 'coap', 'listeners', 'udp', 'default', 'bind'], value: bind },
  ];
  await assert.rejects(async () => hub.modules.change(changes), /coap:udp:default on .*the port is in use/);
  assert.equal(hub.listener('coap:udp:default').status.listener, listener);
  taken.close();
});

test('a change that cannot be made leaves all as it was, and says why', async () => {
  const hub = await ManagedHub.start(STOMP);
  const port = hub.port('stomp:tcp:default');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const bind = `127.0.0.1:${(taken.address() as { port: number }).port}`;
  await assert.rejects(
    hub.modules.addListener('stomp:tcp:second', { bind }),
    /the port is in use.*stomp.listeners.tcp.second/,
  );
  assert.throws(() => hub.listener('stomp:tcp:second'), /no listener/);
  const module = hub.module('stomp');
  assert.deepEqual(
    [module.state, module.error?.code, hub.port('stomp:tcp:default')],
    ['running', 'PORTICO_ERR_LISTEN', port],
  );
  assert.throws(() => readFileSync(join(hub.folder, 'runtime.yaml')), /ENOENT/);
  const change = (path: string, value: unknown) => async () =>
    hub.modules.change([{ path: path.split('.'), value }]);
  await assert.rejects(
    change('gateways.stomp.max_headers', 5000),
    /gateways\.stomp\.max_headers: 5000 is not allowed; expected a whole number from 1 to 1000/,
  );
  await assert.rejects(
    change('log.level', 'debug'),
    /log.level: there is no such section; there are gateways, access, broker/,
  );
  await assert.rejects(
    change('gateways.stmp.enable', true),
    /gateways.stmp: there is no such gateway; there are mqtt, /,
  );
  taken.close();
});

test('a listener that cannot be opened again stays closed, and the log and its module tell why', async () => {
  const certificates = new CertificateFolder();
  certificates.authority('ca');
  certificates.certificate('server', 'ca', '/CN=server');
  const [certfile, keyfile] = [certificates.file('server.pem'), certificates.file('server.key')];
  let logged = '';
  const output = { write: (text: string) => (logged += text) };
  const log = createLogger({ level: 'info', format: 'text', output });
  const tls = `{ bind: 127.0.0.1:0, certfile: ${certfile}, keyfile: ${keyfile} }`;
  const hub = await ManagedHub.start(
    `gateways:\n  stomp: { listeners: { tls: { default: ${tls} } } }\n`,
    {},
    log,
  );
  const name = 'stomp:tls:default';
  rmSync(keyfile);
  const code = 'PORTICO_ERR_TLS_FILE';
  await assert.rejects(hub.module('stomp').restartListener(name), { code });
  assert.match(
    logged,
    /ERROR: the restart failed: .*server\.key.* gateway=stomp code=PORTICO_ERR_TLS_FILE$/m,
  );
  assert.match(logged, /INFO: listener closed gateway=stomp listener=stomp:tls:default$/m);
  assert.deepEqual([hub.listener(name).status.listener, hub.module('stomp').error?.code], [undefined, code]);
});

test('what is watched is changed at once, and kept', async () => {
  const hub = await ManagedHub.start(STOMP);
  const path = ['vm_mon', 'connection_high_watermark'];
  await assert.rejects(
    hub.modules.change([{ path, value: '60%' }]),
    /connection_low_watermark: .*must not be above/,
  );
  await hub.modules.change([
    { path, value: '60%' },
    { path: ['vm_mon', 'connection_low_watermark'], value: '50%' },
  ]);
  assert.match(readFileSync(join(hub.folder, 'runtime.yaml'), 'utf8'), /connection_high_watermark: 60%/);
  const mixed = [
    { path, value: '70%' },
    { path: ['gateways', 'stomp', 'max_headers'], value: 20 },
  ];
  await assert.rejects(async () => hub.modules.change(mixed), /keys are of several sections/);
});

test('what the environment says cannot be changed at run time; what stands beside it can', async () => {
  const headers = 'PORTICO_GATEWAYS__STOMP__MAX_HEADERS';
  const connections = 'PORTICO_GATEWAYS__STOMP__LISTENERS__TCP__SECOND__MAX_CONNECTIONS';
  const enabled = { PORTICO_GATEWAYS__STOMP__LISTENERS__TCP__SECOND__ENABLE: 'false' };
  const hub = await ManagedHub.start(STOMP, { [headers]: '30', [connections]: '5', ...enabled });
  const path = ['gateways', 'stomp', 'max_headers'];
  const value = 20;
  await assert.rejects(
    hub.modules.change([{ path, value }]),
    new RegExp(`gateways.stomp.max_headers: ${headers} in the environment`),
  );
  const name = 'stomp:tcp:second';
  const bind = '127.0.0.1:0';
  await assert.rejects(
    hub.modules.change([
      { path: ['gateways', 'stomp', 'listeners', 'tcp', 'second'], value: { bind, max_connections: 6 } },
    ]),
    new RegExp(`second: ${connections} in the environment`),
  );
  await hub.modules.change([
    { path: ['gateways', 'stomp', 'listeners', 'tcp', 'second', 'bind'], value: bind },
  ]);
  assert.equal(hub.listener(name).status.maxConnections, 5);
  await hub.modules.change([{ path, value: 30 }]);
});

test('what is nested without an end is refused, and so is a path of that kind', async () => {
  const hub = await ManagedHub.start(STOMP);
  const sections = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
  const lists = JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`);
  const path = ['gateways', 'stomp', 'zones'];
  for (const change of [
    { path, value: sections },
    { path, value: lists },
    { path: [...path, ...Array(100_000).fill('a')], value: 1 },
    { path: [...path, ...Array(100_000).fill('a')], value: undefined },
  ]) {
    await assert.rejects(hub.modules.change([change]), {
      code: 'PORTICO_ERR_CONFIG',
      message: /nested too deep/,
    });
  }
});

test('a path cannot lead out of the configuration', async () => {
  const hub = await ManagedHub.start(STOMP);
  const set = (path: readonly string[]) => hub.modules.change([{ path, value: { x: 1 } }]);
  await assert.rejects(set(['gateways', 'stomp', '__proto__']), /__proto__ cannot be a key/);
  await assert.rejects(
    set(['gateways', 'stomp', 'listeners', '__proto__', 'x']),
    /__proto__ cannot be a key/,
  );
  await assert.rejects(
    hub.modules.addListener('stomp:tcp:__proto__', { bind: 0 }),
    /__proto__ cannot be a key/,
  );
  await assert.rejects(set(['gateways', 'stomp', 'constructor', 'prototype']), /constructor: unknown key/);
  const zones = JSON.parse('{ "__proto__": { "x": 1 } }');
  await assert.rejects(
    hub.modules.change([{ path: ['gateways', 'stomp', 'zones'], value: zones }]),
    /cannot be a name/,
  );
  assert.equal('x' in {}, false);
});

test('a file of changes that somebody has broken is told with its place, and not written over', async () => {
  const hub = await ManagedHub.start(STOMP);
  const file = join(hub.folder, 'runtime.yaml');
  const broken = 'version: 1\nsettings:\n  gateways: [\n';
  writeFileSync(file, broken);
  const stomp = hub.module('stomp');
  await assert.rejects(
    hub.modules.change([{ path: ['gateways', 'stomp', 'max_headers'], value: 20 }]),
    /runtime\.yaml:4:1: /,
  );
  assert.deepEqual(
    [stomp.state, stomp.config.max_headers, readFileSync(file, 'utf8')],
    ['running', 10, broken],
  );
});

test('what was changed holds at the next start, and is taken back key by key', async () => {
  const hub = await ManagedHub.start(STOMP);
  const path = ['gateways', 'stomp', 'max_headers'];
  await hub.modules.change([{ path, value: 20 }]);
  await hub.modules.addListener('stomp:tcp:second', { bind: '127.0.0.1:0', max_connections: 5 });
  const next = async () => {
    const { config } = await new RuntimeConfig(hub.file, {}, hub.folder).draft([]);
    return config.gateways.stomp;
  };
  assert.equal((await next())?.max_headers, 20);
  assert.equal((await next())?.listeners.tcp?.second?.max_connections, 5);
  await hub.modules.change([{ path, value: undefined }]);
  assert.equal((await next())?.max_headers, 10);
  const unchanged = ['gateways', 'stomp', 'max_heders'];
  for (const wrong of [path, unchanged, [...path, 'below']]) {
    const again = async () => hub.modules.change([{ path: wrong, value: undefined }]);
    await assert.rejects(again, /: it was not changed at run time$/, wrong.join('.'));
  }
  await hub.modules.removeListener(hub.listener('stomp:tcp:second'));
  assert.throws(() => readFileSync(join(hub.folder, 'runtime.yaml')), /ENOENT/);
});

test('a module takes on what the file says by now when it is reloaded, and no other does', async () => {
  const text = (headers: number) =>
    `gateways:\n  stomp: { max_headers: ${headers}, listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }\n`;
  const hub = await ManagedHub.start(text(11));
  writeFileSync(hub.file, readFileSync(hub.file, 'utf8').replace('max_headers: 11', 'max_headers: 12'));
  assert.equal(hub.module('stomp').config.max_headers, 11);
  await hub.modules.reload(hub.module('mqtt'));
  assert.equal(hub.module('stomp').config.max_headers, 11);
  await hub.modules.reload(hub.module('stomp'));
  assert.equal(hub.module('stomp').config.max_headers, 12);
  writeFileSync(hub.file, 'gateways: [');
  await assert.rejects(hub.modules.reload(hub.module('stomp')), /portico.yaml:1/);
});

test('what is wrong elsewhere in the file holds up no change of a module', async () => {
  const hub = await ManagedHub.start();
  const text = readFileSync(hub.file, 'utf8');
  writeFileSync(hub.file, text.replace(/^ {2}stomp:$/m, '$&\n    max_headrs: 5'));
  const free = `127.0.0.1:${hub.port('tcp:tcp:default')}`;
  await hub.modules.enable(hub.module('tcp'), false);
  assert.equal(hub.module('tcp').state, 'stopped');
  assert.match(readFileSync(join(hub.folder, 'runtime.yaml'), 'utf8'), /tcp:\n +enable: false/);
  await hub.modules.reload(hub.module('jt808'));
  await assert.rejects(hub.modules.reload(hub.module('stomp')), /stomp.max_headrs: unknown key/);
  const wrong = [{ path: ['gateways', 'jt808', 'keepalive'], value: 'never' }];
  await assert.rejects(hub.modules.change(wrong), /jt808.keepalive: "?never"? is not allowed/);
  await hub.modules.addListener('jt808:tcp:b', { bind: free });
  await assert.rejects(hub.modules.addListener('gbt32960:tcp:b', { bind: free }), /the address is that of/);
});

test('the last gateway is not disabled, nor its last listener stopped', async () => {
  const hub = await ManagedHub.start(STOMP);
  await assert.rejects(
    hub.modules.enable(hub.module('stomp'), false),
    /stomp: the last gateway cannot be disabled: a hub where nothing listens would not start again$/,
  );
  const listener = hub.listener('stomp:tcp:default');
  await assert.rejects(
    hub.modules.enableListener(listener, false),
    /stomp:tcp:default: the last listener cannot be stopped/,
  );
  assert.equal(hub.module('stomp').state, 'running');
});

test('a listener is stopped, started and restarted; the state of its gateway does not change', async () => {
  const hub = await ManagedHub.start(MQTT);
  const client = await connect(hub);
  const closed = event(client, 'close');
  const listener = () => hub.listener('mqtt:tcp:default');
  await hub.modules.enableListener(listener(), true);
  await listener().module.restartListener('mqtt:tcp:default');
  await closed;
  const other = await connect(hub);
  const gone = event(other, 'close');
  await hub.modules.addListener('mqtt:tcp:second', { bind: '127.0.0.1:0' });
  await hub.modules.enableListener(listener(), false);
  await gone;
  assert.deepEqual([listener().status.listener, listener().status.enabled], [undefined, false]);
  assert.equal(hub.module('mqtt').state, 'running');
  await hub.modules.enableListener(listener(), true);
  await (await connect(hub)).endAsync();
});

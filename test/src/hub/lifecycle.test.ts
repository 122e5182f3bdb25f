import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { configSchema, GATEWAYS, RESERVED_KEYS } from '@portico/cli';
import { createLogger, Hub, loadConfig, MemoryStore, silentLogger, systemClock } from '@portico/core';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { cleanEnvironment, Portico } from '../support/portico.js';
import { RawClient } from '../support/raw-client.js';
import { resources } from '../support/resources.js';
import { nextTurn } from '../support/turns.js';

const TCP_LOGIN = '11 0007 3c 0004 61626364';

test('stopping and starting one gateway touches no other, and sessions outlive it', async () => {
  const local = await LocalHub.start();
  const terminal = await RawClient.connect(local.port('tcp:tcp:default'));
  terminal.send(TCP_LOGIN);
  await terminal.readBytes(23);
  const url = () => `mqtt://127.0.0.1:${local.port('mqtt:tcp:default')}`;
  const session = { clientId: 'app', clean: false, reconnectPeriod: 0 };
  const app = await mqtt.connectAsync(url(), session);
  await app.subscribeAsync('tcp/abcd/up', { qos: 1 });
  const ended = once(app as unknown as NodeJS.EventEmitter, 'close');

  const gateway = local.hub.gateways.get('mqtt');
  await gateway?.stop();
  await ended;
  assert.equal(gateway?.running, false);
  assert.throws(() => local.port('mqtt:tcp:default'), /no listener/);
  terminal.send('30 0004 61626364');
  terminal.send('40');
  assert.equal((await terminal.readBytes(1)).toString('hex'), '50', 'the other gateway goes on');

  await gateway?.start();
  const again = mqtt.connect(url(), session);
  const [topic, payload] = (await once(again as unknown as NodeJS.EventEmitter, 'message')) as [
    string,
    Buffer,
  ];
  assert.deepEqual([topic, payload.toString()], ['tcp/abcd/up', 'abcd'], 'the session got what it missed');
  await again.endAsync();
  terminal.destroy();
  await local.stop();
});

test('a hub that is stopped lets go of every port', async () => {
  const local = await LocalHub.start();
  const ports = ['mqtt:tcp:default', 'mqtt:ws:default', 'tcp:tcp:default'].map((name) => local.port(name));
  await local.stop();
  assert.deepEqual(local.hub.listeners, []);
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  }
});

test('a gateway that cannot open a listener stops the start; nothing stays open', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const config = FREE_PORTS.replace(
    /(tcp:\n {4}listeners:\n {6}tcp: \{ default: \{ bind: 127\.0\.0\.1:)0/,
    `$1${port}`,
  );
  assert.match(config, new RegExp(`127.0.0.1:${port}`));
  await assert.rejects(
    LocalHub.start(config),
    new RegExp(`tcp:tcp:default on 127.0.0.1:${port}.*gateways.tcp.listeners.tcp.default.bind`),
  );
  await assert.rejects(Portico.start({ config }), /the port is in use[\s\S]*Free the port/);
  taken.close();
});

test('SIGTERM ends the process with 0, also with a client that never answers', async () => {
  const portico = await Portico.start();
  const silent = await RawClient.connect(portico.port('tcp:tcp:default'));
  silent.send(TCP_LOGIN);
  await silent.readBytes(23);
  assert.equal(await portico.stop(), 0);
  silent.destroy();
});

test('a hub that is stopped while it starts listens nowhere', async () => {
  const result = loadConfig({ schema: configSchema, text: FREE_PORTS, env: {}, reserved: RESERVED_KEYS });
  assert.ok(result.ok);
  const options = { config: result.config, gateways: GATEWAYS, version: '1.2.3', log: silentLogger };
  const before = (await resources()).handles;
  for (let ticks = 0; ticks < 20; ticks++) {
    const hub = await Hub.create(options);
    const started = hub.start();
    for (let i = 0; i < ticks; i++) await new Promise((resolve) => process.nextTick(resolve));
    await hub.stop();
    await started;
    assert.deepEqual(hub.listeners, []);
    await nextTurn();
    assert.deepEqual((await resources()).handles, before, `stopped after ${ticks} ticks`);
  }
});

test('a hub that restarts on its port serves at once', async () => {
  const first = await LocalHub.start();
  const port = first.port('mqtt:tcp:default');
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50 });
  await first.stop();
  const config = FREE_PORTS.replace(
    'tcp: { default: { bind: 127.0.0.1:0 } }',
    `tcp: { default: { bind: 127.0.0.1:${port} } }`,
  );
  const second = await LocalHub.start(config);
  await eventually('the client is back', () => second.connections('mqtt:tcp:default') === 1);
  await client.endAsync();
  await second.stop();
});

test('configuration keys come from the environment too', async () => {
  const portico = await Portico.start({
    env: {
      PORTICO_GATEWAYS__TCP__UP_TOPIC: 'up/%c',
      PORTICO_GATEWAYS__COAP__ENABLE: 'false',
      PORTICO_LOG__FORMAT: 'json',
    },
  });
  assert.throws(() => portico.port('coap:udp:default'), /no listener/);
  assert.match(portico.output, /"msg":"Portico \S+ is running"/);
  const app = await mqtt.connectAsync(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`);
  await app.subscribeAsync('up/+');
  const arrives = once(app as unknown as NodeJS.EventEmitter, 'message');
  const terminal = await RawClient.connect(portico.port('tcp:tcp:default'));
  terminal.send(`${TCP_LOGIN} 30 0001 78`);
  assert.equal((await arrives)[0], 'up/abcd');
  await app.endAsync();
  terminal.destroy();
  assert.equal(await portico.stop(), 0);
  assert.equal(cleanEnvironment().PORTICO_LOG__FORMAT, undefined);
});

test('a listener by which nobody can come in is told of, and no other', async () => {
  const linesWith = async (access: object, listener: object = {}) => {
    const lines: string[] = [];
    const output = { write: (line: string) => void lines.push(line) };
    const listeners = { tcp: { default: { bind: '127.0.0.1:0', ...listener } } };
    const config = JSON.stringify({
      access,
      gateways: { mqtt: { listeners } },
    });
    const local = await LocalHub.start(config, createLogger({ level: 'warn', format: 'text', output }));
    await local.stop();
    return lines.filter((line) => line.includes('all clients are refused'));
  };
  const closed = { allow_anonymous: false };
  const users = [{ username: 'ann', password: 'secret' }];
  const proving = { proxy_protocol: true, peer_cert_as_username: 'cn' };
  const [line, ...others] = await linesWith(closed);
  assert.match(line ?? '', / WARN: .* listener=mqtt:tcp:default$/m);
  assert.deepEqual(others, []);
  assert.deepEqual(await linesWith({ allow_anonymous: true }), []);
  assert.deepEqual(await linesWith({ ...closed, users }), []);
  assert.deepEqual(await linesWith({ ...closed, scram: { users } }), []);
  assert.deepEqual(await linesWith(closed, proving), []);
});

test('a hub whose store cannot be read does not start, and lets go of the store', async () => {
  class Unreadable extends MemoryStore {
    closed = false;

    override entries(): AsyncGenerator<never> {
      throw new Error('EIO');
    }

    override async close(): Promise<void> {
      this.closed = true;
    }
  }
  const store = new Unreadable({ durable: true });
  await assert.rejects(LocalHub.start(FREE_PORTS, silentLogger, systemClock, store), /EIO/);
  assert.equal(store.closed, true);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { alone, PorticoFolder, runCommand, tcpAlone } from '../testing.js';
import { kickClient, listClients } from './clients.js';
import { publish } from './publish.js';
import { listenerOf, subscribe } from './subscribe.js';

/** The commands with a real hub, in a process of its own. */

const SECRET = 'open sesame';

/** Starts a hub with this configuration. */
async function hubWith(yaml: string) {
  const portico = new PorticoFolder({ PORTICO_MANAGEMENT__BIND: '127.0.0.1:0' });
  const dataDir = `${portico.directory}/data`;
  const { nextLine } = portico.start(yaml, {
    PORTICO_NODE__DATA_DIR: dataDir,
    PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET,
  });
  for (let line = ''; !line.endsWith('is running'); ) line = await nextLine();
  return { dataDir };
}

type Hub = Awaited<ReturnType<typeof hubWith>>;

const send = (hub: Hub, topic: string, payload: string, retain = false) =>
  runCommand(hub, publish, { topic, payload, retain, qos: '0', clientId: 'me', stdin: Readable.from([]) });

/** A stream whose lines are awaited. */
function lines() {
  const stream = new Writable({
    decodeStrings: false,
    write(text, _, done) {
      stream.emit('line', String(text));
      done();
    },
  });
  const next = async (): Promise<string> => (await once(stream, 'line'))[0];
  return { stream, next };
}

/** Begins to watch; gives what comes of it. */
function watch(hub: Hub, filter: string) {
  const [stdout, stderr, stop] = [lines(), lines(), new AbortController()];
  const subscribed = stderr.next();
  const ended = runCommand(hub, subscribe, {
    ...{ filter, stop: stop.signal },
    ...{ stdout: stdout.stream, stderr: stderr.stream },
  });
  return { stdout, stderr, stop, subscribed, ended };
}

test('subscribe shows retained messages, then what is published, until it is stopped', async () => {
  const hub = await hubWith(alone('mqtt', 0));
  await send(hub, 'room/1', 'kept', true);
  const { stdout, subscribed, stop, ended } = watch(hub, 'room/#');
  const first = stdout.next();
  assert.equal(await subscribed, 'Subscribed to room/#, Ctrl-C ends it\n');
  assert.equal(await first, 'room/1 kept\n');
  const second = stdout.next();
  await send(hub, 'room/2', 'now');
  assert.equal(await second, 'room/2 now\n');
  stop.abort();
  assert.equal((await ended).code, 0);
});

test('subscribe ends by itself after as many messages as asked for', async () => {
  const hub = await hubWith(alone('mqtt', 0));
  await send(hub, 'room/1', 'kept', true);
  const options = { filter: 'room/#', count: 1, json: true, stop: new AbortController().signal };
  const { code, stdout } = await runCommand(hub, subscribe, options);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    ...{ topic: 'room/1', payload: 'kept' },
    ...{ encoding: 'plain', qos: 0, retain: true },
  });
});

test('a filter that is none, and being kicked, end it with exit code 1 and the reason', async () => {
  const hub = await hubWith(alone('mqtt', 0));
  const stop = new AbortController().signal;
  const refused = await runCommand(hub, subscribe, { filter: 'room/#/x', stop });
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^messages cannot be watched: MQTT at 127\.0\.0\.1:\d+: SUBACK with Topic Filter invalid\n/,
  );
  const { stderr, subscribed, ended } = watch(hub, 'room/#');
  await subscribed;
  const [client] = JSON.parse((await runCommand(hub, listClients, { json: true })).stdout);
  const told = stderr.next();
  await runCommand(hub, kickClient, { clientId: client.clientid });
  assert.match(await told, /: DISCONNECT with Administrative action\n/);
  assert.equal((await ended).code, 1);
});

test('a hub that lets nobody in without a password takes the one that is given', async () => {
  const yaml = `access: { allow_anonymous: false, users: [{ username: ada, password: engine }] }\n${alone('mqtt', 0)}`;
  const hub = await hubWith(yaml);
  await send(hub, 'room/1', 'kept', true);
  const options = { filter: 'room/#', count: 1, stop: new AbortController().signal };
  const refused = await runCommand(hub, subscribe, options);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /: CONNACK with (Not authorized|Bad User Name or Password)\n/);
  const entered = await runCommand(hub, subscribe, { ...options, user: 'ada', password: 'engine' });
  assert.deepEqual([entered.code, entered.stdout], [0, 'room/1 kept\n']);
});

test('a hub that does not listen for MQTT is told of', async () => {
  const hub = await hubWith(tcpAlone(0));
  const { code, stderr } = await runCommand(hub, subscribe, {
    filter: '#',
    stop: new AbortController().signal,
  });
  assert.equal(code, 1);
  assert.match(stderr, /the hub has no open mqtt:tcp listener\n/);
});

test('the listener is one that can be reached from where the API was asked', async () => {
  const listener = (listen_on: string, protocol = 'mqtt:tcp', running = true) => ({
    listen_on,
    protocol,
    running,
  });
  const found = (host: string, ...rows: ReturnType<typeof listener>[]) =>
    listenerOf({ host, ofNodes: async () => rows });
  const loopback = listener('127.0.0.1:1883');
  for (const here of ['127.0.0.1', '::1', 'localhost'])
    assert.deepEqual(await found(here, loopback), { host: '127.0.0.1', port: 1883 });
  const elsewhere = 'hub.example';
  const away = { host: elsewhere, port: 1884 };
  assert.deepEqual(await found(elsewhere, loopback, listener('0.0.0.0:1884')), away);
  assert.deepEqual(await found(elsewhere, loopback, listener('[::]:1884')), away);
  assert.deepEqual(await found(elsewhere, listener('[2001:db8::1]:1883')), {
    host: '2001:db8::1',
    port: 1883,
  });
  const unusable = [listener('192.0.2.1:8883', 'mqtt:ssl'), listener('192.0.2.1:1883', 'mqtt:tcp', false)];
  await assert.rejects(found(elsewhere, loopback, ...unusable), /listener that can be reached from here$/);
  await assert.rejects(found('127.0.0.1', ...unusable), /no open mqtt:tcp listener$/);
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import mqtt from 'mqtt';
import { eventually } from '../support/eventually.js';
import { Portico } from '../support/portico.js';

/** The sections of the configuration, changed while a hub of its own process runs, by HTTP and by its file. */

const SECRET = 'open sesame';
const CONFIG = `
gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
broker: { retained: { max_retained_messages: 7 } }
`;

let folder: string;
let portico: Portico;
const clients: mqtt.MqttClient[] = [];

function start(config = CONFIG, env: Record<string, string> = {}): Promise<Portico> {
  const always = {
    PORTICO_NODE__DATA_DIR: folder,
    PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET,
    // Nothing is retained but what clients retain.
    PORTICO_BROKER__SYS_INTERVAL: '0',
  };
  return Portico.start({ config, env: { ...always, ...env } });
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portico-runtime-'));
  portico = await start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  for (const { key } of (await configs('')).filter(({ origin }) => origin.includes('runtime.yaml')))
    await ask('DELETE', `/configs/${encodeURIComponent(key)}`);
  assert.throws(() => readFileSync(join(folder, 'runtime.yaml')), /ENOENT/);
});

after(async () => {
  await portico.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Value {
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
  readonly pending: boolean;
  readonly applies: string;
}

/** Asks the API. @returns the status with the body */
async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`http://127.0.0.1:${portico.port('management:http')}/api/v4${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as {
    code: number;
    message?: string;
    warnings?: readonly string[];
    data?: never;
  };
  return { status: response.status, ...answer };
}

/** @throws AssertionError when it is refused */
async function set(key: string, value: unknown): Promise<void> {
  const { code, message } = await ask('PUT', `/configs/${key}`, { value });
  assert.equal(code, 0, message);
}

/** Why a change is refused. */
async function refusal(key: string, value: unknown): Promise<string> {
  const { status, message } = await ask('PUT', `/configs/${key}`, { value });
  assert.equal(status, 400, `${key} is not refused`);
  return message ?? '';
}

async function configs(key: string): Promise<readonly Value[]> {
  const { data } = await ask('GET', key === '' ? '/configs' : `/configs/${key}`);
  return data ?? [];
}

async function connect(options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> {
  const url = `mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`;
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion: 5, ...options }, false);
  client.on('error', () => {});
  clients.push(client);
  return client;
}

/** Topics of what a client gets from now on. */
async function watch(client: mqtt.MqttClient, filter: string): Promise<string[]> {
  const topics: string[] = [];
  client.on('message', (topic) => topics.push(topic));
  await client.subscribeAsync(filter, { qos: 1 });
  return topics;
}

test('limits of retained messages hold at once, for connections that there are', async () => {
  const publisher = await connect();
  await set('broker.retained.max_retained_messages', 1);
  await publisher.publishAsync('kept/1', 'x', { retain: true, qos: 1 });
  await publisher.publishAsync('kept/2', 'x', { retain: true, qos: 1 });
  await set('broker.retained', { max_retained_messages: 0, max_payload_size: 4 });
  await publisher.publishAsync('kept/3', 'too long', { retain: true, qos: 1 });
  await publisher.publishAsync('kept/4', 'x', { retain: true, qos: 1 });
  const topics = await watch(await connect(), 'kept/#');
  await eventually('both have come', () => topics.length === 2);
  assert.deepEqual(topics.toSorted(), ['kept/1', 'kept/4']);
});

test('delayed publication is switched off and on: what waits waits on', async () => {
  const client = await connect();
  const topics = await watch(client, 'late');
  await client.subscribeAsync('$delayed/#');
  await client.publishAsync('$delayed/1/late', 'x', { qos: 1 });
  await set('broker.delayed.enable', false);
  await client.publishAsync('$delayed/0/now', 'x', { qos: 1 });
  await eventually('it is a topic like any other', () => topics.length === 1);
  assert.deepEqual(topics, ['$delayed/0/now']);
  await set('broker.delayed.enable', true);
  await eventually('what waited is published', () => topics.includes('late'));
});

test('what the hub tells of itself, and how often, is changed at once', async () => {
  const client = await connect();
  const topics = await watch(client, '$SYS/brokers/+/uptime');
  await set('broker.sys_heartbeat', '10ms');
  await eventually('the uptime is published', () => topics.length > 3);
  await set('broker.sys_heartbeat', 0);
  const events = await watch(client, '$SYS/brokers/+/clients/#');
  await set('broker.sys_client_events', false);
  await connect({ clientId: 'unseen' });
  await set('broker.sys_client_events', true);
  await connect({ clientId: 'seen' });
  await eventually('who came is told', () => events.some((topic) => topic.includes('/seen/')));
  assert.ok(!events.some((topic) => topic.includes('/unseen/')));
});

test('users and strangers: new connections meet the change, those that there are stay', async () => {
  const before = await connect({ clientId: 'before' });
  await set('access.users', [{ username: 'ada', password: 'right' }]);
  await set('access.allow_anonymous', false);
  await assert.rejects(
    connect({ username: 'ada', password: 'wrong' }),
    /Bad [Uu]ser|Not authorized|password/,
  );
  await assert.rejects(connect(), /[Nn]ot authorized|Bad/);
  await connect({ username: 'ada', password: 'right' });
  await before.publishAsync('a', 'still there', { qos: 1 });
  assert.ok(before.connected);
  const [users] = (await configs('access.users')).map(({ value }) => JSON.stringify(value));
  assert.match(users ?? '', /ada/);
  assert.doesNotMatch(users ?? '', /right/);
});

test('access rules hold at once, also for what was allowed and is remembered', async () => {
  const client = await connect();
  const publish = () => client.publishAsync('secret', 'x', { qos: 1 });
  await publish();
  await set('access.acl', [{ permit: 'deny', action: 'publish', topics: ['secret'] }]);
  await assert.rejects(publish(), /Not authorized/);
  await set('access.acl', [{ permit: 'allow', topics: ['other'] }]);
  await publish();
  await set('access.acl_nomatch', 'deny');
  await assert.rejects(publish(), /Not authorized/);
});

test('a file of rules is read when it is named, and one that is not good changes nothing', async () => {
  const file = join(folder, 'acl.conf');
  writeFileSync(file, '{deny, all, publish, ["filed"]}.\n');
  const client = await connect();
  assert.match(await refusal('access.acl_file', join(folder, 'none.conf')), /access\.acl_file.*no such file/);
  await client.publishAsync('filed', 'x', { qos: 1 });
  await set('access.acl_file', file);
  await assert.rejects(client.publishAsync('filed', 'x', { qos: 1 }), /Not authorized/);
});

test('limits of the API itself hold for the next request', async () => {
  await set('management.max_row_limit', 3);
  const { data } = await ask('GET', '/clients?_limit=10');
  assert.ok(Array.isArray(data));
  await set('management.max_body_size', '1KB');
  const { status } = await ask('PUT', '/configs/broker.sys_heartbeat', { value: 'x'.repeat(2000) });
  assert.equal(status, 413);
  const url = `http://127.0.0.1:${portico.port('management:http')}/metrics`;
  assert.equal((await fetch(url)).status, 401);
  await set('management.prometheus.open', true);
  assert.equal((await fetch(url)).status, 200);
  await set('management.max_request_rate', 1);
  const statuses = await Promise.all([1, 2, 3].map(async () => (await ask('GET', '/brokers')).status));
  assert.ok(statuses.includes(429), String(statuses));
  while ((await ask('PUT', '/configs/management.max_request_rate', { value: 1000 })).status === 429);
});

test('the log goes elsewhere and has another form', async () => {
  const file = join(folder, 'hub.log');
  assert.match(await refusal('log.file', ''), /log\.file/);
  assert.equal(
    (await ask('PUT', '/configs', { 'log.to': 'both', 'log.file': file, 'log.format': 'json' })).code,
    0,
  );
  await connect({ clientId: 'in-the-file' });
  await eventually('it is in the file', () =>
    readFileSync(file, 'utf8').includes('"clientid":"in-the-file"'),
  );
  assert.match(await refusal('log.file', join(file, 'below')), /log file cannot be written.*hub\.log.below/);
});

test('what needs a restart is refused with its key, alone or in its section', async () => {
  for (const [key, value] of [
    ['node.name', 'other@127.0.0.1'],
    ['store.max_bytes', '1GB'],
    ['management.enable', false],
  ] as const)
    assert.match(
      await refusal(key, value),
      new RegExp(`${key}: needs a restart: write it in the configuration file`),
    );
  const section = { default_application: { id: 'boss' } };
  assert.match(await refusal('management', section), /management\.default_application\.id: needs a restart/);
});

test('a bad value is refused with key, value and what is allowed, and nothing changes', async () => {
  const before = await configs('');
  assert.match(
    await refusal('broker.shared_subscription_strategy', 'fair'),
    /broker\.shared_subscription_strategy: "fair" is not allowed; expected one of random/,
  );
  assert.match(await refusal('broker.retained.max_payload_size', '1TB'), /1TB.* is not allowed; expected/);
  assert.match(await refusal('broker.retianed.x', 1), /unknown key; did you mean retained/);
  assert.match(await refusal('access.users', [{ username: 'ada' }]), /access\.users/);
  const mixed = { 'broker.sys_heartbeat': '1s', 'access.enable_acl': false };
  assert.match((await ask('PUT', '/configs', mixed)).message ?? '', /several sections/);
  const half = { 'broker.sys_heartbeat': '5s', 'broker.slow_consumer_grace': 'long' };
  assert.match(
    (await ask('PUT', '/configs', half)).message ?? '',
    /slow_consumer_grace: "long" is not allowed/,
  );
  assert.deepEqual(await configs(''), before);
});

test('changes that come at once are made one after the other: none is lost', async () => {
  const keys = {
    'broker.retained.max_retained_messages': 11,
    'broker.retained.max_payload_size': 12,
    'broker.delayed.max_delayed_messages': 13,
    'access.acl_cache.max_size': 14,
    'management.max_connections': 15,
    'os_mon.cpu_check_interval': '16s',
    'gateways.mqtt.max_inflight': 17,
  };
  await Promise.all(Object.entries(keys).map(([key, value]) => set(key, value)));
  const values = new Map((await configs('')).map((row) => [row.key, row]));
  for (const [key, value] of Object.entries(keys)) {
    const row = values.get(key);
    assert.deepEqual([row?.value, row?.pending], [value, false], key);
    assert.match(row?.origin ?? '', /runtime\.yaml/);
  }
});

test('file, then run time, then environment: over a restart, too', async () => {
  const key = 'broker.retained.max_retained_messages';
  const row = async () => (await configs(key))[0];
  assert.deepEqual(
    [(await row())?.value, (await row())?.origin.replace(/^.*\//, '').replace(/:.*/, '')],
    [7, 'portico.yaml'],
  );
  await set(key, 8);
  await portico.stop();
  portico = await start();
  assert.equal((await row())?.value, 8);
  assert.match((await row())?.origin ?? '', /runtime\.yaml/);
  await portico.stop();
  const variable = 'PORTICO_BROKER__RETAINED__MAX_RETAINED_MESSAGES';
  portico = await start(CONFIG, { [variable]: '9' });
  assert.deepEqual([(await row())?.value, (await row())?.origin], [9, variable]);
  assert.match(await refusal(key, 10), new RegExp(`${key}: ${variable} in the environment says what it is`));
  await ask('DELETE', `/configs/${key}`);
  await portico.stop();
  portico = await start();
  assert.equal((await row())?.value, 7);
});

test('a file that was edited is taken on by reload and by SIGHUP; what needs a restart is told', async () => {
  const before = readFileSync(portico.file, 'utf8');
  const client = await connect();
  const edited = before.replace(
    'broker: {',
    'node: { name: "other@127.0.0.1" }\naccess: { acl_nomatch: deny, acl: [] }\nbroker: { sys_client_events: false,',
  );
  writeFileSync(portico.file, edited);
  assert.equal((await configs('access.acl_nomatch'))[0]?.pending, true);
  const { data, warnings } = await ask('PUT', '/configs/reload');
  assert.equal(warnings, undefined);
  assert.deepEqual(data, { changed: ['access', 'broker'], pending: ['node.name'], faults: [] });
  await assert.rejects(client.publishAsync('a', 'x', { qos: 1 }), /Not authorized/);
  assert.equal((await configs('node.name'))[0]?.pending, true);
  assert.deepEqual((await ask('PUT', '/configs/reload')).data, {
    changed: [],
    pending: ['node.name'],
    faults: [],
  });

  writeFileSync(portico.file, edited.replace('acl_nomatch: deny', 'acl_nomatch: perhaps'));
  assert.match((await ask('PUT', '/configs/reload')).message ?? '', /acl_nomatch: "perhaps" is not allowed/);
  portico.signal('SIGHUP');
  await eventually('it is told', () => portico.output.includes('the configuration is not taken on'));
  await assert.rejects(client.publishAsync('a', 'x', { qos: 1 }), /Not authorized/);

  writeFileSync(portico.file, `${before}access: { enable_acl: false }\n`);
  portico.signal('SIGHUP');
  await eventually('it is taken on', () =>
    /configuration taken on sections="?access broker/.test(portico.output),
  );
  const stay =
    /WARN: mqtt:tcp:default: the change is for new connections, not for the 1 connection of before/;
  await eventually('whom it is not for is told', () => stay.test(portico.output));
  writeFileSync(portico.file, before);
  await ask('PUT', '/configs/reload');
  await client.publishAsync('a', 'x', { qos: 1 });
  assert.ok(client.connected);
});

test('a log level that is set for good holds, whatever was set until Portico stops', async () => {
  const level = async () => {
    const { data = {} } = await ask('GET', '/log/level');
    return (data as { readonly level?: string }).level;
  };
  await ask('PUT', '/log/level', { level: 'error' });
  await set('log.chars_limit', 4000);
  assert.equal(await level(), 'error');
  await set('log.level', 'info');
  assert.equal(await level(), 'info');
  await ask('PUT', '/log/level', { level: 'error' });
  await ask('DELETE', '/configs/log');
  assert.equal(await level(), 'info');
});

test('a file for a level that the log lets nothing through of is told', async () => {
  const file = join(folder, 'debug.log');
  const { warnings } = await ask('PUT', '/configs/log.debug.file', { value: file });
  assert.deepEqual(warnings, ['log.debug.file gets no line of level debug: log.level is info']);
  assert.equal((await ask('PUT', '/configs/log.level', { value: 'debug' })).warnings, undefined);
});

test('whom a change of access is not for is told, and where bans hold for nobody', async () => {
  await connect({ clientId: 'before' });
  const change = async (key: string, value: unknown) =>
    (await ask('PUT', `/configs/${key}`, { value })).warnings;
  const stay = 'mqtt:tcp:default: the change is for new connections, not for the 1 connection of before';
  assert.deepEqual(await change('access.users', [{ username: 'ada', password: 'right' }]), [stay]);
  assert.deepEqual(await change('access.enable_ban', false), [stay]);
  assert.equal(await change('access.enable_ban', false), undefined);
  assert.equal(await change('access.acl_nomatch', 'deny'), undefined);
  const ban = { as: 'clientid', who: 'eve' };
  const { warnings } = await ask('POST', '/banned', ban);
  assert.deepEqual(warnings, ['mqtt:tcp:default: bans keep nobody out here: enable_ban is false']);
  await ask('DELETE', '/banned/clientid/eve');
});

test('what becomes of connections by a file that was edited is told', async () => {
  const before = readFileSync(portico.file, 'utf8');
  await connect();
  const reload = async (file: string) => {
    writeFileSync(portico.file, file);
    return (await ask('PUT', '/configs/reload')).warnings;
  };
  const stay = 'mqtt:tcp:default: the change is for new connections, not for the 1 connection of before';
  const ended = 'mqtt:tcp:default: 1 connection ended by the change';
  assert.deepEqual(await reload(`${before}access: { enable_acl: false }\n`), [stay]);
  assert.deepEqual(await reload(before.replace('127.0.0.1:0', '127.0.0.1:0, backlog: 9')), [stay, ended]);
  assert.equal(await reload(before), undefined);
});

test('who shuts out everybody is told so', async () => {
  const { warnings = [] } = await ask('PUT', '/configs/access.allow_anonymous', { value: false });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^mqtt:tcp:default: all clients are refused here: add access\.users/);
  const line = /WARN: all clients are refused here.* listener=mqtt:tcp:default/;
  await eventually('the log tells it too', () => line.test(portico.output));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectRequest } from '@portico/core';
import { connectionInfo } from '@portico/core/testing';
import { idleGateways, NODE, TestApi } from '../testing/index.js';

async function idsOf(api: TestApi, path: string): Promise<string[]> {
  const { status, body } = await api.get(path);
  assert.equal(status, 200, body.message);
  return body.data.map(({ clientid }: { clientid: string }) => clientid);
}

test('a client is shown with gateway, state, address and the fields of the reference', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('sensor-1', {
    username: 'ada',
    protocol: 'MQTT-SN',
    keepalive: 60,
    sessionExpiry: 7200,
    cleanStart: false,
    connection: connectionInfo('mqttsn', { peer: { host: '192.0.2.7', port: 4711 } }),
  });
  client.subscribe('a/b', { qos: 1 });
  const { body } = await api.get('/clients');
  assert.equal(body.code, 0);
  assert.deepEqual(body.meta, { page: 1, limit: 10_000, hasnext: false, count: 1 });
  const [{ created_at, connected_at, ...row }] = body.data;
  assert.match(created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.equal(connected_at, created_at);
  assert.deepEqual(row, {
    node: NODE,
    clientid: 'sensor-1',
    username: 'ada',
    gateway: 'mqttsn',
    listener: 'mqttsn:tcp:default',
    zone: 'undefined',
    mountpoint: 'undefined',
    proto_name: 'MQTT-SN',
    proto_ver: 1,
    is_bridge: false,
    connected: true,
    state: 'connected',
    ip_address: '192.0.2.7',
    port: 4711,
    keepalive: 60,
    clean_start: false,
    expiry_interval: 7200,
    subscriptions_cnt: 1,
    max_subscriptions: 1000,
    inflight: 0,
    max_inflight: 32,
    mqueue_len: 0,
    max_mqueue: 1000,
    mqueue_dropped: 0,
    awaiting_rel: 0,
    max_awaiting_rel: 100,
    recv_oct: 0,
    recv_cnt: 0,
    recv_pkt: 0,
    recv_msg: 0,
    'recv_msg.qos0': 0,
    'recv_msg.qos1': 0,
    'recv_msg.qos2': 0,
    'recv_msg.dropped': 0,
    send_oct: 0,
    send_cnt: 0,
    send_pkt: 0,
    send_msg: 0,
    'send_msg.qos0': 0,
    'send_msg.qos1': 0,
    'send_msg.qos2': 0,
    'send_msg.dropped': 0,
    'send_msg.dropped.expired': 0,
    'send_msg.dropped.queue_full': 0,
    'send_msg.dropped.too_large': 0,
  });
});

test('publications and deliveries are counted from its connection to its end', async () => {
  const api = await TestApi.start();
  const options = { sessionExpiry: 60, cleanStart: false };
  const client = api.hub.client('a', options);
  client.subscribe('#', { qos: 0 });
  client.publish('t', '1');
  client.publish('t', '2');
  api.hub.client('b').publish('t', '3');
  const counts = async () => {
    const { body } = await api.get('/clients/a');
    return [body.data[0].recv_msg, body.data[0].send_msg];
  };
  assert.deepEqual(await counts(), [2, 3]);
  client.session.close('normal');
  assert.deepEqual(await counts(), [0, 0]);
  api.hub.client('a', options);
  assert.deepEqual(await counts(), [0, 0]);
});

/** Counters of a client whose names begin so, those that are not 0. */
async function countersOf(api: TestApi, clientId: string, prefix: string) {
  const [row] = (await api.get(`/clients/${clientId}`)).body.data;
  return Object.fromEntries(Object.entries(row).filter(([name, n]) => name.startsWith(prefix) && n !== 0));
}

test('messages are counted by QoS, and those that were refused or dropped, with the reasons of the reference', async () => {
  const api = await TestApi.start();
  const options = { sessionExpiry: 60, cleanStart: false, options: { maxMqueueLen: 2 } };
  const client = api.hub.client('a', options);
  client.subscribe('#', { qos: 2 });
  client.maxPayload = 5;
  for (const qos of [0, 1, 1, 2, 2, 2] as const) client.publish('t', 'x', qos);
  client.publish('t/#', 'invalid');
  client.publish('t', 'larger than it takes');
  assert.deepEqual(await countersOf(api, 'a', 'recv_msg'), {
    recv_msg: 8,
    'recv_msg.qos0': 3,
    'recv_msg.qos1': 2,
    'recv_msg.qos2': 3,
    'recv_msg.dropped': 1,
  });
  const sent = { send_msg: 6, 'send_msg.qos0': 1, 'send_msg.qos1': 2, 'send_msg.qos2': 3 };
  const tooLarge = { 'send_msg.dropped': 1, 'send_msg.dropped.too_large': 1 };
  assert.deepEqual(await countersOf(api, 'a', 'send_msg'), { ...sent, ...tooLarge });
  client.session.close('normal');
  const other = api.hub.client('b');
  for (const payload of ['1', '2', '3']) other.publish('t', payload, 1);
  const full = { 'send_msg.dropped': 2, 'send_msg.dropped.queue_full': 1, 'send_msg.dropped.too_large': 1 };
  assert.deepEqual(await countersOf(api, 'a', 'send_msg'), full);
});

test('state and address are those of now: asleep, and elsewhere than where it connected from', async () => {
  const api = await TestApi.start({}, { gateways: idleGateways('mqttsn') });
  const client = api.hub.client('s');
  Object.assign(client, { status: () => ({ state: 'asleep', peer: { host: '198.51.100.1', port: 9 } }) });
  const { body } = await api.get('/clients/s');
  assert.deepEqual(
    [body.data[0].state, body.data[0].ip_address, body.data[0].port],
    ['asleep', '198.51.100.1', 9],
  );
  assert.deepEqual(await idsOf(api, '/clients?state=asleep'), ['s']);
  assert.deepEqual(await idsOf(api, '/clients?state=awake'), []);
});

test('what only its protocol knows of a client stands in details', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('truck');
  Object.assign(client, { details: { plate: '沪A12345' } });
  const { body } = await api.get('/clients/truck');
  assert.deepEqual(body.data[0].details, { plate: '沪A12345' });
});

test('a client that is away is shown with its session, and since when', async () => {
  const api = await TestApi.start();
  api.hub.client('away', { sessionExpiry: 60, cleanStart: false }).session.close('normal');
  const [row] = (await api.get('/clients/away')).body.data;
  assert.deepEqual([row.connected, row.state], [false, 'disconnected']);
  assert.match(row.disconnected_at, /^\d{4}-/);
});

test('a client that there is not is an empty list', async () => {
  const api = await TestApi.start();
  for (const path of ['/clients/nobody', '/clients/username/nobody', '/clients/a%2fb']) {
    const { status, body } = await api.get(path);
    assert.deepEqual([status, body.data], [200, []], path);
  }
});

test('client ids are percent-encoded in paths', async () => {
  const api = await TestApi.start();
  const id = 'Größe/7 %&?#*()';
  api.hub.client(id);
  assert.equal((await api.get(`/clients/${encodeURIComponent(id)}`)).body.data[0].clientid, id);
  const { status, body } = await api.get('/clients/%zz');
  assert.deepEqual([status, body.code], [400, 108]);
});

test('pages follow one another; hasnext says whether there is one more', async () => {
  const api = await TestApi.start();
  for (const id of ['a', 'b', 'c', 'd', 'e']) api.hub.client(id);
  const pages = [1, 2, 3, 4].map((page) => api.get(`/clients?_page=${page}&_limit=2`));
  const told = (await Promise.all(pages)).map(({ body }) => [
    body.data.map(({ clientid }: { clientid: string }) => clientid).join(''),
    body.meta?.hasnext,
    body.meta?.count,
  ]);
  assert.deepEqual(told, [
    ['ab', true, 5],
    ['cd', true, 5],
    ['e', false, 5],
    ['', false, 5],
  ]);
});

test('with a condition nobody counts: count is -1', async () => {
  const api = await TestApi.start();
  for (const id of ['x1', 'y', 'x2', 'x3']) api.hub.client(id);
  const { body } = await api.get('/clients?_like_clientid=x&_limit=2');
  assert.deepEqual(body.meta, { page: 1, limit: 2, hasnext: true, count: -1 });
  assert.deepEqual(await idsOf(api, '/clients?_like_clientid=x&_limit=2&_page=2'), ['x3']);
});

test('no page is longer than max_row_limit', async () => {
  const api = await TestApi.start({ max_row_limit: 2 });
  for (const id of ['a', 'b', 'c']) api.hub.client(id);
  for (const path of ['/clients', '/clients?_limit=3', '/clients?limit=1']) {
    assert.deepEqual((await api.get(path)).body.meta, { page: 1, limit: 2, hasnext: true, count: 3 }, path);
  }
});

/** Clients that differ in everything: the second one came 100 seconds after the first. */
async function twoClients(): Promise<TestApi> {
  const api = await TestApi.start({}, { gateways: idleGateways('mqtt', 'coap') });
  const { hub } = api;
  const connect = (id: string, changes: Partial<Omit<ConnectRequest, 'options'>>) => hub.client(id, changes);
  const old = connect('old*(1)', {
    username: 'grace',
    protocol: 'MQTT',
    protocolVersion: 4,
    cleanStart: false,
    sessionExpiry: 3600,
    connection: connectionInfo('mqtt', { peer: { host: '192.0.2.1', port: 1 } }),
  });
  old.subscribe('t', { qos: 1 });
  hub.clock.advance(100_000);
  connect('new', {
    protocol: 'CoAP',
    connection: connectionInfo('coap', { peer: { host: '192.0.2.2', port: 2 } }),
  });
  return api;
}

for (const [query, expected] of [
  ['clientid=new', 'new'],
  ['clientid=ne', ''],
  ['username=grace', 'old*(1)'],
  ['zone=z', ''],
  ['ip_address=192.0.2.2', 'new'],
  ['conn_state=connected', 'old*(1),new'],
  ['conn_state=disconnected', ''],
  ['conn_state=idle', ''],
  ['clean_start=true', 'new'],
  ['clean_start=false', 'old*(1)'],
  ['proto_name=CoAP', 'new'],
  ['proto_ver=4', 'old*(1)'],
  ['gateway=mqtt', 'old*(1)'],
  ['_like_clientid=ol', 'old*(1)'],
  ['_like_clientid=*(', 'old*(1)'],
  ['_like_username=rac', 'old*(1)'],
  ['_gte_created_at=BETWEEN', 'new'],
  ['_lte_created_at=BETWEEN', 'old*(1)'],
  ['_gte_connected_at=BETWEEN', 'new'],
  ['_lte_connected_at=BETWEEN', 'old*(1)'],
  ['_gte_mqueue_len=1', ''],
  ['_lte_mqueue_len=0', 'old*(1),new'],
  ['_gte_mqueue_dropped=1', ''],
  ['_lte_mqueue_dropped=0', 'old*(1),new'],
  ['_like_clientid=o&gateway=coap', ''],
  ['zone=undefined', 'old*(1),new'],
] as const) {
  test(`clients by ${query}`, async () => {
    const api = await twoClients();
    const between = Math.floor(api.hub.clock.now() / 1000) - 50;
    assert.equal((await idsOf(api, `/clients?${query.replace('BETWEEN', `${between}`)}`)).join(), expected);
  });
}

test('a gateway has its clients at a path of its own, with the same pages and conditions', async () => {
  const api = await twoClients();
  const row = (await api.get('/clients/old*(1)')).body.data;
  const { body } = await api.get('/gateways/mqtt/clients');
  assert.deepEqual([body.data, body.meta?.count], [row, -1]);
  assert.deepEqual(await idsOf(api, '/gateways/coap/clients?conn_state=connected'), ['new']);
  assert.deepEqual(await idsOf(api, '/gateways/coap/clients?username=grace'), []);
  assert.deepEqual(await idsOf(api, `/nodes/${NODE}/gateways/mqtt/clients?_limit=1&_page=2`), []);
});

test('a gateway that there is not has no clients: 404, with those there are', async () => {
  const api = await twoClients();
  const { status, body } = await api.get('/gateways/soap/clients');
  const message = 'there is no gateway "soap"; there are mqtt, coap';
  assert.deepEqual([status, body], [404, { code: 108, message }]);
});

test('messages that wait, and those that were dropped, are found', async () => {
  const api = await TestApi.start();
  const options = { maxMqueueLen: 2 };
  const away = api.hub.client('away', { sessionExpiry: 60, cleanStart: false, options });
  away.subscribe('t', { qos: 1 });
  away.session.close('normal');
  const publisher = api.hub.client('publisher');
  for (const payload of ['1', '2', '3']) publisher.publish('t', payload, 1);
  assert.deepEqual(await idsOf(api, '/clients?_gte_mqueue_len=2&_gte_mqueue_dropped=1'), ['away']);
  assert.deepEqual(await idsOf(api, '/clients?conn_state=disconnected'), ['away']);
});

for (const query of [
  '_page=0',
  '_limit=-1',
  '_limit=many',
  'conn_state=asleep',
  'clean_start=1',
  'proto_ver=five',
  '_gte_created_at=yesterday',
  'clientid=a&clientid=b',
]) {
  test(`${query} gives 400 and code 108, and names the parameter`, async () => {
    const api = await TestApi.start();
    const { status, body } = await api.get(`/clients?${query}`);
    assert.deepEqual([status, body.code], [400, 108]);
    assert.ok(body.message?.startsWith(`${query.split('=')[0]}: `), body.message);
  });
}

test('the clients of a user, on all nodes and on this one', async () => {
  const api = await TestApi.start();
  api.hub.client('a', { username: 'ada' });
  api.hub.client('b', { username: 'bob' });
  api.hub.client('c', { username: 'ada' });
  assert.deepEqual(await idsOf(api, '/clients/username/ada'), ['a', 'c']);
  assert.deepEqual(await idsOf(api, `/nodes/${NODE}/clients/username/ada`), ['a', 'c']);
  assert.deepEqual(await idsOf(api, `/nodes/${NODE}/clients/b`), ['b']);
  assert.deepEqual(await idsOf(api, `/nodes/${NODE}/clients?_limit=1`), ['a']);
});

test('a node that there is not gives 404', async () => {
  const api = await TestApi.start();
  for (const path of ['/nodes/x@y', '/nodes/x@y/clients', '/nodes/x@y/clients/a', '/brokers/x@y']) {
    const { status, body } = await api.get(path);
    assert.deepEqual([status, body], [404, { code: 108, message: 'there is no node x@y' }], path);
  }
});

test('kicking ends connection and session, and is told in the log with who did it', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('k', { sessionExpiry: 3600, cleanStart: false });
  const { status, body } = await api.ask('DELETE', '/clients/k');
  assert.deepEqual([status, body], [200, { code: 0 }]);
  assert.equal(client.detachedBy, 'kicked');
  assert.equal(api.hub.engine.sessions.has('k'), false);
  assert.deepEqual(api.lines, [
    {
      app: 'admin',
      peer: '127.0.0.1',
      action: 'kickout_client',
      clientid: 'k',
      code: 0,
      message: 'management request',
    },
  ]);
});

test('whoever is not there cannot be kicked: 404 and code 112', async () => {
  const api = await TestApi.start();
  const { status, body } = await api.ask('DELETE', '/clients/nobody');
  assert.deepEqual([status, body.code], [404, 112]);
  assert.equal(api.lines[0]?.code, 112);
});

test('the keep alive of a connected client is changed by query or body', async () => {
  const api = await TestApi.start();
  const set: number[] = [];
  const client = api.hub.client('k', { keepalive: 60 });
  Object.assign(client, { setKeepalive: (seconds: number) => set.push(seconds) });
  assert.equal((await api.ask('PUT', '/clients/k/keepalive?interval=10')).status, 200);
  assert.equal((await api.ask('PUT', '/clients/k/keepalive', { interval: 0 })).status, 200);
  assert.deepEqual(set, [10, 0]);
  assert.equal((await api.get('/clients/k')).body.data[0].keepalive, 0);
});

for (const [path, body, status, code] of [
  ['/clients/k/keepalive', undefined, 400, 107],
  ['/clients/k/keepalive?interval=65536', undefined, 400, 108],
  ['/clients/k/keepalive?interval=-1', undefined, 400, 108],
  ['/clients/k/keepalive', { interval: 1.5 }, 400, 108],
  ['/clients/k/keepalive', { interval: 65536 }, 400, 108],
  ['/clients/k/keepalive?interval=1', undefined, 400, 108],
  ['/clients/nobody/keepalive?interval=1', undefined, 404, 112],
] as const) {
  test(`PUT ${path} with ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await TestApi.start();
    // Of a protocol without a keep alive for each client.
    api.hub.client('k');
    const result = await api.ask('PUT', path, body);
    assert.deepEqual([result.status, result.body.code], [status, code], result.body.message);
  });
}

test('a gateway that there is not is told of, with those that there are', async () => {
  const { status, body } = await (await twoClients()).get('/clients?gateway=mtqq');
  assert.deepEqual([status, body.code], [400, 108]);
  assert.equal(body.message, 'gateway: there is no gateway "mtqq"; there are mqtt, coap');
});

test('a list of 10,000 clients takes many turns of the event loop, a slice in each, however many ask', async () => {
  const api = await TestApi.start({}, { gateways: idleGateways('none') });
  for (let number = 0; number < 10_000; number++) api.hub.client(`client-${number}`);
  let turns = 0;
  let listing = true;
  const turn = () => {
    turns++;
    if (listing) setImmediate(turn);
  };
  setImmediate(turn);
  const asked = ['/clients', '/clients?_like_clientid=9999', '/clients?gateway=none'].map((path) =>
    api.get(path),
  );
  const [all, some, none] = await Promise.all(asked);
  listing = false;
  assert.equal(all?.body.data.length, 10_000);
  assert.equal(new Set(all?.body.data.map(({ clientid }: { clientid: string }) => clientid)).size, 10_000);
  assert.deepEqual(
    some?.body.data.map(({ clientid }: { clientid: string }) => clientid),
    ['client-9999'],
  );
  assert.deepEqual(none?.body.data, []);
  assert.ok(turns > 50, `${turns} turns`);
});

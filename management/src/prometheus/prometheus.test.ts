import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { connectionInfo } from '@portico/core/testing';
import { basic, idleGateways, NODE, SECRET, TestApi } from '../testing/index.js';
import { EventLoopLag } from './event-loop-lag.js';

const authorization = basic('admin', SECRET);
const read = (api: TestApi, path = '/metrics') => api.fetch(path, { headers: { authorization } });

test('counters, gauges, histograms, clients of gateways and the process are told', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('a');
  api.hub.client('b', { sessionExpiry: 60 }).session.close('normal');
  client.subscribe('t');
  client.publish('t', 'x');
  const response = await read(api);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const told = (await response.text()).split('\n');
  const gateway = api.hub.engine.sessions.get('a')?.client.gateway;
  for (const line of [
    'portico_messages_sent_total 1',
    'portico_sessions 2',
    `portico_clients{gateway="${gateway}",state="connected"} 1`,
    `portico_clients{gateway="${gateway}",state="disconnected"} 1`,
    'portico_delivery_time_seconds_count 1',
    'portico_alarms_active 0',
    `portico_info{node="${NODE}",version="1.2.3"} 1`,
  ]) {
    assert.ok(told.includes(line), line);
  }
});

const mqtt = connectionInfo('mqtt');

test('messages of each gateway are told, of clients that are gone too, and those dropped with the reason', async () => {
  const api = await TestApi.start({}, { gateways: idleGateways('mqtt', 'coap', 'stomp') });
  const gone = api.hub.client('gone', { connection: mqtt });
  gone.publish('nobody/listens', '1');
  gone.session.close('normal');
  const client = api.hub.client('c', { connection: mqtt });
  client.subscribe('t');
  client.maxPayload = 3;
  api.hub.client('d', { connection: connectionInfo('coap') }).publish('t', 'yes');
  client.publish('t', 'too large');
  const told = (await (await read(api)).text()).split('\n');
  for (const line of [
    'portico_gateway_messages_received_total{gateway="mqtt"} 2',
    'portico_gateway_messages_received_total{gateway="coap"} 1',
    'portico_gateway_messages_received_total{gateway="stomp"} 0',
    'portico_gateway_messages_sent_total{gateway="mqtt"} 1',
    'portico_gateway_messages_sent_total{gateway="coap"} 0',
    'portico_gateway_messages_dropped_total{gateway="mqtt",reason="no_subscribers"} 1',
    'portico_gateway_delivery_dropped_total{gateway="mqtt",reason="too_large"} 1',
    'portico_clients{gateway="stomp",state="connected"} 0',
  ]) {
    assert.ok(told.includes(line), line);
  }
});

test('what gateways have sent, received and dropped is together what the hub has', async () => {
  const api = await TestApi.start({}, { gateways: idleGateways('mqtt', 'coap') });
  const options = { sessionExpiry: 60, cleanStart: false, connection: mqtt, options: { maxMqueueLen: 1 } };
  const client = api.hub.client('a', options);
  client.subscribe('t/#', { qos: 1 });
  const device = api.hub.client('d', { connection: connectionInfo('coap') });
  const publishAll = () => {
    for (const topic of ['t/1', 't/2', 'other', 't/#']) device.publish(topic, 'x', 1);
  };
  publishAll();
  client.session.close('normal');
  publishAll();
  api.hub.client('a', options);
  publishAll();
  await api.ask('POST', '/mqtt/publish', { topic: 'nobody', clientid: 'backend', payload: '' });
  const told = (await (await read(api)).text()).split('\n');
  const sum = (name: string) =>
    told
      .filter((line) => line.startsWith(`portico_${name}_total`))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  for (const name of ['messages_received', 'messages_sent', 'messages_dropped', 'delivery_dropped']) {
    assert.ok(sum(name) > 0, name);
    assert.equal(sum(`gateway_${name}`), sum(name), name);
  }
});

test('connections that have ended are told with the words of the log, of listeners that are closed too', async () => {
  const nothing = { bytesReceived: 0, bytesSent: 0, framesReceived: 0, framesSent: 0 };
  const endings = new Map([['x:tcp:default', new Map([['kicked', 2]])]]);
  const gateway = { definition: {}, instances: [], traffic: { past: nothing, present: [] }, endings };
  const api = await TestApi.start({}, { gateways: new Map([['x', gateway]]) });
  const told = (await (await read(api)).text()).split('\n');
  const labels = 'gateway="x",listener="x:tcp:default",reason="kicked"';
  assert.ok(told.includes(`portico_listener_closed_total{${labels}} 2`));
});

test('every line is one of the format, and no metric is there twice', async () => {
  const api = await TestApi.start();
  const lines = (await (await read(api, '/api/v4/prometheus/metrics')).text()).trimEnd().split('\n');
  for (const line of lines) {
    assert.match(line, /^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{.*\})? [-+.\dInfNae]+)$/);
  }
  const types = lines.filter((line) => line.startsWith('# TYPE'));
  assert.equal(new Set(types).size, types.length);
});

test('metrics need credentials, and /metrics does not where it is open', async () => {
  const closed = await TestApi.start();
  const open = await TestApi.start({ prometheus: { open: true } });
  const status = async (api: TestApi, path: string) => (await api.fetch(path)).status;
  assert.equal(await status(closed, '/metrics'), 401);
  assert.equal(await status(open, '/metrics'), 200);
  for (const api of [closed, open]) assert.equal(await status(api, '/api/v4/prometheus/metrics'), 401);
});

test('how late the event loop is, is looked at ten times a second', async () => {
  const api = await TestApi.start();
  const { metrics, clock } = api.hub;
  const lag = new EventLoopLag(metrics, clock);
  lag.start();
  const [histogram] = [...metrics.histograms()].filter(({ name }) => name === 'event_loop.lag');
  const before = histogram?.count ?? 0;
  clock.advance(1000);
  assert.equal(histogram?.count, before + 10);
  lag.stop();
  assert.match(await (await read(api)).text(), /^# TYPE portico_event_loop_lag_seconds histogram$/m);
});

/** A Pushgateway that answers with a status, and what it was sent. */
async function pushgateway(answer: { status: number }) {
  const requests: { method: string; url: string; authorization: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, authorization: headers.authorization, body: await text(request) });
    response.statusCode = answer.status;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests, server };
}

/** Lets intervals pass until something has come of them. */
async function until(api: TestApi, reached: () => boolean): Promise<void> {
  while (!reached()) {
    api.hub.clock.advance(15_000);
    await api.hub.nextTurn();
  }
}

const linesOf = (api: TestApi, message: string) => api.lines.filter((line) => line.message === message);

test('metrics are pushed; trouble with that is told once for each kind, and when it is over', async () => {
  const answer = { status: 500 };
  const { url, requests } = await pushgateway(answer);
  const api = await TestApi.start({ prometheus: { push_gateway_server: url } });
  await until(api, () => requests.length === 3);
  const [first] = requests;
  const path = `/metrics/job/portico/instance/${encodeURIComponent(NODE)}`;
  assert.deepEqual([first?.method, first?.url], ['PUT', path]);
  assert.match(first?.body ?? '', /^portico_messages_sent_total 0$/m);
  answer.status = 503;
  await until(api, () => requests.length === 6);
  answer.status = 200;
  await until(api, () => linesOf(api, 'metrics pushed again').length > 0);
  assert.deepEqual(
    linesOf(api, 'metrics not pushed').map(({ fault }) => fault),
    ['status 500', 'status 503'],
  );
});

test('a Pushgateway that is not there is told in the log', async () => {
  const { url, server } = await pushgateway({ status: 200 });
  server.close();
  await once(server, 'close');
  const api = await TestApi.start({ prometheus: { push_gateway_server: url } });
  await until(api, () => linesOf(api, 'metrics not pushed').length > 0);
  assert.equal(linesOf(api, 'metrics not pushed')[0]?.fault, 'ECONNREFUSED');
});

test('name and password of its URL are shown to a Pushgateway, and to nobody else', async () => {
  const answer = { status: 401 };
  const { url, requests } = await pushgateway(answer);
  const withPassword = url.replace('://', '://ada:secret@');
  const api = await TestApi.start({ prometheus: { push_gateway_server: withPassword } });
  await until(api, () => linesOf(api, 'metrics not pushed').length > 0);
  const credentials = Buffer.from('ada:secret').toString('base64');
  assert.deepEqual([requests[0]?.method, requests[0]?.authorization], ['PUT', `Basic ${credentials}`]);
  assert.doesNotMatch(JSON.stringify(api.lines), /secret/);
});

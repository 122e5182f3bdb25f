import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connectionInfo } from '@portico/core/testing';
import { WebSocket } from 'ws';
import { SECRET, TestApi } from './testing/index.js';

const ROW = { title: 'PINGREQ', offset: 0, hex: 'c000', fields: [], faults: [] };

function open(api: TestApi, query = '', credentials = `admin:${SECRET}`): WebSocket {
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return new WebSocket(`ws://127.0.0.1:${api.port}/api/v4/trace/wire${query}`, {
    headers: { authorization },
  });
}

/** The next message. */
async function next(webSocket: WebSocket) {
  const [message] = await once(webSocket, 'message');
  return JSON.parse(String(message));
}

/** How the hub refuses to open one. */
async function refusal(webSocket: WebSocket) {
  const [, response] = await once(webSocket, 'unexpected-response');
  const body = JSON.parse(String(Buffer.concat(await response.toArray())));
  return [response.statusCode, body.code, body.message];
}

test('frames are streamed to who watches, and an audit line tells who that is', async () => {
  const api = await TestApi.start();
  const webSocket = open(api, '?peer=192.0.2.1');
  await once(webSocket, 'open');
  const info = connectionInfo('mqtt', { peer: { host: '192.0.2.1', port: 1234 } });
  const message = next(webSocket);
  api.wire.frame({ info, clientId: 'a' }, 'receive', [ROW]);
  const { time, ...event } = await message;
  assert.equal(time, api.hub.engine.clock.now());
  assert.deepEqual(event, {
    direction: 'receive',
    gateway: 'mqtt',
    listener: info.listener,
    peer: '192.0.2.1:1234',
    clientid: 'a',
    frame: ROW,
  });
  const line = api.lines.find(({ action }) => action === 'watch_wire');
  assert.deepEqual([line?.app, line?.peer], ['admin', '192.0.2.1']);
  webSocket.close();
  await once(webSocket, 'close');
});

test('when the last one goes, nobody watches', async () => {
  const api = await TestApi.start();
  const webSocket = open(api);
  await once(webSocket, 'open');
  assert.equal(api.wire.watched, true);
  webSocket.close();
  await once(webSocket, 'close');
  // The hub has heard of it before it answers a request that comes later.
  await api.get('/nodes');
  assert.equal(api.wire.watched, false);
});

test('who is nobody, or asks for what there is not, is refused', async () => {
  const api = await TestApi.start();
  assert.deepEqual(await refusal(open(api, '', 'admin:wrong')), [401, 103, 'wrong application id or secret']);
  assert.deepEqual(await refusal(open(api, '?gateway=x')), [404, 108, 'there is no gateway x']);
  assert.deepEqual(await refusal(open(api, '?peer=here')), [400, 108, 'peer: an IP address']);
  assert.deepEqual(await refusal(open(api, '/else')), [404, 108, 'there is no such path']);
  api.running = false;
  assert.deepEqual(await refusal(open(api)), [503, 102, 'the hub is starting or stopping']);
  assert.equal(api.wire.watched, false);
});

test('frames that are not read are dropped, and told', async () => {
  const api = await TestApi.start();
  const webSocket = open(api);
  await once(webSocket, 'open');
  const end = { info: connectionInfo('mqtt'), clientId: 'a' };
  const long = { ...ROW, hex: '00'.repeat(8000) };
  const messages: { dropped?: number }[] = [];
  webSocket.on('message', (message) => messages.push(JSON.parse(String(message))));
  const sent = 2000;
  for (let n = 0; n < sent; n++) api.wire.frame(end, 'receive', [long]);
  while (!messages.some(({ dropped }) => dropped !== undefined)) {
    await once(webSocket, 'message');
    api.wire.frame(end, 'receive', [ROW]);
  }
  const dropped = messages.find((message) => message.dropped !== undefined)?.dropped ?? 0;
  assert.ok(dropped > 0 && dropped < sent + messages.length);
  webSocket.terminate();
});

test('the stream ends when the hub stops', async () => {
  const api = await TestApi.start();
  const webSocket = open(api);
  await once(webSocket, 'open');
  const closed = once(webSocket, 'close');
  await api.stop();
  await closed;
});

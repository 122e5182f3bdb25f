import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { after, before, type TestContext, test } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { CertificateFolder } from '../testing/certificates.js';
import { openClient, openListener, readAll, type TestListener } from '../testing/listener-fixture.js';

const certificates = new CertificateFolder();
before(() => {
  certificates.authority('ca');
  certificates.certificate('server', 'ca', '/CN=localhost');
});
after(() => certificates.remove());

interface ClientSettings extends ClientOptions {
  readonly path?: string;
  readonly protocols?: string[];
}

/** A WebSocket client; its errors show in `close` or `refusal`. */
function openWebSocket(t: TestContext, it: TestListener, settings: ClientSettings = {}): WebSocket {
  const { path = '/mqtt', protocols = ['mqtt'], ...options } = settings;
  const client = new WebSocket(`ws://127.0.0.1:${it.port}${path}`, protocols, options);
  client.on('error', () => {});
  t.after(() => client.terminate());
  return client;
}

/** HTTP status that refuses a handshake. */
async function refusal(client: WebSocket): Promise<number | undefined> {
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  return response.statusCode;
}

test('binary messages are one stream of bytes, wherever they begin and end', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it);
  await once(client, 'open');
  client.send(Buffer.from('one '));
  client.send(Buffer.from('t'), { fin: false });
  client.send(Buffer.alloc(0), { fin: false });
  client.send(Buffer.from('wo '), { fin: true });
  client.send(Buffer.from('three'));
  const handler = await it.accepted();
  assert.equal(await handler.text(13), 'one two three');
  assert.equal(handler.connection.write(Buffer.from('answer')), true);
  assert.equal(handler.connection.pendingBytes, 0);
  const [answer, isBinary] = await once(client, 'message');
  assert.deepEqual([answer.toString(), isBinary], ['answer', true]);
});

test('the connection knows peer and sub-protocol', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it, { protocols: ['unheard-of', 'mqttv3.1', 'mqtt'] });
  await once(client, 'open');
  assert.equal(client.protocol, 'mqttv3.1');
  const { transport, subprotocol, peer } = (await it.accepted()).connection.info;
  assert.deepEqual([transport, subprotocol, peer.host], ['ws', 'mqttv3.1', '127.0.0.1']);
  assert.equal(it.timers.size, 0);
});

test('wss is the same over TLS', async (t) => {
  const files = { certfile: certificates.file('server.pem'), keyfile: certificates.file('server.key') };
  const it = await openListener(t, 'wss', files);
  const client = new WebSocket(`wss://localhost:${it.port}/mqtt`, ['mqtt'], {
    rejectUnauthorized: false,
    family: 4,
  });
  t.after(() => client.terminate());
  await once(client, 'open');
  client.send(Buffer.from('hello'));
  const handler = await it.accepted();
  assert.equal(await handler.text(5), 'hello');
  assert.equal(handler.connection.info.transport, 'wss');
  assert.equal(handler.connection.info.serverName, 'localhost');
  handler.connection.end();
  const [code] = await once(client, 'close');
  assert.equal(code, 1000);
  assert.equal(await handler.closed(), 'local');
});

test('another path is not found, with or without a query', async (t) => {
  const it = await openListener(t, 'ws', { path: '/iot' });
  assert.equal(await refusal(openWebSocket(t, it, { path: '/mqtt' })), 404);
  assert.equal(await refusal(openWebSocket(t, it, { path: '/iot/' })), 404);
  await once(openWebSocket(t, it, { path: '/iot?token=1' }), 'open');
  assert.deepEqual(it.refused, { websocket_path: 2 });
});

test('a client must offer a sub-protocol that is spoken', async (t) => {
  const it = await openListener(t, 'ws');
  assert.equal(await refusal(openWebSocket(t, it, { protocols: [] })), 400);
  assert.equal(await refusal(openWebSocket(t, it, { protocols: ['soap'] })), 400);
  assert.deepEqual(it.refused, { subprotocol: 2 });
});

test('a web page from elsewhere may not connect where only this machine can, unless the configuration says so', async (t) => {
  const it = await openListener(t, 'ws');
  assert.equal(await refusal(openWebSocket(t, it, { origin: 'http://evil.example' })), 403);
  assert.deepEqual(it.refused, { origin: 1 });
  assert.equal(it.metrics.get('listeners.refused.origin'), 1);
  assert.equal(it.log.at(-1)?.detail, 'http://evil.example');
  await once(openWebSocket(t, it, { origin: `http://localhost:${it.port}` }), 'open');
  const open = await openListener(t, 'ws', { allowed_origins: ['https://app.example'] });
  await once(openWebSocket(t, open, { origin: 'https://app.example' }), 'open');
  assert.equal(await refusal(openWebSocket(t, open, { origin: 'http://localhost' })), 403);
  const anywhere = await openListener(t, 'ws', { bind: '0.0.0.0:0' });
  await once(openWebSocket(t, anywhere, { origin: 'https://app.example' }), 'open');
});

test('with fail_if_no_subprotocol off a client may name none, but not a wrong one', async (t) => {
  const it = await openListener(t, 'ws', { fail_if_no_subprotocol: false });
  const client = openWebSocket(t, it, { protocols: [] });
  await once(client, 'open');
  assert.equal(client.protocol, '');
  assert.equal((await it.accepted()).connection.info.subprotocol, undefined);
  assert.equal(await refusal(openWebSocket(t, it, { protocols: ['soap'] })), 400);
});

test('plain HTTP is told to upgrade, or that there is nothing', async (t) => {
  const it = await openListener(t, 'ws');
  for (const [path, status] of Object.entries({ '/mqtt': 426, '/': 404 })) {
    const [response] = await once(get({ port: it.port, host: '127.0.0.1', path }), 'response');
    assert.equal(response.statusCode, status);
    assert.equal(response.headers.connection, 'close');
    if (status === 426) assert.equal(response.headers.upgrade, 'websocket');
  }
  assert.deepEqual(it.refused, { websocket_handshake: 1, websocket_path: 1 });
});

test('what is not HTTP, and a handshake that is not RFC 6455, are refused', async (t) => {
  const it = await openListener(t, 'ws');
  const wrong = [
    '\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0',
    'GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
    'GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
    'GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 7\r\n\r\n',
  ];
  for (const request of wrong) {
    const client = await openClient(t, it.port);
    client.write(request, 'latin1');
    assert.match(
      await readAll(client),
      /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Sec-WebSocket-Version: 13\r\n/,
    );
  }
  assert.deepEqual(it.refused, { websocket_handshake: 4 });
  assert.equal(it.timers.size, 0);
});

test('a PROXY header where none is expected is refused, and the operator told what to set', async (t) => {
  const it = await openListener(t, 'ws');
  const client = await openClient(t, it.port);
  client.write('PROXY TCP4 203.0.113.7 203.0.113.9 50123 8083\r\nGET /mqtt HTTP/1.1\r\n\r\n');
  await readAll(client);
  assert.match(it.log[0]?.message ?? '', /set proxy_protocol to true/);
});

test('a handshake that does not come in time closes the connection', async (t) => {
  const it = await openListener(t, 'ws', { idle_timeout: '5s' });
  const client = await openClient(t, it.port);
  client.write('GET /mqtt HTTP/1.1\r\n');
  while (it.timers.size === 0) await new Promise((resolve) => setImmediate(resolve));
  it.clock.advance(5_010);
  assert.equal(await readAll(client), '');
  assert.deepEqual(it.refused, { idle_timeout: 1 });
});

test('a peer that leaves before its handshake is only counted', async (t) => {
  const it = await openListener(t, 'ws');
  const client = await openClient(t, it.port);
  client.end('GET /mqtt');
  await readAll(client);
  while (it.refused.gone === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(it.log, []);
});

test('text is refused with 1003', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it);
  await once(client, 'open');
  client.send('text');
  const [code] = await once(client, 'close');
  assert.equal(code, 1003);
  const handler = await it.accepted();
  assert.equal(await handler.closed(), 'websocket_text');
  assert.equal(handler.length, 0);
});

test('a message above max_frame_size is refused with 1009, in pieces too', async (t) => {
  const it = await openListener(t, 'ws', { max_frame_size: 1000 });
  for (const pieces of [1, 3]) {
    const client = openWebSocket(t, it);
    await once(client, 'open');
    for (let i = 1; i <= pieces; i++) client.send(Buffer.alloc(1200 / pieces), { fin: i === pieces });
    const [code] = await once(client, 'close');
    assert.equal(code, 1009);
  }
  const reasons = await Promise.all(it.handlers.map((handler) => handler.closed()));
  assert.deepEqual(reasons, Array(2).fill('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'));
});

test('pings are answered', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it);
  await once(client, 'open');
  client.ping('are you there');
  const [data] = await once(client, 'pong');
  assert.equal(data.toString(), 'are you there');
});

test('the peer closes: the handler is told once, last of all', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it);
  await once(client, 'open');
  client.send(Buffer.from('bye'));
  client.close();
  const handler = await it.accepted();
  assert.equal(await handler.closed(), 'closed');
  assert.equal(handler.received.toString(), 'bye');
  handler.connection.end();
  handler.connection.destroy();
  assert.equal(handler.connection.write(Buffer.from('late')), true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(handler.closeReasons, ['closed']);
});

test('a peer that vanishes without a closing handshake is closed', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it);
  await once(client, 'open');
  const handler = await it.accepted();
  client.terminate();
  assert.equal(await handler.closed(), 'closed');
});

test('a peer that ignores the closing handshake is cut off after the send timeout', async (t) => {
  const it = await openListener(t, 'ws', { send_timeout: '10s' });
  const client = openWebSocket(t, it);
  await once(client, 'open');
  const handler = await it.accepted();
  client.pause();
  handler.connection.end();
  it.clock.advance(9_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(handler.closeReasons, []);
  it.clock.advance(12_000);
  assert.equal(await handler.closed(), 'local');
  assert.equal(it.timers.size, 0);
});

test('a slow reader: bytes are pending, and the handler hears when they are gone', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it);
  await once(client, 'open');
  const handler = await it.accepted();
  client.pause();
  const piece = Buffer.alloc(512 * 1024);
  let written = 1;
  while (handler.connection.write(piece)) written++;
  assert.ok(handler.connection.pendingBytes > 0);
  let received = 0;
  client.on('message', (bytes: Buffer) => (received += bytes.length));
  client.resume();
  await handler.until(({ writableCalls }) => writableCalls === 1);
  assert.equal(handler.connection.pendingBytes, 0);
  handler.connection.end();
  await once(client, 'close');
  assert.equal(received, written * piece.length);
});

test('a peer that takes nothing is given up after the send timeout', async (t) => {
  const it = await openListener(t, 'ws', { send_timeout: '10s' });
  const client = openWebSocket(t, it);
  await once(client, 'open');
  const handler = await it.accepted();
  client.pause();
  handler.connection.write(Buffer.alloc(64 * 1024 * 1024));
  it.clock.advance(25_000);
  assert.equal(await handler.closed(), 'send_timeout');
});

test('a paused connection is not read', async (t) => {
  const it = await openListener(t, 'ws');
  const client = openWebSocket(t, it);
  await once(client, 'open');
  const handler = await it.accepted();
  handler.connection.pause();
  client.send(Buffer.from('hello'));
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(handler.length, 0);
  handler.connection.resume();
  assert.equal(await handler.text(5), 'hello');
});

test('messages may be compressed where the configuration says so', async (t) => {
  const it = await openListener(t, 'ws', { compress: true });
  const client = openWebSocket(t, it);
  await once(client, 'open');
  assert.equal(client.extensions, 'permessage-deflate');
  const text = 'again and '.repeat(5000);
  client.send(Buffer.from(text));
  const handler = await it.accepted();
  assert.equal(await handler.text(text.length), text);
  assert.equal(handler.connection.write(Buffer.from(text)), false);
  assert.equal((await once(client, 'message'))[0].toString(), text);
  await handler.until(({ writableCalls }) => writableCalls === 1);
  const plain = await openListener(t, 'ws');
  const other = openWebSocket(t, plain);
  await once(other, 'open');
  assert.equal(other.extensions, '');
});

test('headers of an HTTP proxy name the client, where the configuration names the headers', async (t) => {
  const headers = { 'X-Forwarded-For': '203.0.113.7, 10.0.0.1', 'X-Forwarded-Port': '50123' };
  const names = { proxy_address_header: 'X-Forwarded-For', proxy_port_header: 'X-Forwarded-Port' };
  const peerOf = async (settings: Record<string, string>, sent: Record<string, string>) => {
    const it = await openListener(t, 'ws', settings);
    await once(openWebSocket(t, it, { headers: sent }), 'open');
    return (await it.accepted()).connection.info.peer;
  };
  assert.deepEqual(await peerOf(names, headers), { host: '203.0.113.7', port: 50123 });
  assert.equal((await peerOf({}, headers)).host, '127.0.0.1');
  const nonsense = { 'X-Forwarded-For': 'unknown', 'X-Forwarded-Port': '99999' };
  const kept = await peerOf(names, nonsense);
  assert.equal(kept.host, '127.0.0.1');
  assert.notEqual(kept.port, 99999);
});

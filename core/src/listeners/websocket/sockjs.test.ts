import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { openListener, type RecordingHandler, type TestListener } from '../testing/listener-fixture.js';
import { SockJsWriter } from './sockjs-framing.js';

const FRAMED = '/mqtt/000/s3ss10n/websocket';

function open(t: TestContext, it: TestListener, path = FRAMED, options: ClientOptions = {}): WebSocket {
  const client = new WebSocket(`ws://127.0.0.1:${it.port}${path}`, [], options);
  client.on('error', () => {});
  t.after(() => client.terminate());
  return client;
}

/** A client that has been greeted, and the connection that the hub sees. */
async function opened(t: TestContext, it: TestListener): Promise<[WebSocket, RecordingHandler]> {
  const client = open(t, it);
  assert.equal(await next(client), 'o');
  return [client, await it.accepted(it.handlers.length - 1)];
}

/** The next message, which has to be text. */
async function next(client: WebSocket): Promise<string> {
  const [message, isBinary] = await once(client, 'message');
  assert.equal(isBinary, false);
  return message.toString();
}

async function status(
  it: TestListener,
  path: string,
  options: RequestOptions = {},
): Promise<number | undefined> {
  const asked = request({ port: it.port, host: '127.0.0.1', path, ...options });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response.resume().statusCode;
}

test('a client is told that there is WebSocket, each time with another random number, and so is a page that may connect', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: true });
  const numbers = new Set();
  for (const headers of [{}, { Origin: 'http://localhost:8000' }]) {
    const [response] = (await once(
      get({ port: it.port, host: '127.0.0.1', path: '/mqtt/info?t=1', headers }),
      'response',
    )) as [IncomingMessage];
    const { entropy, ...offer } = JSON.parse(String((await response.toArray()).join('')));
    numbers.add(entropy);
    assert.deepEqual(offer, { websocket: true, origins: ['*:*'], cookie_needed: false });
    assert.equal(response.headers['access-control-allow-origin'], headers.Origin);
    assert.match(response.headers['cache-control'] ?? '', /no-store/);
  }
  assert.equal(numbers.size, 2);
  assert.equal(await status(it, '/mqtt/info', { method: 'OPTIONS' }), 204);
  assert.deepEqual(it.refused, { sockjs_info: 3 });
  assert.deepEqual(it.log, []);
});

test('a page from elsewhere is neither told nor let in where only this machine can connect', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: true });
  const origin = 'http://evil.example';
  assert.equal(await status(it, '/mqtt/info', { headers: { Origin: origin } }), 403);
  const [, response] = await once(open(t, it, FRAMED, { origin }), 'unexpected-response');
  assert.equal(response.statusCode, 403);
  assert.deepEqual(it.refused, { origin: 2 });
});

test('other transports, other methods, and paths that are none of SockJS are not found, so that a client tries on', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: true });
  for (const path of [
    '/mqtt/000/s3ss10n/xhr_streaming',
    '/mqtt/000/s3ss10n/xhr',
    '/mqtt/iframe.html',
    '/mqtt/',
    '/mqtt/a/b.c/websocket',
    '/mqtt//b/websocket',
    '/mqtt/a/b/c/websocket',
    '/other/info',
    '/mqttx/info',
  ]) {
    assert.equal(await status(it, path), 404, path);
  }
  assert.equal(await status(it, '/mqtt/info', { method: 'POST' }), 404);
  assert.equal(await status(it, '/mqtt/000/s3ss10n/websocket'), 426);
  const [, response] = await once(open(t, it, '/mqtt/info'), 'unexpected-response');
  assert.equal(response.statusCode, 404);
});

test('without sockjs there is nothing below the path', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: false });
  for (const path of ['/mqtt/info', '/mqtt/websocket', FRAMED]) assert.equal(await status(it, path), 404);
});

test('what strings hold is one stream of bytes, and empty messages nothing', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: true });
  const [client, handler] = await opened(t, it);
  for (const message of [
    JSON.stringify(Array(1000).fill('')),
    '["one ","t"]',
    '',
    '[]',
    '"wo "',
    '["\\u00b0\\u0000"]',
  ])
    client.send(message);
  assert.equal(await handler.text(11), 'one two °\0');
  client.send(`["${'\\u0000'.repeat(20_000)}"]`);
  assert.equal((await handler.text(20_011)).length, 20_010);
});

test('what is sent comes in an array of one string, and the end is told', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: true });
  const [client, handler] = await opened(t, it);
  handler.connection.write(Buffer.from('MESSAGE\n"°"\0'));
  assert.equal(await next(client), 'a["MESSAGE\\n\\"°\\"\\u0000"]');
  handler.connection.end();
  assert.equal(await next(client), 'c[1000,"Normal closure"]');
  assert.equal((await once(client, 'close'))[0], 1000);
  assert.equal(await handler.closed(), 'local');
});

test('messages that are no strings in JSON end the connection', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: true });
  const wrong: readonly (readonly [string | Buffer, boolean, number])[] = [
    ['["', false, 1007],
    ['{"a":1}', false, 1007],
    ['["a",1]', false, 1007],
    ['[["a"]]', false, 1007],
    ['null', false, 1007],
    ['['.repeat(1_000_000), false, 1007],
    [JSON.stringify(Array(1001).fill('')), false, 1007],
    [`${' '.repeat(9000)}["a"]`, false, 1007],
    [Buffer.from('5b22ff225d', 'hex'), false, 1007],
    ['["a"]', true, 1003],
  ];
  for (const [message, binary, code] of wrong) {
    const [client, handler] = await opened(t, it);
    client.on('message', (told) => assert.fail(`it is no normal end: ${told}`));
    client.send(message, { binary });
    assert.equal((await once(client, 'close'))[0], code, String(message).slice(0, 20));
    assert.equal(await handler.closed(), 'sockjs_framing');
    assert.equal(handler.length, 0);
  }
});

test('the raw endpoint takes a client as the path itself does', async (t) => {
  const it = await openListener(t, 'ws', { sockjs: true });
  const client = new WebSocket(`ws://127.0.0.1:${it.port}/mqtt/websocket`, ['mqtt']);
  t.after(() => client.terminate());
  await once(client, 'open');
  client.send(Buffer.from('bytes'));
  assert.equal(await (await it.accepted()).text(5), 'bytes');
  const [, response] = await once(open(t, it, '/mqtt/websocket'), 'unexpected-response');
  assert.equal(response.statusCode, 400);
});

test('a character in two pieces is sent whole, and each byte that is no UTF-8 as one question mark', () => {
  const bytes = Buffer.from('a°b€c😀d', 'utf8');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const writer = new SockJsWriter();
    const messages = [writer.wrap(bytes.subarray(0, cut)), writer.wrap(bytes.subarray(cut))];
    const strings = messages.flatMap((it) => (it === undefined ? [] : (JSON.parse(it.slice(1)) as string[])));
    assert.equal(strings.join(''), bytes.toString(), `cut at ${cut}`);
  }
  for (let round = 0; round < 2000; round++) {
    const hostile = Buffer.from(
      Array.from({ length: 12 }, (_, i) => (round * 31 + i * i * 97 + (round >> 3)) & 0xff),
    );
    const [text = ''] = JSON.parse(
      (new SockJsWriter().wrap(Buffer.concat([hostile, Buffer.of(0)])) ?? '').slice(1),
    );
    assert.equal(Buffer.byteLength(text), hostile.length + 1, hostile.toString('hex'));
  }
});

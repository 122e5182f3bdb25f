import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { closed, openClient, openListener, readAll } from '../testing/listener-fixture.js';

test('bytes go both ways, and the connection knows its peer', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  client.write('hello');
  assert.equal(await handler.text(5), 'hello');
  assert.equal(handler.connection.write(Buffer.from('welcome')), true);
  assert.equal(handler.connection.pendingBytes, 0);
  const [answer] = await once(client, 'data');
  assert.equal(answer.toString(), 'welcome');
  const { id, ...info } = handler.connection.info;
  assert.ok(id > 0);
  assert.deepEqual(info, {
    transport: 'tcp',
    gateway: 'test',
    listener: 'test:tcp:default',
    peer: { host: '127.0.0.1', port: client.localPort },
    local: { host: '127.0.0.1', port: it.port },
    certificate: undefined,
    serverName: undefined,
    pskIdentity: undefined,
    rawPublicKey: undefined,
    proven: undefined,
    subprotocol: undefined,
  });
});

test('500 connections that talk at the same time each get their own bytes back, in order', async (t) => {
  const it = await openListener(t, 'tcp', { backlog: 600 });
  const clients = await Promise.all(Array.from({ length: 500 }, () => openClient(t, it.port)));
  await it.accepted(499);
  const texts = clients.map((client) => readAll(client));
  for (let round = 0; round < 10; round++) {
    for (const client of clients) client.write(`${client.localPort}:${round};`);
    if (round === 5) for (const handler of it.handlers) handler.connection.pause();
    if (round === 8) for (const handler of it.handlers) handler.connection.resume();
  }
  await Promise.all(
    it.handlers.map(async (handler) => {
      const { port } = handler.connection.info.peer;
      const expected = Array.from({ length: 10 }, (_, round) => `${port}:${round};`).join('');
      assert.equal(await handler.text(expected.length), expected);
      handler.connection.write(handler.received);
      handler.connection.end();
    }),
  );
  for (const [index, client] of clients.entries()) {
    const expected = Array.from({ length: 10 }, (_, round) => `${client.localPort}:${round};`).join('');
    assert.equal(await texts[index], expected);
  }
  const reasons = await Promise.all(it.handlers.map((handler) => handler.closed()));
  assert.deepEqual(new Set(reasons), new Set(['local']));
});

test('a paused connection is not read, and its peer feels it', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  handler.connection.pause();
  const flood = Buffer.alloc(16 * 1024 * 1024, 'x');
  client.write(flood);
  client.write('end');
  await turns(50);
  assert.ok(client.writableLength > 0);
  assert.equal(handler.length, 0);
  handler.connection.resume();
  await handler.until(({ length }) => length === flood.length + 3);
  assert.equal(handler.received.subarray(-3).toString(), 'end');
});

test('a large stream arrives whole through the shared read buffer', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) & 0xff));
  client.end(bytes);
  await handler.until(({ length }) => length === bytes.length);
  assert.ok(handler.received.equals(bytes));
  assert.ok(handler.pieces.every((piece) => piece.length <= 64 * 1024));
  assert.equal(await handler.closed(), 'closed');
});

test('the peer closes: the handler is told once, last of all', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  client.end('bye');
  assert.equal(await handler.closed(), 'closed');
  assert.equal(handler.received.toString(), 'bye');
  handler.connection.destroy();
  handler.connection.end();
  assert.equal(handler.connection.write(Buffer.from('late')), true);
  await turns(3);
  assert.deepEqual(handler.closeReasons, ['closed']);
  assert.equal(it.listener.statistics.connections, 0);
});

test('a peer that closes its half gets its answer, and the connection ends when the handler ends it', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port, true);
  const handler = await it.accepted();
  const ended = new Promise<void>((resolve) => {
    handler.onEnd = resolve;
  });
  client.end('request');
  await ended;
  await turns(3);
  assert.equal(handler.received.toString(), 'request');
  assert.deepEqual(handler.closeReasons, []);
  handler.connection.write(Buffer.from('answer'));
  handler.connection.end();
  assert.equal(await readAll(client), 'answer');
  assert.equal(await handler.closed(), 'closed');
});

test('a connection that is reset says so', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  client.resetAndDestroy();
  assert.equal(await handler.closed(), 'ECONNRESET');
});

test('destroy closes at once, and nothing arrives afterwards', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  handler.connection.destroy();
  client.write('too late');
  await closed(client);
  assert.equal(await handler.closed(), 'local');
  assert.equal(handler.length, 0);
});

test('end sends what is written, then closes', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  const bytes = Buffer.alloc(3 * 1024 * 1024, 'b');
  handler.connection.write(bytes);
  handler.connection.end();
  assert.equal((await readAll(client)).length, bytes.length);
  assert.equal(await handler.closed(), 'local');
});

test('a peer that does not close after end is cut off after the send timeout', async (t) => {
  const it = await openListener(t, 'tcp', { send_timeout: '10s' });
  const client = await openClient(t, it.port, true);
  const handler = await it.accepted();
  handler.connection.end();
  await readAll(client);
  client.write('still talking');
  it.clock.advance(9_000);
  await turns(5);
  assert.deepEqual(handler.closeReasons, []);
  it.clock.advance(12_000);
  assert.equal(await handler.closed(), 'local');
  assert.equal(handler.length, 0);
  assert.equal(it.timers.size, 0);
});

test('a slow reader: bytes are pending, and the handler hears when they are gone', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  client.pause();
  const piece = Buffer.alloc(1024 * 1024, 'p');
  let written = 0;
  while (handler.connection.write(piece)) written++;
  written++;
  for (let i = 0; i < 3; i++, written++) assert.equal(handler.connection.write(piece), false);
  assert.ok(handler.connection.pendingBytes >= 3 * piece.length);
  await turns(20);
  assert.equal(handler.writableCalls, 0);
  let received = 0;
  client.on('data', (bytes: Buffer) => (received += bytes.length));
  client.resume();
  await handler.until(({ writableCalls }) => writableCalls > 0);
  assert.equal(handler.connection.pendingBytes, 0);
  assert.equal(handler.writableCalls, 1);
  assert.equal(handler.connection.write(Buffer.from('x')), true);
  handler.connection.end();
  await once(client, 'end');
  assert.equal(received, written * piece.length + 1);
});

test('a little that is left over is enough for onWritable', async (t) => {
  const it = await openListener(t, 'tcp');
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  client.pause();
  while (handler.connection.write(Buffer.alloc(64 * 1024)));
  await handler.until(() => handler.connection.pendingBytes <= 64 * 1024);
  client.resume();
  await handler.until(({ writableCalls }) => writableCalls === 1);
  assert.equal(handler.connection.pendingBytes, 0);
});

test('a peer that takes nothing is given up after the send timeout', async (t) => {
  const it = await openListener(t, 'tcp', { send_timeout: '10s' });
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  client.pause();
  handler.connection.write(Buffer.alloc(16 * 1024 * 1024));
  it.clock.advance(9_000);
  await turns(5);
  assert.deepEqual(handler.closeReasons, []);
  it.clock.advance(12_000);
  assert.equal(await handler.closed(), 'send_timeout');
  assert.equal(it.timers.size, 0);
});

test('a peer that takes a large write slowly is not given up', async (t) => {
  const it = await openListener(t, 'tcp', { send_timeout: '10s' });
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  handler.connection.write(Buffer.alloc(96 * 1024 * 1024));
  for (let i = 0; i < 4; i++) {
    await take(client, 8 * 1024 * 1024);
    assert.ok(handler.connection.pendingBytes > 0);
    it.clock.advance(10_100);
  }
  await turns(5);
  assert.deepEqual(handler.closeReasons, []);
});

/** Reads so much, and then no more. */
async function take(client: Socket, wanted: number): Promise<void> {
  for (let taken = 0; taken < wanted; ) {
    const bytes: Buffer | null = client.read();
    if (bytes === null) await once(client, 'readable');
    else taken += bytes.length;
  }
}

test('with send_timeout_close off a stuck connection stays', async (t) => {
  const it = await openListener(t, 'tcp', { send_timeout_close: false });
  const client = await openClient(t, it.port);
  const handler = await it.accepted();
  client.pause();
  handler.connection.write(Buffer.alloc(16 * 1024 * 1024));
  it.clock.advance(60_000);
  await turns(5);
  assert.deepEqual(handler.closeReasons, []);
});

test('an idle connection needs no timer', async (t) => {
  const it = await openListener(t, 'tcp');
  await openClient(t, it.port);
  const handler = await it.accepted();
  handler.connection.write(Buffer.from('hello'));
  assert.equal(it.timers.size, 0);
});

/** Lets the event loop go round. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

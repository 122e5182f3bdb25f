import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { PorticoError } from '../../runtime/errors.js';
import {
  listenerConfig,
  openClient,
  openListener,
  readAll,
  TestListener,
} from '../testing/listener-fixture.js';

test('a port that is taken is an error that says which, for whom, and which key to change', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  t.after(() => blocker.close());
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  const it = new TestListener('tcp', listenerConfig('tcp', { bind: `127.0.0.1:${port}` }));
  await assert.rejects(it.start(), (error) => {
    assert.ok(error instanceof PorticoError);
    assert.equal(error.code, 'PORTICO_ERR_LISTEN');
    assert.match(error.message, /test:tcp:default/);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}`));
    assert.match(error.message, /the port is in use \(EADDRINUSE\)/);
    assert.match(error.message, /gateways\.test\.listeners\.tcp\.default\.bind/);
    return true;
  });
});

test('an address that this machine does not have is an error that says so', async () => {
  const it = new TestListener('tcp', listenerConfig('tcp', { bind: '192.0.2.1:1' }));
  await assert.rejects(it.start(), /no network interface has the address \(EADDRNOTAVAIL\)/);
});

test('localhost and IPv6 addresses can be bound', async (t) => {
  const named = await openListener(t, 'tcp', { bind: 'localhost:0' });
  assert.match(named.listener.address.host, /^(127\.0\.0\.1|::1)$/);
  const v6 = await openListener(t, 'tcp', { bind: '[::1]:0' });
  assert.equal(v6.listener.address.host, '::1');
  assert.ok(v6.port > 0);
});

test('IPv4 peers of a dual-stack listener show as IPv4', async (t) => {
  const it = await openListener(t, 'tcp', { bind: ':::0', access_rules: ['allow 127.0.0.0/8', 'deny all'] });
  await openClient(t, it.port);
  assert.equal((await it.accepted()).connection.info.peer.host, '127.0.0.1');
});

/** Of the timer of a connection in Linux' table of them: that it is to ask whether the peer is there. */
const KEEPALIVE_TIMER = '02';

/** What the timer of a listener's connection is for, from `/proc/net/tcp`. */
function timerOf(port: number, client: Socket): string | undefined {
  const address = (of: number) => `0100007F:${of.toString(16).toUpperCase().padStart(4, '0')}`;
  const connection = `${address(port)} ${address(client.localPort ?? 0)}`;
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((text) => text.includes(connection));
  return line?.trim().split(/\s+/)[5]?.slice(0, 2);
}

test('a silent peer is asked whether it is there, where that is wanted', async (t) => {
  const PROXY_HEADER = 'PROXY UNKNOWN\r\n';
  for (const [config, header, expected] of [
    [{}, '', true],
    [{ tcp_keepalive: 0 }, '', false],
    [{ proxy_protocol: true }, PROXY_HEADER, true],
    [{ proxy_protocol: true, tcp_keepalive: 0 }, PROXY_HEADER, false],
  ] as const) {
    const it = await openListener(t, 'tcp', config);
    const client = await openClient(t, it.port);
    client.write(header);
    await it.accepted();
    assert.equal(timerOf(it.port, client) === KEEPALIVE_TIMER, expected);
  }
});

test('an access rule keeps a peer out', async (t) => {
  const it = await openListener(t, 'tcp', { access_rules: ['deny 127.0.0.0/8'] });
  const client = await openClient(t, it.port);
  assert.equal(await readAll(client), '');
  assert.deepEqual(it.refused, { access: 1 });
  assert.equal(it.metrics.get('listeners.refused.access'), 1);
  assert.equal(it.handlers.length, 0);
  const [line] = it.log;
  assert.deepEqual(
    [line?.level, line?.reason, line?.peer],
    ['info', 'access', `127.0.0.1:${client.localPort}`],
  );
});

test('2,000 peers beyond max_connections are refused and leave nothing behind', async (t) => {
  const it = await openListener(t, 'tcp', { max_connections: 10, max_conn_rate: 0, backlog: 4096 });
  const inside: Socket[] = [];
  for (let i = 0; i < 10; i++) inside.push(await openClient(t, it.port));
  await it.accepted(9);
  for (let batch = 0; batch < 8; batch++) {
    const clients = await Promise.all(Array.from({ length: 250 }, () => openClient(t, it.port)));
    await Promise.all(clients.map((client) => readAll(client)));
  }
  const { connections, accepted, refused, maxConnections } = it.listener.statistics;
  assert.deepEqual(
    { connections, accepted, refused, maxConnections },
    {
      connections: 10,
      accepted: 10,
      refused: { max_connections: 2000 },
      maxConnections: 10,
    },
  );
  assert.ok(it.log.length <= 12);
  assert.equal(it.timers.size, 0);
  inside[0]?.destroy();
  await (await it.accepted(0)).closed();
  await openClient(t, it.port);
  await it.accepted(10);
});

test('beyond max_conn_rate peers wait unread, and are let in as time goes on', async (t) => {
  const it = await openListener(t, 'tcp', { max_conn_rate: 5 });
  for (let i = 0; i < 12; i++) (await openClient(t, it.port)).write('hi');
  await it.accepted(4);
  while (it.handlers.length < 12) {
    const allowed = 5 + Math.ceil(it.clock.monotonic() / 200);
    assert.ok(it.handlers.length <= allowed, `${it.handlers.length} after ${it.clock.monotonic()} ms`);
    it.clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(it.clock.monotonic() >= 1400);
  for (const handler of it.handlers) assert.equal(await handler.text(2), 'hi');
});

test('when too many wait for the rate, the next is refused', async (t) => {
  const it = await openListener(t, 'tcp', { max_conn_rate: 1, backlog: 2 });
  for (let i = 0; i < 3; i++) await openClient(t, it.port);
  const fourth = await openClient(t, it.port);
  assert.equal(await readAll(fourth), '');
  assert.deepEqual(it.refused, { max_conn_rate: 1 });
});

test('a closed listener lets nobody in, drops those who wait, keeps its connections and frees its port', async (t) => {
  const it = await openListener(t, 'tcp', { max_conn_rate: 1 });
  const inside = await openClient(t, it.port);
  const handler = await it.accepted();
  const waiting = await openClient(t, it.port);
  await it.listener.close();
  assert.equal(await readAll(waiting), '');
  assert.deepEqual(it.refused, { listener_closed: 1 });
  assert.equal(it.timers.size, 0);

  const successor = await openListener(t, 'tcp', { bind: `127.0.0.1:${it.port}` });
  await openClient(t, successor.port);
  await successor.accepted();
  assert.equal(it.handlers.length, 1);

  inside.write('still here');
  assert.equal(await handler.text(10), 'still here');
  handler.connection.write(Buffer.from('yes'));
  handler.connection.end();
  assert.equal(await readAll(inside), 'yes');
  assert.equal(await handler.closed(), 'local');
});

test('closing twice, or without having been started, does no harm', async () => {
  const it = new TestListener('tcp', listenerConfig('tcp', {}));
  await it.listener.close();
  await it.listener.close();
});

import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { listenerConfig, openListener, TestListener } from '../testing/listener-fixture.js';

/** A UDP client of one listener. */
class Device {
  readonly #socket: Socket;
  readonly port: number;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
  }

  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(text, (error) => (error ? reject(error) : resolve()));
    });
  }

  async receive(): Promise<string> {
    const [bytes] = await once(this.#socket, 'message');
    return bytes.toString();
  }

  close(): void {
    if (!this.#closed) this.#socket.close();
    this.#closed = true;
  }
}

async function openDevice(t: TestContext, it: TestListener, host = '127.0.0.1'): Promise<Device> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.connect(it.port, host);
  await once(socket, 'connect');
  const device = new Device(socket);
  t.after(() => device.close());
  return device;
}

/** Waits until the listener has dropped so many datagrams, or refused so many peers. */
async function counted(it: TestListener, metric: string, count: number): Promise<void> {
  while (it.metrics.get(metric) < count) await new Promise((resolve) => setImmediate(resolve));
}

test('no more clients log in a second than max_conn_rate, however few the peers they come from', async (t) => {
  const it = await openListener(t, 'udp', { max_conn_rate: 3 });
  const { listener, clock } = it;
  const peer = { host: '192.0.2.1', port: 50_000 };
  const logins = () => Array.from({ length: 5 }, () => listener.admitsLogin?.(peer));
  assert.deepEqual(logins(), [true, true, true, false, false]);
  assert.deepEqual(listener.statistics.refused, { max_conn_rate: 2 });
  clock.advance(1000);
  assert.deepEqual(logins(), [true, true, true, false, false]);
  const unbounded = await openListener(t, 'udp', { max_conn_rate: 0 });
  for (let i = 0; i < 5000; i++) assert.equal(unbounded.listener.admitsLogin?.(peer), true);
});

test('each peer is a connection, and each datagram arrives whole', async (t) => {
  const it = await openListener(t, 'udp');
  const devices = [await openDevice(t, it), await openDevice(t, it)];
  for (const [index, device] of devices.entries()) {
    await device.send(`hello ${index}`);
    const handler = await it.accepted(index);
    assert.equal(await handler.text(7), `hello ${index}`);
    assert.deepEqual(handler.connection.info.peer, { host: '127.0.0.1', port: device.port });
    assert.deepEqual(handler.connection.info.local, { host: '127.0.0.1', port: it.port });
    assert.equal(handler.connection.info.transport, 'udp');
    const answer = device.receive();
    assert.equal(handler.connection.write(Buffer.from(`welcome ${index}`)), true);
    assert.equal(await answer, `welcome ${index}`);
  }
  await devices[0]?.send('a');
  await devices[0]?.send('bc');
  const first = await it.accepted(0);
  await first.until(({ pieces }) => pieces.length === 3);
  assert.deepEqual(first.pieces.map(String), ['hello 0', 'a', 'bc']);
  assert.equal(it.handlers.length, 2);
  assert.equal(it.listener.statistics.connections, 2);
});

test('other limits hold for peers that come from now on, and those there are stay', async (t) => {
  const it = await openListener(t, 'udp', { max_conn_rate: 1 });
  const limits = { max_connections: 1000, max_conn_rate: 0, access_rules: [] };
  const first = await openDevice(t, it);
  await first.send('1');
  const handler = await it.accepted();
  const refused = async (reason: string) => {
    await (await openDevice(t, it)).send('let me in');
    await counted(it, `listeners.refused.${reason}`, 1);
  };
  await refused('max_conn_rate');
  it.listener.adjust({ ...limits, max_connections: 1 });
  assert.equal(it.listener.statistics.maxConnections, 1);
  await refused('max_connections');
  it.listener.adjust({ ...limits, access_rules: ['deny all'] });
  await refused('access');
  await first.send('2');
  assert.equal(await handler.text(2), '12');
  it.listener.adjust(limits);
  await (await openDevice(t, it)).send('here');
  assert.equal(await (await it.accepted(1)).text(4), 'here');
});

test('peers with IPv6 addresses are connections too', async (t) => {
  const it = await openListener(t, 'udp', { bind: '[::1]:0' });
  const device = await openDevice(t, it, '::1');
  await device.send('hello');
  const handler = await it.accepted();
  assert.equal(handler.connection.info.peer.host, '::1');
  const answer = device.receive();
  handler.connection.write(Buffer.from('welcome'));
  assert.equal(await answer, 'welcome');
});

test('IPv4 peers of a dual-stack listener show as IPv4 and are answered', async (t) => {
  const it = await openListener(t, 'udp', { bind: '[::]:0', access_rules: ['allow 127.0.0.1', 'deny all'] });
  const device = await openDevice(t, it);
  await device.send('hello');
  const handler = await it.accepted();
  assert.equal(handler.connection.info.peer.host, '127.0.0.1');
  const answer = device.receive();
  handler.connection.write(Buffer.from('welcome'));
  assert.equal(await answer, 'welcome');
});

test('a peer that is idle long enough is forgotten; either direction is a sign of life', async (t) => {
  const it = await openListener(t, 'udp', { idle_timeout: '60s' });
  const device = await openDevice(t, it);
  await device.send('1');
  const handler = await it.accepted();
  it.clock.advance(50_000);
  await device.send('2');
  await handler.text(2);
  it.clock.advance(50_000);
  handler.connection.write(Buffer.from('3'));
  it.clock.advance(50_000);
  assert.deepEqual(handler.closeReasons, []);
  it.clock.advance(10_100);
  assert.equal(await handler.closed(), 'idle_timeout');
  assert.equal(it.timers.size, 0);
  await device.send('4');
  assert.equal(await (await it.accepted(1)).text(1), '4');
});

test('a peer that its protocol lets be silent is kept, and forgotten idle_timeout after it no longer does', async (t) => {
  const it = await openListener(t, 'udp', { idle_timeout: '60s' });
  const device = await openDevice(t, it);
  await device.send('1');
  const handler = await it.accepted();
  handler.patient = true;
  it.clock.advance(600_100);
  assert.deepEqual(handler.closeReasons, []);
  await device.send('2');
  assert.equal(await handler.text(2), '12');
  handler.patient = false;
  it.clock.advance(60_100);
  assert.equal(await handler.closed(), 'idle_timeout');
});

test('with idle_timeout 0 a peer is never forgotten', async (t) => {
  const it = await openListener(t, 'udp', { idle_timeout: 0 });
  const device = await openDevice(t, it);
  await device.send('1');
  await it.accepted();
  assert.equal(it.timers.size, 0);
});

test('a peer that was closed begins anew with its next datagram', async (t) => {
  const it = await openListener(t, 'udp');
  const device = await openDevice(t, it);
  await device.send('first');
  const handler = await it.accepted();
  await handler.text(5);
  handler.connection.end();
  handler.connection.destroy();
  assert.deepEqual(handler.closeReasons, [], 'onClose does not come within end');
  assert.equal(await handler.closed(), 'local');
  assert.equal(handler.connection.write(Buffer.from('late')), true);
  await device.send('second');
  const again = await it.accepted(1);
  assert.equal(await again.text(6), 'second');
  assert.notEqual(again.connection.info.id, handler.connection.info.id);
  assert.deepEqual(handler.closeReasons, ['local']);
});

test('a peer may be closed in the midst of its first datagram', async (t) => {
  const it = await openListener(t, 'udp');
  const device = await openDevice(t, it);
  await device.send('hello');
  const handler = await it.accepted();
  handler.onData = () => handler.connection.destroy();
  await device.send('hello');
  assert.equal(await handler.closed(), 'local');
});

test('when there are max_connections peers, new ones are dropped and counted', async (t) => {
  const it = await openListener(t, 'udp', { max_connections: 2 });
  const devices = await Promise.all([1, 2, 3].map(() => openDevice(t, it)));
  for (const device of devices) await device.send('hello');
  await counted(it, 'listeners.refused.max_connections', 1);
  assert.equal(it.handlers.length, 2);
  assert.deepEqual(it.refused, { max_connections: 1 });
  it.handlers[0]?.connection.end();
  await devices[2]?.send('again');
  assert.equal(await (await it.accepted(2)).text(5), 'again');
});

test('new peers beyond max_conn_rate are dropped and counted', async (t) => {
  const it = await openListener(t, 'udp', { max_conn_rate: 1 });
  const devices = await Promise.all([1, 2].map(() => openDevice(t, it)));
  for (const device of devices) await device.send('hello');
  await counted(it, 'listeners.refused.max_conn_rate', 1);
  it.clock.advance(1000);
  await devices[1]?.send('again');
  assert.equal(await (await it.accepted(1)).text(5), 'again');
});

test('an access rule keeps a peer out', async (t) => {
  const it = await openListener(t, 'udp', { access_rules: ['deny all'] });
  await (await openDevice(t, it)).send('hello');
  await counted(it, 'listeners.refused.access', 1);
  assert.equal(it.handlers.length, 0);
});

test('a datagram that cannot be sent is dropped and counted, and the others go on', async (t) => {
  const it = await openListener(t, 'udp');
  const device = await openDevice(t, it);
  await device.send('hello');
  const handler = await it.accepted();
  handler.connection.write(Buffer.alloc(70_000));
  await counted(it, 'listeners.udp.dropped.send_error', 1);
  const answer = device.receive();
  handler.connection.write(Buffer.from('small'));
  assert.equal(await answer, 'small');
});

test('peers that are gone, and the ICMP errors that they cause, do no harm', async (t) => {
  const it = await openListener(t, 'udp');
  const gone = await openDevice(t, it);
  await gone.send('hello');
  const handler = await it.accepted();
  gone.close();
  for (let i = 0; i < 20; i++) {
    handler.connection.write(Buffer.from('anybody there?'));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const other = await openDevice(t, it);
  await other.send('hello');
  assert.equal(await (await it.accepted(1)).text(5), 'hello');
});

test('a closed listener takes no new peers, lets its connections finish, then frees its port', async (t) => {
  const it = await openListener(t, 'udp');
  const { port } = it;
  const inside = await openDevice(t, it);
  await inside.send('hello');
  const handler = await it.accepted();
  await it.listener.close();
  await (await openDevice(t, it)).send('too late');
  await counted(it, 'listeners.refused.listener_closed', 1);
  await inside.send(' again');
  assert.equal(await handler.text(11), 'hello again');
  const answer = inside.receive();
  handler.connection.write(Buffer.from('bye'));
  handler.connection.end();
  assert.equal(await answer, 'bye');
  const successor = await openListener(t, 'udp', { bind: `127.0.0.1:${port}` });
  assert.equal(successor.port, port);
});

test('a port that is taken is an error that names it and the key, and there is nothing left to close', async (t) => {
  const blocker = await openListener(t, 'udp');
  const it = new TestListener('udp', listenerConfig('udp', { bind: `127.0.0.1:${blocker.port}` }));
  await assert.rejects(it.start(), (error: Error) => {
    assert.match(error.message, new RegExp(`test:udp:default on 127\\.0\\.0\\.1:${blocker.port}`));
    assert.match(error.message, /EADDRINUSE.*gateways\.test\.listeners\.udp\.default\.bind/);
    return true;
  });
  await it.listener.close();
});

test('recbuf is how much the operating system keeps for the listener', async (t) => {
  const burst = async (settings: Record<string, unknown>) => {
    const it = await openListener(t, 'udp', settings);
    const device = await openDevice(t, it);
    const sent = Array.from({ length: 40 }, () => device.send('x'.repeat(1000)));
    await Promise.all(sent);
    const handler = await it.accepted();
    while (handler.pieces.at(-1)?.toString() !== 'end') {
      await device.send('end');
      await new Promise((resolve) => setImmediate(resolve));
    }
    return handler.pieces.filter((piece) => piece.length === 1000).length;
  };
  assert.equal(await burst({ recbuf: '128KB', sndbuf: '64KB' }), 40);
  assert.ok((await burst({ recbuf: '4KB' })) < 40);
});

test('with reuse_address two listeners can have one port', async (t) => {
  const one = await openListener(t, 'udp', { reuse_address: true });
  const two = await openListener(t, 'udp', { bind: `127.0.0.1:${one.port}`, reuse_address: true });
  assert.equal(two.port, one.port);
});

test('the name localhost can be bound', async (t) => {
  const it = await openListener(t, 'udp', { bind: 'localhost:0' });
  assert.match(it.listener.address.host, /^(127\.0\.0\.1|::1)$/);
});

test('a peer that has not been heard is spoken to first, and is the same when it answers', async (t) => {
  const it = await openListener(t, 'udp');
  const device = await openDevice(t, it);
  const peer = { host: '127.0.0.1', port: device.port };
  const info = it.listener.reach?.(peer);
  assert.deepEqual(info?.peer, peer);
  assert.equal(it.listener.reach?.(peer), info);
  const handler = await it.accepted();
  handler.connection.write(Buffer.from('hello'));
  assert.equal(await device.receive(), 'hello');
  await device.send('yes');
  assert.equal(await handler.text(3), 'yes');
  assert.equal(it.handlers.length, 1);
});

test('whoever may not come in is not spoken to first', async (t) => {
  const it = await openListener(t, 'udp', { access_rules: ['deny 192.0.2.0/24', 'allow all'] });
  assert.equal(it.listener.reach?.({ host: '192.0.2.1', port: 5000 }), undefined);
  assert.equal(it.listener.reach?.({ host: '127.0.0.1', port: 0 }), undefined);
  assert.equal(it.handlers.length, 0);
  assert.deepEqual(it.refused, { access: 1 });
});

test('over IPv6, peers with IPv4 addresses are reached where they are', async (t) => {
  const it = await openListener(t, 'udp', { bind: '[::]:0' });
  const device = await openDevice(t, it);
  await device.send('one');
  const { connection } = await it.accepted();
  assert.equal(it.listener.reach?.({ host: '127.0.0.1', port: device.port }), connection.info);
});

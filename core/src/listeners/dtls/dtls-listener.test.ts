import assert from 'node:assert/strict';
import { createSocket, Socket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { PskKeys } from '../../access/psk-keys.js';
import type { DtlsDevice } from '../../testing/dtls-device.js';
import { openListener, type RecordingHandler, type TestListener } from '../testing/listener-fixture.js';
import { beginDevice, DtlsWorld, openDevice, presharedKey } from './testing.js';

let world: DtlsWorld;
let keys: PskKeys;
before(async () => {
  world = new DtlsWorld();
  writeFileSync(world.file('psk.txt'), 'client1:1234\nclient2:abcd\n');
  keys = await PskKeys.read(world.file('psk.txt'));
});
after(() => world.remove());

const KEY = presharedKey('client1', '1234');
/** A ClientHello without a cookie that offers TLS_PSK_WITH_AES_128_CCM_8. */
const CLIENT_HELLO = Buffer.from(
  `16fefd000000000000000000360100002a000000000000002afefd${'5a'.repeat(32)}00000002c0a80100`,
  'hex',
);

/** A listener for pre-shared keys, and a device with its connection. */
async function connected(
  t: TestContext,
  settings: Readonly<Record<string, unknown>> = {},
  connectionId?: Buffer,
): Promise<{ it: TestListener; device: DtlsDevice; handler: RecordingHandler }> {
  const it = await openListener(t, 'dtls', { psk: true, ...settings }, keys);
  const device = await openDevice(t, it, KEY, { connectionId });
  return { it, device, handler: await it.accepted() };
}

/** Waits until the listener has counted that. */
async function counted(it: TestListener, metric: string, count = 1): Promise<void> {
  while (it.metrics.get(metric) < count) await new Promise((resolve) => setImmediate(resolve));
}

test('a session is a connection, known by the identity of its key; datagrams go both ways', async (t) => {
  const { it, device, handler } = await connected(t);
  const { info } = handler.connection;
  assert.equal(info.transport, 'dtls');
  assert.equal(info.pskIdentity, 'client1');
  assert.equal(info.proven, undefined);
  assert.deepEqual(info.peer, { host: '127.0.0.1', port: device.port });
  device.send('hello');
  assert.equal(await handler.text(5), 'hello');
  assert.equal(handler.connection.write(Buffer.from('welcome')), true);
  assert.equal(String(await device.receive()), 'welcome');
  assert.equal(it.listener.statistics.connections, 1);
  assert.equal(it.metrics.get('listeners.dtls.handshakes.completed'), 1);
});

test('the identity of the key can be the username', async (t) => {
  const { handler } = await connected(t, { psk_identity_as_username: true });
  assert.deepEqual(handler.connection.info.proven, { username: 'client1', clientId: undefined });
});

test('a handshake waits for a key that takes time, and others do not wait for it', async (t) => {
  let find: (key: Buffer) => void = () => {};
  const slow = new Promise<Buffer>((resolve) => {
    find = resolve;
  });
  const both = { find: (identity: string) => (identity === 'slow' ? slow : keys.find(identity)) };
  const it = await openListener(t, 'dtls', { psk: true }, both);
  const waiting = await beginDevice(t, it, presharedKey('slow', 'key'));
  await counted(it, 'listeners.dtls.handshakes.started');
  await openDevice(t, it, KEY);
  assert.equal((await it.accepted()).connection.info.pskIdentity, 'client1');
  find(Buffer.from('key'));
  await waiting.settled();
  assert.equal((await it.accepted(1)).connection.info.pskIdentity, 'slow');
});

test('who leaves closes its connection, and who is closed hears it', async (t) => {
  const { it, device, handler } = await connected(t);
  device.close();
  assert.equal(await handler.closed(), 'closed');
  const other = await openDevice(t, it, KEY);
  const second = await it.accepted(1);
  second.connection.end();
  assert.equal(await other.closed(), 'closed');
  assert.equal(await second.closed(), 'local');
});

test('a session without a datagram in either direction is closed after idle_timeout', async (t) => {
  const { it, device, handler } = await connected(t, { idle_timeout: '1h' });
  it.clock.advance(3_000_000);
  device.send('1');
  await handler.text(1);
  it.clock.advance(3_000_000);
  handler.connection.write(Buffer.from('2'));
  it.clock.advance(3_000_000);
  assert.deepEqual(handler.closeReasons, []);
  it.clock.advance(700_000);
  assert.equal(await handler.closed(), 'idle_timeout');
  assert.equal(await device.closed(), 'closed');
});

test('a device with a connection id goes on from another address', async (t) => {
  const { it, device, handler } = await connected(t, {}, Buffer.alloc(0));
  const before = device.port;
  device.send('a');
  await handler.text(1);
  await device.move();
  assert.notEqual(device.port, before);
  device.send('b');
  assert.equal(await handler.text(2), 'ab');
  assert.deepEqual(handler.connection.info.peer, { host: '127.0.0.1', port: device.port });
  handler.connection.write(Buffer.from('c'));
  assert.equal(String(await device.receive()), 'c');
  assert.equal(it.metrics.get('listeners.dtls.moves'), 1);
});

test('with connection_id false a device gets none, and is nobody from another address', async (t) => {
  const { it, device } = await connected(t, { connection_id: false }, Buffer.alloc(0));
  await device.move();
  device.send('b');
  await counted(it, 'listeners.dtls.dropped.unknown_peer');
});

test('a key that is wrong, or of nobody, is refused, counted and logged in a line', async (t) => {
  const it = await openListener(t, 'dtls', { psk: true }, keys);
  const wrong = await openDevice(t, it, presharedKey('client1', '4321'));
  assert.ok(wrong.refusal);
  await counted(it, 'listeners.dtls.failed.wrong_psk');
  const unknown = await openDevice(t, it, presharedKey('nobody', '1234'));
  assert.ok(unknown.refusal);
  await counted(it, 'listeners.dtls.failed.unknown_psk_identity');
  assert.deepEqual(it.refused, { dtls_handshake: 2 });
  assert.match(String(it.log[0]?.detail), /^wrong_psk: .*client1/);
  assert.match(String(it.log[1]?.detail), /^unknown_psk_identity: .*nobody/);
});

test('an access rule keeps a peer out before anything is kept for it', async (t) => {
  const it = await openListener(t, 'dtls', { psk: true, access_rules: ['deny all'] }, keys);
  await beginDevice(t, it, KEY);
  await counted(it, 'listeners.refused.access');
  assert.equal(it.metrics.get('listeners.dtls.handshakes.started'), 0);
});

test('an access rule holds for the addresses that a session moves to', async (t) => {
  const rules = { access_rules: ['allow 127.0.0.1', 'deny all'] };
  const { it, device, handler } = await connected(t, rules, Buffer.from('me'));
  await device.move('127.0.0.2');
  device.send('denied');
  await counted(it, 'listeners.dtls.dropped.denied_address');
  await device.move();
  device.send('allowed');
  assert.equal(await handler.text(7), 'allowed');
});

test('there are no more sessions than max_connections', async (t) => {
  const { it } = await connected(t, { max_connections: 1 });
  await beginDevice(t, it, presharedKey('client2', 'abcd'));
  await counted(it, 'listeners.refused.max_connections');
  assert.equal(it.handlers.length, 1);
});

test('other limits hold for devices that come from now on, and sessions go on', async (t) => {
  const { it, device, handler } = await connected(t, { max_connections: 1 });
  const limits = { max_connections: 2, max_conn_rate: 0, access_rules: ['deny all'] };
  it.listener.adjust(limits);
  await beginDevice(t, it, presharedKey('client2', 'abcd'));
  await counted(it, 'listeners.refused.access');
  device.send('still here');
  await handler.text(10);
  it.listener.adjust({ ...limits, access_rules: [] });
  await openDevice(t, it, presharedKey('client2', 'abcd'));
  await it.accepted(1);
  it.listener.adjust({ ...limits, access_rules: [], max_connections: 1 });
  await beginDevice(t, it, presharedKey('client2', 'abcd'));
  await counted(it, 'listeners.refused.max_connections');
  assert.equal(it.listener.statistics.connections, 2);
});

test('a closed listener lets its sessions finish, then says goodbye and frees its port', async (t) => {
  const { it, device, handler } = await connected(t);
  await it.listener.close();
  await beginDevice(t, it, presharedKey('client2', 'abcd'));
  await counted(it, 'listeners.refused.listener_closed');
  device.send('late');
  assert.equal(await handler.text(4), 'late');
  handler.connection.end();
  assert.equal(await device.closed(), 'closed');
  const successor = await openListener(t, 'dtls', { psk: true, bind: `127.0.0.1:${it.port}` }, keys);
  assert.equal(successor.port, it.port);
});

test('a session can be resumed with its identity, and after a reload no more', async (t) => {
  const { it, device } = await connected(t);
  const { ticket } = device.session;
  device.close();
  const again = await openDevice(t, it, KEY, { ticket });
  assert.equal(again.session.resumed, true);
  assert.equal((await it.accepted(1)).connection.info.pskIdentity, 'client1');
  it.listener.reload();
  const later = await openDevice(t, it, KEY, { ticket });
  assert.equal(later.session.resumed, false);
});

test('hostile datagrams are dropped and counted', async (t) => {
  const { it, device, handler } = await connected(t);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  for (const hex of ['', '16', '16fefd', 'ff'.repeat(40), '17fefd000100000000000100080000000000000000']) {
    socket.send(Buffer.from(hex, 'hex'), it.port, '127.0.0.1');
  }
  await counted(it, 'listeners.dtls.dropped.unknown_peer');
  await counted(it, 'listeners.dtls.dropped.not_dtls');
  device.send('still here');
  assert.equal(await handler.text(10), 'still here');
});

for (const type of ['udp', 'dtls'] as const) {
  test(`what comes from port 0 cannot be answered and is dropped (${type})`, async (t) => {
    const bind = t.mock.method(Socket.prototype, 'bind');
    const it = await openListener(t, type, type === 'dtls' ? { psk: true } : {}, keys);
    const socket = bind.mock.calls[0]?.this;
    assert.ok(socket instanceof Socket);
    socket.emit('message', CLIENT_HELLO, { address: '127.0.0.1', family: 'IPv4', port: 0 });
    assert.equal(it.metrics.get('listeners.udp.dropped.port_zero'), 1);
    assert.equal(it.handlers.length, 0);
  });
}

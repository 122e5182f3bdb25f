import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PorticoError } from '../../runtime/errors.js';
import {
  closed,
  listenerConfig,
  openClient,
  openListener,
  readAll,
  TestListener,
} from '../testing/listener-fixture.js';
import { sClient, TlsWorld } from './testing.js';

let world: TlsWorld;
before(() => {
  world = new TlsWorld();
  world.folder.encryptKey('server', 'secret');
});
after(() => world.remove());

test('bytes go both ways under TLS, and the name asked for is known', async (t) => {
  const it = await openListener(t, 'tls', world.files);
  const client = world.open(t, it.port);
  await once(client, 'secureConnect');
  assert.equal(client.authorized, true);
  client.write('hello');
  const handler = await it.accepted();
  assert.equal(await handler.text(5), 'hello');
  handler.connection.write(Buffer.from('welcome'));
  assert.equal((await once(client, 'data'))[0].toString(), 'welcome');
  const { transport, serverName, certificate, peer } = handler.connection.info;
  assert.deepEqual(
    { transport, serverName, certificate, peer },
    {
      transport: 'tls',
      serverName: 'localhost',
      certificate: undefined,
      peer: { host: '127.0.0.1', port: client.localPort },
    },
  );
  await handler.until(({ writableCalls }) => writableCalls > 0);
  assert.equal(handler.connection.pendingBytes, 0);
  client.end();
  assert.equal(await handler.closed(), 'closed');
});

test('a client that ends its side of TLS still gets its answer', async (t) => {
  const it = await openListener(t, 'tls', world.files);
  const client = world.open(t, it.port);
  await once(client, 'secureConnect');
  const handler = await it.accepted();
  const ended = new Promise<void>((resolve) => {
    handler.onEnd = resolve;
  });
  client.end('request');
  await ended;
  assert.equal(handler.received.toString(), 'request');
  handler.connection.write(Buffer.from('answer'));
  handler.connection.end();
  assert.equal(await readAll(client), 'answer');
  assert.equal(await handler.closed(), 'closed');
});

test('a large stream goes both ways under TLS', async (t) => {
  const it = await openListener(t, 'tls', world.files);
  const client = world.open(t, it.port);
  const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 7) & 0xff));
  client.write(bytes);
  const handler = await it.accepted();
  await handler.until(({ length }) => length === bytes.length);
  assert.ok(handler.received.equals(bytes));
  handler.connection.write(handler.received);
  handler.connection.end();
  assert.equal(await readAll(client), bytes.toString('latin1'));
  client.destroy();
  assert.equal(await handler.closed(), 'local');
});

test('a client certificate becomes part of the connection', async (t) => {
  const it = await openListener(t, 'tls', world.verifying);
  world.open(t, it.port, world.identity('device'));
  const { certificate } = (await it.accepted()).connection.info;
  assert.equal(certificate?.commonName, 'device-1');
  assert.equal(certificate?.subject, 'CN=device-1,O=Portico\\, Inc.,C=DE');
  const der = world
    .read('device.pem')
    .toString()
    .replace(/-----.*-----|\s/g, '');
  assert.equal(certificate?.der?.toString('base64'), der);
});

test('tls_versions bounds what may be spoken', async (t) => {
  const it = await openListener(t, 'tls', { ...world.files, tls_versions: ['tlsv1.3'] });
  const old = world.open(t, it.port, { maxVersion: 'TLSv1.2' });
  await closed(old);
  assert.deepEqual(it.refused, { tls_handshake: 1 });
  assert.equal(it.log[0]?.detail, 'unsupported protocol [ERR_SSL_UNSUPPORTED_PROTOCOL]');
  const current = world.open(t, it.port);
  await once(current, 'secureConnect');
  assert.equal(current.getProtocol(), 'TLSv1.3');
});

test('a handshake that fails is counted and logged once, whatever the peer sends', async (t) => {
  const it = await openListener(t, 'tls', world.files);
  const client = await openClient(t, it.port);
  client.write('\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0 this is not TLS');
  await readAll(client);
  assert.deepEqual(it.refused, { tls_handshake: 1 });
  assert.equal(it.log.length, 1);
  assert.match(String(it.log[0]?.detail), /^wrong version number .*this is not TLS/);
});

test('a client that does not trust the server is counted with the alert that it sent', async (t) => {
  const it = await openListener(t, 'tls', world.files);
  await sClient(it.port, '-CAfile', world.file('stranger.pem'), '-verify_return_error');
  while (it.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(it.refused, { tls_handshake: 1 });
  assert.equal(it.log[0]?.detail, 'tlsv1 alert unknown ca [ERR_SSL_TLSV1_ALERT_UNKNOWN_CA]');
});

test('a peer that leaves during the handshake, as health checks do, is only counted', async (t) => {
  const it = await openListener(t, 'tls', world.files);
  const client = await openClient(t, it.port);
  client.end();
  await closed(client);
  assert.deepEqual(it.refused, { gone: 1 });
  assert.deepEqual(it.log, []);
});

test('a handshake that takes too long is given up', async (t) => {
  const it = await openListener(t, 'tls', { ...world.files, handshake_timeout: '20ms' });
  const client = await openClient(t, it.port);
  await readAll(client);
  assert.deepEqual(it.refused, { tls_handshake: 1 });
  assert.match(String(it.log[0]?.detail), /ERR_TLS_HANDSHAKE_TIMEOUT/);
});

test('a peer that takes nothing is given up after the send timeout', async (t) => {
  const it = await openListener(t, 'tls', { ...world.files, send_timeout: '10s' });
  const client = world.open(t, it.port);
  const handler = await it.accepted();
  client.pause();
  handler.connection.write(Buffer.alloc(64 * 1024 * 1024));
  it.clock.advance(25_000);
  assert.equal(await handler.closed(), 'send_timeout');
});

test('closing the listener drops unfinished handshakes and keeps connections', async (t) => {
  const it = await openListener(t, 'tls', world.files);
  const client = world.open(t, it.port);
  const handler = await it.accepted();
  const unfinished = await openClient(t, it.port);
  unfinished.write('\x16');
  await new Promise((resolve) => setTimeout(resolve, 0));
  await it.listener.close();
  await readAll(unfinished);
  client.write('still here');
  assert.equal(await handler.text(10), 'still here');
});

test('a key with a password is read', async (t) => {
  const keyfile = world.file('server.encrypted.key');
  const it = await openListener(t, 'tls', { ...world.files, keyfile, key_password: 'secret' });
  await once(world.open(t, it.port), 'secureConnect');
});

test('files that cannot be used are errors that name file, key and reason', async () => {
  writeFileSync(world.file('garbage.pem'), 'this is no certificate');
  const wrong: [object, RegExp][] = [
    [
      { certfile: '/nowhere/cert.pem' },
      /\/nowhere\/cert\.pem \(gateways\.test\.listeners\.tls\.default\.certfile\): no such file$/,
    ],
    [{ certfile: world.file('garbage.pem') }, /garbage\.pem \(.*\.certfile\): /],
    [{ keyfile: world.file('garbage.pem') }, /garbage\.pem \(.*\.keyfile\): /],
    [{ keyfile: world.file('ca.key') }, /ca\.key \(.*\.keyfile\): it is not the key of the certificate/],
    [{ keyfile: world.file('server.encrypted.key') }, /server\.encrypted\.key \(.*\.keyfile\): /],
    [
      { keyfile: world.file('server.encrypted.key'), key_password: 'wrong' },
      /server\.encrypted\.key \(.*\.keyfile\): /,
    ],
    [{ cacertfile: world.file('garbage.pem') }, /garbage\.pem \(.*\.cacertfile\): /],
  ];
  for (const [settings, message] of wrong) {
    const it = new TestListener('tls', listenerConfig('tls', { ...world.files, ...settings }));
    await assert.rejects(it.start(), (error) => {
      assert.ok(error instanceof PorticoError);
      assert.equal(error.code, 'PORTICO_ERR_TLS_FILE');
      assert.match(error.message, message);
      return true;
    });
  }
});

test('cipher suites that do not exist are an error that names the key', async () => {
  const it = new TestListener('tls', listenerConfig('tls', { ...world.files, ciphers: 'NO-SUCH-CIPHER' }));
  await assert.rejects(it.start(), /gateways\.test\.listeners\.tls\.default\.ciphers: .*no cipher match/);
});

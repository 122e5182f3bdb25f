import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { CertificateFolder } from '../testing/certificates.js';
import { openClient, openListener, readAll } from '../testing/listener-fixture.js';

const V1 = Buffer.from('PROXY TCP4 203.0.113.7 203.0.113.9 50123 8883\r\n');
/** The same addresses, and the authority `edge`. */
const V2 = Buffer.from('0d0a0d0a000d0a515549540a21110013cb007107cb007109c3cb22b302000465646765', 'hex');
const PEER = { host: '203.0.113.7', port: 50123 };
const LOCAL = { host: '203.0.113.9', port: 8883 };

const certificates = new CertificateFolder();
before(() => {
  certificates.authority('ca');
  certificates.certificate('server', 'ca', '/CN=localhost');
});
after(() => certificates.remove());

function tlsSettings() {
  return {
    proxy_protocol: true,
    certfile: certificates.file('server.pem'),
    keyfile: certificates.file('server.key'),
  };
}

for (const [version, header] of Object.entries({ v1: V1, v2: V2 })) {
  test(`tcp takes the addresses from a PROXY ${version} header, and what follows it is data`, async (t) => {
    const it = await openListener(t, 'tcp', { proxy_protocol: true });
    const client = await openClient(t, it.port);
    client.write(Buffer.concat([header, Buffer.from('first')]));
    const handler = await it.accepted();
    client.write(' second');
    assert.equal(await handler.text(12), 'first second');
    assert.deepEqual(handler.connection.info.peer, PEER);
    assert.deepEqual(handler.connection.info.local, LOCAL);
    handler.connection.write(Buffer.from('answer'));
    assert.equal((await once(client, 'data'))[0].toString(), 'answer');
    assert.equal(it.timers.size, 0);
  });

  test(`tcp reads a PROXY ${version} header that comes byte by byte`, async (t) => {
    const it = await openListener(t, 'tcp', { proxy_protocol: true });
    const client = await openClient(t, it.port);
    client.setNoDelay(true);
    for (const byte of header) {
      client.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.write('data');
    const handler = await it.accepted();
    assert.equal(await handler.text(4), 'data');
    assert.deepEqual(handler.connection.info.peer, PEER);
  });

  test(`tls does its handshake behind a PROXY ${version} header`, async (t) => {
    const it = await openListener(t, 'tls', tlsSettings());
    const raw = await openClient(t, it.port);
    raw.write(header);
    const client = connectTls({ socket: raw, servername: 'device.example', rejectUnauthorized: false });
    client.write('hello');
    const handler = await it.accepted();
    assert.equal(await handler.text(5), 'hello');
    assert.deepEqual(handler.connection.info.peer, PEER);
    assert.equal(handler.connection.info.serverName, 'device.example');
  });

  for (const type of ['ws', 'wss'] as const) {
    test(`${type} makes its handshake behind a PROXY ${version} header`, async (t) => {
      const it = await openListener(t, type, type === 'wss' ? tlsSettings() : { proxy_protocol: true });
      const raw = await openClient(t, it.port);
      raw.write(header);
      const client = webSocketOver(type, raw);
      await once(client, 'open');
      client.send(Buffer.from('hello'));
      const handler = await it.accepted();
      assert.equal(await handler.text(5), 'hello');
      assert.deepEqual(handler.connection.info.peer, PEER);
      client.terminate();
      await handler.closed();
    });
  }
}

function webSocketOver(type: 'ws' | 'wss', raw: Socket): WebSocket {
  const createConnection = () =>
    type === 'ws' ? raw : connectTls({ socket: raw, rejectUnauthorized: false });
  return new WebSocket(`${type}://localhost/mqtt`, ['mqtt'], { createConnection });
}

test('header and TLS handshake in one packet are told apart', async (t) => {
  const it = await openListener(t, 'tls', tlsSettings());
  const raw = await openClient(t, it.port);
  raw.cork();
  raw.write(V1);
  const client = connectTls({ socket: raw, rejectUnauthorized: false });
  await new Promise((resolve) => setImmediate(resolve));
  raw.uncork();
  client.write('hello');
  assert.equal(await (await it.accepted()).text(5), 'hello');
});

test('the authority and the certificate that a proxy names are the client’s', async (t) => {
  const it = await openListener(t, 'tcp', { proxy_protocol: true });
  const client = await openClient(t, it.port);
  const ssl = Buffer.from('20001107000000002200096465766963652d3432', 'hex');
  const header = Buffer.concat([
    V2.subarray(0, 14),
    Buffer.from([0, 0x13 + ssl.length]),
    V2.subarray(16),
    ssl,
  ]);
  client.write(header);
  const { info } = (await it.accepted()).connection;
  assert.equal(info.serverName, 'edge');
  assert.deepEqual(info.certificate, {
    commonName: 'device-42',
    subject: 'CN=device-42',
    issuer: '',
    der: undefined,
  });
});

test('a proxy that speaks for itself keeps its own address', async (t) => {
  const it = await openListener(t, 'tcp', { proxy_protocol: true });
  const client = await openClient(t, it.port);
  client.write('PROXY UNKNOWN\r\n');
  const { info } = (await it.accepted()).connection;
  assert.deepEqual(info.peer, { host: '127.0.0.1', port: client.localPort });
});

test('a peer without a PROXY header is refused, with the reason in the log', async (t) => {
  const it = await openListener(t, 'tcp', { proxy_protocol: true });
  const client = await openClient(t, it.port);
  client.write('\x10\x0c\0\x04MQTT');
  assert.equal(await readAll(client), '');
  assert.deepEqual(it.refused, { proxy_protocol: 1 });
  assert.match(String(it.log[0]?.detail), /^no_header: /);
  assert.equal(it.timers.size, 0);
});

test('a PROXY header that does not come in time closes the connection', async (t) => {
  const it = await openListener(t, 'tcp', { proxy_protocol: true, proxy_protocol_timeout: '2s' });
  const client = await openClient(t, it.port);
  client.write(V1.subarray(0, 10));
  while (it.timers.size === 0) await new Promise((resolve) => setImmediate(resolve));
  it.clock.advance(2_010);
  assert.equal(await readAll(client), '');
  assert.deepEqual(it.refused, { proxy_protocol_timeout: 1 });
});

test('a peer that leaves before its PROXY header is complete is only counted', async (t) => {
  const it = await openListener(t, 'tcp', { proxy_protocol: true });
  const client = await openClient(t, it.port);
  client.end('PROXY TCP4');
  assert.equal(await readAll(client), '');
  assert.deepEqual(it.refused, { gone: 1 });
  assert.deepEqual(it.log, []);
});

test('a PROXY header where none is expected closes the connection and tells the operator what to set', async (t) => {
  for (const header of [V1, V2]) {
    const it = await openListener(t, 'tcp');
    const client = await openClient(t, it.port);
    client.write(header);
    const handler = await it.accepted();
    assert.equal(await handler.closed(), 'proxy_protocol_off');
    assert.equal(handler.length, 0);
    assert.match(it.log[0]?.message ?? '', /set proxy_protocol to true/);
  }
});

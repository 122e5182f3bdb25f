import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, beforeEach, type TestContext, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { closed, openListener, type TestListener } from '../testing/listener-fixture.js';
import { TlsWorld } from './testing.js';

let world: TlsWorld;
const worlds: TlsWorld[] = [];
beforeEach(() => {
  world = new TlsWorld();
  worlds.push(world);
  world.folder.bundle('live.pem', 'server.pem');
  world.folder.bundle('live.key', 'server.key');
  world.folder.certificate('renewed', 'ca', '/CN=renewed');
});
after(() => {
  for (const each of worlds) each.remove();
});

const live = () => ({ certfile: world.file('live.pem'), keyfile: world.file('live.key') });

function replace(name: 'live', by: string): void {
  world.folder.bundle(`${name}.pem`, `${by}.pem`);
  world.folder.bundle(`${name}.key`, `${by}.key`);
}

async function shown(t: TestContext, it: TestListener, options: ConnectionOptions = {}): Promise<unknown> {
  const client = world.open(t, it.port, options);
  await once(client, 'secureConnect');
  return client.getPeerCertificate().subject.CN;
}

for (const type of ['tls', 'wss'] as const) {
  test(`${type}: after a reload new clients see the new certificate`, async (t) => {
    const it = await openListener(t, type, live());
    assert.equal(await shown(t, it), 'localhost');
    replace('live', 'renewed');
    it.listener.reload();
    assert.equal(await shown(t, it), 'renewed');
  });
}

test('clients that are there live on', async (t) => {
  const it = await openListener(t, 'tls', live());
  const client = world.open(t, it.port);
  const handler = await it.accepted();
  replace('live', 'renewed');
  it.listener.reload();
  client.write('still here');
  assert.equal(await handler.text(10), 'still here');
  handler.connection.write(Buffer.from('so am I'));
  assert.equal((await once(client, 'data'))[0].toString(), 'so am I');
  assert.deepEqual(handler.closeReasons, []);
});

test('further certificates are reloaded too', async (t) => {
  world.folder.certificate('fleet', 'ca', '/CN=fleet', ['a.fleet.example']);
  const it = await openListener(t, 'tls', { ...world.files, certificates: [live()] });
  const asking = { servername: 'a.fleet.example', checkServerIdentity: () => undefined };
  assert.equal(await shown(t, it, asking), 'localhost');
  replace('live', 'fleet');
  it.listener.reload();
  assert.equal(await shown(t, it, asking), 'fleet');
});

test('authorities and revocation lists are reloaded; a session from before does not go round them', async (t) => {
  world.folder.revocationList('live', 'ca', []);
  world.folder.bundle('clients.pem', 'ca.pem');
  const it = await openListener(t, 'tls', {
    ...world.files,
    verify: 'verify_peer',
    cacertfile: world.file('clients.pem'),
    crlfile: [world.file('live.crl')],
  });
  const client = world.open(t, it.port, world.identity('device'));
  const [session] = (await once(client, 'session')) as [Buffer];
  await it.accepted();

  world.folder.revocationList('live', 'ca', ['device']);
  it.listener.reload();
  await closed(world.open(t, it.port, { ...world.identity('device'), session }));
  assert.deepEqual(it.refused, { client_certificate: 1 });
  assert.equal(it.log[0]?.detail, 'CERT_REVOKED');

  world.folder.bundle('clients.pem', 'ca.pem', 'stranger.pem');
  world.folder.revocationList('stranger', 'stranger', []);
  world.folder.bundle('live.crl', 'live.crl', 'stranger.crl');
  it.listener.reload();
  world.open(t, it.port, world.identity('foreign'));
  assert.equal((await it.accepted(1)).connection.info.certificate?.commonName, 'device-1');
});

test('a file that is not good leaves everything as it was', async (t) => {
  const it = await openListener(t, 'tls', live());
  world.folder.bundle('live.pem', 'renewed.pem');
  assert.throws(
    () => it.listener.reload(),
    /live\.key \(.*\.keyfile\): it is not the key of the certificate/,
  );
  assert.equal(await shown(t, it), 'localhost');
  writeFileSync(world.file('live.pem'), 'half a cert');
  assert.throws(
    () => it.listener.reload(),
    /live\.pem \(.*\.certfile\): there is no "-----BEGIN CERTIFICATE-----"/,
  );
  assert.equal(await shown(t, it), 'localhost');
  replace('live', 'renewed');
  it.listener.reload();
  assert.equal(await shown(t, it), 'renewed');
});

test('behind a PROXY header too', async (t) => {
  const it = await openListener(t, 'tls', { ...live(), proxy_protocol: true });
  writeFileSync(world.file('live.pem'), '');
  assert.throws(() => it.listener.reload(), /live\.pem/);
});

const end = (file: string) => Date.parse(new X509Certificate(readFileSync(world.file(file))).validTo);

/** A certificate that ends before the others, in place of `live`. */
function shorten(): void {
  world.folder.issue('short', 'ca', '/CN=short', 'subjectAltName=DNS:short.example\n', '-days', '1');
  replace('live', 'short');
}

for (const [type, settings] of [
  ['tls', { proxy_protocol: true }],
  ['wss', {}],
  ['dtls', {}],
] as const) {
  test(`${type}: the listener tells when its certificate ends, also after a reload`, async (t) => {
    const { listener } = await openListener(t, type, { ...live(), ...settings });
    assert.equal(listener.certificatesEnd, end('server.pem'));
    shorten();
    listener.reload();
    assert.equal(listener.certificatesEnd, end('short.pem'));
  });
}

test('of several certificates the first end counts, without one there is none', async (t) => {
  shorten();
  const several = await openListener(t, 'tls', { ...world.files, certificates: [live()] });
  assert.equal(several.listener.certificatesEnd, end('short.pem'));
  for (const type of ['tcp', 'udp'] as const) {
    assert.equal((await openListener(t, type)).listener.certificatesEnd, undefined);
  }
});

test('a listener without files has nothing to reload', async (t) => {
  for (const type of ['tcp', 'ws', 'udp'] as const) (await openListener(t, type)).listener.reload();
});

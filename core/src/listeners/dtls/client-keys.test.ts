import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import type { ClientCredentials } from '@portico/dtls';
import { provenPeer } from '../../engine/proven-peer.js';
import { openListener, type TestListener } from '../testing/listener-fixture.js';
import { fingerprintOfKey } from './certificates/raw-public-keys.js';
import { DtlsWorld, openDevice } from './testing.js';

let world: DtlsWorld;
before(() => {
  world = new DtlsWorld();
  const { folder } = world;
  folder.certificate('stolen', 'ca', '/CN=device-2');
  folder.certificate('renewed', 'ca', '/C=DE/O=Portico, Inc./CN=device-1');
  folder.certificate('namesake', 'stranger', '/C=DE/O=Portico, Inc./CN=device-1');
  folder.bundle('both.pem', 'ca.pem', 'stranger.pem');
  folder.certificate('nameless', 'ca', '/O=Portico');
  folder.certificate('boaster', 'stranger', `/O=${'x'.repeat(60)}`.repeat(20));
  for (const name of ['blank-1', 'blank-2']) folder.certificate(name, 'ca', '/');
  folder.revocationList('nobody', 'ca', []);
  folder.revocationList('thief', 'ca', ['stolen']);
  writeFileSync(world.file('devices.pem'), publicKey('device') + publicKey('stolen'));
});
after(() => world.remove());

/** PEM of the public key that goes with `<name>.key`. */
function publicKey(name: string): string {
  return createPublicKey(world.read(`${name}.key`))
    .export({ type: 'spki', format: 'pem' })
    .toString();
}

const fingerprint = (name: string) => fingerprintOfKey(createPublicKey(world.read(`${name}.key`)));

/** A listener whose clock says what it is. */
async function open(t: TestContext, settings: Readonly<Record<string, unknown>>): Promise<TestListener> {
  const it = await openListener(t, 'dtls', { ...world.verifying, ...settings });
  it.clock.advance(Math.max(0, Date.now() - it.clock.now()));
  return it;
}

/** The listener refuses a device for what it shows. */
async function assertRefused(
  t: TestContext,
  it: TestListener,
  credentials: ClientCredentials,
  alert: string,
  detail: RegExp,
): Promise<void> {
  const device = await openDevice(t, it, credentials);
  assert.equal(device.refusal?.alert, alert);
  assert.deepEqual(it.refused, { client_certificate: 1 });
  assert.match(String(it.log.at(-1)?.detail), detail);
  assert.equal(it.handlers.length, 0);
}

test('a client with a good certificate comes in, and so does one with none', async (t) => {
  const it = await open(t, { peer_cert_as_username: 'cn' });
  await openDevice(t, it, world.credentials('device'));
  const { info } = (await it.accepted()).connection;
  assert.equal(info.certificate?.commonName, 'device-1');
  assert.deepEqual(info.proven, { username: 'device-1', clientId: undefined });
  await openDevice(t, it, { kind: 'none' });
  const stranger = (await it.accepted(1)).connection.info;
  assert.equal(stranger.certificate, undefined);
  assert.equal(stranger.proven, undefined);
});

test('authorities between a certificate and the root come with it', async (t) => {
  const it = await open(t, {});
  await openDevice(t, it, world.credentials('deep', 'deep.chain'));
  assert.equal((await it.accepted()).connection.info.certificate?.commonName, 'device-3');
});

test('fail_if_no_peer_cert refuses who has none', async (t) => {
  const it = await open(t, { fail_if_no_peer_cert: true });
  await assertRefused(t, it, { kind: 'none' }, 'handshake_failure', /^certificate_missing: /);
});

test('a certificate of another authority is refused', async (t) => {
  const it = await open(t, {});
  await assertRefused(t, it, world.credentials('foreign'), 'unknown_ca', /"CN=stranger", is not known/);
});

test('a certificate that is over is refused', async (t) => {
  const it = await open(t, {});
  it.clock.advance(3 * 24 * 3600 * 1000);
  await assertRefused(t, it, world.credentials('device'), 'certificate_expired', /is not valid since/);
});

test('a session is not resumed with a certificate that is over meanwhile', async (t) => {
  const it = await open(t, {});
  const [twoDays, hour] = [48 * 3600 * 1000, 3600 * 1000];
  it.clock.advance(twoDays - hour);
  const credentials = world.credentials('device');
  const device = await openDevice(t, it, credentials);
  const { ticket } = device.session;
  await it.accepted();
  device.close();
  const again = await openDevice(t, it, credentials, { ticket });
  assert.equal(again.session.resumed, true);
  await it.accepted(1);
  it.clock.advance(1.5 * hour);
  const late = await openDevice(t, it, credentials, { ticket });
  assert.equal(await late.closed(), 'closed');
  assert.deepEqual(it.refused, { client_certificate: 1 });
  assert.match(String(it.log.at(-1)?.detail), /is not valid since/);
  assert.equal(it.handlers.length, 2);
});

test('a revoked certificate is refused once its list is read', async (t) => {
  world.folder.bundle('live.crl', 'nobody.crl');
  const it = await open(t, { crlfile: [world.file('live.crl')] });
  await openDevice(t, it, world.credentials('stolen'));
  const handler = await it.accepted();
  world.folder.bundle('live.crl', 'thief.crl');
  it.listener.reload();
  const late = await openDevice(t, it, world.credentials('stolen'));
  assert.equal(late.refusal?.alert, 'certificate_revoked');
  assert.match(String(it.log.at(-1)?.detail), /is revoked by "CN=ca"/);
  assert.deepEqual(handler.closeReasons, [], 'who is there lives on');
});

test('a certificate that lacks what is to be its name is refused', async (t) => {
  const it = await open(t, { peer_cert_as_username: 'cn' });
  await assertRefused(t, it, world.credentials('nameless'), 'bad_certificate', /has no cn/);
});

test('a raw public key that is listed comes in, known by its fingerprint', async (t) => {
  const { certfile: _, cacertfile: __, ...files } = world.verifying;
  const it = await openListener(t, 'dtls', {
    ...files,
    raw_public_keyfile: world.file('devices.pem'),
    raw_public_key_as_username: true,
  });
  await openDevice(t, it, world.rawKey('device'), { serverTypes: ['rawPublicKey'] });
  const { info } = (await it.accepted()).connection;
  assert.equal(info.rawPublicKey, fingerprint('device'));
  assert.deepEqual(info.proven, { username: fingerprint('device'), clientId: undefined });
  const unknown = await openDevice(t, it, world.rawKey('deep'), { serverTypes: ['rawPublicKey'] });
  assert.equal(unknown.refusal?.alert, 'certificate_unknown');
  assert.match(String(it.log.at(-1)?.detail), new RegExp(fingerprint('deep')));
});

test('raw public keys and certificates may come in by one listener', async (t) => {
  const it = await open(t, { raw_public_keys: [fingerprint('deep').toUpperCase()] });
  await openDevice(t, it, world.credentials('device'));
  await openDevice(t, it, world.rawKey('deep'));
  assert.equal((await it.accepted(0)).connection.info.certificate?.commonName, 'device-1');
  assert.equal((await it.accepted(1)).connection.info.rawPublicKey, fingerprint('deep'));
});

test('certificates with an empty subject are each somebody else', async (t) => {
  const it = await open(t, {});
  for (const name of ['blank-1', 'blank-2', 'blank-1']) await openDevice(t, it, world.credentials(name));
  await it.accepted(2);
  const [one, two, again] = it.handlers.map(({ connection }) => provenPeer(connection.info));
  assert.equal(one, again);
  assert.notEqual(one, two);
});

test('a renewed certificate is the same device, one of another authority with the same name is not', async (t) => {
  const it = await open(t, { cacertfile: world.file('both.pem') });
  for (const name of ['device', 'renewed', 'namesake']) await openDevice(t, it, world.credentials(name));
  await it.accepted(2);
  const [device, renewed, namesake] = it.handlers.map(({ connection }) => provenPeer(connection.info));
  assert.equal(renewed, device);
  assert.notEqual(namesake, device);
});

test('a certificate with an empty subject from elsewhere is refused', async (t) => {
  const it = await open(t, { cacertfile: world.file('stranger.pem') });
  await assertRefused(t, it, world.credentials('blank-1'), 'unknown_ca', /the issuer of "", .* is not known/);
});

test('a name that is very long does not fill the log', async (t) => {
  const it = await open(t, {});
  await assertRefused(
    t,
    it,
    world.credentials('boaster'),
    'unknown_ca',
    /"O=x{60}, O=x.*…".*"CN=stranger", is not known/,
  );
  assert.ok(String(it.log.at(-1)?.detail).length < 400);
});

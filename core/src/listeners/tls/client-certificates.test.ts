import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { closed, openListener, type TestListener } from '../testing/listener-fixture.js';
import { sClient, TlsWorld } from './testing.js';

let world: TlsWorld;
before(() => {
  world = new TlsWorld();
  const { folder } = world;
  folder.certificate('stolen', 'ca', '/CN=device-2');
  folder.revocationList('nobody', 'ca', []);
  folder.revocationList('thief', 'ca', ['stolen']);
  folder.revocationList('region', 'region', []);
  folder.revocationList('plant', 'plant', ['deep']);
});
after(() => world.remove());

/** A client of one version of TLS that sends data as early as it can. */
function eager(t: TestContext, it: TestListener, version: SecureVersion, options: ConnectionOptions = {}) {
  const client = world.open(t, it.port, { minVersion: version, maxVersion: version, ...options });
  client.write('data before the verdict');
  return client;
}

/** The listener has refused one client for its certificate, and nobody has seen anything of it. */
function assertRefused(it: TestListener, detail: string): void {
  assert.deepEqual(it.refused, { client_certificate: 1 });
  assert.equal(it.metrics.get('listeners.refused.client_certificate'), 1);
  assert.equal(it.log.length, 1);
  assert.equal(it.log[0]?.detail, detail);
  assert.equal(it.handlers.length, 0);
  assert.equal(it.listener.statistics.connections, 0);
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: verify_peer lets in who has a good certificate, or none`, async (t) => {
    const it = await openListener(t, 'tls', world.verifying);
    eager(t, it, version, world.identity('device'));
    const known = await it.accepted(0);
    assert.equal(known.connection.info.certificate?.commonName, 'device-1');
    assert.equal(await known.text(23), 'data before the verdict');
    eager(t, it, version);
    assert.equal((await it.accepted(1)).connection.info.certificate, undefined);
  });

  test(`${version}: fail_if_no_peer_cert refuses who has none`, async (t) => {
    const it = await openListener(t, 'tls', { ...world.verifying, fail_if_no_peer_cert: true });
    await closed(eager(t, it, version));
    assertRefused(it, 'none was sent');
  });

  test(`${version}: a certificate of another authority is refused, required or not`, async (t) => {
    for (const fail_if_no_peer_cert of [false, true]) {
      const it = await openListener(t, 'tls', { ...world.verifying, fail_if_no_peer_cert });
      await closed(eager(t, it, version, world.identity('foreign')));
      assertRefused(it, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    }
  });

  test(`${version}: with verify_none nobody is asked`, async (t) => {
    const it = await openListener(t, 'tls', world.files);
    eager(t, it, version, world.identity('foreign'));
    assert.equal((await it.accepted()).connection.info.certificate, undefined);
  });

  test(`${version}: a revoked certificate is refused, another of the same authority is not`, async (t) => {
    const it = await openListener(t, 'tls', { ...world.verifying, crlfile: [world.file('thief.crl')] });
    eager(t, it, version, world.identity('device'));
    await it.accepted();
    const other = await openListener(t, 'tls', { ...world.verifying, crlfile: [world.file('thief.crl')] });
    await closed(eager(t, other, version, world.identity('stolen')));
    assertRefused(other, 'CERT_REVOKED');
  });

  test(`${version}: depth says how many authorities may stand between a client and its root`, async (t) => {
    const deep = world.identity('deep', 'deep.chain');
    for (const depth of [2, undefined]) {
      const it = await openListener(t, 'tls', { ...world.verifying, depth });
      eager(t, it, version, deep);
      assert.equal((await it.accepted()).connection.info.certificate?.commonName, 'device-3');
    }
    const shallow = await openListener(t, 'tls', { ...world.verifying, depth: 1 });
    await closed(eager(t, shallow, version, deep));
    assertRefused(shallow, 'CERT_CHAIN_TOO_LONG: 2 authorities between it and its root');
    const direct = await openListener(t, 'tls', { ...world.verifying, depth: 0 });
    eager(t, direct, version, world.identity('device'));
    await direct.accepted();
  });
}

test('every authority of a chain needs its revocation list; they may lie in several files', async (t) => {
  const deep = world.identity('deep', 'deep.chain');
  const some = await openListener(t, 'tls', { ...world.verifying, crlfile: [world.file('nobody.crl')] });
  await closed(eager(t, some, 'TLSv1.3', deep));
  assertRefused(some, 'UNABLE_TO_GET_CRL');
  world.folder.bundle('upper.crl', 'nobody.crl', 'region.crl');
  const crlfile = [world.file('plant.crl'), world.file('upper.crl')];
  const all = await openListener(t, 'tls', { ...world.verifying, crlfile });
  await closed(eager(t, all, 'TLSv1.3', deep));
  assertRefused(all, 'CERT_REVOKED');
});

test('openssl s_client with a revoked certificate is closed', async (t) => {
  const it = await openListener(t, 'tls', { ...world.verifying, crlfile: [world.file('thief.crl')] });
  await sClient(it.port, '-cert', world.file('stolen.pem'), '-key', world.file('stolen.key'));
  assertRefused(it, 'CERT_REVOKED');
});

test('revocation lists and authorities that cannot be read are errors that name file and key', async (t) => {
  writeFileSync(world.file('broken.crl'), '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n');
  writeFileSync(
    world.file('half-broken.pem'),
    `${world.read('ca.pem')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  );
  const wrong: [object, RegExp][] = [
    [{ crlfile: ['/nowhere.crl'] }, /\/nowhere\.crl \(.*\.default\.crlfile\.0\): no such file$/],
    [{ crlfile: [world.file('thief.crl'), world.file('broken.crl')] }, /broken\.crl \(.*\.crlfile\.1\): /],
    [{ crlfile: [world.file('ca.pem')] }, /ca\.pem \(.*\): there is no "-----BEGIN X509 CRL-----" in it/],
    [{ cacertfile: world.file('half-broken.pem') }, /half-broken\.pem \(.*\.cacertfile\): /],
  ];
  for (const [settings, message] of wrong) {
    await assert.rejects(openListener(t, 'tls', { ...world.verifying, ...settings }), message);
  }
});

test('a client that renegotiates is cut off', async (t) => {
  const it = await openListener(t, 'tls', world.verifying);
  const client = eager(t, it, 'TLSv1.2', world.identity('device'));
  const handler = await it.accepted();
  await handler.text(23);
  client.renegotiate({}, () => {});
  const [error] = (await once(client, 'error')) as [Error];
  assert.match(error.message, /no renegotiation/);
});

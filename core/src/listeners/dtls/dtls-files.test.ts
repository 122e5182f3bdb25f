import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { DtlsListenerConfig } from '../listener-config.js';
import { listenerConfig } from '../testing/listener-fixture.js';
import { readDtlsFiles } from './dtls-files.js';
import { DtlsWorld } from './testing.js';

let world: DtlsWorld;
before(() => {
  world = new DtlsWorld();
  world.folder.revocationList('list', 'ca', ['device']);
  writeFileSync(world.file('rubbish.pem'), 'rubbish');
  const rsa = ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
  execFileSync('openssl', [...rsa, '-out', world.file('rsa.key')], { stdio: 'pipe' });
  execFileSync('openssl', ['pkey', '-in', world.file('rsa.key'), '-pubout', '-out', world.file('rsa.pub')]);
  const crl = ['crl', '-in', world.file('list.crl'), '-outform', 'der', '-out', world.file('list.der')];
  execFileSync('openssl', crl);
  world.folder.encryptKey('server', 'secret');
});
after(() => world.remove());

function read(settings: Readonly<Record<string, unknown>>) {
  return readDtlsFiles(listenerConfig('dtls', settings) as DtlsListenerConfig, 'here');
}

test('without a key there is nothing to read', () => {
  assert.deepEqual(read({ psk: true }), { own: {}, certificates: undefined, rawPublicKeys: new Set() });
});

test('a key with a certificate is for both kinds of clients, without one for raw public keys', () => {
  assert.equal(read(world.files).own.certificate?.chain.length, 1);
  assert.ok(read(world.files).own.rawKey);
  const { certificate, rawKey } = read({ keyfile: world.file('server.key') }).own;
  assert.deepEqual([certificate, rawKey?.asymmetricKeyType], [undefined, 'ec']);
  assert.ok(read({ keyfile: world.file('server.encrypted.key'), key_password: 'secret' }).own.rawKey);
});

test('a revocation list may be PEM or DER', () => {
  const verify = (crlfile: string) => read({ ...world.verifying, crlfile: [world.file(crlfile)] });
  const { chain } = world.credentials('device') as { chain: readonly Buffer[] };
  for (const file of ['list.crl', 'list.der']) {
    assert.equal(verify(file).certificates?.faultOf(chain, Date.now())?.alert, 'certificate_revoked');
  }
});

test('what is wrong with a file is told with its key, path and reason', () => {
  const pem = (name: string) => world.file(name);
  const { verifying } = world;
  const wrong: [object, string, string, RegExp][] = [
    [{ keyfile: pem('none.key') }, 'keyfile', 'none.key', /no such file/],
    [{ keyfile: pem('rsa.key') }, 'keyfile', 'rsa.key', /P-256 \(prime256v1\), and this is one of rsa/],
    [{ certfile: pem('server.pem'), keyfile: pem('device.key') }, 'keyfile', 'device.key', /not the key of/],
    [{ keyfile: pem('server.encrypted.key') }, 'keyfile', 'server.encrypted.key', /./],
    [{ ...verifying, cacertfile: pem('rubbish.pem') }, 'cacertfile', 'rubbish.pem', /no "-----BEGIN CERT/],
    [{ ...verifying, crlfile: [pem('rubbish.pem')] }, 'crlfile.0', 'rubbish.pem', /DerError/],
    [{ ...verifying, crlfile: [pem('ca.pem')] }, 'crlfile.0', 'ca.pem', /no "-----BEGIN X509 CRL-----"/],
    [
      { ...verifying, raw_public_keyfile: pem('ca.pem') },
      'raw_public_keyfile',
      'ca.pem',
      /no "-----BEGIN PUBLIC/,
    ],
    [{ ...verifying, raw_public_keyfile: pem('rsa.pub') }, 'raw_public_keyfile', 'rsa.pub', /one of rsa/],
  ];
  for (const [settings, key, file, reason] of wrong) {
    assert.throws(
      () => read(settings as Readonly<Record<string, unknown>>),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'PORTICO_ERR_TLS_FILE');
        assert.ok(error.message.includes(`${pem(file)} (here.${key}): `), error.message);
        assert.match(error.message, reason);
        return true;
      },
    );
  }
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { CertificateFolder } from '@portico/core/testing';
import { checkConfig } from './check-config.js';

const files = new CertificateFolder();
after(() => files.remove());

before(() => {
  files.authority('ca');
  for (const name of ['hub', 'other']) files.certificate(name, 'ca', `/CN=${name}`);
  files.revocationList('revoked', 'ca', []);
  writeFileSync(files.file('acl.conf'), '{allow, all}.\n');
  writeFileSync(files.file('broken.conf'), '{allow, all}.\n{allow, nobody}.\n');
  writeFileSync(files.file('psk.txt'), 'device:secret\n');
  writeFileSync(files.file('broken.psk'), 'device\n');
});

/** Keys of a TLS listener in which nothing is wrong. */
const GOOD = {
  certfile: 'hub.pem',
  keyfile: 'hub.key',
  cacertfile: 'ca.pem',
  crlfile: 'revoked.crl',
};

/** A configuration that names these files of the folder, the good ones else. */
function configuration(
  tls: Partial<typeof GOOD> = {},
  access: { readonly acl_file?: string; readonly psk_file?: string } = {},
  enable = true,
): string {
  const { certfile, keyfile, cacertfile, crlfile } = { ...GOOD, ...tls };
  const { acl_file: acl = 'acl.conf', psk_file: psk = 'psk.txt' } = access;
  const file = (name: string) => JSON.stringify(files.file(name));
  return `access: { acl_file: ${file(acl)}, psk_file: ${file(psk)} }
gateways:
  mqtt:
    listeners:
      tcp: { a: { bind: 0 } }
      tls:
        b:
          enable: ${enable}
          bind: 0
          certfile: ${file(certfile)}
          keyfile: ${file(keyfile)}
          cacertfile: ${file(cacertfile)}
          crlfile: [${file(crlfile)}]
          verify: verify_peer
          psk: true
`;
}

async function check(yaml: string) {
  const file = files.file('portico.yaml');
  writeFileSync(file, yaml);
  const written = { stdout: '', stderr: '' };
  const status = await checkConfig({
    file,
    env: {},
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { ...written, status };
}

test('files in which nothing is wrong are ok', async () => {
  const { stdout, stderr, status } = await check(configuration());
  assert.equal(stderr, '');
  assert.equal(stdout, `${files.file('portico.yaml')}: ok\n`);
  assert.equal(status, 0);
});

test('a file that is missing, no file, or not what the key wants is told of as start would', async () => {
  const listener = 'gateways\\.mqtt\\.listeners\\.tls\\.b';
  const cases: [string, RegExp][] = [
    [configuration({}, { acl_file: 'none' }), /none \(access\.acl_file\): no such file$/m],
    [configuration({}, { acl_file: '.' }), /\(access\.acl_file\): it is a directory$/m],
    [configuration({}, { acl_file: 'broken.conf' }), /broken\.conf:2: /],
    [configuration({}, { psk_file: 'none' }), /none \(access\.psk_file\): no such file$/m],
    [configuration({}, { psk_file: 'broken.psk' }), /broken\.psk:1: there is no ":"/],
    [configuration({ certfile: 'none' }), new RegExp(`none \\(${listener}\\.certfile\\): no such file`)],
    [configuration({ certfile: 'hub.key' }), /hub\.key \(.*certfile\): there is no "-----BEGIN CERTIFICATE/],
    [configuration({ keyfile: 'none' }), new RegExp(`none \\(${listener}\\.keyfile\\): no such file`)],
    [configuration({ keyfile: 'hub.pem' }), /hub\.pem \(.*keyfile\): /],
    [configuration({ keyfile: 'other.key' }), /other\.key .*not the key of the certificate in .*hub\.pem/],
    [configuration({ cacertfile: 'none' }), /none \(.*cacertfile\): no such file/],
    [configuration({ cacertfile: 'hub.key' }), /hub\.key \(.*cacertfile\): there is no "-----BEGIN/],
    [configuration({ crlfile: 'none' }), /none \(.*crlfile\.0\): no such file/],
    [configuration({ crlfile: 'ca.pem' }), /ca\.pem \(.*crlfile\.0\): there is no "-----BEGIN X509 CRL/],
  ];
  for (const [yaml, said] of cases) {
    const { stdout, stderr, status } = await check(yaml);
    assert.match(stderr, said);
    assert.equal(stdout, '');
    assert.equal(status, 1);
  }
});

test('the files of DTLS listeners are looked at as those of TLS ones', async () => {
  const secured = (files: Partial<typeof GOOD>) =>
    configuration(files)
      .replace('  mqtt:', '  coap:')
      .replace('tcp: { a: { bind: 0 } }', '')
      .replace('tls:', 'dtls:');
  assert.equal((await check(secured({}))).status, 0);
  const { stderr } = await check(secured({ keyfile: 'other.key' }));
  assert.match(stderr, /\(gateways\.coap\.listeners\.dtls\.b\.keyfile\): it is not the key of/);
});

test('all sections with a wrong file are told of at once, each advice once', async () => {
  const { stderr } = await check(configuration({ keyfile: 'none' }, { acl_file: 'none', psk_file: 'none' }));
  const lines = stderr.trimEnd().split('\n');
  assert.equal(lines.length, 6);
  assert.deepEqual(
    lines.slice(0, 3).map((line) => /\((.*)\)/.exec(line)?.[1]),
    ['access.acl_file', 'access.psk_file', 'gateways.mqtt.listeners.tls.b.keyfile'],
  );
});

test('a listener that is not to be opened may name files that are not there yet', async () => {
  const { status } = await check(configuration({ certfile: 'none' }, {}, false));
  assert.equal(status, 0);
});

test('a listener for pre-shared keys needs the file that has them', async () => {
  const { stderr } = await check(configuration().replace(/, psk_file: [^}]*/, ' '));
  assert.match(
    stderr,
    /portico\.yaml:15:\d+: gateways\.mqtt\.listeners\.tls\.b\.psk: .*there is neither access\.psk_file nor a user with psk/,
  );
});

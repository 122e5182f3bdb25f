import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { CertificateFolder } from '@portico/core/testing';
import { Command } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { Portico } from '../support/portico.js';

/** libcoap's clients, on OpenSSL and on GnuTLS, and OpenSSL's own, over DTLS 1.2. */

const SECRET = 'not-for-any-log';

/** 100 kB of text. */
const BIG = randomBytes(50_000).toString('hex');

const folder = new CertificateFolder();
let portico: Portico;

before(async () => {
  folder.authority('ca');
  folder.authority('stranger');
  folder.certificate('server', 'ca', '/CN=localhost');
  folder.certificate('device', 'ca', '/CN=device-1');
  folder.certificate('stolen', 'ca', '/CN=device-2');
  folder.issue('old', 'ca', '/CN=device-3', '', '-days', '-1');
  folder.certificate('foreign', 'stranger', '/CN=device-1');
  folder.revocationList('ca', 'ca', ['stolen']);
  writeFileSync(folder.file('psk.txt'), 'meter-1:1234\n');
  writeFileSync(folder.file('big'), BIG);
  makeRawKeys();
  portico = await Portico.start({ config: configuration() });
});

after(async () => {
  await portico.stop();
  folder.remove();
});

/** `listed.key` and `unlisted.key` as GnuTLS wants raw keys, and `devices.pem` for the hub. */
function makeRawKeys(): void {
  for (const name of ['listed', 'unlisted']) {
    const file = folder.file(`${name}.key`);
    execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file]);
  }
  const options = ['-in', folder.file('listed.key'), '-pubout', '-out', folder.file('devices.pem')];
  execFileSync('openssl', ['pkey', ...options]);
}

function configuration(): string {
  return `
log: { level: debug }
access:
  allow_anonymous: false
  psk_file: ${folder.file('psk.txt')}
  users:
    - { username: app, password: app }
    - { username: meter-2, psk: ${SECRET} }
gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  coap:
    listeners:
      dtls:
        default:
          bind: 127.0.0.1:0
          certfile: ${folder.file('server.pem')}
          keyfile: ${folder.file('server.key')}
          verify: verify_peer
          cacertfile: ${folder.file('ca.pem')}
          crlfile: [${folder.file('ca.crl')}]
          peer_cert_as_username: cn
          psk: true
          psk_identity_as_username: true
        raw:
          bind: 127.0.0.1:0
          keyfile: ${folder.file('server.key')}
          verify: verify_peer
          fail_if_no_peer_cert: true
          raw_public_keyfile: ${folder.file('devices.pem')}
          raw_public_key_as_username: true
`;
}

const LIBRARIES = ['openssl', 'gnutls'] as const;
type Library = (typeof LIBRARIES)[number];

/** Arguments of a request to `/mqtt/<topic>`, without what the client is known by. */
function request(method: string, topic: string, listener = 'default'): string[] {
  const uri = `coaps://127.0.0.1:${portico.port(`coap:dtls:${listener}`)}/mqtt/${topic}?c=dev1`;
  return ['-v', '7', '-B', '5', '-m', method, ...(method === 'put' ? ['-e', 'hello'] : []), uri];
}

/** Runs a client of libcoap. @param credentials what it is known by. @returns all that it printed */
function put(library: Library, credentials: readonly string[], listener?: string): Promise<string> {
  return Command.run(`coap-client-${library}`, ...credentials, ...request('put', 'a', listener));
}

const psk = (key: string, identity = 'meter-1') => ['-u', identity, '-k', key];
const certificate = (name: string) => [
  ...['-c', folder.file(`${name}.pem`)],
  ...['-j', folder.file(`${name}.key`)],
  ...['-C', folder.file('ca.pem')],
];

/** Waits until the log says it in what came after `from`. */
function logged(line: RegExp, from: number): Promise<void> {
  return eventually(`the log says ${line}`, () => line.test(portico.output.slice(from)));
}

for (const library of LIBRARIES) {
  suite(`coap-client-${library}`, () => {
    const program = `coap-client-${library}`;

    test('is known by its pre-shared key: put, get and observe', async () => {
      assert.match(await put(library, psk('1234')), /c:2\.04/);
      const get = await Command.run(program, ...psk('1234'), ...request('get', 'a'));
      assert.match(get, /c:2\.05/);
      const observer = new Command(program, ...psk('1234'), '-s', '20', ...request('get', 'down'));
      await observer.expect(/t:ACK c:2\.05/);
      const mqtt = ['-h', '127.0.0.1', '-p', String(portico.port('mqtt:tcp:default'))];
      const login = ['-u', 'app', '-P', 'app'];
      await Command.run('mosquitto_pub', ...mqtt, ...login, '-q', '1', '-t', 'down', '-m', 'switch on');
      await observer.expect(/switch on/);
      await observer.stop();
    });

    test('is refused with a wrong key, and with the identity of nobody', async () => {
      const from = portico.output.length;
      assert.doesNotMatch(await put(library, psk('4321')), /c:2\.04/);
      await logged(/wrong_psk: /, from);
      assert.doesNotMatch(await put(library, psk('1234', 'nobody')), /c:2\.04/);
      await logged(/unknown_psk_identity: /, from);
    });

    test('is known by the pre-shared key of a user, and needs no password', async () => {
      const from = portico.output.length;
      assert.match(await put(library, psk(SECRET, 'meter-2')), /c:2\.04/);
      await logged(/client connected .*username=meter-2 .*anonymous=false/, from);
    });

    test('is known by its certificate', async () => {
      const from = portico.output.length;
      assert.match(await put(library, certificate('device')), /c:2\.04/);
      await logged(/client connected .*username=device-1 .*anonymous=false/, from);
    });

    for (const [how, credentials] of [
      ['key', () => psk('1234')],
      ['certificate', () => certificate('device')],
    ] as const) {
      test(`puts and gets 100 kB in blocks, known by its ${how}`, async () => {
        const uri = `coaps://127.0.0.1:${portico.port('coap:dtls:default')}/ps/big/${library}?c=dev1`;
        const [file, got] = [folder.file('big'), folder.file(`got-${library}-${how}`)];
        const run = (...rest: string[]) => Command.run(program, '-v', '6', ...credentials(), ...rest);
        assert.match(await run('-m', 'put', '-f', file, `${uri}&retain=true`), /c:2\.04/);
        await run('-m', 'get', '-o', got, uri);
        assert.equal(readFileSync(got, 'latin1'), BIG);
      });
    }

    for (const [name, reason] of [
      ['foreign', /certificate_rejected: .*is not known/],
      ['old', /certificate_rejected: .*is not valid since/],
      ['stolen', /certificate_rejected: .*is revoked/],
    ] as const) {
      test(`is refused with a certificate that is ${name}`, async () => {
        const from = portico.output.length;
        assert.doesNotMatch(await put(library, certificate(name)), /c:2\.04/);
        await logged(reason, from);
      });
    }
  });
}

test('coap-client-gnutls is known by its raw public key, if that is listed', async () => {
  const from = portico.output.length;
  assert.match(await put('gnutls', ['-M', folder.file('listed.key')], 'raw'), /c:2\.04/);
  await logged(/client connected .*username=[0-9a-f]{64} .*anonymous=false/, from);
  assert.doesNotMatch(await put('gnutls', ['-M', folder.file('unlisted.key')], 'raw'), /c:2\.04/);
  await logged(/nobody has listed the raw public key/, from);
});

const OPENSSL_SUITES = {
  'PSK-AES128-CCM8': 'key',
  'PSK-AES128-CCM': 'key',
  'PSK-AES128-GCM-SHA256': 'key',
  'ECDHE-ECDSA-AES128-CCM8': 'certificate',
  'ECDHE-ECDSA-AES128-CCM': 'certificate',
  'ECDHE-ECDSA-AES128-GCM-SHA256': 'certificate',
} as const;

suite('openssl s_client -dtls1_2', () => {
  const credentials = {
    key: () => ['-psk_identity', 'meter-1', '-psk', '31323334'],
    certificate: () => ['-cert', folder.file('device.pem'), '-key', folder.file('device.key')],
  };
  for (const [cipher, kind] of Object.entries(OPENSSL_SUITES)) {
    test(cipher, async () => {
      const to = ['-connect', `127.0.0.1:${portico.port('coap:dtls:default')}`, '-dtls1_2', '-brief'];
      const trust = ['-CAfile', folder.file('ca.pem'), '-verify_return_error'];
      const own = ['-cipher', cipher, ...credentials[kind]()];
      const output = await Command.run('openssl', 's_client', ...to, ...trust, ...own);
      assert.match(output, new RegExp(`CONNECTION ESTABLISHED[\\s\\S]*Ciphersuite: ${cipher}$`, 'm'));
    });
  }
});

test('no key stands in the log, whoever came with one', () => {
  assert.match(portico.output, /username=meter-2/);
  assert.ok(!portico.output.includes(SECRET));
  assert.ok(!portico.output.includes(Buffer.from(SECRET).toString('hex')));
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { CertificateFolder } from '@portico/core/testing';
import { Command } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { Portico } from '../support/portico.js';

/** Certificates and pre-shared keys of clients, with mosquitto's clients, and what SIGHUP does. */

const SECRET = 'open sesame';

const folder = new CertificateFolder();
let portico: Portico;
let port: number;

before(async () => {
  folder.authority('ca');
  folder.certificate('first', 'ca', '/CN=first');
  folder.certificate('second', 'ca', '/CN=second');
  folder.certificate('device', 'ca', '/CN=device-1');
  folder.certificate('stolen', 'ca', '/CN=device-2');
  folder.revocationList('ca', 'ca', []);
  useServer('first');
  writeFileSync(folder.file('psk.txt'), 'client1:1234\n');
  portico = await Portico.start({
    config: `
access:
  allow_anonymous: false
  psk_file: ${folder.file('psk.txt')}
  acl:
    - { permit: allow, who: { username: app }, topics: ["devices/#"] }
    - { permit: allow, action: publish, topics: ["devices/%u/#"] }
    - { permit: deny }
  users: [{ username: app, password: app }]
gateways:
  mqtt:
    listeners:
      tcp: { default: { bind: 127.0.0.1:0 } }
      tls:
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
`,
    env: { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET },
  });
  port = portico.port('mqtt:tls:default');
});

after(async () => {
  await portico.stop();
  folder.remove();
});

/** Makes a certificate the server's. */
function useServer(name: string): void {
  folder.bundle('server.pem', `${name}.pem`);
  folder.bundle('server.key', `${name}.key`);
}

/** Runs mosquitto_pub against the TLS listener. @returns what it printed: nothing when all went well */
function publish(topic: string, ...options: readonly string[]): Promise<string> {
  const to = ['-h', '127.0.0.1', '-p', String(port), '-q', '1', '-t', topic, '-m', 'hello'];
  return Command.run('mosquitto_pub', ...to, ...options);
}

function certificateOf(name: string): string[] {
  const own = ['--cert', folder.file(`${name}.pem`), '--key', folder.file(`${name}.key`)];
  return ['--cafile', folder.file('ca.pem'), ...own];
}

function key(identity: string, hex: string): string[] {
  return ['--psk-identity', identity, '--psk', hex];
}

/** Who listens to all devices, until `use` is done. */
async function listening(use: (app: Command) => Promise<void>): Promise<void> {
  const plain = portico.port('mqtt:tcp:default');
  const app = await Command.subscriber(plain, '-u', 'app', '-P', 'app', '-t', 'devices/#');
  try {
    await use(app);
  } finally {
    await app.stop();
  }
}

test('a certificate is who its client is: no password, and no other name', async () => {
  await listening(async (app) => {
    assert.equal(await publish('devices/device-1/a', ...certificateOf('device'), '-u', 'device-9'), '');
    await app.expect(/^devices\/device-1\/a hello$/m);
  });
  assert.match(await publish('devices/x/a', '--cafile', folder.file('ca.pem'), '-u', 'x'), /not authorised/i);
});

test('a pre-shared key is who its client is, in TLS 1.2 and 1.3', async () => {
  await listening(async (app) => {
    for (const version of ['tlsv1.2', 'tlsv1.3']) {
      const options = [...key('client1', '31323334'), '--tls-version', version];
      assert.equal(await publish(`devices/client1/${version}`, ...options), '');
      await app.expect(new RegExp(`^devices/client1/${version} hello$`, 'm'));
    }
  });
  assert.notEqual(await publish('devices/client1/b', ...key('client1', '00')), '');
});

/** Waits until the log says it. @param from where to begin to look */
function logged(line: RegExp, from = 0): Promise<void> {
  return eventually(`the log says ${line}`, () => line.test(portico.output.slice(from)));
}

async function reload(outcome: RegExp): Promise<void> {
  const before = portico.output.length;
  process.kill(portico.pid, 'SIGHUP');
  await logged(outcome, before);
}

/** Common name of the certificate that the server shows. */
async function shown(): Promise<unknown> {
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  const { CN } = client.getPeerCertificate().subject;
  client.destroy();
  return CN;
}

test('SIGHUP: new clients meet the new certificate, list and keys, those there live on', async () => {
  await listening(async (app) => {
    assert.equal(await publish('devices/device-2/a', ...certificateOf('stolen')), '');
    assert.equal(await shown(), 'first');
    useServer('second');
    folder.revocationList('ca', 'ca', ['stolen']);
    writeFileSync(folder.file('psk.txt'), 'client1:abcd\n');
    await reload(/INFO: Certificates, keys and access files reloaded/);
    assert.equal(await shown(), 'second');
    assert.notEqual(await publish('devices/device-2/b', ...certificateOf('stolen')), '');
    await logged(/INFO: peer refused.*CERT_REVOKED/);
    assert.notEqual(await publish('devices/client1/c', ...key('client1', '31323334')), '');
    assert.equal(await publish('devices/client1/d', ...key('client1', '61626364')), '');
    await app.expect(/^devices\/client1\/d hello$/m);
  });
});

test('an operator has certificates alone read anew, and is told of one that is broken', async () => {
  const ask = async () => {
    const url = `http://127.0.0.1:${portico.port('management:http')}/api/v4/certificates/reload`;
    const authorization = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;
    const response = await fetch(url, { method: 'PUT', headers: { authorization } });
    return { status: response.status, ...((await response.json()) as { message?: string }) };
  };
  useServer('first');
  assert.equal((await ask()).status, 200);
  assert.equal(await shown(), 'first');
  const before = portico.output.length;
  writeFileSync(folder.file('server.pem'), 'broken');
  const { status, message } = await ask();
  assert.equal(status, 400);
  assert.match(message ?? '', /server\.pem \(gateways\.mqtt\.listeners\.tls\.default\.certfile\): /);
  await logged(/ERROR: .*server\.pem/, before);
  assert.equal(await shown(), 'first');
  useServer('second');
  assert.equal((await ask()).status, 200);
  assert.equal(portico.output.slice(before).split('ERROR').length, 2);
});

test('SIGHUP with broken files: a line for each, and everything goes on as before', async () => {
  writeFileSync(folder.file('server.pem'), 'broken');
  writeFileSync(folder.file('psk.txt'), 'broken');
  await reload(/server\.pem/);
  const errors = portico.output
    .split('\n')
    .filter((line) => line.includes('ERROR'))
    .slice(-2);
  assert.equal(errors.length, 2);
  assert.match(errors[0] ?? '', /psk\.txt:1: .*; what was read before stays in use/);
  assert.match(errors[1] ?? '', /server\.pem \(gateways\.mqtt\.listeners\.tls\.default\.certfile\): /);
  assert.equal(await shown(), 'second');
  assert.equal(await publish('devices/client1/e', ...key('client1', '61626364')), '');
});

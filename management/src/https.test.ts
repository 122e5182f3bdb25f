import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { before, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { VirtualClock } from '@portico/core';
import { CertificateFolder } from '@portico/core/testing';
import { managementConfigSchema } from './config.js';
import { localAccessFile } from './local-access.js';
import { managementFileFaults } from './named-files.js';
import { basic, SECRET, TestApi, type TestApiOptions } from './testing/index.js';

let folder: CertificateFolder;

before(() => {
  folder = new CertificateFolder();
  folder.authority('ca');
  folder.authority('stranger');
  folder.certificate('server', 'ca', '/CN=localhost');
  folder.certificate('renewed', 'ca', '/CN=renewed');
  folder.certificate('operator', 'ca', '/CN=operator');
  folder.certificate('foreign', 'stranger', '/CN=operator');
});

/** A copy of a certificate in place of `live`. */
function show(name: string): void {
  folder.bundle('live.pem', `${name}.pem`);
  folder.bundle('live.key', `${name}.key`);
}

function start(tls: object = {}, options: TestApiOptions = {}): Promise<TestApi> {
  show('server');
  const files = { certfile: folder.file('live.pem'), keyfile: folder.file('live.key') };
  return TestApi.start({ tls: { enable: true, ...files, ...tls } }, options);
}

/** What a client shows of itself. */
function identity(name: string) {
  return { cert: readFileSync(folder.file(`${name}.pem`)), key: readFileSync(folder.file(`${name}.key`)) };
}

async function ask(api: TestApi, path: string, options: object = {}) {
  const sent = request(`${api.url}${path}`, {
    ca: readFileSync(folder.file('ca.pem')),
    agent: false,
    headers: { authorization: basic('admin', SECRET) },
    ...options,
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const shown = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
  const text = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, shown, body: JSON.parse(text) };
}

test('it speaks HTTPS, and is among the listeners with who is connected', async () => {
  const api = await start();
  assert.match(api.url, /^https:/);
  const { status, body } = await ask(api, '/api/v4/listeners');
  assert.equal(status, 200);
  assert.deepEqual(body.data[0].listeners, [
    {
      identifier: 'management:https',
      protocol: 'https:management',
      listen_on: `127.0.0.1:${api.port}`,
      acceptors: 1,
      current_conns: 1,
      max_conns: 512,
      shutdown_count: [],
      enabled: true,
      running: true,
      accepted: 1,
      refused: {},
    },
  ]);
  const access = JSON.parse(await readFile(localAccessFile(api.dataDir), 'utf8'));
  assert.deepEqual(
    [access.url, access.certificate],
    [api.url, readFileSync(folder.file('server.pem'), 'utf8')],
  );
});

test('without TLS it is http:management', async () => {
  const api = await TestApi.start();
  const { body } = await api.get('/listeners');
  const [row] = body.data[0].listeners;
  assert.deepEqual([row.identifier, row.protocol], ['management:http', 'http:management']);
});

test('who does not speak TLS is refused, counted and logged', async () => {
  const api = await start();
  const client = connect(api.port, '127.0.0.1');
  client.on('error', () => {});
  client.write('GET /healthz HTTP/1.1\r\n\r\n');
  await once(client, 'close');
  const { body } = await ask(api, '/api/v4/listeners');
  assert.deepEqual(body.data[0].listeners[0].refused, { tls_handshake: 1 });
  const [line] = api.lines.filter(({ message }) => message === 'management connection refused');
  assert.equal(line?.reason, 'tls_handshake');
});

test('a peer that resets the connection in the middle of the handshake is logged with its address', async () => {
  const api = await start();
  const client = connect(api.port, '127.0.0.1');
  client.on('error', () => {});
  await once(client, 'connect');
  const peer = `127.0.0.1:${client.localPort}`;
  client.write(Buffer.from('1603010200', 'hex'), () => client.resetAndDestroy());
  await once(client, 'close');
  const refusals = () => api.lines.filter(({ message }) => message === 'management connection refused');
  while (refusals().length === 0) await ask(api, '/healthz');
  assert.deepEqual(
    refusals().map((line) => line.peer),
    [peer],
  );
});

test('certificates are renewed while it runs, and one that is not good changes nothing', async () => {
  const api = await start();
  assert.equal((await ask(api, '/healthz')).shown, 'localhost');
  show('renewed');
  assert.deepEqual(await api.reload(), []);
  assert.equal((await ask(api, '/healthz')).shown, 'renewed');
  const access = JSON.parse(await readFile(localAccessFile(api.dataDir), 'utf8'));
  assert.equal(access.certificate, readFileSync(folder.file('renewed.pem'), 'utf8'));
  folder.bundle('live.key', 'server.key');
  const [fault] = await api.reload();
  assert.match(fault ?? '', /live\.key \(management\.tls\.keyfile\): it is not the key of the certificate/);
  assert.equal((await ask(api, '/healthz')).shown, 'renewed');
});

test('clients are asked for certificates where the configuration says so', async () => {
  const verifying = { verify: 'verify_peer', cacertfile: folder.file('ca.pem'), fail_if_no_peer_cert: true };
  const api = await start(verifying);
  assert.equal((await ask(api, '/healthz', identity('operator'))).status, 200);
  await assert.rejects(ask(api, '/healthz', identity('foreign')));
  await assert.rejects(ask(api, '/healthz'));
  const { body } = await ask(api, '/api/v4/listeners', identity('operator'));
  assert.deepEqual(body.data[0].listeners[0].refused, { client_certificate: 2 });
});

test('an alarm tells of a certificate that ends soon', async () => {
  const api = await start({}, { clock: new VirtualClock(Date.now()) });
  const { body } = await ask(api, '/api/v4/alarms/activated');
  assert.deepEqual(
    body.data[0].alarms.map((alarm: { name: string }) => alarm.name),
    ['certificate_expiry:management:https'],
  );
});

test('it does not wait for handshakes when it stops', async () => {
  const api = await start();
  const silent = connect(api.port, '127.0.0.1');
  await once(silent, 'connect');
  const client = connectTls({ port: api.port, ca: readFileSync(folder.file('ca.pem')) });
  await once(client, 'secureConnect');
  const gone = Promise.all([once(silent, 'close'), once(client, 'close')]);
  for (const socket of [silent, client]) socket.on('error', () => {}).resume();
  await api.stop();
  await gone;
});

test('what is wrong with its section is told with the key', () => {
  const refused = managementConfigSchema.safeParse({ tls: { enable: true, keyfile: 'k' } });
  assert.deepEqual(
    refused.error?.issues.map(({ path }) => path.join('.')),
    ['tls.certfile'],
  );
  const missing = managementConfigSchema.parse({
    tls: { enable: true, certfile: '/none.pem', keyfile: 'k' },
  });
  const [fault] = managementFileFaults(missing);
  assert.match(fault?.message ?? '', /: \/none\.pem \(management\.tls\.certfile\): no such file$/);
  assert.deepEqual(managementFileFaults({ ...missing, enable: false }), []);
});

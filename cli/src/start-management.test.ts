import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CertificateFolder } from '@portico/core/testing';
import { inRoot } from './paths.js';
import { PorticoFolder, tcpAlone } from './testing.js';
import { version } from './version.js';

/** The real command with the real hub and its management API. */

const portico = new PorticoFolder({ PORTICO_MANAGEMENT__BIND: '127.0.0.1:0' });
/** Otherwise one is made, and printed. */
const SECRET = { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: 'open sesame' };

test('a management port that is taken ends the start the same way, and a second start has the store', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = {
    ...SECRET,
    PORTICO_NODE__DATA_DIR: join(portico.directory, 'taken'),
    PORTICO_MANAGEMENT__BIND: `127.0.0.1:${port}`,
  };
  const refused = portico.start(tcpAlone(0), env);
  assert.deepEqual(await refused.ended, [1, null]);
  assert.match(
    refused.stderr[0] ?? '',
    /^a listener cannot be opened: management:http on .*management\.bind$/,
  );
  server.close();
  const second = portico.start(tcpAlone(0), { ...env, PORTICO_MANAGEMENT__BIND: '127.0.0.1:0' });
  assert.match(await second.nextLine(), /^Listening on tcp:tcp:default at /);
  second.child.kill('SIGTERM');
  assert.deepEqual(await second.ended, [0, null]);
});

test('without a secret in the configuration the first start prints one, and no later start', async () => {
  const env = { PORTICO_NODE__DATA_DIR: join(portico.directory, 'secret') };
  const start = async () => {
    const { child, ended, nextLine } = portico.start(tcpAlone(0), env);
    const line = await nextLine();
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    return line;
  };
  assert.match(
    await start(),
    /^Management API: application admin has the secret [\w-]{32} \(shown this once\)$/,
  );
  assert.match(await start(), /^Listening on /);
});

test('it speaks HTTPS, renews its certificate at SIGHUP, and commands trust it by themselves', async () => {
  const folder = new CertificateFolder();
  after(() => folder.remove());
  folder.authority('api');
  const env = {
    ...SECRET,
    PORTICO_NODE__DATA_DIR: join(portico.directory, 'https'),
    PORTICO_MANAGEMENT__TLS: `{ enable: true, certfile: ${folder.file('api.pem')}, keyfile: ${folder.file('api.key')} }`,
  };
  const { child, ended, nextLine } = portico.start(tcpAlone(0), env);
  const line = async (expected: RegExp) => {
    while (!expected.test(await nextLine()));
  };
  await line(/^Listening on management:https at 127\.0\.0\.1:\d+$/);
  const command = ['clients', 'list', '--json', '-c', 'portico.yaml'];
  const ask = () =>
    spawnSync(inRoot('bin', 'portico'), command, {
      cwd: portico.directory,
      env: portico.environment(env),
      encoding: 'utf8',
    }).stdout;
  assert.equal(ask(), '[]\n');
  folder.authority('api');
  child.kill('SIGHUP');
  await line(/Certificates, keys and access files reloaded/);
  assert.equal(ask(), '[]\n');
  child.kill('SIGTERM');
  await ended;
});

test('commands find a hub that runs by its configuration, and tell by their exit code when none does', async () => {
  const env = { ...SECRET, PORTICO_NODE__DATA_DIR: join(portico.directory, 'asked') };
  const { child, ended, nextLine } = portico.start(tcpAlone(0), env);
  assert.match(await nextLine(), /^Listening on tcp:tcp:default at /);
  assert.match(await nextLine(), /^Listening on management:http at 127\.0\.0\.1:\d+$/);
  assert.equal(await nextLine(), `Portico ${version()} is running`);
  const ask = (...words: string[]) =>
    spawnSync(inRoot('bin', 'portico'), words, {
      cwd: portico.directory,
      env: portico.environment(env),
      encoding: 'utf8',
    });
  const status = ask('status', '--config', 'portico.yaml');
  assert.deepEqual([status.status, status.stderr], [0, '']);
  assert.match(status.stdout, new RegExp(`\nPortico ${version()} is running\n`));
  assert.equal(ask('clients', 'list', '--json', '--gateway', 'tcp', '-c', 'portico.yaml').stdout, '[]\n');
  const kick = ask('clients', 'kick', 'nobody', '-c', 'portico.yaml');
  assert.deepEqual([kick.status, kick.stdout], [1, '']);
  assert.match(kick.stderr, /^not found: there is no client "nobody"\n/);
  const typo = ask('clients', 'list', '--gateway', 'tpc', '-c', 'portico.yaml');
  assert.deepEqual([typo.status, typo.stdout], [1, '']);
  assert.match(typo.stderr, /there is no gateway "tpc"; there are mqtt, .*\btcp\b/);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(ask('status', '-c', 'portico.yaml').status, 3);
});

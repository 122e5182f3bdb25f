import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { GATEWAYS } from './gateways.js';
import { inRoot } from './paths.js';
import { version } from './version.js';

/** The real command with the real hub: one gateway on one port. */

const directory = mkdtempSync(join(tmpdir(), 'portico-'));
after(() => rmSync(directory, { recursive: true }));

/** Where the management API listens, and with which secret: otherwise one is made, and printed. */
const MANAGEMENT = {
  PORTICO_MANAGEMENT__BIND: '127.0.0.1:0',
  PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: 'open sesame',
};

/** A configuration in which only the TCP gateway runs, on this port. */
function configuration(port: number): string {
  const others = GATEWAYS.filter(({ name }) => name !== 'tcp').map(
    ({ name }) => `  ${name}: { enable: false }\n`,
  );
  return `gateways:\n${others.join('')}  tcp: { listeners: { tcp: { default: { bind: 127.0.0.1:${port} } } } }\n`;
}

function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...env };
}

function startPortico(yaml: string, env: NodeJS.ProcessEnv = {}) {
  return startWith(yaml, { ...MANAGEMENT, ...env });
}

/** Without what {@link MANAGEMENT} sets. */
function startWith(yaml: string, env: NodeJS.ProcessEnv) {
  const file = join(directory, 'portico.yaml');
  writeFileSync(file, yaml);
  return spawnPortico(file, env);
}

function spawnPortico(file: string, env: NodeJS.ProcessEnv = MANAGEMENT) {
  const child = spawn(inRoot('bin', 'portico'), ['start', '-c', file], {
    cwd: directory,
    env: environment(env),
  });
  const ended = once(child, 'close');
  after(() => child.kill('SIGKILL'));
  const stderr: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const stdout = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => (await stdout.next()).value;
  return { child, ended, stderr, nextLine };
}

test('start names each listener, then says that it runs; SIGTERM ends it with exit code 0', async () => {
  const { child, ended, stderr, nextLine } = startPortico(configuration(0));
  assert.match(await nextLine(), /^Listening on tcp:tcp:default at 127\.0\.0\.1:\d+$/);
  assert.match(await nextLine(), /^Listening on management:http at 127\.0\.0\.1:\d+$/);
  assert.equal(await nextLine(), `Portico ${version()} is running`);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(stderr, []);
});

test('in the JSON format these lines are log lines, and SIGINT stops too', async () => {
  const { child, ended, nextLine } = startPortico(configuration(0), {
    PORTICO_LOG__FORMAT: 'json',
    PORTICO_LOG__LEVEL: 'error',
  });
  assert.match(JSON.parse(await nextLine()).msg, /^Listening on tcp:tcp:default at 127\.0\.0\.1:\d+$/);
  assert.match(JSON.parse(await nextLine()).msg, /^Listening on management:http at /);
  assert.equal(JSON.parse(await nextLine()).msg, `Portico ${version()} is running`);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
});

test('a SIGHUP that comes before the configuration is read ends nothing', async () => {
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const { child, ended, nextLine } = spawnPortico(fifo);
  // Opens when the other end is opened for reading.
  const writer = await open(fifo, 'w');
  child.kill('SIGHUP');
  await writer.writeFile(configuration(0));
  await writer.close();
  assert.match(await nextLine(), /^Listening on tcp:tcp:default at /);
  assert.match(await nextLine(), /^Listening on management:http at /);
  assert.equal(await nextLine(), `Portico ${version()} is running`);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('a port that is taken ends the start: what happened and what to do on stderr, exit code 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { ended, stderr } = startPortico(configuration(port));
  const [code] = await ended;
  server.close();
  assert.equal(code, 1);
  assert.equal(stderr.length, 2);
  assert.match(
    stderr[0] ?? '',
    new RegExp(`^a listener cannot be opened: .*${port}.*gateways\\.tcp\\.listeners\\.tcp\\.default`),
  );
  assert.equal(stderr[1], 'Free the port or change the key named.');
});

test('a management port that is taken ends the start the same way, and a second start has the store', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = {
    PORTICO_NODE__DATA_DIR: join(directory, 'taken'),
    PORTICO_MANAGEMENT__BIND: `127.0.0.1:${port}`,
  };
  const refused = startPortico(configuration(0), env);
  assert.deepEqual(await refused.ended, [1, null]);
  assert.match(
    refused.stderr[0] ?? '',
    /^a listener cannot be opened: management:http on .*management\.bind$/,
  );
  server.close();
  const second = startPortico(configuration(0), env);
  assert.match(await second.nextLine(), /^Listening on tcp:tcp:default at /);
  second.child.kill('SIGTERM');
  assert.deepEqual(await second.ended, [0, null]);
});

test('without a secret in the configuration the first start prints one, and no later start', async () => {
  const { PORTICO_MANAGEMENT__BIND } = MANAGEMENT;
  const env = { PORTICO_NODE__DATA_DIR: join(directory, 'secret'), PORTICO_MANAGEMENT__BIND };
  const start = async () => {
    const { child, ended, nextLine } = startWith(configuration(0), env);
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

test('commands find a hub that runs by its configuration, and tell by their exit code when none does', async () => {
  const env = { ...MANAGEMENT, PORTICO_NODE__DATA_DIR: join(directory, 'asked') };
  const { child, ended, nextLine } = startPortico(configuration(0), env);
  while ((await nextLine()) !== `Portico ${version()} is running`);
  const ask = (...words: string[]) =>
    spawnSync(inRoot('bin', 'portico'), words, { cwd: directory, env: environment(env), encoding: 'utf8' });
  const status = ask('status', '--config', 'portico.yaml');
  assert.deepEqual([status.status, status.stderr], [0, '']);
  assert.match(status.stdout, new RegExp(`\nPortico ${version()} is running\n`));
  assert.equal(ask('clients', 'list', '--json', '--gateway', 'tcp', '-c', 'portico.yaml').stdout, '[]\n');
  const kick = ask('clients', 'kick', 'nobody', '-c', 'portico.yaml');
  assert.deepEqual([kick.status, kick.stdout], [1, '']);
  assert.match(kick.stderr, /^the management API refuses: there is no such client\n/);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(ask('status', '-c', 'portico.yaml').status, 1);
});

test('with management.enable false there is no API', async () => {
  const { child, ended, nextLine } = startPortico(`management: { enable: false }\n${configuration(0)}`);
  assert.match(await nextLine(), /^Listening on tcp:tcp:default at /);
  assert.equal(await nextLine(), `Portico ${version()} is running`);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('a second process is not let into the store of the first; what a killed one has left open is', async () => {
  const env = { PORTICO_NODE__DATA_DIR: join(directory, 'shared') };
  const first = startPortico(configuration(0), env);
  while ((await first.nextLine()) !== `Portico ${version()} is running`);
  const second = startPortico(configuration(0), env);
  assert.deepEqual(await second.ended, [1, null]);
  const { pid } = first.child;
  assert.match(
    second.stderr[0] ?? '',
    new RegExp(`^the store is in use: .*shared/store/lock: process ${pid} on `),
  );
  assert.equal(second.stderr[1], 'Stop the other process, or give this one a node.data_dir of its own.');
  first.child.kill('SIGKILL');
  await first.ended;
  const third = startPortico(configuration(0), env);
  assert.match(await third.nextLine(), /^Listening on tcp:tcp:default at /);
  third.child.kill('SIGTERM');
  assert.deepEqual(await third.ended, [0, null]);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { PorticoFolder, tcpAlone } from './testing.js';
import { version } from './version.js';

/** The real command with the real hub: one gateway on one port. */

const portico = new PorticoFolder({ PORTICO_MANAGEMENT__ENABLE: 'false' });

test('start names each listener, then says that it runs; SIGTERM ends it with exit code 0', async () => {
  const { child, ended, stderr, nextLine } = portico.start(tcpAlone(0));
  assert.match(await nextLine(), /^Listening on tcp:tcp:default at 127\.0\.0\.1:\d+$/);
  assert.equal(await nextLine(), `Portico ${version()} is running`);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(stderr, []);
});

test('in the JSON format these lines are log lines, and SIGINT stops too', async () => {
  const { child, ended, nextLine } = portico.start(tcpAlone(0), {
    PORTICO_LOG__FORMAT: 'json',
    PORTICO_LOG__LEVEL: 'error',
  });
  assert.match(JSON.parse(await nextLine()).msg, /^Listening on tcp:tcp:default at 127\.0\.0\.1:\d+$/);
  assert.equal(JSON.parse(await nextLine()).msg, `Portico ${version()} is running`);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
});

test('a SIGHUP that comes before the configuration is read ends nothing', async () => {
  const fifo = join(portico.directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const { child, ended, nextLine } = portico.spawn(fifo);
  // Opens when the other end is opened for reading.
  const writer = await open(fifo, 'w');
  child.kill('SIGHUP');
  await writer.writeFile(tcpAlone(0));
  await writer.close();
  assert.match(await nextLine(), /^Listening on tcp:tcp:default at /);
  assert.equal(await nextLine(), `Portico ${version()} is running`);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('a port that is taken ends the start: what happened and what to do on stderr, exit code 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { ended, stderr } = portico.start(tcpAlone(port));
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

test('a data folder that cannot be one is told as what it is', async () => {
  const file = join(portico.directory, 'file');
  await writeFile(file, '');
  const { ended, stderr } = portico.start(tcpAlone(0), { PORTICO_NODE__DATA_DIR: join(file, 'data') });
  assert.deepEqual(await ended, [1, null]);
  assert.match(
    stderr[0] ?? '',
    /^the store cannot be used: .*file\/data\/store: part of its path is no folder$/,
  );
});

test('a second process is not let into the store of the first; what a killed one has left open is', async () => {
  const env = { PORTICO_NODE__DATA_DIR: join(portico.directory, 'shared') };
  const first = portico.start(tcpAlone(0), env);
  while ((await first.nextLine()) !== `Portico ${version()} is running`);
  const second = portico.start(tcpAlone(0), env);
  assert.deepEqual(await second.ended, [1, null]);
  const { pid } = first.child;
  assert.match(
    second.stderr[0] ?? '',
    new RegExp(`^the store is in use: .*shared/store/lock: process ${pid} on `),
  );
  assert.equal(second.stderr[1], 'Stop the other process, or give this one a node.data_dir of its own.');
  first.child.kill('SIGKILL');
  await first.ended;
  const third = portico.start(tcpAlone(0), env);
  assert.match(await third.nextLine(), /^Listening on tcp:tcp:default at /);
  third.child.kill('SIGTERM');
  assert.deepEqual(await third.ended, [0, null]);
});

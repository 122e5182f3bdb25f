import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PorticoError, VirtualClock } from '@portico/core';
import type { PorticoConfig } from '../config-schema.js';
import type { Runtime } from '../lifecycle.js';
import { type StartOptions, start } from './start.js';

const directory = mkdtempSync(join(tmpdir(), 'portico-'));
after(() => rmSync(directory, { recursive: true }));

/** Starts a stand-in that accepts at once, with this configuration. */
function run(yaml: string, env: NodeJS.ProcessEnv = {}, createRuntime?: StartOptions['createRuntime']) {
  const file = join(directory, 'portico.yaml');
  writeFileSync(file, yaml);
  const written = { stdout: '', stderr: '' };
  const host = new EventEmitter();
  const seen: PorticoConfig[] = [];
  const runtime: Runtime = {
    start: async () => {},
    reload: async () => [],
    stop: async () => {},
    listeners: [{ name: 'tcp:tcp:default', address: { host: '127.0.0.1', port: 8090 } }],
  };
  const exitCode = start({
    file,
    env,
    version: '1.2.3',
    createRuntime:
      createRuntime ??
      (async (config) => {
        seen.push(config);
        queueMicrotask(() => setImmediate(() => host.emit('SIGTERM', 'SIGTERM')));
        return runtime;
      }),
    clock: new VirtualClock(),
    host,
    stderr: { write: (text) => (written.stderr += text) },
    output: { write: (text) => (written.stdout += text) },
  });
  return { file, exitCode, written, seen };
}

test('the runtime gets the configuration of file and environment, and runs until SIGTERM', async () => {
  const { exitCode, written, seen } = run('log: { level: warn }\n', { PORTICO_NODE__NAME: 'a@b' });
  assert.equal(await exitCode, 0);
  assert.equal(seen[0]?.node.name, 'a@b');
  assert.equal(written.stdout, 'Listening on tcp:tcp:default at 127.0.0.1:8090\nPortico 1.2.3 is running\n');
  assert.equal(written.stderr, '');
});

test('the log has the format and the level of the configuration', async () => {
  const { exitCode, written } = run('log: { format: json, level: info }\n');
  assert.equal(await exitCode, 0);
  const messages = written.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).msg);
  assert.deepEqual(messages.slice(1), ['Portico 1.2.3 is running', 'Stopping', 'Stopped']);
});

test('keys of later versions give a warning each and do not stop the start', async () => {
  const { exitCode, written } = run('', { PORTICO_GATEWAYS__EXPROTO__ENABLE: 'true' });
  assert.equal(await exitCode, 0);
  const warned = [...written.stdout.matchAll(/WARN: (.*)/g)].map(([, warning]) => warning);
  assert.deepEqual(warned, ['gateways.exproto: not part of this version, ignored']);
});

test('a wrong configuration is told on stderr, line by line, and nothing is started', async () => {
  const { file, exitCode, written, seen } = run('log: { level: loud }\nfoo: 1\n', {
    PORTICO_LOG__FORMAT: 'xml',
  });
  assert.equal(await exitCode, 1);
  assert.deepEqual(seen, []);
  assert.equal(written.stdout, '');
  assert.deepEqual(written.stderr.trimEnd().split('\n'), [
    `${file}:1:15: log.level: "loud" is not allowed; expected one of trace, debug, info, warn, error, fatal`,
    `${file}:2:1: foo: unknown key; allowed here: node, log, store, access, broker, sysmon, alarm, os_mon, vm_mon, management, gateways`,
    'PORTICO_LOG__FORMAT: log.format: "xml" is not allowed; expected text or json',
    'the configuration is wrong: 3 problems',
    'Correct the keys named and start again.',
  ]);
});

test('what the operator can put right is told in two lines on stderr', async () => {
  const { exitCode, written } = run('', {}, async () => {
    throw new PorticoError('PORTICO_ERR_ACL_FILE', 'acl.conf, line 3');
  });
  assert.equal(await exitCode, 1);
  assert.equal(
    written.stderr,
    'the access rules cannot be read: acl.conf, line 3\nCheck path and permissions of access.acl_file, or correct the line named.\n',
  );
});

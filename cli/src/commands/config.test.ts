import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import type { Settings } from '@portico/core';
import { overridesFile, writeOverridesFile } from '../overrides-file.js';
import { checkConfig } from './check-config.js';
import { showConfig } from './show-config.js';

const folder = mkdtempSync(join(tmpdir(), 'portico-config-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'portico.yaml');
const runtime = overridesFile(folder);
const env = { PORTICO_GATEWAYS__STOMP__MAX_HEADER_LENGTH: '2000' };

/** A hub whose file sets some keys, and in which these have been changed. */
async function given(settings: Settings): Promise<void> {
  const node = { data_dir: folder };
  writeFileSync(
    file,
    JSON.stringify({ node, gateways: { stomp: { max_headers: 20, max_body_length: '1MB' } } }),
  );
  await writeOverridesFile(runtime, settings);
}

async function show(key: string | undefined, { json = false } = {}) {
  const stdout = new PassThrough({ encoding: 'utf8' });
  let stderr = '';
  const write = (text: string) => (stderr += text);
  const status = await showConfig({ file, env, key, origin: true, json, stdout, stderr: { write } });
  return { status, stdout: String(stdout.read() ?? ''), stderr };
}

test('config show says of each key whether it comes from file, run-time change, environment or default', async () => {
  await given({ gateways: { stomp: { max_headers: 30 } } });
  const { status, stdout } = await show('gateways.stomp');
  assert.equal(status, 0);
  const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  for (const line of [
    `gateways.stomp.max_headers 30 ${runtime}:7:20`,
    `gateways.stomp.max_header_length 2000 PORTICO_GATEWAYS__STOMP__MAX_HEADER_LENGTH`,
    `gateways.stomp.max_body_length 1MB ${file}:1:${lineEnd('"max_body_length":')}`,
    'gateways.stomp.max_transactions 8 default',
  ]) {
    assert.ok(lines.includes(line), `${line} in ${stdout}`);
  }
  assert.equal(JSON.parse((await show('gateways.stomp.max_headers', { json: true })).stdout)[0].value, 30);
});

test('config show tells a key that there is not from one without a value, and blames neither on the configuration', async () => {
  await given({});
  for (const [key, told] of [
    ['gateways.stmp', 'gateways.stmp: unknown key; did you mean stomp?'],
    ['acess.acl_file', 'acess: unknown key; did you mean access?'],
    ['access.acl_file', 'access.acl_file: has no value of its own'],
    ['gateways..stomp', 'gateways..stomp: is not the path of a key'],
  ] as const) {
    const { status, stdout, stderr } = await show(key);
    assert.deepEqual([status, stdout], [1, '']);
    assert.ok(stderr.startsWith(`there is nothing to show: ${told}`), stderr);
  }
});

test('a key with a dot is shown in quotes, and found by that and without those it does not need', async () => {
  const mqtt = { enable: false, mqueue_priorities: { 'a.b': 5, 'c/d': 6 } };
  await given({ gateways: { mqtt } });
  for (const [key, line] of [
    ['gateways.mqtt.mqueue_priorities."a.b"', /^gateways\.mqtt\.mqueue_priorities\."a\.b" +5 /m],
    ['gateways.mqtt.mqueue_priorities.c/d', /^gateways\.mqtt\.mqueue_priorities\."c\/d" +6 /m],
  ] as const) {
    assert.match((await show(key)).stdout, line);
  }
});

/** Column of the file in which the value of a key begins. */
function lineEnd(key: string): number {
  const text = JSON.stringify({
    node: { data_dir: folder },
    gateways: { stomp: { max_headers: 20, max_body_length: '1MB' } },
  });
  return text.indexOf(key) + key.length + 1;
}

test('a change at run time that the configuration does not allow any more is told by check-config, with its place', async () => {
  await given({ gateways: { stomp: { max_headers: 5000 } } });
  let stderr = '';
  const write = (text: string) => (stderr += text);
  const status = await checkConfig({ file, env, stdout: { write }, stderr: { write } });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /runtime\.yaml:7:20: gateways\.stomp\.max_headers: 5000 is not allowed; expected .* 1 to 1000/,
  );
  assert.equal((await show(undefined)).status, 1);
});

test('what was changed is kept for the user of the hub alone, and in no file when nothing is', async () => {
  await given({ gateways: { stomp: { enable: false } } });
  assert.equal(statSync(runtime).mode & 0o777, 0o600);
  await given({});
  assert.throws(() => statSync(runtime), /ENOENT/);
  assert.match((await show('gateways.stomp.enable')).stdout, /true +default/);
});

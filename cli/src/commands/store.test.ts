import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LogStore, logStoreOptions, storeConfigSchema } from '@portico/core';
import { storeServices } from '@portico/core/testing';
import { storeCommands } from './store.js';

let data: string;
let folder: string;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'portico-store-'));
  folder = join(data, 'store');
  const store = await openStore();
  for (let number = 0; number < 10; number++) {
    store.put('sessions', String(number), Buffer.from(`session ${number}`));
    await store.commit();
  }
  store.put('bans', 'ü', Buffer.from([0, 255]));
  store.delete('sessions', '3');
  await store.close();
});
afterEach(() => rmSync(data, { recursive: true }));

function openStore(): Promise<LogStore> {
  return LogStore.open(folder, logStoreOptions(storeConfigSchema.parse({})), storeServices());
}

/** Runs a command on the store. @returns its exit code, and what it prints, line by line */
async function run(
  name: keyof typeof storeCommands,
  options: { dir?: string; file?: string } = { dir: folder },
) {
  const printed = { stdout: '', stderr: '' };
  const output = (to: keyof typeof printed) => ({
    write(text: string): boolean {
      printed[to] += text;
      return printed[to].length % 2 === 0;
    },
    once: (_event: 'drain', listener: () => void) => setImmediate(listener),
    on: () => {},
  });
  const code = await storeCommands[name]({
    file: options.file,
    dir: options.dir,
    env: {},
    stdout: output('stdout'),
    stderr: output('stderr'),
  });
  return {
    code,
    stdout: printed.stdout.split('\n').slice(0, -1),
    stderr: printed.stderr.split('\n').slice(0, -1),
  };
}

const FILE = '00000001.log';

function damage(offset: number): void {
  const bytes = readFileSync(join(folder, FILE));
  bytes[offset] = (bytes[offset] as number) ^ 1;
  writeFileSync(join(folder, FILE), bytes);
}

test('check counts the entries of each table', async () => {
  const size = readFileSync(join(folder, FILE)).length;
  assert.deepEqual(await run('check'), {
    code: 0,
    stdout: [`${folder}: ${size} bytes in 1 file`, 'sessions: 9', 'bans: 1', 'nothing is damaged'],
    stderr: [],
  });
  assert.deepEqual(readdirSync(folder), [FILE], 'nothing is left locked');
});

test('check names what is damaged with file and offset, and ends with 1', async () => {
  damage(60);
  const before = readFileSync(join(folder, FILE));
  const { code, stdout } = await run('check');
  assert.equal(code, 1);
  assert.equal(stdout[0], `${FILE}: 36 bytes at 40 damaged; what lay there is lost`);
  assert.ok(stdout.includes('sessions: 8'));
  assert.deepEqual(readFileSync(join(folder, FILE)), before, 'nothing is changed');
});

test('check tells of a batch that was cut short, which is no damage', async () => {
  const bytes = readFileSync(join(folder, FILE));
  writeFileSync(join(folder, FILE), bytes.subarray(0, -3));
  const { code, stdout } = await run('check');
  assert.equal(code, 0);
  assert.match(
    stdout[0] ?? '',
    /^00000001\.log: \d+ bytes at \d+ of a batch that was cut short; it does not count$/,
  );
  assert.ok(stdout.includes('sessions: 10'));
  assert.equal(readFileSync(join(folder, FILE)).length, bytes.length - 3, 'nothing is cut off');
});

test('compact gives space back', async () => {
  const { code, stdout } = await run('compact');
  assert.equal(code, 0);
  const [, before, after] = /: (\d+) bytes before, (\d+) bytes now$/.exec(stdout[0] ?? '') ?? [];
  assert.ok(Number(before) > Number(after));
  assert.deepEqual(readdirSync(folder), ['00000002.log']);
  assert.equal(readFileSync(join(folder, '00000002.log')).length, Number(after));
  const { stdout: checked } = await run('check');
  assert.deepEqual(checked.slice(1), ['sessions: 9', 'bans: 1', 'nothing is damaged']);
});

test('export prints every entry as JSON', async () => {
  const { code, stdout, stderr } = await run('export');
  assert.equal(code, 0);
  assert.deepEqual(stderr, []);
  assert.equal(stdout.length, 10);
  assert.deepEqual(JSON.parse(stdout[0] ?? ''), { table: 'sessions', key: '0', value: 'c2Vzc2lvbiAw' });
  assert.deepEqual(JSON.parse(stdout.at(-1) ?? ''), { table: 'bans', key: 'ü', value: 'AP8=' });
});

test('export leaves out what is damaged, says so, and ends with 1', async () => {
  damage(60);
  const { code, stdout, stderr } = await run('export');
  assert.equal(code, 1);
  assert.equal(stdout.length, 9);
  assert.deepEqual(stderr, [`${FILE}: 36 bytes at 40 damaged; what lay there is lost`]);
});

test('export ends when nobody reads on', async () => {
  const store = await openStore();
  for (let number = 0; number < 100; number++) store.put('large', String(number), Buffer.alloc(10_000));
  await store.close();
  const pipe = `"$0" store export --dir "$1" | head -1; echo "\${PIPESTATUS[0]}"`;
  const portico = fileURLToPath(new URL('../../../bin/portico', import.meta.url));
  const { stdout, stderr } = spawnSync('bash', ['-c', pipe, portico, folder], { encoding: 'utf8' });
  assert.equal(stderr, '');
  const [first, code] = stdout.trim().split('\n');
  assert.deepEqual([JSON.parse(first ?? '').key, code], ['0', '0']);
  assert.deepEqual(readdirSync(folder), [FILE], 'nothing is left locked');
});

test('the folder is that of the configuration where none is named', async () => {
  const file = join(data, 'portico.yaml');
  writeFileSync(file, `node: { data_dir: ${JSON.stringify(data)} }\n`);
  const { code, stdout } = await run('check', { file });
  assert.equal(code, 0);
  assert.ok(stdout[0]?.startsWith(`${folder}: `));
  writeFileSync(file, 'node: { data: x }\n');
  const wrong = await run('check', { file });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr[0] ?? '', /node\.data: unknown key/);
});

test('a store that is in use, or not there, is left alone', async () => {
  const store = await openStore();
  for (const name of ['check', 'compact', 'export'] as const) {
    const { code, stderr } = await run(name);
    assert.equal(code, 1);
    assert.match(stderr[0] ?? '', /^the store is in use: /);
  }
  await store.close();
  const missing = await run('compact', { dir: join(data, 'none') });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr[0] ?? '', /none: there is no such folder$/);
  for (const name of ['check', 'compact', 'export'] as const) {
    const around = await run(name, { dir: data });
    assert.equal(around.code, 1);
    assert.ok(
      around.stderr[0]?.endsWith(`: there is no store in this folder; there may be one in ${folder}`),
    );
  }
  assert.deepEqual(readdirSync(data), ['store']);
});

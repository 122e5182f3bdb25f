import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LogStore } from './log-store.js';
import { DEFAULT_OPTIONS, storeServices } from './testing/open-store.js';

/** With a real disk, in a process of its own. */

const directory = mkdtempSync(join(tmpdir(), 'portico-store-'));
after(() => rmSync(directory, { recursive: true }));

function program(name: string): string {
  return fileURLToPath(new URL(`./testing/${name}.js`, import.meta.url));
}

test('what a killed process has seen become durable is there, and its lock is no obstacle', async () => {
  const folder = join(directory, 'killed');
  const child = spawn(process.execPath, [program('endless-writer'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let durable = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    durable = Number(line);
    if (durable === 50) child.kill('SIGKILL');
  }
  await ended;
  const store = await LogStore.open(folder, DEFAULT_OPTIONS, storeServices());
  const keys = new Set(store.keys('t'));
  for (let number = 0; number <= durable; number++) {
    const deleted = number % 3 === 0 && number + 3 <= durable;
    if (deleted) assert.ok(!keys.has(String(number)), `${number} has come back`);
    else if (number + 3 <= durable || number % 3 !== 0)
      assert.ok(keys.has(String(number)), `${number} is lost`);
  }
  await store.close();
});

test('a limit of the system on the size of files is a full disk, and the next file goes on', async () => {
  const folder = join(directory, 'limited');
  const limited = [
    '-c',
    'ulimit -f 1000; exec "$0" "$@"',
    process.execPath,
    program('limited-writer'),
    folder,
  ];
  const child = spawn('bash', limited, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(lines, ['full']);
  assert.deepEqual(readdirSync(folder).sort(), ['00000001.log', '00000002.log', '00000003.log']);
  const { metrics, ...services } = storeServices();
  const store = await LogStore.open(folder, DEFAULT_OPTIONS, { metrics, ...services });
  assert.equal(metrics.get('store.damaged'), 0);
  let count = 0;
  for await (const [key, value] of store.entries('t')) {
    assert.deepEqual(value, Buffer.alloc(100_000, Number(key)));
    count++;
  }
  assert.equal(count, 30);
  await store.close();
});

test('a store is opened, by one process at a time, while its disk has no room for a byte', async () => {
  const folder = join(directory, 'no-room');
  const limited = ['-c', 'ulimit -f 0; exec "$0" "$@"', process.execPath, program('roomless-writer'), folder];
  const child = spawn('bash', limited, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(lines, ['PORTICO_ERR_STORE_LOCKED full']);
  assert.deepEqual(readdirSync(folder), []);
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { FolderLock } from './folder-lock.js';
import { thisProcess } from './lock-holder.js';
import { storeServices } from './testing/open-store.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HELD = { code: 'PORTICO_ERR_STORE_LOCKED' };

function take() {
  const { clock, timers } = storeServices();
  return FolderLock.take(folder, clock, timers);
}

function writeLock(holder: object, modified: number): void {
  const path = join(folder, 'lock');
  writeFileSync(path, JSON.stringify(holder));
  utimesSync(path, modified / 1000, modified / 1000);
}

test('a lock is taken once, and again when it has been released', async () => {
  const lock = await take();
  await assert.rejects(take(), HELD);
  await lock.release();
  assert.deepEqual(readdirSync(folder), []);
  await (await take()).release();
});

test('the process that has it is named', async () => {
  const lock = await take();
  await assert.rejects(take(), {
    message: `the store is in use: ${folder}/lock: process ${process.pid} on ${hostname()} uses it`,
  });
  await lock.release();
});

test('the lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, ['--version']);
  await once(child, 'close');
  const { clock } = storeServices();
  writeLock({ ...thisProcess(), pid: child.pid }, clock.now());
  const lock = await take();
  assert.equal(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')).pid, process.pid);
  await lock.release();
});

test('the lock of an earlier process with the pid of another is taken over', async () => {
  writeLock({ ...thisProcess(), pid: process.ppid, started: '1' }, storeServices().clock.now());
  await (await take()).release();
});

test('the lock of another host counts while it is touched', async () => {
  const { clock, timers } = storeServices();
  writeLock({ host: 'elsewhere', pid: 1 }, clock.now() - 14_000);
  await assert.rejects(FolderLock.take(folder, clock, timers), {
    ...HELD,
    message: /process 1 on elsewhere uses it/,
  });
  clock.advance(2_000);
  await (await FolderLock.take(folder, clock, timers)).release();
});

test('the lock of a process in another container counts while it is touched, whatever its host is called', async () => {
  const { clock, timers } = storeServices();
  writeLock({ ...thisProcess(), pid: 2 ** 22 + 1, pids: 'pid:[1]' }, clock.now() - 14_000);
  await assert.rejects(FolderLock.take(folder, clock, timers), HELD);
  clock.advance(2_000);
  await (await FolderLock.take(folder, clock, timers)).release();
});

test('who finds that another process has taken the lock over is told, and leaves it alone', async () => {
  const { clock, timers } = storeServices();
  const lock = await FolderLock.take(folder, clock, timers);
  const lost = new Promise<void>((resolve) => lock.onLost(resolve));
  writeLock({ host: 'elsewhere', pid: 1 }, clock.now());
  clock.advance(5_010);
  await lost;
  await lock.release();
  assert.deepEqual(readdirSync(folder), ['lock']);
  assert.equal(timers.size, 0);
});

test('a lock that is only being written counts too', async () => {
  const { clock, timers } = storeServices();
  writeLock({}, clock.now());
  writeFileSync(join(folder, 'lock'), '');
  utimesSync(join(folder, 'lock'), clock.now() / 1000, clock.now() / 1000);
  await assert.rejects(FolderLock.take(folder, clock, timers), {
    ...HELD,
    message: /another process uses it/,
  });
});

test('a lock is touched now and then, and not when it has been released', async () => {
  const { clock, timers } = storeServices();
  const lock = await FolderLock.take(folder, clock, timers);
  clock.advance(60_000);
  await lock.release();
  assert.equal(timers.size, 0);
});

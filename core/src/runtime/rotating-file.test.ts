import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RotatingFile } from './rotating-file.js';

const root = mkdtempSync(join(tmpdir(), 'portico-log-'));
after(() => rmSync(root, { recursive: true }));

/** A file in a folder that is not there yet. */
function fileWith(name: string, count: number) {
  const folder = join(root, name);
  const path = join(folder, 'x.log');
  const open = () => new RotatingFile(path, { size: 10, count });
  const files = () =>
    Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  return { folder, path, open, files };
}

/** @returns how many bytes were taken, or what was wrong */
function write(file: RotatingFile, text: string): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    file.write(Buffer.from(text), (error, written) => resolve(error === null ? written : error.code));
  });
}

test('a file that would get too large gets a number, and the oldest is deleted', async () => {
  const { path, open, files } = fileWith('some', 3);
  const file = open();
  for (const text of ['1111\n', '2222\n', '3333\n', '4444\n', '5555\n', '6666\n', '7777\n']) {
    assert.equal(await write(file, text), 5);
  }
  assert.deepEqual(files(), { 'x.log': '7777\n', 'x.log.1': '5555\n6666\n', 'x.log.2': '3333\n4444\n' });
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('what is written at once is not parted, whatever its size', async () => {
  const { open, files } = fileWith('large', 2);
  const file = open();
  await write(file, 'a\n');
  await write(file, 'more than ten\n');
  await write(file, 'b\n');
  assert.deepEqual(files(), { 'x.log': 'b\n', 'x.log.1': 'more than ten\n' });
});

test('where there may be one file it begins anew', async () => {
  const { open, files } = fileWith('one', 1);
  const file = open();
  for (const text of ['1111\n', '2222\n', '3333\n']) await write(file, text);
  assert.deepEqual(files(), { 'x.log': '3333\n' });
});

test('a file that is there is written on', async () => {
  const { open, files } = fileWith('again', 2);
  await write(open(), '1111\n');
  const file = open();
  await write(file, '2222\n');
  await write(file, '3333\n');
  assert.deepEqual(files(), { 'x.log': '3333\n', 'x.log.1': '1111\n2222\n' });
});

test('while a file cannot get its number, bytes are to be offered again', async () => {
  const { folder, open, files } = fileWith('stuck', 2);
  const file = open();
  await write(file, '1111\n2222\n');
  mkdirSync(join(folder, 'x.log.1', 'in the way'), { recursive: true });
  assert.equal(await write(file, '3333\n'), 'EAGAIN');
  rmSync(join(folder, 'x.log.1'), { recursive: true });
  assert.equal(await write(file, '3333\n'), 5);
  assert.deepEqual(files(), { 'x.log': '3333\n', 'x.log.1': '1111\n2222\n' });
});

test('a file that cannot be made is told with its path', () => {
  const { folder, open } = fileWith('none', 2);
  writeFileSync(folder, 'a file where the folder should be');
  assert.throws(open, { code: 'PORTICO_ERR_LOG_FILE', message: /none\/x\.log: / });
});

test('a fault is told with its reason, once; after it the file is opened anew', async () => {
  const { folder, path } = fileWith('fault', 2);
  const faults: (string | undefined)[] = [];
  const file = new RotatingFile(path, { size: 10, count: 2 }, (reason) => faults.push(reason));
  await write(file, '1111\n2222\n');
  mkdirSync(join(folder, 'x.log.1', 'in the way'), { recursive: true });
  await write(file, '3333\n');
  await write(file, '3333\n');
  assert.equal(faults.length, 1);
  assert.equal(file.fault, faults[0]);
  rmSync(folder, { recursive: true });
  assert.equal(await write(file, '3333\n'), 5);
  assert.equal(faults.at(-1), undefined);
  assert.equal(readFileSync(path, 'utf8'), '3333\n');
});

test('a disk without room is waited for, from the start on', async () => {
  const faults: (string | undefined)[] = [];
  const file = new RotatingFile('/dev/full', { size: 10, count: 2 }, (reason) => faults.push(reason));
  assert.equal(await write(file, '1111\n'), 'EAGAIN');
  assert.deepEqual(faults, ['no space left on the disk']);
  file.close();
});

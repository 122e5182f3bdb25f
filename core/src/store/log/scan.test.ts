import assert from 'node:assert/strict';
import test from 'node:test';
import { PUT, RECORD_HEADER_LENGTH, recordKey, recordRoom, sealRecord, writeRecord } from './record.js';
import { scan } from './scan.js';
import { MemoryFolder } from './testing/memory-folder.js';

const SALT = 1;

function record(key: string, value: Buffer): Buffer {
  const buffer = Buffer.alloc(recordRoom('t', key, value.length));
  const length = writeRecord(buffer, 0, PUT, 't', key, value);
  sealRecord(buffer, 0, SALT, true, true);
  return buffer.subarray(0, length);
}

/** What a scan tells, in words. */
async function told(bytes: Buffer, piece?: number): Promise<string[]> {
  const folder = new MemoryFolder();
  folder.set('file', bytes);
  const file = await folder.open('file', 'existing');
  const lines: string[] = [];
  const visitor = {
    record: (buffer: Buffer, at: number) => void lines.push(recordKey(buffer, at)),
    damage: ({ offset, length, cut }: { offset: number; length: number; cut: boolean }) =>
      void lines.push(`${cut ? 'cut' : 'damaged'} ${offset}+${length}`),
  };
  await scan({ file, salt: SALT, start: 0, end: bytes.length }, visitor, piece);
  return lines;
}

const A = record('a', Buffer.alloc(10));
const B = record('b', Buffer.alloc(300));
const C = record('c', Buffer.alloc(20));

test('records are found whatever the size of the pieces', async () => {
  const bytes = Buffer.concat([A, B, C]);
  for (let piece = RECORD_HEADER_LENGTH; piece < bytes.length + 10; piece++) {
    assert.deepEqual(await told(bytes, piece), ['a', 'b', 'c'], `pieces of ${piece}`);
  }
});

test('damage is found whatever the size of the pieces', async () => {
  const bytes = Buffer.concat([A, B, C, A.subarray(0, 5)]);
  bytes.fill(0xff, A.length + 4, A.length + 8);
  const expected = ['a', `damaged ${A.length}+${B.length}`, 'c', `cut ${A.length + B.length + C.length}+5`];
  for (let piece = RECORD_HEADER_LENGTH; piece < bytes.length + 10; piece++) {
    assert.deepEqual(await told(bytes, piece), expected, `pieces of ${piece}`);
  }
});

test('a record that has lost its end hides none of those that follow, however many', async () => {
  const start = B.subarray(0, 100);
  for (let count = 1; count < 20; count++) {
    const followers = Array.from({ length: count }, () => A);
    const lines = await told(Buffer.concat([C, start, ...followers]));
    assert.deepEqual(lines, ['c', `damaged ${C.length}+100`, ...followers.map(() => 'a')]);
  }
});

test('a file without a record is damaged as a whole, or cut', async () => {
  assert.deepEqual(await told(Buffer.alloc(100)), ['damaged 0+100']);
  assert.deepEqual(await told(Buffer.alloc(10)), ['cut 0+10']);
  assert.deepEqual(await told(B.subarray(0, 200)), ['cut 0+200']);
  assert.deepEqual(await told(Buffer.alloc(0)), []);
});

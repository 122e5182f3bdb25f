import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  DELETE,
  isFirstOfBatch,
  isLastOfBatch,
  isSound,
  PUT,
  RECORD_HEADER_LENGTH,
  recordKey,
  recordKind,
  recordRoom,
  recordTable,
  recordValue,
  sealRecord,
  soundLength,
  writeRecord,
} from './record.js';

const SALT = 0x12345678;

/** A sealed record by itself. */
function record(kind: typeof PUT | typeof DELETE, table: string, key: string, value?: Buffer): Buffer {
  const buffer = Buffer.alloc(recordRoom(table, key, value?.length ?? 0));
  const length = writeRecord(buffer, 0, kind, table, key, value);
  sealRecord(buffer, 0, SALT, true, false);
  return buffer.subarray(0, length);
}

test('the bytes of a put', () => {
  assert.equal(
    record(PUT, 'bans', 'clé', Buffer.from('value')).toString('hex'),
    // crc     check    length   key len  kind table
    '39b54046' + '97033020' + '1f000000' + '04000000' + '41' + '04' + '62616e73' + '636cc3a9' + '76616c7565',
  );
});

test('the bytes of a delete', () => {
  assert.equal(
    record(DELETE, 'bans', 'x').toString('hex'),
    '4b0b7d77' + '8908a9a1' + '17000000' + '01000000' + '42' + '04' + '62616e73' + '78',
  );
});

test('what is written is read', () => {
  const anything = fc.tuple(
    fc.constantFrom<typeof PUT | typeof DELETE>(PUT, DELETE),
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    fc.boolean(),
    fc.boolean(),
  );
  fc.assert(
    fc.property(anything, ([kind, table, key, value, first, last]) => {
      const buffer = Buffer.alloc(7 + recordRoom(table, key, value.length));
      const length = writeRecord(buffer, 7, kind, table, key, Buffer.from(value));
      sealRecord(buffer, 7, SALT, first, last);
      assert.equal(soundLength(buffer, 7, SALT), length);
      assert.equal(isSound(buffer, 7, length, SALT), true);
      assert.equal(recordKind(buffer, 7), kind);
      assert.equal(recordTable(buffer, 7), table);
      assert.equal(recordKey(buffer, 7), key);
      assert.deepEqual(recordValue(buffer, 7), Buffer.from(value));
      assert.equal(isFirstOfBatch(buffer, 7), first);
      assert.equal(isLastOfBatch(buffer, 7), last);
    }),
  );
});

test('a changed bit is noticed, wherever it is', () => {
  const sound = record(PUT, 'table', 'key', Buffer.from('some value'));
  for (let bit = 0; bit < sound.length * 8; bit++) {
    const changed = Buffer.from(sound);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    const length = soundLength(changed, 0, SALT);
    assert.ok(length === 0 || length === sound.length, `bit ${bit} changes the length`);
    if (length > 0) assert.equal(isSound(changed, 0, length, SALT), false, `bit ${bit}`);
  }
});

test('a record of a segment with another salt is none', () => {
  const sound = record(PUT, 'table', 'key', Buffer.from('some value'));
  assert.equal(soundLength(sound, 0, SALT + 1), 0);
  assert.equal(isSound(sound, 0, sound.length, SALT + 1), false);
});

test('empty bytes are no record', () => {
  assert.equal(soundLength(Buffer.alloc(RECORD_HEADER_LENGTH), 0, SALT), 0);
});

test('the name of a table has at most 255 bytes', () => {
  assert.throws(() => record(PUT, 't'.repeat(256), 'key'), RangeError);
});

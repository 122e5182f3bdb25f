import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bcd, byte, dword, since, text, word } from './field.js';
import { readRecord, record, writeRecord } from './record.js';
import { leadingRun } from './run.js';

const SHAPE = { alarm: dword, 'odd "name"': word, flag: byte, time: bcd(6), iccid: bcd(11), late: dword };
const OPTIONS = { edition: 2013 };

const digits = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes).toString('hex'));
const values = fc.record(
  {
    alarm: fc.nat(0xffffffff),
    'odd "name"': fc.nat(0xffff),
    flag: fc.nat(0xff),
    time: digits(6),
    iccid: digits(11),
    late: fc.nat(0xffffffff),
  },
  { noNullPrototype: true },
);

test('a run is the fields of fixed size that are always there, up to the first other', () => {
  const found = (shape: object) => leadingRun(Object.keys(shape), Object.values(shape));
  assert.deepEqual(
    [
      found(SHAPE),
      found({ a: byte, b: word, c: text(2), d: byte }),
      found({ a: byte, b: word, c: since(2019, byte) }),
    ].map((run) => [run?.count, run?.size]),
    [
      [6, 28],
      [2, 3],
      [2, 3],
    ],
  );
  assert.equal(found({ a: byte, b: text(2) }), undefined);
});

test('a run reads and writes what its fields do one by one', () => {
  // A field before it that is only there since 2019 leaves the record without a run.
  const [withRun, without] = [record(SHAPE), record({ first: since(2019, byte), ...SHAPE })];
  fc.assert(
    fc.property(values, (value) => {
      const bytes = Buffer.from(writeRecord(without, value, OPTIONS, 'body'));
      assert.deepEqual(writeRecord(withRun, value, OPTIONS, 'body'), bytes);
      assert.deepEqual(readRecord(withRun, bytes, OPTIONS), { value, faults: [], length: 28 });
      assert.deepEqual(readRecord(withRun, bytes, OPTIONS), readRecord(without, bytes, OPTIONS));
    }),
  );
});

test('where bytes are missing the fields before them stand', () => {
  const { value, faults } = readRecord(record(SHAPE), Buffer.from('000000010002', 'hex'), OPTIONS);
  assert.deepEqual(value, { alarm: 1, 'odd "name"': 2 });
  assert.deepEqual(
    faults.map(({ path, code, offset }) => [path, code, offset]),
    [['flag', 'truncated', 6]],
  );
});

test('a value that cannot be written is named, and too few digits get zeros before them', () => {
  const sound = { alarm: 1, 'odd "name"': 2, flag: 3, time: '4', iccid: '5', late: 6 };
  const written = writeRecord(record(SHAPE), sound, OPTIONS, 'body').toString('hex');
  assert.equal(written, `00000001000203${'4'.padStart(12, '0')}${'5'.padStart(22, '0')}00000006`);
  for (const [name, bad] of [
    ['alarm', 2 ** 32],
    ['alarm', -1],
    ['alarm', undefined],
    ['odd "name"', 65_536],
    ['flag', 1.5],
    ['flag', '1'],
    ['time', '12345678901x'],
    ['late', Number.NaN],
  ] as const) {
    assert.throws(() => writeRecord(record(SHAPE), { ...sound, [name]: bad }, OPTIONS, 'body'), {
      name: 'RecordError',
      path: `body.${name}`,
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bits } from './bits.js';
import { base64, bcd, before, byte, countOf, dword, since, sizeOf, text, when, word } from './field.js';
import { items } from './items.js';
import { list } from './list.js';
import { type ReadResult, type RecordField, readRecord, record, type Shape, writeRecord } from './record.js';
import { RecordError } from './record-error.js';
import type { FieldSpan } from './record-reader.js';
import { UTF8 } from './text-codec.js';

const OPTIONS = { edition: 2013, text: UTF8 };

const extra = items({
  table: new Map([
    [1, { name: 'mileage', field: dword }],
    [37, { name: 'signal', field: bits(dword, ['low_beam', 'high_beam']) }],
    [48, { name: 'rssi', field: byte }],
  ]),
  custom: { name: 'custom', from: 240 },
});

const message = record({
  seq: word,
  time: bcd(6),
  plate: text(8),
  note_length: sizeOf('note', text('rest'), byte),
  note: text('note_length'),
  count: countOf('params', byte),
  params: list(record({ id: dword, value: base64(2) }), 'count'),
  version: since(2019, byte),
  old: before(2019, byte),
  odd: when((_edition, { seq }) => Number(seq) % 2 === 1, 'seq is odd', byte),
  extra,
});

const VALUE = {
  seq: 3,
  time: '220720103957',
  plate: '粤B1234',
  note_length: 5,
  note: 'hé:x',
  count: 2,
  params: [
    { id: 1, value: 'AAE=' },
    { id: 0xffffffff, value: '//8=' },
  ],
  old: 7,
  odd: 9,
  extra: {
    '235': 'AAE=',
    mileage: 3646,
    signal: { low_beam: 0, high_beam: 1 },
    rssi: 31,
    custom: { '240': 'CQ==' },
  },
};
const HEX =
  '0003220720103957e7b2a4423132333405' +
  '68c3a93a7802000000010001ffffffffffff0709' +
  'eb020001010400000e3e25040000000230011ff00109';

function read<S extends Shape>(described: RecordField<S>, hex: string): ReadResult<unknown> {
  return readRecord(described, Buffer.from(hex, 'hex'), OPTIONS);
}

test('a record is read and written by the same description', () => {
  const { value, faults, length } = read(message, HEX);
  assert.deepEqual({ value, faults, length }, { value: VALUE, faults: [], length: HEX.length / 2 });
  assert.equal(writeRecord(message, VALUE, OPTIONS, 'body').toString('hex'), HEX);
});

test('what is counted and measured need not be told', () => {
  const { note_length, count, ...value } = VALUE;
  assert.equal(note_length + count, 7);
  assert.equal(writeRecord(message, value, OPTIONS, 'body').toString('hex'), HEX);
});

test('bytes that end too soon give what there is, and say where', () => {
  const { value, faults } = read(message, HEX.slice(0, 46));
  assert.deepEqual(value, {
    seq: 3,
    time: '220720103957',
    plate: '粤B1234',
    note_length: 5,
    note: 'hé:x',
    count: 2,
    params: [],
  });
  const [fault] = faults;
  assert.deepEqual(fault, {
    path: 'params.0.id',
    code: 'truncated',
    offset: 23,
    reason: '4 bytes are due, 0 are left',
  });
});

test('an item that does not fit is passed on as bytes, and the rest is read', () => {
  const { value, faults } = read(record({ extra }), '0102000130011f');
  assert.deepEqual(value, { extra: { '1': 'AAE=', rssi: 31 } });
  assert.deepEqual(
    faults.map(({ path, code }) => ({ path, code })),
    [{ path: 'extra.mileage', code: 'truncated' }],
  );
  const long = read(record({ extra }), '3002ff00');
  assert.deepEqual(long.value, { extra: { '48': '/wA=' } });
  assert.equal(long.faults[0]?.code, 'wrong_length');
});

test('a fault within fields of fields is named once', () => {
  const nested = record({ count: byte, ids: list(record({ a: word }), 'count'), all: list(word, 'count') });
  const paths = ['0200', '02000100020003'].map((hex) => read(nested, hex).faults.map(({ path }) => path));
  assert.deepEqual(paths, [['ids.0.a'], ['all']]);
});

test('an item that is longer than what is left ends the record', () => {
  const { faults } = read(record({ extra }), '30011f0108ffff');
  assert.deepEqual(
    faults.map(({ code, reason }) => ({ code, reason })),
    [{ code: 'truncated', reason: 'item 1 has 8 bytes, 2 are left' }],
  );
});

test('the place of every field can be had', () => {
  const spans: FieldSpan[] = [];
  const small = record({ count: countOf('ids', byte), ids: list(record({ id: word }), 'count') });
  readRecord(small, Buffer.from('0200010002', 'hex'), { edition: 2013, spans });
  assert.deepEqual(spans, [
    { path: 'count', type: 'BYTE', start: 0, end: 1 },
    { path: 'ids.0.id', type: 'WORD', start: 1, end: 3 },
    { path: 'ids.1.id', type: 'WORD', start: 3, end: 5 },
    { path: 'ids', type: 'record …', start: 1, end: 5 },
  ]);
});

const WRONG: readonly { readonly change: object; readonly path: string; readonly reason: RegExp }[] = [
  { change: { seq: 65536 }, path: 'body.seq', reason: /integer from 0 to 65535/ },
  { change: { seq: '3' }, path: 'body.seq', reason: /integer/ },
  { change: { time: '2207201039579' }, path: 'body.time', reason: /at most 12 digits/ },
  { change: { time: 'now' }, path: 'body.time', reason: /digits/ },
  { change: { plate: '粤粤粤' }, path: 'body.plate', reason: /9 bytes, but 8/ },
  { change: { note: 5 }, path: 'body.note', reason: /text that utf8 can write/ },
  { change: { params: undefined }, path: 'body.params', reason: /list/ },
  { change: { params: [{ id: 1, value: 'A*' }] }, path: 'body.params.0.value', reason: /base64/ },
  { change: { params: [{ id: 1, value: 'AA==' }] }, path: 'body.params.0.value', reason: /1 bytes, but 2/ },
  { change: { extra: 5 }, path: 'body.extra', reason: /object/ },
  { change: { extra: { mileage: -1 } }, path: 'body.extra.mileage', reason: /integer/ },
  { change: { extra: { milage: 'AA==' } }, path: 'body.extra.milage', reason: /integer/ },
  { change: { extra: { '5': 5 } }, path: 'body.extra.5', reason: /base64/ },
  { change: { extra: { custom: 5 } }, path: 'body.extra.custom', reason: /object/ },
  { change: { extra: { custom: { '240': 5 } } }, path: 'body.extra.custom.240', reason: /base64/ },
];

for (const { change, path, reason } of WRONG) {
  test(`${JSON.stringify(change)} cannot be written`, () => {
    assert.throws(
      () => writeRecord(message, { ...VALUE, ...change }, OPTIONS, 'body'),
      (error) => {
        assert.ok(error instanceof RecordError);
        assert.equal(error.path, path);
        assert.match(error.reason, reason);
        return true;
      },
    );
  });
}

test('any bytes are read, and what is read whole is written alike', () => {
  const bytes = fc.uint8Array({ maxLength: 120 }).map((array) => Buffer.from(array));
  const plain = record({ a: byte, count: countOf('b', byte), b: list(word, 'count'), c: base64('rest') });
  fc.assert(
    fc.property(bytes, (any) => {
      readRecord(message, any, OPTIONS);
      const { value, faults } = readRecord(plain, any, OPTIONS);
      if (faults.length === 0) assert.deepEqual(writeRecord(plain, value, OPTIONS, 'body'), any);
    }),
  );
});

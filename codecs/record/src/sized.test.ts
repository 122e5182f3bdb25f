import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packed } from './bits.js';
import { base64, byte, characters, countOf, dword, optional, text, word } from './field.js';
import { items } from './items.js';
import { list } from './list.js';
import { type RecordField, readRecord, record, type Shape, writeRecord } from './record.js';
import { RecordError } from './record-error.js';
import { byEdition, choice, joined, sized } from './sized.js';

const OPTIONS = { edition: 2019 };

const parameter = record({
  id: byte,
  value: sized(byte, choice('id', new Map([[1, word]]), base64('rest')), base64('rest')),
});
const parameters = record({ count: countOf('params', byte), params: list(parameter, 'count') });
const named = record({ name: sized(byte, text('rest')), note: optional(text('rest')) });
const can = record({
  data: joined(packed(dword, { channel: 1, id: 31 }), record({ bytes: base64(2) })),
});

interface Good {
  readonly field: RecordField<Shape>;
  readonly hex: string;
  readonly value: Record<string, unknown>;
}

const GOOD: readonly Good[] = [
  {
    field: parameters,
    hex: '020102000a0901ff',
    value: {
      count: 2,
      params: [
        { id: 1, value: 10 },
        { id: 9, value: '/w==' },
      ],
    },
  },
  { field: named, hex: '026869', value: { name: 'hi' } },
  { field: named, hex: '026869686f', value: { name: 'hi', note: 'ho' } },
  { field: can, hex: '800000030102', value: { data: { channel: 1, id: 3, bytes: 'AQI=' } } },
  { field: record({ n: byEdition(byte, [2013, word], [2019, dword]) }), hex: '00000009', value: { n: 9 } },
  { field: record({ name: characters(3) }), hex: '684900', value: { name: 'hI\0' } },
];

for (const { field, hex, value } of GOOD) {
  test(`${hex} is read as ${JSON.stringify(value)}, and written`, () => {
    const result = readRecord(field, Buffer.from(hex, 'hex'), OPTIONS);
    assert.deepEqual({ value: result.value, faults: result.faults }, { value, faults: [] });
    assert.equal(writeRecord(field, value, OPTIONS, 'body').toString('hex'), hex);
  });
}

test('a count may be missing with its list', () => {
  const described = record({
    type: byte,
    count: optional(countOf('ids', byte), 'ids'),
    ids: optional(list(word, 'count'), 'count'),
  });
  for (const [hex, value] of [
    ['07', { type: 7 }],
    ['0700', { type: 7, count: 0, ids: [] }],
    ['07010009', { type: 7, count: 1, ids: [9] }],
  ] as const) {
    assert.deepEqual(readRecord(described, Buffer.from(hex, 'hex'), OPTIONS).value, value);
    assert.equal(writeRecord(described, value, OPTIONS, 'body').toString('hex'), hex);
  }
});

test('a record may be written behind room for something else, however long it is', () => {
  const described = record({ bytes: base64('rest') });
  for (const size of [0, 3, 100_000, 2]) {
    const bytes = Buffer.alloc(size, 7);
    const written = writeRecord(described, { bytes: bytes.toString('base64') }, OPTIONS, 'body', 5);
    assert.deepEqual(written.subarray(5), bytes);
    assert.equal(written.length, size + 5);
  }
});

test('a field may depend on the edition', () => {
  const described = record({ n: byEdition(byte, [2013, word], [2019, dword]) });
  for (const [edition, hex] of [
    [2011, '09'],
    [2013, '0009'],
    [2016, '0009'],
  ] as const) {
    assert.equal(writeRecord(described, { n: 9 }, { edition }, 'body').toString('hex'), hex);
  }
});

test('what does not fit its size is read otherwise, and what is behind it as ever', () => {
  const { value, faults } = readRecord(parameters, Buffer.from('020103000a0b010200ff', 'hex'), OPTIONS);
  assert.deepEqual(value, {
    count: 2,
    params: [
      { id: 1, value: 'AAoL' },
      { id: 1, value: 255 },
    ],
  });
  assert.deepEqual(faults, [
    { path: 'params.0.value', code: 'wrong_length', offset: 5, reason: '1 byte too many' },
  ]);
});

test('a size beyond the end, and what does not fit without another way to read it, end the record', () => {
  const beyond = readRecord(named, Buffer.from('0568', 'hex'), OPTIONS);
  assert.deepEqual(beyond.value, {});
  assert.equal(beyond.faults[0]?.path, 'name');
  const strict = record({ value: sized(byte, word), more: byte });
  const short = readRecord(strict, Buffer.from('01ff07', 'hex'), OPTIONS);
  assert.deepEqual(
    { value: short.value, codes: short.faults.map(({ code }) => code) },
    {
      value: {},
      codes: ['truncated'],
    },
  );
});

test('what was read of a list and of a record within stands when the bytes end too soon', () => {
  const { value } = readRecord(parameters, Buffer.from('030102000a09', 'hex'), OPTIONS);
  assert.deepEqual(value, { count: 3, params: [{ id: 1, value: 10 }, { id: 9 }] });
  const nested = record({ inner: record({ a: byte, b: word }), more: byte });
  assert.deepEqual(readRecord(nested, Buffer.from('0701', 'hex'), OPTIONS).value, { inner: { a: 7 } });
});

test('text of fixed length may have its padding before it', () => {
  const { value } = readRecord(record({ a: text(6) }), Buffer.from('0000414200ff', 'hex'), OPTIONS);
  assert.deepEqual(value, { a: 'AB' });
});

test('an item that is known by another meaning too is no fault', () => {
  const table = new Map([[1, { name: 'level', field: byte, ambiguous: true }]]);
  const described = record({ extra: items({ table }) });
  const { value, faults } = readRecord(described, Buffer.from('01020304', 'hex'), OPTIONS);
  assert.deepEqual({ value, faults }, { value: { extra: { '1': 'AwQ=' } }, faults: [] });
});

const WRONG: readonly { field: RecordField<Shape>; value: unknown; path: string; reason: RegExp }[] = [
  {
    field: parameters,
    value: { params: [{ id: 1, value: '' }] },
    path: 'body.params.0.value',
    reason: /integer/,
  },
  { field: named, value: { name: 'x'.repeat(256) }, path: 'body.name', reason: /256 bytes are too many/ },
  { field: can, value: { data: 7 }, path: 'body.data', reason: /object/ },
  {
    field: can,
    value: { data: { channel: 2, id: 1, bytes: '' } },
    path: 'body.data.channel',
    reason: /0 to 1/,
  },
];

for (const { field, value, path, reason } of WRONG) {
  test(`${JSON.stringify(value).slice(0, 60)} cannot be written`, () => {
    assert.throws(
      () => writeRecord(field, value, OPTIONS, 'body'),
      (error) => {
        assert.ok(error instanceof RecordError);
        assert.equal(error.path, path);
        assert.match(error.reason, reason);
        return true;
      },
    );
  });
}

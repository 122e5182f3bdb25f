import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecord, record, UTF8, word, writeRecord } from '@portico/record';
import { countedList } from './counted.js';

const OPTIONS = { edition: 2016, text: UTF8 };
const cells = record({
  ...countedList('Count', 'Cells', word),
  ...countedList('Total', 'Others', word, word),
});

function assertSame(hex: string, value: object): void {
  assert.deepEqual(readRecord(cells, Buffer.from(hex, 'hex'), OPTIONS).value, value);
  assert.equal(writeRecord(cells, value, OPTIONS, 'cells').toString('hex'), hex);
}

test('the number before a list says how many elements it has', () => {
  assertSame('02000a000b' + '0001000c', { Count: 2, Cells: [10, 11], Total: 1, Others: [12] });
});

test('of a number that says that it is not known, no elements follow', () => {
  assertSame('fe' + 'ffff', { Count: 0xfe, Cells: [], Total: 0xffff, Others: [] });
});

test('a number that is wrong, or not there, is counted', () => {
  const value = { Count: 9, Cells: [10], Others: [] };
  assert.equal(writeRecord(cells, value, OPTIONS, 'cells').toString('hex'), '01000a' + '0000');
});

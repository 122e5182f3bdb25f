import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32 } from 'node:zlib';
import { decodeSegmentHeader, encodeSegmentHeader, SEGMENT_HEADER_LENGTH } from './segment-header.js';

const HEADER = {
  number: 2,
  created: Date.UTC(2026, 0, 1),
  salt: 0x12345678,
  previousEnd: 64 * 1024 * 1024 + 5,
};

test('the bytes of a header', () => {
  assert.equal(
    encodeSegmentHeader(HEADER).toString('hex'),
    '504f525449434f0a' +
      '01000000' +
      '02000000' +
      '00a8da769b010000' +
      '78563412' +
      '0500000400000000' +
      '337bff09',
  );
});

test('what is written is read', () => {
  assert.deepEqual(decodeSegmentHeader(encodeSegmentHeader(HEADER)), HEADER);
});

test('a changed bit is noticed, wherever it is', () => {
  for (let bit = 0; bit < SEGMENT_HEADER_LENGTH * 8; bit++) {
    const bytes = encodeSegmentHeader(HEADER);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.equal(typeof decodeSegmentHeader(bytes), 'string', `bit ${bit}`);
  }
});

test('a header that is not all there is none', () => {
  assert.equal(decodeSegmentHeader(encodeSegmentHeader(HEADER).subarray(0, 39)), 'it is too short');
});

test('a newer format is refused by its number', () => {
  const bytes = encodeSegmentHeader(HEADER);
  bytes.writeUInt32LE(2, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36);
  assert.equal(
    decodeSegmentHeader(bytes),
    'it has format 2, of a newer Portico; this one reads formats up to 1',
  );
});

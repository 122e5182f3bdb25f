import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DerError, DerReader, objectIdentifier, sequenceOf, smallInteger, Tag, time } from './der.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const first = (text: string) => new DerReader(hex(text)).next();

test('elements are read one after the other, of short and of long lengths', () => {
  const long = Buffer.alloc(300, 7);
  const reader = new DerReader(Buffer.concat([hex('02 01 05 04 82 01 2c'), long]));
  assert.deepEqual(reader.take(Tag.integer).content, hex('05'));
  assert.equal(reader.optional(Tag.boolean), undefined);
  const octets = reader.optional(Tag.octetString);
  assert.deepEqual(octets?.content, long);
  assert.equal(octets?.whole.length, 304);
  assert.equal(reader.done, true);
});

test('what is no DER is refused: cut off, beyond the end, indefinite, with lengths longer than need be', () => {
  for (const bad of [
    '',
    '30',
    '30 05 00',
    '30 80 00 00',
    '30 81 05',
    '30 82 00 85',
    '1f 81 00',
    '30 85 01 01 01 01 01',
  ]) {
    assert.throws(() => first(bad), DerError, bad);
  }
  assert.throws(() => sequenceOf(hex('30 00 00')), DerError, 'something behind it');
  assert.throws(() => sequenceOf(hex('02 00')), DerError, 'no sequence');
});

test('object identifiers, numbers and times have the values that X.690 says', () => {
  assert.equal(objectIdentifier(first('06 03 55 1d 13')), '2.5.29.19');
  assert.equal(objectIdentifier(first('06 08 2a 86 48 ce 3d 04 03 02')), '1.2.840.10045.4.3.2');
  assert.equal(objectIdentifier(first('06 03 88 37 03')), '2.999.3');
  assert.throws(() => objectIdentifier(first('06 01 86')), DerError);
  assert.throws(() => objectIdentifier(first('06 09 ff ff ff ff ff ff ff ff 7f')), DerError);
  assert.equal(smallInteger(first('02 02 00 ff')), 255);
  assert.throws(() => smallInteger(first('02 01 ff')), DerError);
  const text = (tag: number, value: string) =>
    new DerReader(Buffer.concat([Buffer.from([tag, value.length]), Buffer.from(value)])).next();
  assert.equal(time(text(Tag.utcTime, '491231235959Z')), Date.UTC(2049, 11, 31, 23, 59, 59));
  assert.equal(time(text(Tag.utcTime, '500101000000Z')), Date.UTC(1950, 0, 1));
  assert.equal(time(text(Tag.generalizedTime, '20500101000000Z')), Date.UTC(2050, 0, 1));
  for (const bad of ['20500101000000Z', '5001010000Z', 'soon']) {
    assert.throws(() => time(text(Tag.utcTime, bad)), DerError);
  }
});

test('any bytes are elements or a DerError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const reader = new DerReader(Buffer.from(bytes));
      try {
        while (!reader.done) reader.next();
      } catch (error) {
        assert.ok(error instanceof DerError);
      }
    }),
  );
});

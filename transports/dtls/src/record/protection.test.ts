import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CIPHER_SUITES } from '../cipher-suites.js';
import { Opener, Sealer } from './protection.js';
import { CONTENT, MAX_PLAINTEXT, plainRecord, RecordCursor } from './record.js';

const keys = { key: Buffer.alloc(16, 5), fixedIv: Buffer.from('01020304', 'hex') };
const suite = CIPHER_SUITES.TLS_PSK_WITH_AES_128_CCM_8;

function cursorAt(record: Buffer, cidLength = 0): RecordCursor {
  const cursor = new RecordCursor(Buffer.from(record), cidLength);
  assert.equal(cursor.next(), undefined);
  return cursor;
}

for (const [name, row] of Object.entries(CIPHER_SUITES)) {
  test(`${name}: what is sealed opens to the same, with and without connection id`, () => {
    const check = (data: Uint8Array, cid: Uint8Array) => {
      const sealer = new Sealer(row, keys, Buffer.from(cid));
      const opener = new Opener(row, keys, cid.length);
      for (const type of [CONTENT.application_data, CONTENT.alert]) {
        const cursor = cursorAt(sealer.seal(type, Buffer.from(data)), cid.length);
        assert.equal(cursor.type, cid.length > 0 ? CONTENT.tls12_cid : type);
        assert.equal(opener.open(cursor), undefined);
        assert.equal(cursor.type, type);
        assert.deepEqual(cursor.body, Buffer.from(data));
      }
    };
    const data = fc.uint8Array({ maxLength: 100 });
    fc.assert(fc.property(data, fc.uint8Array({ maxLength: 20 }), check), { seed: 9146 });
  });
}

test('the bytes of a record without connection id', () => {
  const record = new Sealer(suite, keys, undefined).seal(CONTENT.application_data, Buffer.from('abc'));
  assert.equal(record.subarray(0, 21).toString('hex'), '17fefd00010000000000000013' + '0001000000000000');
  assert.equal(record.length, 13 + 8 + 3 + 8);
});

test('a record comes once', () => {
  const record = new Sealer(suite, keys, undefined).seal(CONTENT.application_data, Buffer.from('abc'));
  const opener = new Opener(suite, keys, 0);
  assert.equal(opener.open(cursorAt(record)), undefined);
  assert.equal(opener.open(cursorAt(record)), 'replayed');
});

test('a forged record takes no place in the window, and newest is told of the newest alone', () => {
  const sealer = new Sealer(suite, keys, undefined);
  const [first, second] = [1, 2].map(() => sealer.seal(CONTENT.application_data, Buffer.from('abc')));
  const opener = new Opener(suite, keys, 0);
  const forged = Buffer.from(second as Buffer);
  forged[25] = (forged[25] as number) ^ 1;
  assert.equal(opener.open(cursorAt(forged)), 'bad_record_mac');
  assert.equal(opener.open(cursorAt(second as Buffer)), undefined);
  assert.equal(opener.newest, true);
  assert.equal(opener.open(cursorAt(first as Buffer)), undefined);
  assert.equal(opener.newest, false);
});

test('other epochs, and records without the connection id that was agreed on, are not looked at', () => {
  const plain = plainRecord(CONTENT.application_data, 0, Buffer.alloc(40));
  assert.equal(new Opener(suite, keys, 0).open(cursorAt(plain)), 'wrong_epoch');
  const record = new Sealer(suite, keys, undefined).seal(CONTENT.application_data, Buffer.from('abc'));
  assert.equal(new Opener(suite, keys, 4).open(cursorAt(record)), 'wrong_epoch');
});

test('zeros behind the inner type are padding, and zeros alone are of no type', () => {
  const cid = Buffer.from('c1d0', 'hex');
  for (const [inner, type, body] of [
    ['616263' + '17' + '000000', 23, '616263'],
    ['17', 23, ''],
    ['000000', 0, ''],
  ] as const) {
    const text = Buffer.from(inner, 'hex');
    const record = new Sealer(suite, keys, cid).seal(text.at(-1) as number, text.subarray(0, -1));
    const cursor = cursorAt(record, 2);
    assert.equal(new Opener(suite, keys, 2).open(cursor), undefined);
    assert.deepEqual([cursor.type, cursor.body.toString('hex')], [type, body]);
  }
});

test('the records of a datagram, to its last byte', () => {
  const records = [plainRecord(22, 1, Buffer.from('ab')), plainRecord(20, 2, Buffer.alloc(0))];
  const cursor = new RecordCursor(Buffer.concat(records), 0);
  const seen: unknown[] = [];
  while (cursor.more) {
    assert.equal(cursor.next(), undefined);
    seen.push([cursor.type, cursor.epoch, cursor.sequence, cursor.body.toString()]);
  }
  assert.deepEqual(seen, [
    [22, 0, 1, 'ab'],
    [20, 0, 2, ''],
  ]);
});

test('records that are none', () => {
  const record = plainRecord(22, 1, Buffer.from('ab'));
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(record);
    bytes[at] = value;
    return bytes;
  };
  const cases: [Buffer, string][] = [
    [record.subarray(0, 12), 'truncated'],
    [record.subarray(0, 14), 'truncated'],
    [changed(0, 19), 'not_dtls'],
    [changed(1, 3), 'not_dtls'],
    [changed(0, 25), 'truncated'],
    [changed(11, 0xff), 'oversize'],
  ];
  for (const [bytes, reason] of cases) assert.equal(new RecordCursor(bytes, 8).next(), reason);
});

test('an inside that is too long is refused though authentic', () => {
  const record = new Sealer(suite, keys, undefined).seal(CONTENT.alert, Buffer.alloc(MAX_PLAINTEXT + 1));
  assert.equal(new Opener(suite, keys, 0).open(cursorAt(record)), 'oversize');
});

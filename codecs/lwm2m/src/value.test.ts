import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyTyped, anyValue } from './testing.js';
import {
  describeValue,
  fitValue,
  formatValue,
  type Lwm2mValue,
  parseBase64,
  parseValue,
  typeOfValue,
  valueFromJson,
  valueToJson,
} from './value.js';

test('integers keep to the 64 bits of their type, in the smaller of their two forms', () => {
  assert.equal(fitValue('integer', -(2n ** 63n)), -(2n ** 63n));
  assert.equal(fitValue('integer', -(2n ** 63n) - 1n), undefined);
  assert.equal(fitValue('integer', 2n ** 63n), undefined);
  assert.equal(fitValue('unsigned', 2n ** 64n - 1n), 2n ** 64n - 1n);
  assert.equal(fitValue('unsigned', 2n ** 64n), undefined);
  assert.equal(fitValue('unsigned', -1), undefined);
  assert.equal(fitValue('integer', 5n), 5);
  assert.equal(fitValue('integer', 2 ** 60), 2n ** 60n);
  assert.equal(fitValue('time', 1.5), undefined);
  assert.ok(Object.is(fitValue('integer', -0), 0));
});

test('a float is any number', () => {
  assert.equal(fitValue('float', 1n), 1);
  assert.equal(fitValue('float', Number.NEGATIVE_INFINITY), Number.NEGATIVE_INFINITY);
  assert.equal(fitValue('float', '1'), undefined);
});

test('every value is one of its type in JSON and in text', () => {
  fc.assert(
    fc.property(anyTyped, ({ type, value }) => {
      assert.deepEqual(parseValue(type, formatValue(value as Lwm2mValue)), value);
      assert.deepEqual(valueFromJson(type, valueToJson(value as Lwm2mValue)), value);
      assert.deepEqual(fitValue(type, value), value);
    }),
    { numRuns: 1000 },
  );
});

test('commands may have values as JSON or as text', () => {
  for (const [type, json, value] of [
    ['integer', 5, 5],
    ['integer', '5', 5],
    ['integer', '9223372036854775807', 2n ** 63n - 1n],
    ['integer', '0x10', undefined],
    ['integer', '', undefined],
    ['integer', true, undefined],
    ['float', '-1.5e3', -1500],
    ['float', '.5', 0.5],
    ['float', '1.', 1],
    ['float', 'Infinity', undefined],
    ['float', null, undefined],
    ['boolean', true, true],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['boolean', '0', false],
    ['boolean', 0, undefined],
    ['boolean', 'yes', undefined],
    ['time', 1700000000, 1700000000],
    ['objlnk', '3:0', { object: 3, instance: 0 }],
    ['objlnk', 'FFFF:FFFF', { object: 65535, instance: 65535 }],
    ['objlnk', '3:65536', undefined],
    ['objlnk', { object: 3, instance: 0 }, { object: 3, instance: 0 }],
    ['objlnk', { object: 3 }, undefined],
    ['opaque', 'AQI=', Buffer.of(1, 2)],
    ['opaque', 5, undefined],
    ['string', 5, undefined],
    ['none', [1], undefined],
    ['none', 'x', 'x'],
  ] as const) {
    assert.deepEqual(valueFromJson(type, json), value, `${type} ${String(json)}`);
  }
});

test('Base64 has either alphabet, and padding or none', () => {
  const bytes = Buffer.of(0xfb, 0xff);
  for (const text of ['+/8=', '+/8', '-_8=', '-_8']) assert.deepEqual(parseBase64(text), bytes, text);
  assert.deepEqual(parseBase64(''), Buffer.alloc(0));
  for (const text of ['+', '+/8=A', 'a b', '====', 'AAAAA', 'AQI*']) {
    assert.equal(parseBase64(text), undefined, text);
  }
});

test('a text as long as a payload may be is no number, quickly', () => {
  const digits = `${'1'.repeat(1_000_000)}x`;
  for (const type of ['integer', 'float', 'objlnk', 'opaque'] as const) {
    assert.equal(parseValue(type, `${digits}!`), undefined);
  }
});

test('what JSON cannot hold exactly is a string', () => {
  assert.equal(valueToJson(2n ** 53n), '9007199254740992');
  assert.equal(valueToJson(Number.NaN), 'NaN');
  assert.equal(valueToJson(Buffer.of(1, 2)), 'AQI=');
  assert.equal(valueToJson({ object: 3, instance: 0 }), '3:0');
  assert.equal(valueToJson(27.986064910888672), 27.986064910888672);
});

test('the type that carries a value holds it', () => {
  fc.assert(
    fc.property(fc.oneof(...Object.values(anyValue)), (value) => {
      assert.deepEqual(fitValue(typeOfValue(value), value), value);
    }),
  );
});

test('a value is described in one short line', () => {
  for (const [value, line] of [
    ['Europe/Berlin', '"Europe/Berlin"'],
    ['a\nb', '"a\\nb"'],
    ['x'.repeat(40), `"${'x'.repeat(32)}…"`],
    [42, '42'],
    [2n ** 60n, '1152921504606846976'],
    [true, 'true'],
    [{ object: 3, instance: 0 }, '3:0'],
    [Buffer.of(1, 2, 255), '0102ff (3 bytes)'],
    [Buffer.alloc(40), `${'00'.repeat(32)}… (40 bytes)`],
  ] as const) {
    assert.equal(describeValue(value), line);
  }
});

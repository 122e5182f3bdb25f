import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lwm2mValue, ResourceType } from '@portico/codec-lwm2m';
import { CommandError } from './command-error.js';
import { type JsonValue, jsonText } from './exact-json.js';
import { typeNamed, valueFromJson, valueToJson } from './values.js';

const ACCEPTED: readonly (readonly [ResourceType, JsonValue, Lwm2mValue])[] = [
  ['string', 'a', 'a'],
  ['corelnk', '</3>', '</3>'],
  ['integer', -5, -5],
  ['integer', '-9223372036854775808', -(2n ** 63n)],
  ['integer', 2n ** 60n, 2n ** 60n],
  ['unsigned', '18446744073709551615', 2n ** 64n - 1n],
  ['time', 1_700_000_000, 1_700_000_000],
  ['float', 1, 1],
  ['float', '1.5', 1.5],
  ['boolean', true, true],
  ['boolean', 'false', false],
  ['boolean', 'true', true],
  ['boolean', 1, true],
  ['boolean', '0', false],
  ['opaque', 'AQL/', Buffer.from('0102ff', 'hex')],
  ['objlnk', '3:0', { object: 3, instance: 0 }],
];

for (const [type, json, value] of ACCEPTED) {
  test(`${jsonText(json)} as ${type}`, () => {
    assert.deepEqual(valueFromJson(json, type, 'base64'), value);
  });
}

const REFUSED: readonly (readonly [ResourceType, JsonValue])[] = [
  ['string', 1],
  ['integer', 1.5],
  ['integer', 2n ** 63n],
  ['integer', ''],
  ['unsigned', -1],
  ['time', 'yesterday'],
  ['float', 'much'],
  ['boolean', 2],
  ['boolean', 'yes'],
  ['opaque', '*'],
  ['objlnk', '3'],
  ['objlnk', '3:65536'],
  ['none', 'x'],
  ['string', null],
  ['integer', []],
  ['objlnk', { object: 3 }],
];

for (const [type, json] of REFUSED) {
  test(`${jsonText(json)} is no ${type}`, () => {
    assert.throws(() => valueFromJson(json, type, 'base64'), CommandError);
  });
}

test('bytes are hexadecimal where the command says so, both ways', () => {
  const value = valueFromJson('0102FF', 'opaque', 'hex');
  assert.deepEqual(value, Buffer.from('0102ff', 'hex'));
  assert.equal(valueToJson({ path: [5, 0, 0], value }, 'opaque', 'hex'), '0102ff');
  assert.equal(valueToJson({ path: [5, 0, 0], value }, 'opaque', 'base64'), 'AQL/');
  for (const odd of ['0', 'zz', '0x01'])
    assert.throws(() => valueFromJson(odd, 'opaque', 'hex'), CommandError);
});

test('values of devices are JSON of their type', () => {
  const told = (value: Lwm2mValue, type?: ResourceType) =>
    jsonText(valueToJson({ path: [3, 0, 0], value }, type, 'base64'));
  assert.equal(told(2n ** 64n - 1n, 'unsigned'), '18446744073709551615');
  assert.equal(told(8495, 'float'), '8495.0');
  assert.equal(told(8495), '8495');
  assert.equal(told(Number.NaN, 'float'), '"NaN"');
  assert.equal(told(false, 'boolean'), 'false');
  assert.equal(told({ object: 3, instance: 65535 }, 'objlnk'), '"3:65535"');
});

test('types are named as EMQX names them, in any case', () => {
  assert.equal(typeNamed('Objlnk'), 'objlnk');
  assert.equal(typeNamed('Unsigned Integer'), 'unsigned');
  assert.equal(typeNamed('TIME'), 'time');
  assert.equal(typeNamed('none'), undefined);
});

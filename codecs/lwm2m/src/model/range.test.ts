import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isInRange, parseRange, type ValueRange } from './range.js';
import { RESOURCE_TYPES, type ResourceType } from './types.js';

function rangeOf(type: ResourceType, range: string): ValueRange {
  const parsed = parseRange({ type, range });
  assert.ok(parsed, `${type} ${range}`);
  return parsed;
}

/** Every way of writing that the OMA registry has, with a value inside and one outside. */
const UNDERSTOOD: readonly (readonly [
  ResourceType,
  string,
  number | bigint | string,
  number | bigint | string,
])[] = [
  ['integer', '0..100', 100, 101],
  ['integer', '0-50', 0, -1],
  ['integer', '-128 to 127', -128, 128],
  ['integer', '1...15', 15, 0],
  ['integer', '-30..-120', -100, -121],
  ['integer', '-24..24', -24, -25],
  ['float', '0.000001..1.0', 0.000001, 0],
  ['float', '0; 3.8..20.5', 0, 3],
  ['integer', '0..247, 255', 255, 248],
  ['integer', '5, 10, 15, 20', 15, 12],
  ['unsigned', '0: RELEASED\n1: PRESSED\n2: FAULT', 2, 3],
  ['unsigned', '0..18446744073709551615', 18446744073709551615n, 18446744073709551616n],
  ['string', '1..64 bytes', 'é'.repeat(32), 'é'.repeat(33)],
  ['string', '0..255', '', 'a'.repeat(256)],
  ['string', '10 or 26 Bytes', 'a'.repeat(26), 'a'.repeat(25)],
];

for (const [type, range, inside, outside] of UNDERSTOOD) {
  test(`${JSON.stringify(range)} bounds a resource of type ${type}`, () => {
    const parsed = rangeOf(type, range);
    assert.equal(isInRange(inside, parsed), true);
    assert.equal(isInRange(outside, parsed), false);
  });
}

test('opaque values are bounded by their length', () => {
  const range = rangeOf('opaque', '16,32,48');
  assert.equal(isInRange(Buffer.alloc(32), range), true);
  assert.equal(isInRange(Buffer.alloc(33), range), false);
});

test('what has neither number nor length is outside', () => {
  assert.equal(isInRange('50', rangeOf('integer', '0..100')), false);
  assert.equal(isInRange(50, rangeOf('string', '0..100')), false);
});

test('what is not clear stays a text', () => {
  for (const range of [
    '',
    '255',
    '8-Bits',
    '16-bit',
    'ON;OFF',
    '<7 to >12.5',
    '2 Instances',
    '[1:4]',
    '2 bytes',
  ]) {
    assert.equal(parseRange({ type: 'integer', range }), undefined, range);
  }
  assert.equal(parseRange({ type: 'string', range: '12 Bytes' }), undefined);
  assert.equal(parseRange({ type: 'boolean', range: '0..65535' }), undefined);
});

test('any text is either understood or not, and every interval has its ends in order', () => {
  const near = fc.stringMatching(/^[-+0-9. ,;:tobyesr\n]{0,24}$/);
  fc.assert(
    fc.property(fc.constantFrom(...RESOURCE_TYPES), fc.oneof(near, fc.string()), (type, range) => {
      for (const { min, max } of parseRange({ type, range })?.intervals ?? []) assert.ok(min <= max);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonFloat, jsonText, parseJson } from './exact-json.js';

test('integers beyond 2^53 stay what they are, wherever they stand', () => {
  const text = '{"a":[18446744073709551615,-9223372036854775808],"12345678901234567890":1}';
  assert.deepEqual(parseJson(text), {
    a: [18446744073709551615n, -9223372036854775808n],
    '12345678901234567890': 1,
  });
  assert.equal(jsonText(parseJson(text)), text);
});

test('digits in strings and fractions are no integers', () => {
  const text = String.raw`{"a":"\"12345678901234567890","b":1.12345678901234567890,"c":1e20}`;
  assert.deepEqual(parseJson(text), { a: '"12345678901234567890', b: 1.1234567890123457, c: 1e20 });
});

test('whatever JSON there is comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      assert.equal(jsonText(parseJson(text)), text);
    }),
  );
});

test('a float shows that it is one', () => {
  assert.equal(
    jsonText([8495, new JsonFloat(8495), new JsonFloat(0.5), new JsonFloat(1e30)]),
    '[8495,8495.0,0.5,1e+30]',
  );
});

test('what is no JSON, or too deep, is refused', () => {
  assert.throws(() => parseJson('{"a":1234567890123456789'), SyntaxError);
  assert.throws(() => parseJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), SyntaxError);
  assert.throws(() => parseJson(`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`), SyntaxError);
});

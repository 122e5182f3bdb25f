import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saslPrep } from './sasl-prep.js';

test('the examples of RFC 4013 §3', () => {
  assert.equal(saslPrep('I\u00ADX'), 'IX');
  assert.equal(saslPrep('user'), 'user');
  assert.equal(saslPrep('USER'), 'USER');
  assert.equal(saslPrep('\u00AA'), 'a');
  assert.equal(saslPrep('\u2168'), 'IX');
  assert.equal(saslPrep('\u0007'), undefined);
});

test('spaces of all kinds are one, composed and decomposed letters too', () => {
  assert.equal(saslPrep('a\u00A0b\u3000c'), 'a b c');
  assert.equal(saslPrep('e\u0301'), '\u00E9');
});

test('what RFC 3454 prohibits may not be in it, nor may it be empty', () => {
  const wrong = [
    ['empty', ''],
    ['nothing left of it', '\u200B\u00AD'],
    ['NUL', 'a\0'],
    ['DEL', '\u007F'],
    ['line separator', '\u2028'],
    ['private use', '\uE000'],
    ['private use, plane 16', '\u{10FFFD}'],
    ['noncharacter', '\uFFFE'],
    ['half a surrogate pair', '\uD800'],
    ['replacement character', '\uFFFD'],
    ['ideographic description', '\u2FF0'],
    ['right-to-left mark', '\u200F'],
    ['language tag', '\u{E0001}'],
  ] as const;
  for (const [what, text] of wrong) assert.equal(saslPrep(text), undefined, what);
});

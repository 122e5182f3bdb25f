import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth, isFlat } from './flatness.js';

test('what grows at first and then stays is flat', () => {
  const samples = [50, 80, 100, 101, 99, 100, 100, 102, 101];
  assert.equal(isFlat(samples), true);
  assert.ok(growth(samples) < 0.02);
});

test('what goes on growing is not', () => {
  const samples = Array.from({ length: 30 }, (_, index) => 100 + index * 5);
  assert.equal(isFlat(samples), false);
});

test('a single spike does not decide', () => {
  assert.equal(isFlat([100, 100, 100, 100, 100, 100, 100, 900, 100]), true);
});

test('there is no growth without samples', () => {
  assert.throws(() => growth([1, 2]), /fewer than three samples/);
});

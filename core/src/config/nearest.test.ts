import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.js';

const keys = ['listeners', 'enable', 'max_inflight', 'max_mqueue_len', 'mountpoint'];

test('a slip of the finger finds the key that was meant', () => {
  const slips: [string, string][] = [
    ['listner', 'listeners'],
    ['lsiteners', 'listeners'],
    ['enabled', 'enable'],
    ['maxInflight', 'max_inflight'],
    ['MAX-INFLIGHT', 'max_inflight'],
    ['max_mqeue_len', 'max_mqueue_len'],
  ];
  for (const [slip, meant] of slips) assert.equal(nearest(slip, keys), meant, slip);
});

test('what is like nothing finds nothing', () => {
  for (const name of ['foo', 'bind', 'x', '']) assert.equal(nearest(name, keys), undefined, name);
  assert.equal(nearest('enable', []), undefined);
});

test('two neighbouring letters swapped count as one mistake', () => {
  assert.equal(nearest('tpc', ['tcp', 'tls']), 'tcp');
});

test('of several near candidates the nearest wins', () => {
  assert.equal(nearest('max_inflite', ['max_inflict', 'max_inflight', 'max_inflit']), 'max_inflit');
});

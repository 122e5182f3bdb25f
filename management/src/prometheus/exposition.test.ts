import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '@portico/core';
import { familyText, histogramText } from './exposition.js';

test('a counter ends in _total, and what would end a line or a label is escaped', () => {
  const samples = [{ labels: { reason: 'a"b\\c\nd', listener: 'mqtt:tcp' }, value: 3 }];
  assert.equal(
    familyText({ name: 'a.b-c', help: 'one\\two\nthree', type: 'counter', samples }),
    '# HELP portico_a_b_c_total one\\\\two\\nthree\n' +
      '# TYPE portico_a_b_c_total counter\n' +
      'portico_a_b_c_total{reason="a\\"b\\\\c\\nd",listener="mqtt:tcp"} 3\n',
  );
});

test('a gauge does not end in _total, whatever it is called', () => {
  const text = familyText({ name: 'store.bytes.total', help: 'h', type: 'gauge', samples: [{ value: 1 }] });
  assert.match(text, /^portico_store_bytes 1$/m);
});

test('numbers that are none have words of their own', () => {
  const samples = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5].map((value) => ({
    value,
  }));
  const lines = familyText({ name: 'g', help: 'h', type: 'gauge', samples }).split('\n').slice(2, -1);
  assert.deepEqual(lines, ['portico_g NaN', 'portico_g +Inf', 'portico_g -Inf', 'portico_g 1.5']);
});

test('a histogram has its buckets, their sum and their number', () => {
  const histogram = new Metrics().histogram('x.time', 'seconds', [0.5, 1]);
  for (const value of [0.25, 0.75, 3]) histogram.observe(value);
  assert.deepEqual(histogramText(histogram).split('\n').slice(1), [
    '# TYPE portico_x_time_seconds histogram',
    'portico_x_time_seconds_bucket{le="0.5"} 1',
    'portico_x_time_seconds_bucket{le="1"} 2',
    'portico_x_time_seconds_bucket{le="+Inf"} 3',
    'portico_x_time_seconds_sum 4',
    'portico_x_time_seconds_count 3',
    '',
  ]);
});

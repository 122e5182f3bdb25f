import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './metrics.js';

test('what is counted elsewhere is added up by name, also after it has been let go', () => {
  const metrics = new Metrics();
  let [one, other] = [1, 10];
  const stopOne = metrics.follow('sum', 'a sum', () => one);
  metrics.follow('sum', 'a sum', () => other);
  assert.equal(metrics.get('sum'), 11);
  one = 5;
  stopOne();
  stopOne();
  one = 100;
  other = 20;
  assert.equal(metrics.get('sum'), 25);
  metrics.counter('plain', 'a count').value++;
  const all = [...metrics.counters()].map(({ name, help, value }) => [name, help, value]);
  assert.deepEqual(all, [
    ['plain', 'a count', 1],
    ['sum', 'a sum', 25],
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../commands/testing/parts.js';
import { Observation, subjectOf } from './observation.js';

const COMMAND = parsed({ reqID: 1, msgType: 'observe', data: { path: '/3/0/9' } });

function observation(): Observation {
  return new Observation(Buffer.from('01'), COMMAND);
}

test('a notification is new when its number is ahead by less than half of all, RFC 7641 §3.4', () => {
  const cases = [
    [5, 6, true],
    [5, 5, false],
    [5, 4, false],
    [0, 2 ** 23 - 1, true],
    [0, 2 ** 23, false],
    [2 ** 24 - 1, 0, true],
    [2 ** 23 + 1, 0, true],
    [2 ** 23, 0, false],
  ] as const;
  for (const [last, next, isNew] of cases) {
    const it = observation();
    assert.equal(it.takes(last, 0), true);
    assert.equal(it.takes(next, 128_000), isNew, `${next} after ${last}`);
  }
});

test('whatever comes 128 seconds later is new', () => {
  const it = observation();
  it.takes(5, 1000);
  assert.equal(it.takes(4, 129_000), false);
  assert.equal(it.takes(4, 129_001), true);
});

test('what is old changes nothing', () => {
  const it = observation();
  it.takes(10, 0);
  it.takes(9, 1);
  assert.equal(it.takes(10, 2), false);
  assert.equal(it.takes(11, 3), true);
});

test('an observation and its end are about the same', () => {
  const subject = (msgType: string, data: object) => subjectOf(parsed({ msgType, data }).operation);
  assert.equal(subject('observe', { path: '3/0/9/' }), subject('cancel-observe', { path: '/3/0/9' }));
  const paths = ['/3/0/9', '/1'];
  assert.equal(subject('observe-composite', { paths }), subject('cancel-observe-composite', { paths }));
  assert.notEqual(subject('observe', { path: '/1' }), subject('observe-composite', { paths: ['/1'] }));
  assert.equal(subject('read', { path: '/1' }), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from './lane.js';
import { checkRetained, checkSubscriptions, type Subscribed } from './state-check.js';

/** A lane of retained messages, of which the first so many are acknowledged. */
function lane(acknowledged: number, sent: number): Lane {
  const made = new Lane('r', 1, true);
  for (let number = 0; number < sent; number++) {
    made.messages.push({ sends: 1, acknowledged: number < acknowledged });
  }
  return made;
}

/** Whether this may be what is retained. */
function allows(of: Lane, number: number | 'none' | 'damaged'): boolean {
  const found = new Map(number === 'none' ? [] : [['r', number === 'damaged' ? undefined : number] as const]);
  return checkRetained([of], found).length === 0;
}

test('the message acknowledged last is retained, or one sent after it', () => {
  const sent = lane(3, 5);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].filter((number) => allows(sent, number)),
    [2, 3, 4],
  );
  assert.equal(allows(sent, 'none'), false);
  assert.equal(allows(sent, 'damaged'), false);
});

test('nothing need be retained before an acknowledgement, and nothing is behind an empty message', () => {
  assert.equal(allows(lane(0, 0), 'none'), true);
  assert.equal(allows(lane(0, 1), 'none'), true);
  assert.equal(allows(lane(0, 1), 0), true);
  assert.equal(allows(lane(6, 6), 'none'), false);
  assert.equal(allows(lane(6, 7), 'none'), true);
  assert.equal(allows(lane(6, 7), 5), true);
  assert.equal(allows(lane(7, 7), 'none'), true);
  assert.equal(allows(lane(7, 7), 5), false);
  assert.equal(allows(lane(8, 8), 'none'), false);
});

test('a retained message that is wrong is told with what it should be', () => {
  assert.deepEqual(checkRetained([lane(3, 5)], new Map()), [
    { kind: 'retained', text: 'r is gone: 2 was acknowledged last, 4 sent' },
  ]);
});

test('a subscription is as it was acknowledged, or as a request without an answer would have it', () => {
  const expected = new Map<string, Subscribed[]>([
    ['a', [1]],
    ['b', ['none', 2]],
  ]);
  const texts = (found: [string, Subscribed][]) =>
    checkSubscriptions('c', expected, new Map(found)).map(({ text }) => text);
  assert.deepEqual(texts([['a', 1]]), []);
  assert.deepEqual(
    texts([
      ['a', 1],
      ['b', 2],
    ]),
    [],
  );
  assert.deepEqual(
    texts([
      ['a', 0],
      ['b', 1],
    ]),
    ['c: a is 0, not 1', 'c: b is 1, not none or 2'],
  );
  assert.deepEqual(texts([]), ['c: a is none, not 1']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDelayed, mountDelayed, parseDelayed, targetOf } from './delayed-topic.js';

test('seconds and topic are told apart', () => {
  const known = [
    ['$delayed/15/x/y', 15, 'x/y'],
    ['$delayed/3600/$SYS/topic', 3600, '$SYS/topic'],
    ['$delayed/0/x', 0, 'x'],
    ['$delayed/4294967//', 4_294_967, '/'],
  ] as const;
  for (const [text, delay, topic] of known) {
    assert.ok(isDelayed(text));
    assert.deepEqual(parseDelayed(text), { delay, topic });
    assert.equal(targetOf(text), topic);
  }
});

test('what says no delay, or nothing to publish to, is none', () => {
  const delays = ['abc', '', '1.5', '-1', '+1', ' 1', '1e3', '4294968', '99999999999'].map(
    (delay) => `$delayed/${delay}/x`,
  );
  const targets = ['$delayed/5', '$delayed/5/', '$delayed/', '$delayed/5/$delayed/5/x', '$delayed/5/a/#'];
  for (const text of [...delays, ...targets]) {
    assert.ok(isDelayed(text));
    assert.equal(parseDelayed(text), undefined, text);
  }
  for (const text of ['$delayed', '$delay/5/x', 'a/$delayed/5/x', 'delayed/5/x', '']) {
    assert.equal(isDelayed(text), false, text);
  }
});

test('a mountpoint stands behind the delay', () => {
  assert.equal(mountDelayed('fleet/', '$delayed/15/x/y'), '$delayed/15/fleet/x/y');
  assert.equal(mountDelayed('fleet/', '$delayed/15'), 'fleet/$delayed/15');
});

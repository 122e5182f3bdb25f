import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasWildcard, parseSubscription, topicFilterError, topicMatches, topicNameError } from './topic.js';

test('a topic name has at least one character, no wildcard, no NUL and at most 65,535 bytes (MQTT 5 §4.7.3)', () => {
  for (const good of ['a', '/', '//', 'a/b', '/a', 'a/', ' ', '$SYS/x', '汉/字', '$', 'a'.repeat(65535)]) {
    assert.equal(topicNameError(good), undefined, good.slice(0, 20));
  }
  for (const bad of ['', '+', '#', 'a/+', 'a#', 'a\0b', 'a'.repeat(65536), '汉'.repeat(21846), 'a/\ud800']) {
    assert.notEqual(topicNameError(bad), undefined, bad.slice(0, 20));
  }
  assert.equal(topicNameError('汉'.repeat(21845)), undefined);
});

test('`#` is the whole last level and `+` a whole level (MQTT 5 §4.7.1)', () => {
  for (const good of ['#', '+', 'a/#', 'a/+', '+/+', '/+', '+/', '+/a/#', '/#', 'a//b', '$SYS/#', '+//#']) {
    assert.equal(topicFilterError(good), undefined, good);
  }
  for (const bad of ['', 'a#', '#/a', 'a/#/b', 'a+', '+a', 'a/+b', 'a/b#', '##', '++', '#+', '+#', 'a\0']) {
    assert.notEqual(topicFilterError(bad), undefined, bad);
  }
});

test('the number of levels is bounded where asked', () => {
  assert.equal(topicNameError('a/b/c', 3), undefined);
  assert.match(topicNameError('a/b/c/d', 3) ?? '', /at most 3 levels/);
  assert.match(topicFilterError('a/+/c/#', 3) ?? '', /at most 3 levels/);
});

test('matching follows the examples of MQTT 5 §4.7.1 to §4.7.3', () => {
  const yes: [string, string][] = [
    ['sport/tennis/player1', 'sport/tennis/player1/#'],
    ['sport/tennis/player1/ranking', 'sport/tennis/player1/#'],
    ['sport', 'sport/#'],
    ['sport/tennis/player1', 'sport/tennis/+'],
    ['sport/', 'sport/+'],
    ['/finance', '+/+'],
    ['/finance', '/+'],
    ['/finance', '#'],
    ['$SYS/monitor/Clients', '$SYS/#'],
    ['$SYS/monitor/Clients', '$SYS/monitor/+'],
    ['$SYS', '$SYS/#'],
    ['a//b', 'a/+/b'],
    ['/', '+/+'],
    ['/', '/#'],
  ];
  const no: [string, string][] = [
    ['sport/tennis/player1/ranking', 'sport/tennis/+'],
    ['sport', 'sport/+'],
    ['/finance', '+'],
    ['$SYS/x', '#'],
    ['$SYS/x', '+/x'],
    ['ACCOUNTS', 'Accounts'],
    ['a', 'a/'],
    ['a/', 'a'],
    ['ab', 'a'],
    ['a', 'ab'],
    ['sports', 'sport/#'],
    ['a/b', 'a/b/+'],
  ];
  for (const [topic, filter] of yes) assert.equal(topicMatches(topic, filter), true, `${topic} ~ ${filter}`);
  for (const [topic, filter] of no) assert.equal(topicMatches(topic, filter), false, `${topic} !~ ${filter}`);
});

test('a filter without wildcards matches itself alone', () => {
  const level = fc.constantFrom('a', 'b', '', 'ab', '$x');
  const topic = fc
    .array(level, { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('/'))
    .filter((t) => t !== '');
  fc.assert(fc.property(topic, topic, (a, b) => assert.equal(topicMatches(a, b), a === b)));
});

test('shared subscriptions are taken apart (MQTT 5 §4.8.2; `$queue/` of EMQX)', () => {
  assert.deepEqual(parseSubscription('$share/g/a/#'), { group: 'g', filter: 'a/#' });
  assert.deepEqual(parseSubscription('$queue/t'), { group: '$queue', filter: 't' });
  assert.deepEqual(parseSubscription('a/b'), { group: undefined, filter: 'a/b' });
  assert.deepEqual(parseSubscription('$share/g//x'), { group: 'g', filter: '/x' });
  for (const bad of ['$share/g', '$share/g/', '$share//x', '$share/+/x', '$share/g#/x', '$queue/']) {
    assert.equal(typeof parseSubscription(bad), 'string', bad);
  }
});

test('wildcards are seen anywhere in a filter', () => {
  assert.equal(hasWildcard('a/+/b'), true);
  assert.equal(hasWildcard('#'), true);
  assert.equal(hasWildcard('a/b'), false);
});

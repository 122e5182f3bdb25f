import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortTopicId, shortTopicName } from './short-topic.js';

test('a short topic name and its TopicId stand for one another', () => {
  for (const [name, topicId] of [
    ['ab', 0x6162],
    ['/#', 0x2f23],
    ['°', 0xc2b0],
    ['\0\0', 0],
  ] as const) {
    assert.equal(shortTopicId(name), topicId);
    assert.equal(shortTopicName(topicId), name);
  }
});

test('a name of one or three octets is not short', () => {
  for (const name of ['', 'a', 'abc', '€', 'a°', '🌡']) assert.equal(shortTopicId(name), undefined, name);
});

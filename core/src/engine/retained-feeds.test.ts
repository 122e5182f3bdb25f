import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Message } from './message.js';
import { RetainedFeeds } from './retained-feeds.js';

/** Feeds over topics that are kept, and the searches that were begun. */
function setUp(kept: Readonly<Record<string, readonly string[]>>) {
  const begun: string[] = [];
  const feeds = new RetainedFeeds((route) => {
    begun.push(route);
    const topics = kept[route] ?? [];
    return topics.map((topic) => new Message({ topic, payload: Buffer.alloc(0), timestamp: 0 })).values();
  });
  const step = () => {
    const found = feeds.next();
    return found && [found.filter, found.message?.topic];
  };
  return { feeds, begun, step };
}

test('subscriptions are searched for one after the other, each step at most one of them', () => {
  const { feeds, begun, step } = setUp({ 'm/a/#': ['m/a/1', 'm/a/2'], 'm/c': ['m/c'] });
  for (const filter of ['a/#', 'b', 'c']) feeds.add(filter, `m/${filter}`);
  assert.deepEqual(step(), ['a/#', 'm/a/1']);
  assert.deepEqual(begun, ['m/a/#']);
  const rest = [step(), step(), step(), step(), step(), step()];
  assert.deepEqual(rest, [
    ['a/#', 'm/a/2'],
    ['a/#', undefined],
    ['b', undefined],
    ['c', 'm/c'],
    ['c', undefined],
    undefined,
  ]);
});

test('a subscription that is made again is searched for anew, one that is gone no more', () => {
  const { feeds, begun, step } = setUp({ a: ['a'], b: ['b'] });
  feeds.add('a', 'a');
  feeds.add('b', 'b');
  step();
  feeds.add('a', 'a');
  assert.deepEqual(step(), ['b', 'b']);
  assert.deepEqual([feeds.has('a'), feeds.has('b')], [true, true]);
  feeds.delete('b');
  assert.equal(feeds.has('b'), false);
  assert.deepEqual([step(), step(), step()], [['a', 'a'], ['a', undefined], undefined]);
  assert.deepEqual(begun, ['a', 'b', 'a']);
});

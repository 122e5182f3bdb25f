import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { topicMatches } from './topic.js';
import { LOOKED_AT, TopicTree } from './topic-tree.js';

function found(tree: TopicTree<string>, filter: string): string[] {
  return [...tree.match(filter)].filter((value) => value !== undefined).sort();
}

test('a filter finds the topics that topicMatches says, through random changes', () => {
  const level = fc.constantFrom('a', 'b', '', '$s');
  const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const filter = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '', '+', '$s'), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([parts, hash]) => (hash ? [...parts, '#'] : parts).join('/'));
  fc.assert(
    fc.property(fc.array(fc.tuple(topic, fc.boolean())), filter, (changes, wanted) => {
      const tree = new TopicTree<string>();
      const present = new Set<string>();
      for (const [name, keep] of changes) {
        if (keep) {
          tree.set(name, name);
          present.add(name);
        } else assert.equal(tree.delete(name), present.delete(name));
      }
      assert.equal(tree.size, present.size);
      const expected = [...present].filter((name) => topicMatches(name, wanted)).sort();
      assert.deepEqual(found(tree, wanted), expected);
      for (const name of present) assert.equal(tree.get(name), name);
    }),
  );
});

test('`#` alone finds everything but `$` topics', () => {
  const tree = new TopicTree<string>();
  for (const topic of ['a', 'a/b', '/x', '$SYS/y']) tree.set(topic, topic);
  assert.deepEqual(found(tree, '#'), ['/x', 'a', 'a/b']);
  assert.deepEqual(found(tree, '$SYS/#'), ['$SYS/y']);
});

test('a search for little in a large tree pauses again and again', () => {
  const tree = new TopicTree<string>();
  for (let i = 0; i < 10 * LOOKED_AT; i++) tree.set(`room/${i}/temperature`, 'x');
  const steps = [...tree.match('room/+/humidity')];
  assert.deepEqual(
    steps,
    Array.from({ length: 10 }, () => undefined),
  );
});

test('topics of thousands of levels are found', () => {
  const tree = new TopicTree<string>();
  const deep = 'x/'.repeat(30_000);
  tree.set(deep, deep);
  assert.deepEqual(found(tree, '#'), [deep]);
  assert.deepEqual(found(tree, `${'+/'.repeat(30_000)}#`), [deep]);
});

test('without a match it says so at once where the levels before the first wildcard are not there', () => {
  const tree = new TopicTree<number>();
  assert.equal(tree.mayMatch('#'), false);
  tree.set('a/b/c', 1);
  for (const filter of ['#', '+/x', 'a/#', 'a/b/+', 'a/b/c'])
    assert.equal(tree.mayMatch(filter), true, filter);
  for (const filter of ['b/#', 'a/c/#', 'a/b/d', 'a/b/c/d/+'])
    assert.equal(tree.mayMatch(filter), false, filter);
});

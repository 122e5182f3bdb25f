import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { topicMatches } from './topic.js';
import { TopicTree } from './topic-tree.js';

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
      assert.deepEqual([...tree.match(wanted)].sort(), expected);
      for (const name of present) assert.equal(tree.get(name), name);
    }),
  );
});

test('`#` alone finds everything but `$` topics', () => {
  const tree = new TopicTree<string>();
  for (const topic of ['a', 'a/b', '/x', '$SYS/y']) tree.set(topic, topic);
  assert.deepEqual([...tree.match('#')].sort(), ['/x', 'a', 'a/b']);
  assert.deepEqual([...tree.match('$SYS/#')], ['$SYS/y']);
});

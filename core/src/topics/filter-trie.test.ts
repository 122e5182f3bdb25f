import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FilterTrie } from './filter-trie.js';
import { topicMatches } from './topic.js';

const level = fc.constantFrom('a', 'ab', '', '+', '$s');
const levels = fc.array(level, { minLength: 1, maxLength: 8 });
const filter = fc
  .tuple(levels, fc.boolean())
  .map(([parts, below]) => (below ? [...parts, '#'] : parts).join('/'));
const anyFilter = fc.oneof({ arbitrary: filter, weight: 9 }, { arbitrary: fc.constant('#'), weight: 1 });
const topic = levels.map((parts) => parts.join('/').replaceAll('+', 'ab'));

function matched(trie: FilterTrie<string>, name: string): string[] {
  const found: string[] = [];
  trie.match(name, found);
  return found.sort();
}

test('a trie holds what a map would, finds what topicMatches says, and is empty again when all is gone', () => {
  const change = fc.record({ filter: anyFilter, isSet: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.array(topic), (changes, names) => {
      const trie = new FilterTrie<string>();
      const model = new Set<string>();
      for (const { filter, isSet } of changes) {
        if (isSet) {
          trie.set(filter, filter);
          model.add(filter);
        } else {
          trie.delete(filter);
          model.delete(filter);
        }
        assert.equal(trie.get(filter), isSet ? filter : undefined);
      }
      for (const name of names) {
        const hits = [...model].filter((filter) => topicMatches(name, filter));
        assert.deepEqual(matched(trie, name), hits.sort(), name);
        assert.equal(trie.matches(name), hits.length > 0, name);
      }
      assert.deepEqual([...trie.values()].sort(), [...model].sort());
      for (const filter of model) {
        assert.equal(trie.get(filter), filter);
        trie.delete(filter);
      }
      assert.equal(trie.empty, true);
    }),
    { numRuns: 500 },
  );
});

test('who goes through the values while others come and go meets each of the rest once', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyFilter, { maxLength: 30 }), fc.array(anyFilter), (filters, changed) => {
      const trie = new FilterTrie<string>();
      for (const filter of filters) trie.set(filter, filter);
      const changes = [...changed];
      const met: string[] = [];
      for (const value of trie.values()) {
        met.push(value);
        const change = changes.pop();
        if (change === undefined) continue;
        if (trie.get(change) === undefined) trie.set(change, change);
        else trie.delete(change);
      }
      const rest = filters.filter((filter) => !changed.includes(filter)).sort();
      assert.deepEqual(met.filter((value) => !changed.includes(value)).sort(), rest);
    }),
    { numRuns: 500 },
  );
});

test('filters of many levels cost a search no more than short ones, also where others parted from them', (t) => {
  const trie = new FilterTrie<string>();
  const beginning = (n: number) => Array.from({ length: 8 }, (_, i) => ((n >> i) & 1 ? '+' : 'a'));
  for (let n = 0; n < 256; n++) {
    const long = [...beginning(n), ...Array<string>(110).fill('a')].join('/');
    for (const end of ['x', 'y/#', '+']) trie.set(`${long}/${end}`, end);
    for (let cut = 1; cut < long.length; cut += 20) trie.set(`${long.slice(0, cut)}/-`, '-');
    for (let cut = 1; cut < long.length; cut += 20) trie.delete(`${long.slice(0, cut)}/-`);
    for (const end of ['y/#', '+']) trie.delete(`${long}/${end}`);
  }
  const lookUps = t.mock.method(Map.prototype, 'get');
  assert.equal(trie.matches(Array<string>(119).fill('a').join('/')), false);
  assert.ok(lookUps.mock.callCount() <= 4 * 256, `${lookUps.mock.callCount()} look-ups`);
});

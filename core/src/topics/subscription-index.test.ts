import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Indexed, SubscriptionIndex } from './subscription-index.js';
import { topicMatches } from './topic.js';

class Sub implements Indexed {
  slot = 0;
  constructor(
    readonly route: string,
    readonly group: string | undefined = undefined,
  ) {}
}

function matched(index: SubscriptionIndex<Sub>, topic: string): string[] {
  const { direct, shared } = index.match(topic);
  return [
    ...direct.map((sub) => sub.route),
    ...shared.map((group) => `${group.group}:${group.route}`),
  ].sort();
}

test('a topic finds exact and wildcard subscriptions, `#` the parent level too', () => {
  const index = new SubscriptionIndex<Sub>();
  for (const route of ['a/b', 'a/+', 'a/#', '#', '+/b', 'a/b/#', 'a/b/c', '+']) index.add(new Sub(route));
  assert.deepEqual(matched(index, 'a/b'), ['#', '+/b', 'a/#', 'a/+', 'a/b', 'a/b/#']);
  assert.deepEqual(matched(index, 'a'), ['#', '+', 'a/#']);
  assert.deepEqual(matched(index, 'a/b/c/d'), ['#', 'a/#', 'a/b/#']);
});

test('`$` topics are not matched by a leading wildcard', () => {
  const index = new SubscriptionIndex<Sub>();
  for (const route of ['#', '+/x', '$SYS/#', '$SYS/+']) index.add(new Sub(route));
  assert.deepEqual(matched(index, '$SYS/x'), ['$SYS/#', '$SYS/+']);
});

test('the index finds what topicMatches says, before and after random changes', () => {
  const level = fc.constantFrom('a', 'b', '', '$s');
  const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const filter = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '', '+', '$s'), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([parts, hash]) => (hash ? [...parts, '#'] : parts).join('/'));
  const change = fc.tuple(filter, fc.option(fc.constantFrom('g1', 'g2'), { nil: undefined }), fc.boolean());
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.array(topic, { minLength: 1 }), (changes, topics) => {
      const index = new SubscriptionIndex<Sub>(undefined, 4);
      const present: Sub[] = [];
      for (const [route, group, add] of changes) {
        if (add || present.length === 0) {
          const sub = new Sub(route, group);
          index.add(sub);
          present.push(sub);
        } else index.remove(present.splice(route.length % present.length, 1)[0] as Sub);
        for (const name of topics) {
          const hits = present.filter((sub) => topicMatches(name, sub.route));
          const direct = hits.filter((sub) => sub.group === undefined).map((sub) => sub.route);
          const shared = new Set(
            hits.filter((s) => s.group !== undefined).map((s) => `${s.group}:${s.route}`),
          );
          assert.equal(index.matches(name), hits.length > 0, name);
          assert.deepEqual(matched(index, name), [...direct, ...shared].sort(), name);
          assert.equal(index.matches(name), hits.length > 0, `${name}, remembered`);
        }
      }
      const routes = new Set(present.map((sub) => sub.route));
      assert.equal(index.filters, routes.size);
      assert.deepEqual([...index.routes()].sort(), [...routes].sort());
      for (const route of routes) assert.equal(index.has(route), true, route);
      assert.equal(index.has('nobody/+'), false);
    }),
    { numRuns: 300 },
  );
});

test('subscribers of one group and filter are one shared group; each group gets its own copy', () => {
  const index = new SubscriptionIndex<Sub>();
  const one = new Sub('t/#', 'g1');
  const two = new Sub('t/#', 'g1');
  index.add(one);
  index.add(two);
  index.add(new Sub('t/#', 'g2'));
  assert.equal(index.match('t/x').shared.length, 2);
  assert.deepEqual(index.group('g1', 't/#')?.members, [one, two]);
  index.remove(one);
  index.remove(two);
  assert.equal(index.match('t/x').shared.length, 1);
  assert.equal(index.group('g1', 't/#'), undefined);
});

test('what matched is prepared once and cached until a subscription changes it', () => {
  let prepared = 0;
  const index = new SubscriptionIndex<Sub>((subs) => {
    prepared++;
    return subs;
  });
  index.add(new Sub('a/+'));
  index.add(new Sub('a/b'));
  index.match('a/b');
  index.match('a/b');
  assert.equal(prepared, 1);
  index.add(new Sub('x/+'));
  index.match('a/b');
  assert.equal(prepared, 1, 'a filter that cannot match leaves the cached route alone');
  index.add(new Sub('a/#'));
  assert.equal(index.match('a/b').direct.length, 3);
});

test('removing a subscription twice, or one that was never added, changes nothing', () => {
  const index = new SubscriptionIndex<Sub>();
  const sub = new Sub('a/b');
  const other = new Sub('a/b');
  index.add(sub);
  index.remove(other);
  assert.deepEqual(matched(index, 'a/b'), ['a/b']);
  index.remove(sub);
  index.remove(sub);
  assert.equal(index.filters, 0);
});

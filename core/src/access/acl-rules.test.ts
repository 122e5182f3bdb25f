import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AclRule, AclRules, type AclWho, DEFAULT_ACL_RULES } from './acl-rules.js';
import { type AclTopic, aclTopicError } from './acl-topics.js';
import { someClient } from './testing.js';
import type { AccessAction } from './types.js';

const CLIENT = someClient();

/** The answer of a single rule about all clients and both actions. */
function single(
  permit: 'allow' | 'deny',
  topic: AclTopic,
  action: AccessAction,
  requested: string,
  client = CLIENT,
) {
  return new AclRules([{ permit, who: 'all', action: 'pubsub', topics: [topic] }]).authorize(
    client,
    action,
    requested,
  );
}

function isFor(who: AclWho, client = CLIENT): boolean {
  return (
    new AclRules([{ permit: 'allow', who, action: 'pubsub' }]).authorize(client, 'publish', 'a') === 'allow'
  );
}

test('the first rule from the top that fits decides', () => {
  const rules = new AclRules([
    { permit: 'deny', who: 'all', action: 'publish', topics: ['a/b'] },
    { permit: 'allow', who: 'all', action: 'publish', topics: ['a/#'] },
    { permit: 'deny', who: 'all', action: 'publish', topics: ['a/c'] },
  ]);
  assert.equal(rules.authorize(CLIENT, 'publish', 'a/b'), 'deny');
  assert.equal(rules.authorize(CLIENT, 'publish', 'a/c'), 'allow');
});

test('where no rule fits the answer is ignore', () => {
  const rules = new AclRules([{ permit: 'allow', who: 'all', action: 'publish', topics: ['a'] }]);
  assert.equal(rules.authorize(CLIENT, 'publish', 'b'), 'ignore');
  assert.equal(rules.authorize(CLIENT, 'subscribe', 'a'), 'ignore');
  assert.equal(new AclRules([]).authorize(CLIENT, 'publish', 'a'), 'ignore');
});

test('a rule is about publish, subscribe or both', () => {
  const fits = (rule: AclRule['action'], action: AccessAction) =>
    new AclRules([{ permit: 'deny', who: 'all', action: rule }]).authorize(CLIENT, action, 'a') === 'deny';
  assert.deepEqual([fits('publish', 'publish'), fits('publish', 'subscribe')], [true, false]);
  assert.deepEqual([fits('subscribe', 'publish'), fits('subscribe', 'subscribe')], [false, true]);
  assert.deepEqual([fits('pubsub', 'publish'), fits('pubsub', 'subscribe')], [true, true]);
});

test('the built-in rules keep $SYS and # for this machine and the dashboard', () => {
  const rules = new AclRules(DEFAULT_ACL_RULES);
  const stranger = someClient({ username: 'ann' });
  const local = someClient({ address: '127.0.0.1' });
  const local6 = someClient({ address: '::1' });
  const dashboard = someClient({ username: 'dashboard' });
  const impostor = someClient({ username: 'dashboard', anonymous: true });
  const answers = (action: AccessAction, topic: string) =>
    [stranger, dashboard, local, local6].map((client) => rules.authorize(client, action, topic));
  assert.deepEqual(answers('subscribe', '$SYS/#'), ['deny', 'allow', 'allow', 'allow']);
  assert.equal(rules.authorize(impostor, 'subscribe', '$SYS/#'), 'deny');
  assert.deepEqual(answers('subscribe', '$SYS/brokers/+'), ['deny', 'allow', 'allow', 'allow']);
  assert.deepEqual(answers('publish', '$SYS/brokers'), ['deny', 'deny', 'allow', 'allow']);
  assert.deepEqual(answers('subscribe', '#'), ['deny', 'deny', 'allow', 'allow']);
  assert.deepEqual(answers('subscribe', '+/#'), ['allow', 'allow', 'allow', 'allow']);
  assert.deepEqual(answers('subscribe', 'a/#'), ['allow', 'allow', 'allow', 'allow']);
  assert.deepEqual(answers('publish', 'a'), ['allow', 'allow', 'allow', 'allow']);
});

test('a rule is about all clients, or those that meet all its conditions', () => {
  const ann = someClient({ clientId: 'c7', username: 'ann', address: '10.1.2.3' });
  assert.ok(isFor('all', ann));
  assert.ok(isFor({ username: 'ann' }, ann));
  assert.ok(!isFor({ username: 'c7' }, ann));
  assert.ok(isFor({ clientid: 'c7' }, ann));
  assert.ok(!isFor({ clientid: 'ann' }, ann));
  assert.ok(isFor({ username: 'ann', anonymous: false }, ann));
  assert.ok(!isFor({ username: 'ann', anonymous: true }, ann));
  assert.ok(isFor({ ipaddr: '10.0.0.0/8' }, ann));
  assert.ok(!isFor({ ipaddr: '10.1.2.4' }, ann));
  assert.ok(isFor({ ipaddrs: ['192.0.2.1', '10.1.0.0/16'] }, ann));
  assert.ok(!isFor({ ipaddrs: ['192.0.2.1', '::1'] }, ann));
  assert.ok(isFor({ username: 'ann', ipaddr: '10.0.0.0/8' }, ann));
  assert.ok(!isFor({ username: 'ann', ipaddr: '192.0.2.0/24' }, ann));
  assert.ok(isFor({ and: ['all', { username: 'ann' }, { clientid: 'c7' }] }, ann));
  assert.ok(!isFor({ and: [{ username: 'ann' }, { clientid: 'c8' }] }, ann));
  assert.ok(isFor({ or: [{ username: 'bob' }, { clientid: 'c7' }] }, ann));
  assert.ok(!isFor({ or: [{ username: 'bob' }, { clientid: 'c8' }] }, ann));
  assert.ok(isFor({ ipaddr: '10.0.0.0/8', or: [{ username: 'bob' }, { username: 'ann' }] }, ann));
});

test('a client without username is nobody', () => {
  assert.ok(!isFor({ username: '' }));
  assert.ok(!isFor({ username: 'undefined' }));
});

/** How a topic of a rule and a request go together: what a rule that allows says, and one that denies. */
const REQUESTS: readonly (readonly [
  topic: AclTopic,
  action: AccessAction,
  requested: string,
  allows: boolean,
  denies: boolean,
])[] = [
  ['a/b', 'publish', 'a/b', true, true],
  ['a/b', 'publish', 'a/b/c', false, false],
  ['a/b', 'publish', 'a', false, false],
  ['a/+', 'publish', 'a/b', true, true],
  ['a/+', 'publish', 'a/', true, true],
  ['a/+', 'publish', 'a', false, false],
  ['a/#', 'publish', 'a', true, true],
  ['a/#', 'publish', 'a/b/c', true, true],
  ['#', 'publish', '$SYS/x', true, true],
  ['+/x', 'publish', '$SYS/x', true, true],
  [{ eq: 'a/+' }, 'publish', 'a/b', false, false],
  ['$SYS/#', 'subscribe', '$SYS/#', true, true],
  ['$SYS/#', 'subscribe', '$SYS/brokers/+', true, true],
  ['$SYS/#', 'subscribe', '#', false, false],
  ['$SYS/#', 'subscribe', '+/brokers', false, false],
  ['a/+', 'subscribe', 'a/+', true, true],
  ['a/b', 'subscribe', 'a/+', false, false],
  [{ eq: '#' }, 'subscribe', '#', true, true],
  [{ eq: '#' }, 'subscribe', 'a/#', false, false],
  [{ eq: '#' }, 'subscribe', '+', false, false],
  ['#', 'subscribe', '+/#', true, true],
  // As a rule, +/# is for all topics, as # is; as a request it is not the request #.
  ['+/#', 'publish', 'a', true, true],
  ['+/#', 'publish', '$SYS/x', true, true],
  ['+/#', 'subscribe', 'a/b', true, true],
  ['+/#', 'subscribe', '+/#', true, true],
  ['+/#', 'subscribe', '#', false, true],
  [{ eq: '+/#' }, 'subscribe', '+/#', true, true],
  [{ eq: '+/#' }, 'subscribe', '#', false, false],
  [{ eq: '#' }, 'subscribe', '+/#', false, false],
  ['a/+/#', 'subscribe', 'a/+/#', true, true],
  // The requested filter matches more than the rule's does.
  ['a/+', 'subscribe', 'a/#', false, true],
  ['+', 'subscribe', '#', false, true],
  ['a/+/#', 'subscribe', 'a/#', false, true],
  // It overlaps with the rule's: nothing for a rule that denies, as documented.
  ['private/#', 'subscribe', '+/secret', false, false],
  ['private/#', 'subscribe', '#', false, false],
];

for (const [topic, action, requested, allows, denies] of REQUESTS) {
  const rule = typeof topic === 'string' ? topic : `{ eq: ${topic.eq} }`;
  test(`${action} ${requested}: a rule for ${rule} ${allows ? 'allows' : 'does not allow'} it, and ${denies ? 'denies' : 'does not deny'} it`, () => {
    assert.equal(single('allow', topic, action, requested), allows ? 'allow' : 'ignore');
    assert.equal(single('deny', topic, action, requested), denies ? 'deny' : 'ignore');
  });
}

test('an allowed subscription never gets a topic that the rule does not match', () => {
  const level = fc.constantFrom('a', 'b', '$x', '');
  const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
  const filters = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.constantFrom('#', '+', 'a'))
    .map(([levels, last]) => [...levels, last].join('/'));
  fc.assert(
    fc.property(filters, filters, topics, (rule, requested, topic) => {
      fc.pre(single('allow', rule, 'subscribe', requested) === 'allow');
      fc.pre(single('allow', requested, 'publish', topic) === 'allow');
      return single('allow', rule, 'publish', topic) === 'allow';
    }),
    { numRuns: 300 },
  );
});

test('placeholders stand for the client', () => {
  const ann = someClient({ clientId: 'c7', username: 'ann', address: '192.0.2.9' });
  assert.equal(single('allow', 'd/%c/#', 'publish', 'd/c7/t', ann), 'allow');
  assert.equal(single('allow', 'd/%c/#', 'publish', 'd/c8/t', ann), 'ignore');
  assert.equal(single('allow', 'u/x-%u', 'publish', 'u/x-ann', ann), 'allow');
  assert.equal(single('allow', 'from/%a', 'publish', 'from/192.0.2.9', ann), 'allow');
  assert.equal(single('deny', '100%%/%c', 'publish', '100%/c7', ann), 'deny');
  assert.equal(single('allow', { eq: '%c' }, 'publish', 'c7', ann), 'ignore');
  assert.equal(single('allow', { eq: '%c' }, 'publish', '%c', ann), 'allow');
});

test('a client without username fits no rule with %u', () => {
  for (const permit of ['allow', 'deny'] as const) {
    for (const username of [undefined, '']) {
      const client = someClient({ username });
      assert.equal(single(permit, 'u/%u', 'publish', 'u/', client), 'ignore');
      assert.equal(single(permit, 'u/%u', 'publish', 'u/%u', client), 'ignore');
      assert.equal(single(permit, 'u/%u', 'publish', 'u/undefined', client), 'ignore');
    }
  }
});

test('what a client shows makes no permission wider', () => {
  const greedy = (clientId: string, topic: string, action: AccessAction, requested: string) =>
    single('allow', topic, action, requested, someClient({ clientId }));
  assert.equal(greedy('+', 'd/%c', 'subscribe', 'd/+'), 'ignore');
  assert.equal(greedy('+', 'd/%c', 'publish', 'd/other'), 'ignore');
  assert.equal(greedy('#', 'd/%c', 'subscribe', 'd/#'), 'ignore');
  assert.equal(greedy('other/x', 'd/%c/#', 'publish', 'd/other/x/y'), 'ignore');
  assert.equal(greedy('$SYS', '%c/#', 'subscribe', '$SYS/#'), 'ignore');
  assert.equal(greedy('%u', 'd/%c', 'publish', 'd/%u'), 'allow');
});

test('what a client shows does not get it past a prohibition', () => {
  const denied = (clientId: string, requested: string, action: AccessAction = 'publish') =>
    single('deny', 'd/%c', action, requested, someClient({ clientId, username: 'ann' }));
  assert.equal(denied('a/b', 'd/a/b'), 'deny');
  assert.equal(denied('+', 'd/+', 'subscribe'), 'deny');
  assert.equal(denied('%u', 'd/%u'), 'deny');
  assert.equal(denied('$&', 'd/$&'), 'deny');
});

test('the topic of a rule is a filter with known placeholders', () => {
  assert.equal(aclTopicError('$SYS/+/%c/#'), undefined);
  assert.match(aclTopicError('a/#/b') ?? '', /last level/);
  assert.match(aclTopicError('a/%x') ?? '', /%x is not a placeholder/);
  assert.match(aclTopicError('') ?? '', /at least one character/);
});

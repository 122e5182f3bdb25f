import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { accessConfigSchema } from './access-config.js';
import { AclRules } from './acl-rules.js';
import { someClient } from './testing.js';

const HASH = '$sha256$efa1f375d76194fa51a3556a97e641e61685f914d446979da50a551a4333ffd7';

function issuesOf(section: unknown): string[] {
  const result = accessConfigSchema.safeParse(section);
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('what holds when nothing is written down', () => {
  assert.deepEqual(accessConfigSchema.parse({}), {
    enable_acl: true,
    enable_ban: true,
    enable_flapping_detect: false,
    flapping_detect_policy: { max_count: 30, window_time: 60_000, ban_time: 300_000 },
    acl_nomatch: 'allow',
    acl_deny_action: 'ignore',
    acl_cache: { enable: true, max_size: 32, ttl: 60_000 },
    users: [],
  });
});

test('all keys as people write them', () => {
  const config = accessConfigSchema.parse({
    allow_anonymous: false,
    acl_nomatch: 'deny',
    acl_deny_action: 'disconnect',
    acl_cache: { enable: false, max_size: 1, ttl: '1h30m' },
    users: [
      { username: 'ann', password_hash: HASH, is_superuser: true },
      { clientid: 'sensor', password: 'secret' },
    ],
    acl: [
      { permit: 'allow', who: { username: 'dashboard' }, action: 'subscribe', topics: ['$SYS/#'] },
      { permit: 'deny', who: 'all', action: 'subscribe', topics: ['$SYS/#', { eq: '#' }] },
      { permit: 'allow' },
    ],
    acl_file: 'etc/acl.conf',
    psk_file: 'etc/psk.txt',
  });
  assert.equal(config.acl_cache.ttl, 5_400_000);
  assert.deepEqual(
    config.users.map(({ username, clientid, password, isSuperuser }) => ({
      username,
      clientid,
      kind: password?.scheme.kind,
      isSuperuser,
    })),
    [
      { username: 'ann', clientid: undefined, kind: 'digest', isSuperuser: true },
      { username: undefined, clientid: 'sensor', kind: 'plain', isSuperuser: false },
    ],
  );
  assert.deepEqual(config.acl?.[2], { permit: 'allow', who: 'all', action: 'pubsub' });
  const rules = new AclRules(config.acl ?? []);
  assert.equal(rules.authorize(someClient({ username: 'dashboard' }), 'subscribe', '$SYS/#'), 'allow');
  assert.equal(rules.authorize(someClient(), 'subscribe', '$SYS/#'), 'deny');
  assert.equal(rules.authorize(someClient(), 'publish', 'a'), 'allow');
});

/** A section and what the operator reads about it, key first. */
const WRONG: readonly (readonly [section: unknown, issue: RegExp])[] = [
  [{ alow_anonymous: true }, /^: Unrecognized key: "alow_anonymous"/],
  [{ acl_nomatch: 'ignore' }, /^acl_nomatch: .*"allow"\|"deny"/],
  [{ acl_cache: { max_size: 0 } }, /^acl_cache\.max_size: /],
  [{ acl_cache: { ttl: 60 } }, /^acl_cache\.ttl: a duration from/],
  [{ users: [{ password: 'x' }] }, /^users\.0: a user has a username or a clientid/],
  [{ users: [{ username: 'a' }] }, /^users\.0: a user has password_hash, password or psk/],
  [{ users: [{ username: 'a', psk: '' }] }, /^users\.0\.psk: the key is missing/],
  [{ users: [{ username: 'a', psk: 'ä'.repeat(129) }] }, /^users\.0\.psk: the key is longer than 256 bytes/],
  [
    {
      users: [
        { username: 'a', clientid: 'c', psk: 'x' },
        { username: 'a', clientid: 'd', psk: 'x' },
      ],
    },
    /^users\.1: there are two users with psk identity "a"/,
  ],
  [{ users: [{ username: 'a', password: 'x', password_hash: HASH }] }, /^users\.0: a user has either/],
  [{ users: [{ username: 'a', password_hash: '$sha256$12' }] }, /^users\.0\.password_hash: .*64 hex digits/],
  [
    {
      users: [
        { username: 'a', password: 'x' },
        { username: 'a', password: 'y' },
      ],
    },
    /^users\.1: there are two users with username "a"/,
  ],
  [
    {
      users: [
        { clientid: 'c', password: 'x' },
        { clientid: 'c', username: 'a', password: 'x' },
      ],
    },
    /^users\.1: there are two users with clientid "c"/,
  ],
  [{ acl: [{ permit: 'maybe' }] }, /^acl\.0\.permit: /],
  [{ acl: [{ permit: 'allow', who: {} }] }, /^acl\.0\.who: all, or one or more of username/],
  [{ acl: [{ permit: 'allow', who: 'ann' }] }, /^acl\.0\.who: all, or one or more of username/],
  [{ acl: [{ permit: 'allow', who: { user: 'ann' } }] }, /^acl\.0\.who: .*"user"/],
  [
    { acl: [{ permit: 'allow', who: { or: [{ ipaddr: 'x' }] } }] },
    /^acl\.0\.who\.or\.0\.ipaddr: "x" is no IP/,
  ],
  [{ acl: [{ permit: 'allow', who: { ipaddrs: ['::/200'] } }] }, /^acl\.0\.who\.ipaddrs\.0: /],
  [{ acl: [{ permit: 'allow', topics: ['a/#/b'] }] }, /^acl\.0\.topics\.0: `#` must be/],
  [{ acl: [{ permit: 'allow', topics: ['%x'] }] }, /^acl\.0\.topics\.0: %x is not a placeholder/],
  [{ acl: [{ permit: 'allow', topics: [7] }] }, /^acl\.0\.topics\.0: a topic filter, or/],
  [{ acl: [{ permit: 'allow', topics: [] }] }, /^acl\.0\.topics: /],
];

for (const [section, issue] of WRONG) {
  test(`${JSON.stringify(section)} is refused`, () => {
    const issues = issuesOf(section);
    assert.ok(
      issues.some((text) => issue.test(text)),
      issues.join('\n'),
    );
  });
}

test('no issue repeats a password', () => {
  const issues = issuesOf({ users: [{ password: 'hunter2' }, { username: 'a', password_hash: 'hunter2' }] });
  assert.equal(issues.length, 2);
  assert.doesNotMatch(issues.join(), /hunter2/);
});

test('every key is described, for the JSON schema', () => {
  const schema = z.toJSONSchema(accessConfigSchema, { io: 'input' });
  const properties = Object.entries(schema.properties ?? {});
  assert.notEqual(properties.length, 0);
  for (const [key, property] of properties) {
    assert.ok(typeof property === 'object' && property.description !== undefined, key);
  }
});

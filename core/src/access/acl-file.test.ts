import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { PorticoError } from '../runtime/errors.js';
import { parseAclFile, readAclFile } from './acl-file.js';
import { AclRules, type AclWho, DEFAULT_ACL_RULES } from './acl-rules.js';

const DEFAULT_FILE = `
%% Rules are read from top to bottom.

{allow, {user, "dashboard"}, subscribe, ["$SYS/#"]}.

{allow, {ipaddr, "127.0.0.1"}, pubsub, ["$SYS/#", "#"]}.

{deny, all, subscribe, ["$SYS/#", {eq, "#"}]}.

{allow, all}.
`;

function errorOf(text: string): string {
  try {
    parseAclFile(text, 'etc/acl.conf');
  } catch (error) {
    assert.ok(error instanceof PorticoError, String(error));
    assert.equal(error.code, 'PORTICO_ERR_ACL_FILE');
    return error.message;
  }
  assert.fail(`${text} was taken`);
}

function whoOf(who: string): AclWho | undefined {
  return parseAclFile(`{deny, ${who}, publish, ["a"]}.`, 'acl.conf')[0]?.who;
}

test('the built-in rules are those of the file that people know, but keep $SYS for the hub and the real dashboard', () => {
  const known = [...parseAclFile(DEFAULT_FILE, 'acl.conf')];
  const thisMachine = { ipaddrs: ['127.0.0.1', '::1'] };
  const dashboard = { username: 'dashboard', anonymous: false };
  known.splice(0, 1, { permit: 'allow', who: dashboard, action: 'subscribe', topics: ['$SYS/#'] });
  known.splice(1, 1, { permit: 'allow', who: thisMachine, action: 'pubsub', topics: ['$SYS/#', '#'] });
  known.splice(3, 0, { permit: 'deny', who: 'all', action: 'publish', topics: ['$SYS/#'] });
  assert.deepEqual(DEFAULT_ACL_RULES, known);
});

test('the two short rules are about everything', () => {
  assert.deepEqual(parseAclFile('{allow, all}. {deny, all}.', 'acl.conf'), [
    { permit: 'allow', who: 'all', action: 'pubsub' },
    { permit: 'deny', who: 'all', action: 'pubsub' },
  ]);
});

/** Every way to say who, and what it means. */
const WHO: readonly (readonly [text: string, who: AclWho])[] = [
  ['all', 'all'],
  ['{user, "u"}', { username: 'u' }],
  ['{username, <<"u">>}', { username: 'u' }],
  ['{client, "c"}', { clientid: 'c' }],
  ['{clientid, "c"}', { clientid: 'c' }],
  ['{user, all}', 'all'],
  ['{client, all}', 'all'],
  ['{user, "all"}', { username: 'all' }],
  ['{ipaddr, "10.0.0.0/8"}', { ipaddr: '10.0.0.0/8' }],
  ['{ipaddrs, ["10.0.0.0/8", "::1"]}', { ipaddrs: ['10.0.0.0/8', '::1'] }],
  [`{'and', [{user, "u"}, {client, "c"}]}`, { and: [{ username: 'u' }, { clientid: 'c' }] }],
  [`{'or', [all, {'and', [{user, "u"}]}]}`, { or: ['all', { and: [{ username: 'u' }] }] }],
];

for (const [text, who] of WHO) {
  test(`${text} says who`, () => {
    assert.deepEqual(whoOf(text), who);
    assert.doesNotThrow(() => new AclRules(parseAclFile(`{deny, ${text}, publish, ["a"]}.`, 'acl.conf')));
  });
}

test('publish, subscribe and pubsub; filters, exact topics, placeholders', () => {
  assert.deepEqual(
    parseAclFile('{deny, all, publish, ["a/+", {eq, "a/+"}]}. {allow, all, pubsub, ["%c/%u"]}.', 'acl.conf'),
    [
      { permit: 'deny', who: 'all', action: 'publish', topics: ['a/+', { eq: 'a/+' }] },
      { permit: 'allow', who: 'all', action: 'pubsub', topics: ['%c/%u'] },
    ],
  );
});

/** What is wrong, and what the operator reads about it behind `etc/acl.conf:`. */
const WRONG: readonly (readonly [text: string, message: RegExp])[] = [
  ['{allow, all}', /:1: the file ends where "\." should be/],
  ['\n\n{permit, all}.', /:3: "permit" stands where there should be allow or deny/],
  ['{allow}.', /:1: a tuple stands where there should be a rule/],
  ['{allow, {user, "x"}}.', /a rule, \{allow, all\}/],
  ['{allow, all, publish}.', /a rule/],
  ['{allow, all, publish, ["a"], x}.', /a rule/],
  ['[allow, all].', /a list stands where there should be a rule/],
  ['"allow".', /"allow" stands where there should be a rule/],
  ['{allow, everyone, publish, ["a"]}.', /"everyone" stands where there should be all or a tuple of user/],
  ['{allow, {toString, "x"}, publish, ["a"]}.', /"toString" stands/],
  ['{allow, {user, "x", "y"}, publish, ["a"]}.', /all or a tuple of user/],
  ['{allow, {user}, publish, ["a"]}.', /all or a tuple of user/],
  ['{allow, {user, []}, publish, ["a"]}.', /a list stands where there should be a string/],
  ['{allow, {ipaddr, "10.0.0.0/64"}, publish, ["a"]}.', /"10\.0\.0\.0\/64" is no IP address or range/],
  ['{allow,\n {ipaddrs,\n ["x"]}, publish, ["a"]}.', /:3: "x" is no IP address/],
  ['{allow, {ipaddrs, "::1"}, publish, ["a"]}.', /a list of addresses/],
  [`{allow, {'and', all}, publish, ["a"]}.`, /a list of conditions/],
  ['{allow, all, write, ["a"]}.', /publish or subscribe or pubsub/],
  ['{allow, all, publish, "a"}.', /a list of topics/],
  ['{allow, all, publish, []}.', /a list of topics/],
  ['{allow, all, publish, ["a/#/b"]}.', /`#` must be the whole last level/],
  ['{allow, all, publish, ["a/%x"]}.', /%x is not a placeholder here/],
  ['{allow, all, publish, [{eq, a}]}.', /"a" stands where there should be a string/],
  ['{allow, all, publish, [{re, "^a"}]}.', /a topic, "topic" or \{eq, "topic"\}/],
  ['{allow, {re, "^a"}, publish, ["a"]}.', /"re" stands where there should be all or/],
];

for (const [text, message] of WRONG) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.match(errorOf(text), message);
    assert.match(errorOf(text), /^the access rules cannot be read: etc\/acl\.conf:\d+: /);
  });
}

test('whatever is in the file, nothing but PORTICO_ERR_ACL_FILE is thrown, and what is taken can be used', () => {
  const pieces = fc.constantFrom(
    ...['{', '}', '[', ']', ',', '.', '"', "'", '<<', '>>', '%', '\\', '\n', ' ', 'all', 'allow', 'deny'],
    ...[
      'user',
      'ipaddr',
      "'or'",
      'publish',
      'eq',
      '"a/#"',
      '"::1"',
      '{deny, all}.',
      '{allow, all, publish, [',
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        new AclRules(parseAclFile(text, 'acl.conf'));
      } catch (error) {
        assert.ok(error instanceof PorticoError && error.code === 'PORTICO_ERR_ACL_FILE', String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('a file is read from disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'portico-acl-'));
  try {
    const path = join(directory, 'acl.conf');
    await writeFile(path, DEFAULT_FILE);
    assert.equal((await readAclFile(path)).length, 4);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a file that is not there is an error that names it', async () => {
  await assert.rejects(
    readAclFile('/nowhere/acl.conf'),
    (error) =>
      error instanceof PorticoError &&
      error.code === 'PORTICO_ERR_ACL_FILE' &&
      error.message.includes('/nowhere/acl.conf'),
  );
});

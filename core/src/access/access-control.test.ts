import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hooks } from '../engine/hooks.js';
import { VirtualClock } from '../runtime/clock.js';
import { type Logger, silentLogger } from '../runtime/logger.js';
import type { MaybePromise } from '../runtime/maybe-promise.js';
import { Metrics } from '../runtime/metrics.js';
import { AccessControl, type AccessPolicy } from './access-control.js';
import { type ClientPolicy, DEFAULT_CLIENT_POLICY } from './client-policy.js';
import { someClient, someCredentials, someEntrance } from './testing.js';
import type { AuthenticationAnswer, Authenticator, AuthorizationAnswer, Authorizer } from './types.js';

const POLICY: AccessPolicy = {
  clients: DEFAULT_CLIENT_POLICY,
  flapping: { maxCount: 30, window: 60_000, banTime: 300_000 },
  noMatch: 'allow',
  cache: { maxSize: 32, ttl: 60_000 },
};

const IGNORE: AuthenticationAnswer = { answer: 'ignore' };
const ALLOW: AuthenticationAnswer = { answer: 'allow' };
const DENY: AuthenticationAnswer = { answer: 'deny', refusal: 'bad_credentials' };

const CREDENTIALS = someCredentials({ username: 'ann', password: 'secret' });
const CLIENT = someClient();
const HERE = someEntrance();
const ELSEWHERE = someEntrance({ loopback: false });

function setUp(policy: Partial<AccessPolicy> = {}, log: Logger = silentLogger) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const hooks = new Hooks((_point, _hook, error) => {
    throw error;
  });
  const access = new AccessControl({ policy: { ...POLICY, ...policy }, hooks, metrics, clock, log });
  return { access, clock, metrics, hooks };
}

/** Answers always the same and counts how often it was asked; a promise of the answer when `late`. */
class FakeSource implements Authenticator {
  asked = 0;
  constructor(
    readonly name: string,
    readonly answer: AuthenticationAnswer | Error,
    readonly late = false,
  ) {}

  authenticate() {
    this.asked++;
    const { answer } = this;
    if (answer instanceof Error) {
      if (this.late) return Promise.reject(answer);
      throw answer;
    }
    return this.late ? Promise.resolve(answer) : answer;
  }
}

class FakeRules implements Authorizer {
  asked = 0;
  constructor(
    public answer: AuthorizationAnswer | Promise<AuthorizationAnswer> | Error,
    readonly name = 'fake',
  ) {}

  authorize() {
    this.asked++;
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
}

/** The values of the counters that are not 0. */
function counted(metrics: Metrics): Record<string, number> {
  return Object.fromEntries(
    [...metrics.counters()].filter(({ value }) => value > 0).map(({ name, value }) => [name, value]),
  );
}

for (const late of [false, true]) {
  const how = late ? 'asynchronous' : 'synchronous';

  test(`the first source that allows or denies decides (${how})`, async () => {
    for (const [answer, ok] of [
      [ALLOW, true],
      [DENY, false],
    ] as const) {
      const { access } = setUp();
      const sources: FakeSource[] = [IGNORE, answer, ALLOW, DENY].map(
        (each) => new FakeSource('s', each, late),
      );
      for (const one of sources) access.addAuthenticator(one);
      const outcome = await access.authenticate(CREDENTIALS, HERE);
      assert.equal(outcome.ok, ok);
      assert.deepEqual(
        sources.map(({ asked }) => asked),
        [1, 1, 0, 0],
      );
    }
  });

  test(`the first source with a pre-shared key for an identity has its way (${how})`, async () => {
    const { access } = setUp();
    const answer = (key?: string) => {
      const bytes = key === undefined ? undefined : Buffer.from(key);
      return late ? Promise.resolve(bytes) : bytes;
    };
    const withKeys = (pskKey: (identity: string) => MaybePromise<Buffer | undefined>) =>
      access.addAuthenticator(Object.assign(new FakeSource('s', IGNORE), { pskKey }));
    access.addAuthenticator(new FakeSource('without keys', IGNORE));
    withKeys(() => {
      if (late) return Promise.reject(new Error('no connection'));
      throw new Error('no connection');
    });
    const remove = withKeys((identity) => answer(identity === 'ann' ? '1' : undefined));
    withKeys(() => answer('2'));
    assert.deepEqual(await access.pskKey('ann'), Buffer.from('1'));
    assert.deepEqual(await access.pskKey('bob'), Buffer.from('2'));
    remove();
    assert.deepEqual(await access.pskKey('ann'), Buffer.from('2'));
  });

  test(`a source that fails counts as not knowing the client (${how})`, async () => {
    const { access } = setUp();
    access.addAuthenticator(new FakeSource('broken', new Error('no connection'), late));
    access.addAuthenticator(new FakeSource('users', DENY, late));
    assert.deepEqual(await access.authenticate(CREDENTIALS, HERE), { ok: false, refusal: 'bad_credentials' });
  });
}

test('a client that has proved who it is is not anonymous; a source that knows it still decides', () => {
  const proven = { ...CREDENTIALS, proven: true };
  const { access, metrics } = setUp();
  const entrance = someEntrance({ allowAnonymous: false });
  const bypass = { ...entrance, policy: { ...entrance.policy, bypassAuthentication: true } };
  for (const way of [entrance, bypass]) {
    assert.deepEqual(access.authenticate(proven, way), { ok: true, isSuperuser: false, anonymous: false });
    assert.deepEqual(access.authenticate(CREDENTIALS, way), { ok: false, refusal: 'not_authorized' });
  }
  assert.equal(metrics.get('client.auth.anonymous'), 0);
  access.addAuthenticator(new FakeSource('users', DENY));
  assert.deepEqual(access.authenticate(proven, entrance), { ok: false, refusal: 'bad_credentials' });
});

test('the answer is there at once when all sources answer at once', () => {
  const { access } = setUp();
  access.addAuthenticator(new FakeSource('users', ALLOW));
  assert.deepEqual(access.authenticate(CREDENTIALS, ELSEWHERE), {
    ok: true,
    isSuperuser: false,
    anonymous: false,
  });
});

test('a refusal and the rank of superuser are handed on', async () => {
  const { access } = setUp();
  const remove = access.addAuthenticator(new FakeSource('s', { answer: 'allow', isSuperuser: true }));
  assert.deepEqual(access.authenticate(CREDENTIALS, ELSEWHERE), {
    ok: true,
    isSuperuser: true,
    anonymous: false,
  });
  remove();
  access.addAuthenticator(new FakeSource('s', { answer: 'deny', refusal: 'server_busy' }));
  assert.deepEqual(access.authenticate(CREDENTIALS, HERE), { ok: false, refusal: 'server_busy' });
});

test('a source can be removed again, the others stay in order', () => {
  const { access } = setUp();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new FakeSource(name, IGNORE));
  const removals = [a, b, c].map((source) => access.addAuthenticator(source as FakeSource));
  removals[1]?.();
  removals[1]?.();
  assert.deepEqual(access.authenticators, [a, c]);
});

/** What is written down, whether the listener is on loopback, and whether an unknown client comes in. */
const ANONYMOUS: readonly (readonly [setting: boolean | undefined, loopback: boolean, allowed: boolean])[] = [
  [undefined, true, true],
  [undefined, false, false],
  [true, true, true],
  [true, false, true],
  [false, true, false],
  [false, false, false],
];

for (const [setting, loopback, allowed] of ANONYMOUS) {
  const where = loopback ? 'on loopback' : 'from elsewhere';
  test(`allow_anonymous ${setting ?? 'not given'}: an unknown client ${where} is ${allowed ? 'let in' : 'refused'}`, () => {
    const { access } = setUp();
    const entrance = someEntrance({ allowAnonymous: setting, loopback });
    access.addAuthenticator(new FakeSource('users', IGNORE));
    const expected = allowed
      ? { ok: true, isSuperuser: false, anonymous: true }
      : { ok: false, refusal: 'not_authorized' };
    assert.deepEqual(access.authenticate(someCredentials({}), entrance), expected);
    assert.deepEqual(access.authenticate(CREDENTIALS, entrance), expected);
  });
}

test('where authentication is bypassed nobody is asked, and every client is an anonymous one', () => {
  const { access, hooks, metrics } = setUp();
  const users = new FakeSource('users', ALLOW);
  access.addAuthenticator(users);
  hooks.clientAuthenticate.add('none', () => assert.fail('nobody asks the hook'));
  const bypass = (policy: Partial<ClientPolicy>) =>
    access.authenticate(CREDENTIALS, someEntrance({ bypassAuthentication: true, ...policy }));
  assert.deepEqual(bypass({}), { ok: true, isSuperuser: false, anonymous: true });
  assert.deepEqual(bypass({ allowAnonymous: false }), { ok: false, refusal: 'not_authorized' });
  assert.equal(users.asked, 0);
  assert.deepEqual(counted(metrics), {
    'client.authenticate': 2,
    'client.auth.success': 1,
    'client.auth.success.anonymous': 1,
    'client.auth.anonymous': 1,
    'client.auth.failure': 1,
  });
});

test('the hook client.authenticate sees the outcome and may change it', async () => {
  const { access, hooks, metrics } = setUp();
  const remove = hooks.clientAuthenticate.add('lock', (outcome, credentials) => {
    assert.deepEqual(outcome, { ok: true, isSuperuser: false, anonymous: true });
    assert.equal(credentials, CREDENTIALS);
    return { value: { ok: false, refusal: 'not_authorized' } };
  });
  assert.deepEqual(access.authenticate(CREDENTIALS, HERE), { ok: false, refusal: 'not_authorized' });
  remove();
  hooks.clientAuthenticate.add('open', async () => ({
    value: { ok: true, isSuperuser: true, anonymous: false },
  }));
  assert.deepEqual(await access.authenticate(CREDENTIALS, ELSEWHERE), {
    ok: true,
    isSuperuser: true,
    anonymous: false,
  });
  assert.deepEqual(counted(metrics), {
    'client.authenticate': 2,
    'client.auth.success': 1,
    'client.auth.failure': 1,
  });
});

test('authentications are counted: all = successes + failures', async () => {
  const { access, metrics } = setUp();
  const users = new FakeSource('users', IGNORE, true);
  access.addAuthenticator(users);
  await access.authenticate(CREDENTIALS, HERE);
  await access.authenticate(CREDENTIALS, ELSEWHERE);
  access.addAuthenticator(new FakeSource('more', ALLOW));
  await access.authenticate(CREDENTIALS, HERE);
  assert.deepEqual(counted(metrics), {
    'client.authenticate': 3,
    'client.auth.success': 2,
    'client.auth.success.anonymous': 1,
    'client.auth.anonymous': 1,
    'client.auth.failure': 1,
  });
});

test('errors of a source are logged, not one line for each', () => {
  const lines: unknown[] = [];
  const log: Logger = { ...silentLogger, error: (fields: unknown) => void lines.push(fields) };
  const { access, clock } = setUp({}, log);
  const error = new Error('no connection');
  access.addAuthenticator(new FakeSource('mysql', error));
  for (let i = 0; i < 5; i++) access.authenticate(CREDENTIALS, HERE);
  clock.advance(10_000);
  access.authenticate(CREDENTIALS, HERE);
  assert.deepEqual(lines, [
    { source: 'mysql', err: error, suppressed: 0 },
    { source: 'mysql', err: error, suppressed: 4 },
  ]);
});

test('without sources and hooks acl_nomatch decides at once', () => {
  for (const noMatch of ['allow', 'deny'] as const) {
    const { access, metrics } = setUp({ noMatch });
    assert.equal(access.authorize(CLIENT, access.createCache(), 'publish', 'a'), noMatch === 'allow');
    assert.deepEqual(counted(metrics), { 'client.check_acl': 1, [`client.acl.${noMatch}`]: 1 });
  }
});

test('authorizers are asked in order, the rules of the configuration last, then acl_nomatch', () => {
  const { access } = setUp({ noMatch: 'deny' });
  const rules = new FakeRules('ignore', 'rules');
  const [first, second] = [new FakeRules('ignore', 'first'), new FakeRules('ignore', 'second')];
  access.setRules(rules);
  access.addAuthorizer(first as FakeRules);
  access.addAuthorizer(second as FakeRules);
  assert.deepEqual(
    access.authorizers.map(({ name }) => name),
    ['first', 'second', 'rules'],
  );
  assert.equal(access.authorize(CLIENT, undefined, 'publish', 'a'), false);
  rules.answer = 'allow';
  assert.equal(access.authorize(CLIENT, undefined, 'publish', 'a'), true);
  second.answer = 'deny';
  assert.equal(access.authorize(CLIENT, undefined, 'publish', 'a'), false);
  assert.equal(rules.asked, 2);
});

test('an authorizer may take its time, or fail', async () => {
  const { access } = setUp();
  access.addAuthorizer(new FakeRules(new Error('no connection')));
  access.addAuthorizer(new FakeRules(Promise.reject(new Error('timeout'))));
  access.addAuthorizer(new FakeRules(Promise.resolve('deny')));
  assert.equal(await access.authorize(CLIENT, access.createCache(), 'publish', 'a'), false);
});

test('a superuser may do everything, and nobody is asked', () => {
  const { access, hooks, metrics } = setUp({ noMatch: 'deny' });
  access.setRules(new FakeRules('deny'));
  hooks.clientCheckAcl.add('never', () => assert.fail());
  assert.equal(access.authorize(someClient({ isSuperuser: true }), undefined, 'publish', 'a'), true);
  assert.deepEqual(counted(metrics), {});
});

for (const late of [false, true]) {
  test(`a decision is cached (${late ? 'asynchronous' : 'synchronous'} source)`, async () => {
    const { access, clock, metrics } = setUp();
    const rules = new FakeRules(late ? Promise.resolve('deny') : 'deny');
    access.setRules(rules);
    const cache = access.createCache();
    assert.equal(await access.authorize(CLIENT, cache, 'publish', 'a'), false);
    assert.equal(access.authorize(CLIENT, cache, 'publish', 'a'), false);
    assert.equal(await access.authorize(CLIENT, cache, 'subscribe', 'a'), false);
    assert.equal(rules.asked, 2);
    clock.advance(60_000);
    await access.authorize(CLIENT, cache, 'publish', 'a');
    assert.equal(rules.asked, 3);
    assert.deepEqual(counted(metrics), {
      'client.check_acl': 3,
      'client.acl.deny': 4,
      'client.acl.cache_hit': 1,
    });
  });
}

test('new rules, a new authorizer and its removal hold at once, also for cached decisions', () => {
  const { access } = setUp();
  const cache = access.createCache();
  const may = () => access.authorize(CLIENT, cache, 'publish', 'a');
  access.setRules(new FakeRules('allow'));
  assert.equal(may(), true);
  access.setRules(new FakeRules('deny'));
  assert.equal(may(), false);
  const remove = access.addAuthorizer(new FakeRules('allow'));
  assert.equal(may(), true);
  remove();
  assert.equal(may(), false);
  access.setRules(undefined);
  assert.equal(may(), true);
});

test('a decision that was under way when the caches were cleared is not cached', async () => {
  const { access } = setUp();
  const cache = access.createCache();
  access.setRules(new FakeRules(Promise.resolve('allow')));
  const old = access.authorize(CLIENT, cache, 'publish', 'a');
  access.setRules(new FakeRules('deny'));
  assert.equal(await old, true);
  assert.equal(access.authorize(CLIENT, cache, 'publish', 'a'), false);
});

test('without a cache in the policy nothing is remembered', () => {
  const { access } = setUp({ cache: undefined });
  const rules = new FakeRules('allow');
  access.setRules(rules);
  const cache = access.createCache();
  access.authorize(CLIENT, cache, 'publish', 'a');
  access.authorize(CLIENT, cache, 'publish', 'a');
  access.clearCaches();
  assert.equal(rules.asked, 2);
  assert.equal(cache.size, 0);
});

test('the hook client.check_acl sees the decision and may change it; the result is cached', async () => {
  for (const late of [false, true]) {
    const { access, hooks } = setUp();
    access.setRules(new FakeRules('allow'));
    let asked = 0;
    hooks.clientCheckAcl.add('veto', (allowed, client, action, topic) => {
      asked++;
      assert.deepEqual([allowed, client, action, topic], [true, CLIENT, 'publish', 'a']);
      return late ? Promise.resolve({ value: false }) : { value: false };
    });
    const cache = access.createCache();
    assert.equal(await access.authorize(CLIENT, cache, 'publish', 'a'), false);
    assert.equal(await access.authorize(CLIENT, cache, 'publish', 'a'), false);
    assert.equal(asked, 1);
  }
});

test('a hook is asked even when there is no source', () => {
  const { access, hooks } = setUp();
  hooks.clientCheckAcl.add('veto', () => ({ value: false }));
  assert.equal(access.authorize(CLIENT, undefined, 'publish', 'a'), false);
});

test('by default nobody is let in anonymously for whom a proxy on this machine speaks', () => {
  const { access } = setUp();
  const entrance = someEntrance({ loopback: true });
  const credentials = someCredentials({ host: '203.0.113.5' });
  assert.deepEqual(access.authenticate(credentials, entrance), { ok: false, refusal: 'not_authorized' });
});

test('other users take the place of those before, in front of all sources that were added', async () => {
  const { access } = setUp();
  const added = new FakeSource('added', DENY);
  access.addAuthenticator(added);
  assert.deepEqual(await access.authenticate(CREDENTIALS, HERE), { ok: false, refusal: 'bad_credentials' });
  access.setUsers(new FakeSource('users', ALLOW), []);
  assert.equal((await access.authenticate(CREDENTIALS, HERE)).ok, true);
  assert.equal(added.asked, 1);
  access.setUsers(undefined, []);
  assert.equal((await access.authenticate(CREDENTIALS, HERE)).ok, false);
  assert.deepEqual(access.authenticators, [added]);
});

test('another policy holds at once, and what was remembered is forgotten', () => {
  const { access } = setUp();
  const rules = new FakeRules('ignore');
  access.setRules(rules);
  const cache = access.createCache();
  const may = () => access.authorize(CLIENT, cache, 'publish', 'a');
  assert.deepEqual([may(), may(), rules.asked], [true, true, 1]);
  access.setPolicy({ ...POLICY, noMatch: 'deny', cache: undefined });
  assert.deepEqual([may(), may(), rules.asked, cache.size], [false, false, 3, 0]);
  access.setPolicy(POLICY);
  assert.deepEqual([may(), may(), rules.asked, cache.size], [true, true, 4, 1]);
});

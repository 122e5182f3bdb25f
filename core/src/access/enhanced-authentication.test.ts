import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '../runtime/logger.js';
import { TestHub } from '../testing/test-hub.js';
import { someCredentials, someEntrance } from './testing.js';
import type { EnhancedAuthenticator, ExchangeAnswer } from './types.js';

const HERE = someEntrance();
const ELSEWHERE = someEntrance({ loopback: false });
const CREDENTIALS = someCredentials({});

/** Gives these answers one after the other, at once or late. */
function source(
  answers: readonly (ExchangeAnswer | Error)[],
  { method = 'TEST', late = false } = {},
): EnhancedAuthenticator {
  return {
    name: 'test',
    method,
    start() {
      const left = [...answers];
      return {
        next() {
          const answer = left.shift();
          assert.ok(answer !== undefined, 'asked once more after the last answer');
          if (!(answer instanceof Error)) return late ? Promise.resolve(answer) : answer;
          if (late) return Promise.reject(answer);
          throw answer;
        },
      };
    },
  };
}

/** The last step of an authentication with these answers, and what has been counted. */
async function outcome(
  answers: readonly (ExchangeAnswer | Error)[],
  { late = false, username }: { late?: boolean; username?: string } = {},
) {
  const { access, metrics } = new TestHub();
  access.addEnhancedAuthenticator(source(answers, { late }));
  const credentials = username === undefined ? CREDENTIALS : someCredentials({ username });
  const authentication = access.startAuthentication('TEST', credentials, ELSEWHERE);
  assert.ok(authentication !== undefined);
  for (const _ of answers.slice(1)) assert.equal((await authentication.next(Buffer.alloc(0))).done, false);
  const step = await authentication.next(Buffer.alloc(0));
  assert.ok(step.done);
  const counted = ['client.authenticate', 'client.auth.success', 'client.auth.failure'];
  return { ...step.authenticated, data: step.data, counted: counted.map((name) => metrics.get(name)) };
}

const MORE: ExchangeAnswer = { answer: 'continue', data: Buffer.from('more') };

for (const late of [false, true]) {
  const how = late ? 'asynchronous' : 'synchronous';

  test(`an authentication goes on until its source allows or denies, and is counted once (${how})`, async () => {
    const data = Buffer.from('proof');
    const allowed = await outcome([MORE, MORE, { answer: 'allow', username: 'ann', data }], { late });
    assert.deepEqual(allowed, {
      outcome: { ok: true, isSuperuser: false, anonymous: false },
      username: 'ann',
      data,
      counted: [1, 1, 0],
    });
    const denied = await outcome([MORE, { answer: 'deny', refusal: 'bad_credentials' }], { late });
    assert.deepEqual(denied, {
      outcome: { ok: false, refusal: 'bad_credentials' },
      username: undefined,
      data: undefined,
      counted: [1, 0, 1],
    });
  });

  test(`a source that fails lets nobody in, and that is logged (${how})`, async () => {
    const lines: unknown[] = [];
    const log: Logger = { ...silentLogger, error: (fields: unknown) => void lines.push(fields) };
    const { access, metrics } = new TestHub({ log });
    const error = new Error('no connection');
    access.addEnhancedAuthenticator(source([error], { late }));
    const step = await access.startAuthentication('TEST', CREDENTIALS, HERE)?.next(undefined);
    assert.deepEqual(step, {
      done: true,
      authenticated: { outcome: { ok: false, refusal: 'not_authorized' }, username: undefined },
      data: undefined,
    });
    assert.deepEqual(lines, [{ source: 'test', err: error, suppressed: 0 }]);
    assert.equal(metrics.get('client.auth.failure'), 1);
  });
}

test('a source that cannot even begin an exchange lets nobody in', async () => {
  const { access } = new TestHub();
  const start = () => {
    throw new Error('no connection');
  };
  access.addEnhancedAuthenticator({ name: 'test', method: 'TEST', start });
  const step = await access.startAuthentication('TEST', CREDENTIALS, HERE)?.next(undefined);
  assert.ok(step?.done);
  assert.equal(step.authenticated.outcome.ok, false);
});

test('the answer is there at once when the source answers at once', () => {
  const { access } = new TestHub();
  access.addEnhancedAuthenticator(source([MORE]));
  const step = access.startAuthentication('TEST', CREDENTIALS, HERE)?.next(undefined);
  assert.deepEqual(step, { done: false, data: Buffer.from('more') });
});

test('a user name shown beforehand must be that of the user', async () => {
  const allow = { answer: 'allow', username: 'ann', isSuperuser: true } as const;
  const same = await outcome([allow], { username: 'ann' });
  assert.deepEqual(same.outcome, { ok: true, isSuperuser: true, anonymous: false });
  const other = await outcome([allow], { username: 'bob' });
  assert.deepEqual(other.outcome, { ok: false, refusal: 'bad_credentials' });
  assert.equal(other.username, undefined);
  assert.deepEqual(other.counted, [1, 0, 1]);
});

test('where the method knows no users, the name shown beforehand holds', async () => {
  assert.equal((await outcome([{ answer: 'allow' }], { username: 'ann' })).username, 'ann');
  assert.equal((await outcome([{ answer: 'allow' }])).username, undefined);
});

test('the source added first has the method, until it is removed', () => {
  const { access } = new TestHub();
  const [first, second, other] = [source([MORE]), source([]), source([], { method: 'OTHER' })];
  const remove = access.addEnhancedAuthenticator(first);
  access.addEnhancedAuthenticator(second);
  access.addEnhancedAuthenticator(other);
  assert.equal(access.startAuthentication('test', CREDENTIALS, HERE), undefined);
  const underWay = access.startAuthentication('TEST', CREDENTIALS, HERE);
  remove();
  remove();
  assert.deepEqual(access.enhancedAuthenticators, [second, other]);
  assert.deepEqual(underWay?.next(undefined), { done: false, data: Buffer.from('more') });
});

test('where nobody is asked who comes in, no method is offered', () => {
  const { access } = new TestHub();
  access.addEnhancedAuthenticator(source([]));
  const bypass = someEntrance({ bypassAuthentication: true });
  assert.equal(access.startAuthentication('TEST', CREDENTIALS, bypass), undefined);
});

for (const late of [false, true]) {
  const how = late ? 'asynchronous' : 'synchronous';
  test(`the hook client.authenticate sees the user and may change the outcome (${how})`, async () => {
    const { access, hooks, metrics } = new TestHub();
    access.addEnhancedAuthenticator(source([{ answer: 'allow', username: 'ann' }]));
    hooks.clientAuthenticate.add('lock', (outcome, credentials) => {
      assert.deepEqual(outcome, { ok: true, isSuperuser: false, anonymous: false });
      assert.equal(credentials.username, 'ann');
      const answer = { value: { ok: false, refusal: 'server_busy' } } as const;
      return late ? Promise.resolve(answer) : answer;
    });
    const step = await access.startAuthentication('TEST', CREDENTIALS, HERE)?.next(undefined);
    assert.ok(step?.done);
    assert.deepEqual(step.authenticated.outcome, { ok: false, refusal: 'server_busy' });
    assert.equal(metrics.get('client.auth.success'), 0);
    assert.equal(metrics.get('client.auth.failure'), 1);
  });
}

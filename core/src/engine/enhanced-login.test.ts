import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticated } from '../access/enhanced-authentication.js';
import type { Credentials } from '../access/types.js';
import { connectionInfo } from '../testing/recording-peer.js';
import { TestClient, TestHub } from '../testing/test-hub.js';

/** What an authentication of several steps has found out. */
function authenticated(username: string | undefined, isSuperuser = false): Authenticated {
  return { outcome: { ok: true, isSuperuser, anonymous: false }, username };
}

const REFUSED: Authenticated = { outcome: { ok: false, refusal: 'bad_credentials' }, username: undefined };

/** A hub that would let nobody in by the ordinary way, and what a client gets that comes by the other. */
function connect(result: Authenticated, shown: { username?: string; mountpoint?: string } = {}) {
  const hub = new TestHub();
  const authenticate = () => assert.fail('the ordinary sources are asked');
  hub.access.addAuthenticator({ name: 'test', authenticate });
  const answer = hub.connect({ ...hub.request('c', new TestClient(), shown), authenticated: result });
  return { hub, answer, client: hub.engine.sessions.get('c')?.client };
}

test('a client that has been asked in several steps is not asked again, and has the name that it proved', () => {
  const { client } = connect(authenticated('ann', true), { mountpoint: 'of/%u/' });
  assert.equal(client?.username, 'ann');
  assert.equal(client.mountpoint, 'of/ann/');
  assert.equal(client.isSuperuser, true);
  assert.equal(client.anonymous, false);
  assert.equal(connect(authenticated(undefined), { username: 'bob' }).client?.username, 'bob');
});

test('a client that failed is refused, logged and told to the hooks as any other', () => {
  const refusals: unknown[] = [];
  const { hub, answer } = connect(REFUSED);
  assert.deepEqual(answer, { ok: false, refusal: 'bad_credentials' });
  hub.hooks.clientConnack.add('test', (_, _connection, result) => void refusals.push(result));
  hub.connect({ ...hub.request('d', new TestClient()), authenticated: REFUSED });
  assert.deepEqual(refusals, ['bad_credentials']);
  assert.equal(hub.metrics.get('client.connect'), 2);
  assert.equal(hub.metrics.get('client.connack'), 2);
});

test('a ban on the user that a client proves to be holds, also for one that fails', () => {
  for (const [result, username] of [
    [authenticated('ann'), undefined],
    [REFUSED, 'ann'],
  ] as const) {
    const hub = new TestHub();
    const at = hub.clock.now();
    hub.engine.ban({ as: 'username', who: 'ann', by: 'user', reason: 'test', at, until: at + 1000 });
    const request = hub.request('c', new TestClient(), { username });
    assert.deepEqual(hub.connect({ ...request, authenticated: result }), { ok: false, refusal: 'banned' });
  }
});

test('the hook client.connect sees the user that the client has proved to be', () => {
  const hub = new TestHub();
  hub.hooks.clientConnect.add('test', (request) => {
    assert.equal(request.username, 'ann');
    return { value: { ...request, keepalive: 7 } };
  });
  hub.connect({ ...hub.request('c', new TestClient()), authenticated: authenticated('ann') });
  assert.equal(hub.engine.sessions.get('c')?.client.keepalive, 7);
  assert.deepEqual(hub.errors, []);
});

test('the source of a method sees what the client shows and what its listener has proved', () => {
  const hub = new TestHub();
  const shown: Credentials[] = [];
  const next = () => ({ answer: 'continue' }) as const;
  hub.access.addEnhancedAuthenticator({
    name: 'test',
    method: 'TEST',
    start: (credentials) => {
      shown.push(credentials);
      return { next };
    },
  });
  const connection = connectionInfo('test', { proven: { username: 'device', clientId: undefined } });
  const password = Buffer.from('secret');
  const client = { clientId: 'c', username: 'x', password, protocol: 'TEST', connection };
  const authentication = hub.context('test').startAuthentication('TEST', client);
  assert.deepEqual(authentication?.next(undefined), { done: false, data: undefined });
  assert.equal(shown[0]?.username, 'device');
  assert.equal(shown[0].proven, true);
  assert.equal(shown[0].password, password, 'it is the hub’s, and not copied');
  assert.equal(hub.context('test').startAuthentication('OTHER', client), undefined);
});

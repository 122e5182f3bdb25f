import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ban } from '../access/bans.js';
import { type Logger, silentLogger } from '../runtime/logger.js';
import { isPromise } from '../runtime/maybe-promise.js';
import { connectionInfo, TestClient, TestHub } from '../testing/index.js';
import type { ConnectRequest } from './types.js';

const BANNED = { ok: false, refusal: 'banned' };

function banOn(hub: TestHub, as: Ban['as'], who: string, milliseconds = 300_000): void {
  const at = hub.clock.now();
  hub.engine.ban({ as, who, by: 'user', reason: 'test', at, until: at + milliseconds });
}

function comesIn(hub: TestHub, clientId: string, shown: Partial<ConnectRequest> = {}) {
  const result = hub.connect(hub.request(clientId, new TestClient(), shown as object));
  return isPromise(result) ? result : result.ok || result.refusal;
}

test('a ban that is over already disconnects nobody', () => {
  const hub = new TestHub();
  const client = hub.client('c');
  banOn(hub, 'clientid', 'c', 0);
  assert.equal(client.detachedBy, undefined);
});

test('a banned client is refused before anybody asks who it is, until the ban is over', () => {
  const hub = new TestHub();
  let asked = 0;
  hub.access.addAuthenticator({
    name: 'test',
    authenticate: () => {
      asked++;
      return { answer: 'allow' };
    },
  });
  banOn(hub, 'clientid', 'c');
  banOn(hub, 'username', 'u');
  banOn(hub, 'peerhost', '192.0.2.9');
  const connection = connectionInfo('test', { peer: { host: '192.0.2.9', port: 5000 } });
  assert.equal(comesIn(hub, 'c'), 'banned');
  assert.equal(comesIn(hub, 'd', { username: 'u' }), 'banned');
  assert.equal(comesIn(hub, 'e', { connection }), 'banned');
  assert.equal(asked, 0);
  assert.equal(hub.metrics.get('client.banned'), 3);
  assert.equal(comesIn(hub, 'd', { username: 'c' }), true);
  hub.clock.advance(300_000);
  assert.equal(comesIn(hub, 'c'), true);
  assert.equal(comesIn(hub, 'e', { connection }), true);
});

test('a ban disconnects those that it is on; their sessions wait for them', () => {
  const hub = new TestHub();
  const persistent = { cleanStart: false, sessionExpiry: 3600 };
  const device = hub.client('device', { ...persistent, username: 'u' });
  const other = hub.client('other', { username: 'u' });
  const bystander = hub.client('bystander', { username: 'v' });
  device.subscribe('a', { qos: 1 });
  banOn(hub, 'username', 'u', 1000);
  assert.deepEqual(
    [device.detachedBy, other.detachedBy, bystander.detachedBy],
    ['banned', 'banned', undefined],
  );
  bystander.publish('a', 'x', 1);
  hub.clock.advance(1000);
  assert.deepEqual(hub.client('device', { ...persistent, username: 'u' }).take(), ['a=x']);
});

test('where enable_ban is false no ban is looked at', () => {
  const hub = new TestHub({ policy: { checkBans: false } });
  const device = hub.client('c');
  banOn(hub, 'clientid', 'c');
  assert.equal(device.detachedBy, undefined);
  assert.equal(comesIn(hub, 'c'), true);
});

test('a ban that comes while its client is being authenticated holds, and the client takes nothing over', async () => {
  const hub = new TestHub();
  hub.client('c', { username: 'v' });
  hub.access.addAuthenticator({ name: 'slow', authenticate: async () => ({ answer: 'allow' }) });
  const pending = hub.connect(hub.request('c', new TestClient(), { username: 'u' }));
  banOn(hub, 'username', 'u');
  assert.deepEqual(await pending, BANNED);
  assert.equal(hub.metrics.get('session.discarded'), 0);
});

test('one line of the log for each ban, however often its client tries', () => {
  const lines: unknown[] = [];
  const info = (fields: unknown) => void lines.push(fields);
  const log: Logger = { ...silentLogger, isLevelEnabled: () => true, info };
  const hub = new TestHub({ log });
  banOn(hub, 'clientid', 'c');
  const connection = connectionInfo('test', { peer: { host: '192.0.2.9', port: 5000 } });
  for (let i = 0; i < 3; i++) comesIn(hub, 'c', { connection });
  const told = {
    clientid: 'c',
    listener: 'test:tcp:default',
    peer: '192.0.2.9:5000',
    reason: 'banned',
    username: undefined,
    unlogged: undefined,
  };
  assert.deepEqual(lines, [told]);
  banOn(hub, 'clientid', 'c');
  comesIn(hub, 'c', { connection });
  assert.deepEqual(lines, [told, told]);
});

test('bans are read from the store at the start', async () => {
  const first = new TestHub();
  const store = Object.assign(first.engine.store, { durable: true });
  banOn(first, 'clientid', 'c');
  const second = new TestHub({ store });
  await second.engine.start();
  assert.equal(comesIn(second, 'c'), 'banned');
});

test('a banned client is not asked in several steps who it is either', () => {
  const hub = new TestHub();
  const start = () => assert.fail('the source of the method is asked');
  hub.access.addEnhancedAuthenticator({ name: 'test', method: 'TEST', start });
  banOn(hub, 'username', 'u');
  const request = hub.request('c', new TestClient(), { username: 'u' });
  const step = hub.context('test').startAuthentication('TEST', request)?.next(undefined);
  assert.ok(step !== undefined && !isPromise(step) && step.done);
  assert.deepEqual(hub.connect({ ...request, authenticated: step.authenticated }), BANNED);
  assert.equal(hub.metrics.get('client.banned'), 1);
  assert.equal(hub.metrics.get('client.authenticate'), 0);
});

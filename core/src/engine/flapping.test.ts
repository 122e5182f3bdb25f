import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CLIENT_POLICY } from '../access/client-policy.js';
import { someClient } from '../access/testing.js';
import { type Logger, silentLogger } from '../runtime/logger.js';
import { isPromise } from '../runtime/maybe-promise.js';
import { TestClient, TestHub, type TestHubOptions } from '../testing/index.js';
import { FlappingGuard } from './flapping.js';

const POLICY = { detectFlapping: true, flapping: { maxCount: 3, window: 10_000, banTime: 60_000 } };

function setUp(options: TestHubOptions = {}): TestHub {
  return new TestHub({ ...options, policy: { ...POLICY, ...options.policy } });
}

/** Whether the client gets in. It leaves again at once. */
async function visits(hub: TestHub, clientId: string, reason = 'closed'): Promise<boolean> {
  const result = hub.connect(hub.request(clientId, new TestClient()));
  assert.ok(!isPromise(result));
  if (result.ok) result.session.close(reason);
  await hub.nextTurn();
  return result.ok;
}

test('a client id that disconnects so often within the window is banned for the ban time', async () => {
  const hub = setUp();
  for (let i = 0; i < 3; i++) assert.equal(await visits(hub, 'c'), true);
  assert.equal(await visits(hub, 'c'), false);
  assert.equal(await visits(hub, 'd'), true, 'nobody else is');
  const at = hub.clock.now();
  assert.deepEqual(
    [...hub.engine.bans.list()],
    [{ as: 'clientid', who: 'c', by: 'flapping detector', reason: 'flapping', at, until: at + 60_000 }],
  );
  assert.equal(hub.metrics.get('client.flapping'), 1);
  hub.clock.advance(60_000);
  for (let i = 0; i < 3; i++) assert.equal(await visits(hub, 'c'), true, 'it begins anew');
  assert.equal(await visits(hub, 'c'), false);
});

test('disconnections before the window do not count', async () => {
  const hub = setUp();
  for (let i = 0; i < 10; i++) {
    assert.equal(await visits(hub, 'c'), true);
    hub.clock.advance(5000);
  }
  assert.equal(hub.engine.bans.size, 0);
  await visits(hub, 'c');
  hub.clock.advance(4999);
  await visits(hub, 'c');
  assert.equal(hub.engine.bans.size, 1, 'three within less than ten seconds');
});

test('two clients with one client id that throw each other out are banned, and the last one disconnected', async () => {
  const hub = setUp();
  const clients = [0, 1, 2, 3].map(() => hub.client('c'));
  assert.deepEqual(
    clients.map((client) => client.detachedBy),
    ['taken_over', 'taken_over', 'taken_over', undefined],
  );
  await hub.nextTurn();
  assert.equal(clients[3]?.detachedBy, 'banned');
  assert.equal(await visits(hub, 'c'), false);
});

test('what the hub itself ends does not count', async () => {
  const hub = setUp();
  for (let i = 0; i < 5; i++) {
    hub.client('c');
    hub.engine.kick('c');
    hub.client('c');
    hub.engine.stop();
  }
  await hub.nextTurn();
  assert.equal(hub.engine.bans.size, 0);
});

test('without enable_flapping_detect nobody is watched', async () => {
  const hub = setUp({ policy: { detectFlapping: false } });
  for (let i = 0; i < 10; i++) assert.equal(await visits(hub, 'c'), true);
});

test('the log tells of a flapping client in one line', async () => {
  const lines: unknown[] = [];
  const write = (...line: unknown[]) => void lines.push(line);
  const log: Logger = { ...silentLogger, info: write, warn: write };
  const hub = setUp({ log });
  for (let i = 0; i < 6; i++) await visits(hub, 'c');
  const until = new Date(hub.clock.now() + 60_000);
  assert.deepEqual(lines, [[{ clientid: 'c', until }, 'client banned because it disconnects too often']]);
});

test('what is watched is bounded: who has been quiet longest is forgotten', async () => {
  const bans = async (others: number) => {
    const hub = setUp();
    const guard = new FlappingGuard(hub.engine);
    const policy = { ...DEFAULT_CLIENT_POLICY, detectFlapping: true };
    const leaves = (clientId: string) => guard.disconnected(someClient({ clientId, policy }), 'closed');
    for (let i = 1; i < POLICY.flapping.maxCount; i++) leaves('c');
    for (let i = 0; i < others; i++) leaves(`other ${i}`);
    leaves('c');
    await hub.nextTurn();
    return hub.engine.bans.size;
  };
  assert.equal(await bans(99_999), 1);
  assert.equal(await bans(100_000), 0);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { VirtualClock } from '../../runtime/clock.js';
import { MemoryStore } from '../../store/memory-store.js';
import { TestClient, TestHub } from '../../testing/index.js';
import { NEVER_EXPIRES } from '../types.js';

const FORMATS = ['sessions-format-1.jsonl', 'sessions-format-2.jsonl'];

const PERSISTENT = { cleanStart: false, sessionExpiry: NEVER_EXPIRES } as const;

/**
 * What released versions have written into their stores, as `portico store export` prints it: every later version has
 * to read it. Whoever changes a format adds a file and leaves these as they are.
 */
function fixture(name: string): MemoryStore {
  const store = new MemoryStore({ durable: true });
  const file = new URL(`../../../fixtures/${name}`, import.meta.url);
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const { table, key, value } = JSON.parse(line) as { table: string; key: string; value: string };
    store.put(table, key, Buffer.from(value, 'base64'));
  }
  return store;
}

for (const name of FORMATS) {
  test(`sessions, retained messages and bans of ${name} are read`, async () => {
    const clock = new VirtualClock();
    const hub = new TestHub({ store: fixture(name), clock });
    await hub.engine.start();
    const { engine } = hub;
    assert.equal(engine.bans.find({ clientId: 'mallory', username: undefined, host: '::1' })?.by, 'user');
    assert.equal(engine.retained.size, 1);
    assert.equal(engine.sessions.get('app')?.client.username, 'ada');
    assert.deepEqual(engine.sessions.get('app')?.statistics, {
      subscriptions: 2,
      inflight: 2,
      mqueueLength: 2,
      mqueueDropped: 0,
      awaitingRel: 0,
    });

    const app = new TestClient();
    app.autoAck = false;
    const result = hub.connect(hub.request('app', app, { ...PERSISTENT, mountpoint: 'fleet/' }));
    assert.ok('ok' in result && result.ok && result.present);
    app.session = result.session;
    app.session.resume();
    for (let i = 0; i < 5; i++) await hub.nextTurn();
    assert.deepEqual(app.released, [1]);
    assert.deepEqual(
      app.received.map(({ topic, payload, qos, packetId, dup, subscriptionIds }) => {
        return [topic, payload, qos, packetId, dup, subscriptionIds];
      }),
      [
        ['a/1', 'sent', 1, 2, true, [7]],
        ['a/2', 'waits', 1, 3, false, [7]],
        ['b', 'shared', 1, 4, false, undefined],
      ],
    );
    assert.deepEqual(app.received[1]?.message.properties, {
      contentType: 'text/plain',
      userProperties: [['k', 'v']],
    });

    const device = hub.client('device', PERSISTENT).session;
    const again = { topic: 'x', payload: Buffer.from('y'), qos: 2 as const, retain: false };
    assert.equal(device.publishOnce(9, again), 'duplicate');
  });
}

test('the will of a client that was connected is published when its delay is over', async () => {
  const hub = new TestHub({ store: fixture('sessions-format-1.jsonl'), clock: new VirtualClock() });
  await hub.engine.start();
  const watcher = hub.client('watcher');
  watcher.subscribe('gone');
  hub.clock.advance(60_020);
  assert.deepEqual(watcher.take(), ['gone=w']);
});

test('messages that are to be published later, of format 1, are read', async () => {
  const hub = new TestHub({ store: fixture('delayed-format-1.jsonl'), clock: new VirtualClock() });
  await hub.engine.start();
  const watcher = hub.client('watcher');
  watcher.subscribe('#', { qos: 2 });
  hub.clock.advance(60_010);
  for (let i = 0; i < 5; i++) await hub.nextTurn();
  assert.deepEqual(
    watcher.received.map(({ topic, payload, qos, message }) => {
      return [topic, payload, qos, message.retain, message.from?.clientId, message.from?.username];
    }),
    [
      ['b', 'soon', 2, true, 'device', 'ada'],
      ['a/1', 'later', 1, false, 'device', 'ada'],
    ],
  );
  assert.deepEqual(watcher.received[1]?.message.properties, {
    contentType: 'text/plain',
    correlationData: Buffer.from([1, 2]),
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../runtime/clock.js';
import { silentLogger } from '../runtime/logger.js';
import { Gauge } from '../runtime/metrics.js';
import { Timers } from '../runtime/timers.js';
import { MemoryStore } from '../store/memory-store.js';
import { type Ban, Bans, fits, MAX_BANS } from './bans.js';

const FOR_EVER = Number.POSITIVE_INFINITY;

function setUp(store = new MemoryStore()) {
  const clock = new VirtualClock();
  const timers = new Timers(clock, (error) => assert.fail(String(error)));
  const gauge = new Gauge('bans', '');
  return { clock, timers, gauge, store, bans: new Bans(store, clock, timers, gauge) };
}

function ban(as: Ban['as'], who: string, until = FOR_EVER): Ban {
  return { as, who, by: 'user', reason: 'test', at: 0, until };
}

function client(clientId: string, username?: string, host = '192.0.2.1') {
  return { clientId, username, host };
}

test('a ban is on a client id, a username or an address, and on nobody else', () => {
  const { bans } = setUp();
  bans.add(ban('clientid', 'c'));
  bans.add(ban('username', 'u'));
  bans.add(ban('peerhost', '192.0.2.9'));
  assert.equal(bans.find(client('c'))?.as, 'clientid');
  assert.equal(bans.find(client('x', 'u'))?.as, 'username');
  assert.equal(bans.find(client('x', 'y', '192.0.2.9'))?.as, 'peerhost');
  assert.equal(bans.find(client('u', 'c', '192.0.2.1')), undefined);
  assert.equal(bans.find(client('192.0.2.9', undefined, '192.0.2.1')), undefined);
});

test('addresses are the same however they are written', () => {
  const { bans } = setUp();
  const added = bans.add(ban('peerhost', '2001:DB8:0:0::1'));
  assert.equal(added?.who, '2001:db8::1');
  bans.add(ban('peerhost', '::ffff:192.0.2.9'));
  assert.ok(bans.find(client('c', undefined, '2001:db8::1')));
  assert.ok(bans.find(client('c', undefined, '192.0.2.9')));
  assert.equal(bans.remove('peerhost', '2001:db8:0::1'), true);
  assert.equal(bans.find(client('c', undefined, '2001:db8::1')), undefined);
});

test('a ban fits whom it is found for', () => {
  const shown = client('c', 'u');
  for (const each of [ban('clientid', 'c'), ban('username', 'u'), ban('peerhost', '192.0.2.1')]) {
    assert.equal(fits(each, shown), true);
    assert.equal(fits({ ...each, who: 'x' }, shown), false);
  }
  assert.equal(fits(ban('username', 'u'), client('u')), false);
});

test('a ban is over when its time has come, and is cleared away', () => {
  const { bans, clock, timers, gauge } = setUp();
  bans.add(ban('clientid', 'a', clock.now() + 5000));
  bans.add(ban('clientid', 'b'));
  assert.equal(gauge.value, 2);
  clock.advance(4999);
  assert.ok(bans.find(client('a')));
  clock.advance(1);
  assert.equal(bans.find(client('a')), undefined);
  assert.deepEqual(
    [...bans.list()].map(({ who }) => who),
    ['b'],
  );
  clock.advance(60_000);
  assert.deepEqual([bans.size, gauge.value, timers.size], [1, 1, 0], 'no timer runs for a ban for ever');
});

test('a later ban of the same client replaces the earlier one', () => {
  const { bans, clock } = setUp();
  bans.add(ban('clientid', 'a', clock.now() + 1000));
  bans.add({ ...ban('clientid', 'a', clock.now() + 9000), reason: 'again' });
  clock.advance(2000);
  assert.equal(bans.find(client('a'))?.reason, 'again');
  assert.equal(bans.size, 1);
});

test('what is removed is no ban any more', () => {
  const { bans, gauge } = setUp();
  bans.add(ban('clientid', 'a'));
  assert.equal(bans.remove('username', 'a'), false);
  assert.equal(bans.remove('clientid', 'a'), true);
  assert.equal(bans.remove('clientid', 'a'), false);
  assert.equal(bans.find(client('a')), undefined);
  assert.equal(gauge.value, 0);
});

test('there are only so many; those that are over make room', () => {
  const { bans, clock } = setUp();
  for (let i = 1; i < MAX_BANS; i++) bans.add(ban('clientid', `c${i}`));
  bans.add(ban('username', 'short', clock.now() + 10));
  assert.equal(bans.add(ban('clientid', 'one more')), undefined);
  assert.ok(bans.add({ ...ban('clientid', 'c1'), reason: 'known' }), 'a known one can be replaced');
  clock.advance(10);
  assert.ok(bans.add(ban('clientid', 'one more')));
  assert.equal(bans.size, MAX_BANS);
});

test('bans outlive a hub where the store is durable, but not their time', async () => {
  const first = setUp(new MemoryStore({ durable: true }));
  first.bans.add(ban('clientid', 'a'));
  first.bans.add(ban('peerhost', '2001:DB8::1', first.clock.now() + 5000));
  first.bans.add(ban('username', 'short', first.clock.now() + 1000));
  first.bans.add(ban('username', 'gone'));
  first.bans.remove('username', 'gone');

  const second = setUp(first.store);
  second.clock.advance(1000);
  await second.bans.load(silentLogger);
  assert.deepEqual(
    [...second.bans.list()],
    [ban('clientid', 'a'), ban('peerhost', '2001:db8::1', first.clock.now() + 5000)],
  );
  const kept: string[] = [];
  for await (const [key] of first.store.entries('bans')) kept.push(key);
  assert.deepEqual(kept, ['clientid:a', 'peerhost:2001:db8::1']);
});

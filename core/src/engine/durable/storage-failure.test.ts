import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub, TestStore } from '../../testing/index.js';
import { PERSISTENT, read } from './testing/falls.js';

function setUp() {
  const store = new TestStore();
  const hub = new TestHub({ store });
  hub.client('kept', PERSISTENT).subscribe('kept', { qos: 1 });
  hub.client('member', PERSISTENT).subscribe('$share/g/shared', { qos: 1 });
  store.full = true;
  const clean = hub.client('clean');
  clean.subscribe('#', { qos: 1 });
  return { store, hub, clean, device: hub.client('d') };
}

test('what would have to be kept is refused and counted while the store cannot write', () => {
  const { hub, store, clean, device } = setUp();
  assert.equal(device.publish('kept', 'x', 1), 'storage_failed');
  assert.equal(device.publish('shared', 'x', 1), 'storage_failed');
  assert.equal(device.publish('state', 'x', 1, true), 'storage_failed');
  assert.deepEqual(clean.take(), []);
  assert.equal(hub.metrics.get('messages.dropped.storage_failed'), 3);
  store.full = false;
  assert.equal(device.publish('kept', 'x', 1), 'ok');
});

test('what need not be kept goes its way', () => {
  const { clean, device } = setUp();
  assert.equal(device.publish('other', 'x', 1), 'ok');
  assert.equal(device.publish('kept', 'y', 0), 'ok');
  assert.deepEqual(clean.take(), ['other=x', 'kept=y']);
});

test('a durable session gets no subscription that would not be kept', () => {
  const { hub } = setUp();
  const kept = hub.client('kept', PERSISTENT).session;
  assert.deepEqual(kept.subscribe('more', { qos: 1 }), { ok: false, refusal: 'storage_failed' });
  assert.deepEqual(hub.client('e').session.subscribe('more', { qos: 1 }), { ok: true, qos: 1 });
});

test('a client that comes back has the subscriptions that it has already, whatever the store says', async () => {
  const { store, hub } = setUp();
  store.full = false;
  hub.engine.sessions.get('kept')?.attachment?.close('closed');
  hub.client('d').publish('kept', 'x', 1);
  store.full = true;
  const back = hub.client('kept', PERSISTENT);
  const { written } = store;
  assert.deepEqual(back.session.subscribe('kept', { qos: 1 }), { ok: true, qos: 1 });
  assert.equal(store.written, written, 'there is nothing to write');
  for (const other of [{ qos: 2 }, { qos: 1, noLocal: true }, { qos: 1, subscriptionId: 1 }] as const) {
    assert.deepEqual(back.session.subscribe('kept', other), { ok: false, refusal: 'storage_failed' });
  }
  await read(hub);
  assert.deepEqual(back.take(), ['kept=x']);
});

test('a subscription that is not durable yet is written again when the client asks again', () => {
  const { store, hub } = setUp();
  store.full = false;
  store.held = true;
  const { session } = hub.client('kept', PERSISTENT);
  session.subscribe('more', { qos: 1 });
  const { written } = store;
  session.subscribe('more', { qos: 1 });
  assert.equal(store.written, written + 1, 'the answer waits for it');
  store.settle();
  session.subscribe('more', { qos: 1 });
  assert.equal(store.written, written + 1);
  session.subscribe('more', { qos: 2 });
  assert.equal(store.written, written + 2);
});

test('no client gets a new session that would have to be kept; all others come in', () => {
  const { hub, store } = setUp();
  const { written } = store;
  assert.throws(() => hub.client('new', PERSISTENT), /server_unavailable/);
  assert.equal(hub.engine.sessions.has('new'), false);
  assert.equal(store.written, written);
  hub.client('new');
  hub.client('kept', PERSISTENT);
  hub.client('member', { ...PERSISTENT, cleanStart: true });
  store.full = false;
  hub.client('newer', PERSISTENT);
});

test('a refused QoS 2 message is a new one when it comes again', () => {
  const { store, clean, hub } = setUp();
  const device = hub.client('member', PERSISTENT);
  const publication = { topic: 'kept', payload: Buffer.from('x'), qos: 2 as const, retain: false };
  assert.equal(device.session.publishOnce(1, publication), 'storage_failed');
  store.full = false;
  assert.equal(device.session.publishOnce(1, publication), 'ok');
  assert.deepEqual(clean.take(), ['kept=x']);
});

for (const obstacle of ['quota', 'full'] as const) {
  test(`no further topic gets a retained message, of whichever QoS, while the store has no room: ${obstacle}`, () => {
    const { store, hub, device } = setUp();
    store.full = false;
    device.publish('known', '1', 0, true);
    store.full = true;
    store.obstacle = obstacle;
    for (const topic of ['known', 'new']) device.publish(topic, '2', 0, true);
    assert.deepEqual([...store.keys('retained')], ['known']);
    assert.equal(hub.metrics.get('messages.retained.refused'), 1);
  });
}

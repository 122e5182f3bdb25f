import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '../testing/index.js';

test('messages wait for a client that sleeps, without holding a publisher back, and come once when it resumes', () => {
  const hub = new TestHub();
  const sleeper = hub.client('sleeper');
  sleeper.subscribe('t', { qos: 1 });
  sleeper.session.suspend();
  const device = hub.client('device');
  device.publish('t', 'one', 1);
  device.publish('t', 'two', 0);
  assert.deepEqual(sleeper.take(), []);
  assert.equal(hub.engine.backpressure.takeMet(), undefined);
  assert.equal(sleeper.session.statistics.mqueueLength, 2);
  sleeper.session.resume();
  assert.deepEqual(sleeper.take(), ['t=one', 't=two']);
  sleeper.session.suspend();
  sleeper.session.resume();
  assert.deepEqual(sleeper.take(), []);
});

test('what a client has not acknowledged before it sleeps is sent again when it wakes, not in between', () => {
  const hub = new TestHub();
  const sleeper = hub.client('sleeper', { options: { retryInterval: 10_000 } });
  sleeper.subscribe('t', { qos: 1 });
  sleeper.autoAck = false;
  hub.client('device').publish('t', 'one', 1);
  assert.deepEqual(sleeper.take(), ['t=one']);
  sleeper.session.suspend();
  hub.clock.advance(60_000);
  assert.deepEqual(sleeper.take(), []);
  sleeper.session.resume();
  assert.deepEqual(
    sleeper.received.map(({ payload, dup }) => [payload, dup]),
    [['one', true]],
  );
});

test('with mqueue_store_qos0 off QoS 0 messages do not wait for a client that sleeps', () => {
  const hub = new TestHub();
  const sleeper = hub.client('sleeper', { options: { mqueueStoreQos0: false } });
  sleeper.subscribe('t');
  sleeper.session.suspend();
  hub.client('device').publish('t', 'one', 0);
  sleeper.session.resume();
  assert.deepEqual(sleeper.take(), []);
  assert.equal(hub.metrics.get('delivery.dropped.qos0_msg'), 1);
});

test('a message of a shared subscription goes to a member that is awake', () => {
  const hub = new TestHub();
  const [asleep, awake] = ['asleep', 'awake'].map((id) => {
    const member = hub.client(id);
    member.subscribe('$share/g/t');
    return member;
  });
  asleep?.session.suspend();
  const device = hub.client('device');
  for (const payload of ['1', '2', '3']) device.publish('t', payload);
  assert.deepEqual(awake?.take(), ['t=1', 't=2', 't=3']);
});

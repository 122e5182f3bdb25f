import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../store/memory-store.js';
import { TestHub, TestStore } from '../testing/index.js';
import type { Message } from './message.js';

/** All retained messages. */
function kept(hub: TestHub): Message[] {
  return [...hub.engine.retained.match('#')].filter((message) => message !== undefined);
}

test('a new subscription gets the last retained message of each matching topic, flagged as retained', async () => {
  const hub = new TestHub();
  const device = hub.client('d');
  device.publish('a/1', 'old', 1, true);
  device.publish('a/1', 'new', 1, true);
  device.publish('a/2', 'two', 0, true);
  device.publish('b', 'other', 0, true);
  const app = hub.client('app');
  app.subscribe('a/+', { qos: 1 });
  assert.deepEqual(app.received, [], 'not before the subscription is answered');
  await hub.nextTurn();
  assert.deepEqual(
    app.received.map(({ topic, payload, retain, qos }) => [topic, payload, retain, qos]),
    [
      ['a/1', 'new', true, 1],
      ['a/2', 'two', true, 0],
    ],
  );
});

test('an empty payload clears; it is still delivered unless stop_publish_clear_msg', () => {
  for (const stop of [false, true]) {
    const hub = new TestHub({ broker: { retained: { stop_publish_clear_msg: stop } } });
    const app = hub.client('app');
    app.subscribe('t');
    const device = hub.client('d');
    device.publish('t', 'x', 0, true);
    device.publish('t', '', 0, true);
    assert.deepEqual(app.take(), stop ? ['t=x'] : ['t=x', 't=']);
    assert.equal(hub.engine.retained.size, 0);
  }
});

test('living subscribers see the retain flag only if they asked for it as published', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t', { retainAsPublished: true });
  const plain = hub.client('plain');
  plain.subscribe('t');
  hub.client('d').publish('t', 'x', 0, true);
  assert.equal(app.received[0]?.retain, true);
  assert.equal(plain.received[0]?.retain, false);
});

test('retain handling: 0 always, 1 only for a new subscription, 2 never; shared subscriptions never', async () => {
  const hub = new TestHub();
  hub.client('d').publish('t', 'x', 0, true);
  const app = hub.client('app');
  const counts: number[] = [];
  for (const [filter, retainHandling] of [
    ['t', 0],
    ['t', 0],
    ['+', 1],
    ['+', 1],
    ['#', 2],
    ['$share/g/t', 0],
  ] as const) {
    app.subscribe(filter, { retainHandling });
    await hub.nextTurn();
    counts.push(app.take().length);
  }
  assert.deepEqual(counts, [1, 1, 1, 0, 0, 0]);
});

test('limits: too large or too many are delivered but not stored, replacing is always possible', () => {
  const hub = new TestHub({ broker: { retained: { max_retained_messages: 1, max_payload_size: 3 } } });
  const device = hub.client('d');
  device.publish('a', 'abcd', 0, true);
  assert.equal(hub.engine.retained.size, 0);
  device.publish('a', '1', 0, true);
  device.publish('b', '2', 0, true);
  device.publish('a', '3', 0, true);
  assert.deepEqual(
    kept(hub).map(({ topic, payload }) => `${topic}=${payload}`),
    ['a=3'],
  );
  assert.equal(hub.metrics.get('messages.retained.refused'), 2);
});

test('retained messages expire: their own expiry before the configured one', () => {
  const hub = new TestHub({ broker: { retained: { expiry_interval: '1m' } } });
  const device = hub.client('d');
  device.publish('configured', 'x', 0, true);
  const properties = { messageExpiryInterval: 300 };
  device.session.publish({ topic: 'own', payload: Buffer.from('x'), qos: 0, retain: true, properties });
  hub.clock.advance(60_000);
  assert.deepEqual(
    kept(hub).map(({ topic }) => topic),
    ['own'],
  );
  hub.clock.advance(300_000);
  assert.equal(hub.engine.retained.size, 0, 'expired messages are cleared away');
});

test('a hub on a store that kept them has its retained messages again', async () => {
  const store = new MemoryStore({ durable: true });
  const hub = new TestHub({ store });
  const device = hub.client('d');
  const properties = {
    contentType: 'text/plain',
    correlationData: Buffer.from([1, 2, 3]),
    userProperties: [['a', 'b']] as const,
  };
  device.session.publish({ topic: 't', payload: Buffer.from('x'), qos: 2, retain: true, properties });
  device.publish('cleared', 'x', 0, true);
  device.publish('cleared', '', 0, true);
  const again = new TestHub({ store });
  await again.engine.start();
  const [message, ...rest] = kept(again);
  assert.deepEqual(rest, []);
  assert.equal(message?.topic, 't');
  assert.equal(message?.qos, 2);
  assert.equal(message?.payload.toString(), 'x');
  assert.deepEqual(message?.properties, { ...properties, userProperties: [['a', 'b']] });
});

test('many retained messages are sent in batches, a batch a turn', async () => {
  const hub = new TestHub();
  const device = hub.client('d');
  for (let i = 0; i < 1500; i++) device.publish(`t/${i}`, 'x', 0, true);
  const app = hub.client('app');
  app.subscribe('t/#');
  await hub.nextTurn();
  assert.ok(app.received.length > 500 && app.received.length <= 1000, String(app.received.length));
  await hub.nextTurn();
  assert.equal(app.received.length, 1500);
});

test('retained messages wait for a client that acknowledges slowly, and none is dropped', async () => {
  const hub = new TestHub();
  const device = hub.client('d');
  for (let i = 0; i < 100; i++) device.publish(`t/${i}`, 'x', 1, true);
  const app = hub.client('app', { options: { maxInflight: 10, maxMqueueLen: 5 } });
  app.autoAck = false;
  app.subscribe('t/#', { qos: 1 });
  await hub.nextTurn();
  assert.equal(app.received.length, 10);
  for (let acked = 0; acked < app.received.length; acked++) {
    app.session.acked(app.received[acked]?.packetId ?? 0);
  }
  assert.equal(app.received.length, 100);
  assert.equal(hub.metrics.get('delivery.dropped'), 0);
});

test('subscribing again in the same turn, only if new, gives the retained messages once', async () => {
  const hub = new TestHub();
  hub.client('d').publish('t', 'kept', 0, true);
  const app = hub.client('app');
  app.subscribe('t', { retainHandling: 1 });
  app.subscribe('t', { retainHandling: 1 });
  await hub.nextTurn();
  assert.deepEqual(app.take(), ['t=kept']);
});

test('many subscriptions that find nothing share their turns with others', async () => {
  const hub = new TestHub();
  const device = hub.client('d');
  for (let i = 0; i < 5000; i++) device.publish(`t/${i}/x`, 'x', 0, true);
  const app = hub.client('app');
  for (let i = 0; i < 20; i++) app.subscribe(`+/+/n${i}`);
  await hub.nextTurn();
  device.publish('t/0/n19', 'found', 0, true);
  assert.deepEqual(app.take(), ['t/0/n19=found'], 'a live message');
  for (let turn = 0; turn < 10; turn++) await hub.nextTurn();
  assert.deepEqual(app.take(), ['t/0/n19=found'], 'the retained message, when its search came to it');
});

test('No Local holds for retained messages too', async () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.publish('t', 'own', 0, true);
  hub.client('other').publish('u', 'theirs', 0, true);
  app.subscribe('#', { noLocal: true });
  await hub.nextTurn();
  assert.deepEqual(app.take(), ['u=theirs']);
});

test('a client that is not ready leaves no searches behind by subscribing and unsubscribing', async () => {
  const hub = new TestHub();
  const device = hub.client('d');
  for (let i = 0; i < 100; i++) device.publish(`t/${i}`, 'x', 0, true);
  const app = hub.client('app');
  app.writable = false;
  for (let i = 0; i < 100; i++) {
    app.subscribe(`t/${i}`);
    app.session.unsubscribe(`t/${i}`);
  }
  app.subscribe('t/5');
  let searches = 0;
  const { retained } = hub.engine;
  const match = retained.match.bind(retained);
  retained.match = (filter) => {
    searches++;
    return match(filter);
  };
  app.writable = true;
  app.session.catchUp();
  await hub.nextTurn();
  assert.deepEqual(app.take(), ['t/5=x']);
  assert.equal(searches, 1);
});

test('who clears a topic that another client has just cleared hears of it when that is durable', () => {
  const store = new TestStore();
  const hub = new TestHub({ store });
  hub.client('d').publish('t', 'x', 1, true);
  store.held = true;
  hub.client('one').publish('t', '', 1, true);
  const { written } = store;
  hub.client('two').publish('t', '', 1, true);
  assert.equal(store.written, written + 1, 'the acknowledgement waits');
  store.settle();
  hub.client('three').publish('t', '', 1, true);
  assert.equal(store.written, written + 1, 'there is nothing to wait for');
});

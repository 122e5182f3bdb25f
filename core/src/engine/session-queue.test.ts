import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '../testing/index.js';

const PERSISTENT = { cleanStart: false, sessionExpiry: 3600 } as const;

test('a full queue drops the oldest QoS 0 message, else the oldest; every drop is counted', () => {
  const hub = new TestHub();
  const options = { maxMqueueLen: 3 };
  hub.client('app', { ...PERSISTENT, options }).subscribe('t', { qos: 1 });
  hub.engine.sessions.get('app')?.attachment?.close('closed');
  const device = hub.client('d');
  device.publish('t', 'a', 1);
  device.publish('t', 'b', 0);
  device.publish('t', 'c', 1);
  device.publish('t', 'd', 1);
  device.publish('t', 'e', 1);
  device.publish('t', 'f', 0);
  const app = hub.client('app', { ...PERSISTENT, options });
  assert.deepEqual(app.take(), ['t=c', 't=d', 't=e']);
  assert.equal(hub.metrics.get('delivery.dropped.qos0_msg'), 2);
  assert.equal(hub.metrics.get('delivery.dropped.queue_full'), 1);
  assert.equal(hub.metrics.get('delivery.dropped'), 3);
  assert.equal(app.session.statistics.mqueueDropped, 3);
});

test('with mqueue_store_qos0 off QoS 0 messages do not wait for an absent client', () => {
  const hub = new TestHub();
  const options = { mqueueStoreQos0: false };
  hub.client('app', { ...PERSISTENT, options }).subscribe('t', { qos: 1 });
  hub.engine.sessions.get('app')?.attachment?.close('closed');
  hub.client('d').publish('t', 'x', 0);
  assert.deepEqual(hub.client('app', { ...PERSISTENT, options }).take(), []);
  assert.equal(hub.metrics.get('delivery.dropped.qos0_msg'), 1);
});

test('a message that expires in the queue is dropped and counted', () => {
  const hub = new TestHub();
  hub.client('app', PERSISTENT).subscribe('t', { qos: 1 });
  hub.engine.sessions.get('app')?.attachment?.close('closed');
  const device = hub.client('d');
  const expiring = { messageExpiryInterval: 5 };
  device.session.publish({
    topic: 't',
    payload: Buffer.from('x'),
    qos: 1,
    retain: false,
    properties: expiring,
  });
  hub.clock.advance(5_000);
  assert.deepEqual(hub.client('app', PERSISTENT).take(), []);
  assert.equal(hub.metrics.get('delivery.dropped.expired'), 1);
});

test('a message too large for the client is dropped, counted, and does not block the window', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { maxInflight: 1 } });
  app.maxPayload = 3;
  app.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  device.publish('t', 'long', 1);
  device.publish('t', 'ok', 1);
  assert.deepEqual(app.take(), ['t=ok']);
  assert.equal(hub.metrics.get('delivery.dropped.too_large'), 1);
  assert.equal(app.session.statistics.inflight, 0);
});

test('what still waits when a session ends is counted as dropped', () => {
  const hub = new TestHub();
  const app = hub.client('app', PERSISTENT);
  app.autoAck = false;
  app.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  device.publish('t', '1', 1);
  app.session.close('closed');
  device.publish('t', '2', 1);
  hub.engine.kick('app');
  assert.equal(hub.metrics.get('delivery.dropped.session_ended'), 1);
  assert.equal(hub.metrics.get('delivery.dropped.unacknowledged'), 1);
});

test('a long queue is sent in bursts, one a turn', async () => {
  const hub = new TestHub();
  const options = { maxMqueueLen: 0, maxInflight: 0 };
  hub.client('app', { ...PERSISTENT, options }).subscribe('t');
  hub.engine.sessions.get('app')?.attachment?.close('closed');
  const device = hub.client('d');
  for (let i = 0; i < 2500; i++) device.publish('t', String(i));
  const app = hub.client('app', { ...PERSISTENT, options });
  assert.equal(app.received.length, 1000);
  await hub.nextTurn();
  assert.equal(app.received.length, 2000);
  await hub.nextTurn();
  assert.deepEqual(
    app.received.map(({ payload }) => Number(payload)),
    Array.from({ length: 2500 }, (_, i) => i),
  );
});

test('while a client cannot be written to its messages wait in order, then flow on', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t', { qos: 1 });
  app.writable = false;
  const device = hub.client('d');
  device.publish('t', '1', 0);
  device.publish('t', '2', 1);
  assert.deepEqual(app.take(), []);
  app.writable = true;
  device.publish('t', '3', 0);
  assert.deepEqual(app.take(), [], 'a later message does not pass those that wait');
  app.session.catchUp();
  assert.deepEqual(app.take(), ['t=1', 't=2', 't=3']);
});

test('a slow consumer is noted for its publisher, which waits until it has caught up or the grace is over', () => {
  const hub = new TestHub({ broker: { slow_consumer_grace: '1s' } });
  const { backpressure } = hub.engine;
  const app = hub.client('app');
  app.subscribe('t');
  app.writable = false;
  const device = hub.client('d');
  let wentOn = 0;
  const publisher = { goOn: () => wentOn++ };
  device.publish('t', '1');
  backpressure.takeMet()?.keepWaiting(publisher);
  app.writable = true;
  app.session.catchUp();
  assert.equal(wentOn, 1, 'caught up');
  app.writable = false;
  device.publish('t', '2');
  backpressure.takeMet()?.keepWaiting(publisher);
  hub.clock.advance(1_010);
  assert.equal(wentOn, 2, 'grace over');
  device.publish('t', '3');
  assert.equal(backpressure.takeMet(), undefined, 'given up');
  hub.clock.advance(10_000);
  device.publish('t', '4');
  assert.equal(backpressure.takeMet(), undefined, 'nobody waits for it any more, whatever it has regained');
  app.writable = true;
  app.session.catchUp();
  app.writable = false;
  device.publish('t', '5');
  assert.notEqual(backpressure.takeMet(), undefined, 'having caught up it is waited for again');
});

test('publishers wait a tenth of the time, after the first second, for a consumer that catches up just to stop again', () => {
  const hub = new TestHub({ broker: { slow_consumer_grace: '1s' } });
  const { backpressure } = hub.engine;
  const app = hub.client('app');
  app.subscribe('t');
  const device = hub.client('d');
  let waitedFrom: number | undefined;
  let waited = 0;
  const goOn = () => {
    waited += hub.clock.now() - (waitedFrom ?? hub.clock.now());
    waitedFrom = undefined;
  };
  for (let turn = 0; turn < 100; turn++) {
    app.writable = false;
    device.publish('t', 'x');
    const met = backpressure.takeMet();
    if (met !== undefined) {
      waitedFrom = hub.clock.now();
      met.keepWaiting({ goOn });
    }
    hub.clock.advance(900);
    app.writable = true;
    app.session.catchUp();
  }
  assert.ok(waited > 9_000 && waited < 1_000 + 9_000 + 900, `${waited} ms of 90 s`);
});

test('waiting messages go by the priority of their topics', () => {
  const hub = new TestHub();
  const options = { priorities: { byTopic: new Map([['alarm', 9]]), others: 0 }, maxMqueueLen: 3 };
  const app = hub.client('app', { cleanStart: false, sessionExpiry: 60, options });
  app.subscribe('#', { qos: 1 });
  app.session.close('closed');
  const device = hub.client('d');
  for (const [topic, payload] of Object.entries({ a: '1', b: '2', alarm: '3', c: '4' })) {
    device.publish(topic, payload, 1);
  }
  const again = hub.client('app', { cleanStart: false, sessionExpiry: 60, options });
  assert.deepEqual(again.take(), ['alarm=3', 'b=2', 'c=4']);
  assert.equal(hub.metrics.get('delivery.dropped.queue_full'), 1);
});

test('a session that holds more bytes than it may is ended, its client told', async () => {
  const hub = new TestHub();
  const options = { maxHeldBytes: 12, maxInflight: 1 };
  const app = hub.client('app', { sessionExpiry: 60, options });
  app.autoAck = false;
  app.subscribe('t', { qos: 2 });
  const device = hub.client('d');
  const publish = async (payload: string) => {
    device.publish('t', payload, 2);
    await hub.nextTurn();
  };
  await publish('123456');
  await publish('1234');
  assert.equal(app.detachedBy, undefined, '12 bytes may be held: two topics and what there is about them');
  app.session.received(app.received[0]?.packetId ?? 0);
  await publish('123456');
  assert.equal(app.detachedBy, undefined, 'what the client has is not held for it');
  await publish('1');
  assert.equal(app.detachedBy, 'quota_exceeded');
  assert.equal(hub.engine.sessions.has('app'), false);
  assert.equal(hub.metrics.get('session.force_shutdown'), 1);
  assert.equal(hub.metrics.get('delivery.dropped.session_ended'), 3);
  assert.equal(hub.metrics.get('delivery.dropped.unacknowledged'), 0);
});

test('a client with an unlimited window that acknowledges nothing is ended when too much is on its way', async () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { maxHeldBytes: 10, maxInflight: 0 } });
  app.autoAck = false;
  app.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  device.publish('t', '123456', 1);
  await hub.nextTurn();
  assert.equal(app.detachedBy, undefined);
  device.publish('t', '123456', 1);
  await hub.nextTurn();
  assert.equal(app.detachedBy, 'quota_exceeded');
});

test('a client that has taken in the same turn what was too much stays', async () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { maxHeldBytes: 10 } });
  app.autoAck = false;
  app.subscribe('t', { qos: 1 });
  hub.client('d').publish('t', '1234567890', 1);
  app.session.acked(app.received[0]?.packetId ?? 0);
  await hub.nextTurn();
  assert.equal(app.detachedBy, undefined);
  assert.equal(hub.metrics.get('session.force_shutdown'), 0);
});

test('the session of a client that is away is ended too when it holds too much', async () => {
  const hub = new TestHub();
  const options = { maxHeldBytes: 10 };
  const app = hub.client('app', { sessionExpiry: 60, options });
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  const device = hub.client('d');
  for (const payload of ['123456', '123456', '123456']) device.publish('t', payload, 1);
  assert.equal(hub.engine.sessions.has('app'), true);
  await hub.nextTurn();
  assert.equal(hub.engine.sessions.has('app'), false);
  assert.equal(hub.metrics.get('session.force_shutdown'), 1);
});

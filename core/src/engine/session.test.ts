import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClient, TestHub } from '../testing/index.js';
import { NEVER_EXPIRES } from './types.js';

const PERSISTENT = { cleanStart: false, sessionExpiry: 3600 } as const;

test('a persistent session keeps its subscriptions and queues what comes while its client is away', () => {
  const hub = new TestHub();
  const first = hub.client('app', PERSISTENT);
  first.subscribe('t', { qos: 1 });
  first.session.close('closed');
  const device = hub.client('d');
  device.publish('t', 'one', 1);
  device.publish('t', 'two', 0);
  const second = hub.client('app', PERSISTENT);
  assert.deepEqual(second.take(), ['t=one', 't=two']);
  assert.equal(hub.metrics.get('session.resumed'), 1);
});

test('the session ends when its expiry is over, and never with the greatest expiry', () => {
  const hub = new TestHub();
  for (const [id, sessionExpiry] of [
    ['short', 10],
    ['ever', NEVER_EXPIRES],
  ] as const) {
    hub.client(id, { cleanStart: false, sessionExpiry }).session.close('closed');
  }
  hub.clock.advance(9_990);
  assert.equal(hub.engine.sessions.size, 2);
  hub.clock.advance(20);
  assert.deepEqual([...hub.engine.sessions.keys()], ['ever']);
  hub.clock.advance(1000 * 24 * 3600 * 1000);
  assert.deepEqual([...hub.engine.sessions.keys()], ['ever']);
});

test('a clean start discards the old session; without one it is present', () => {
  const hub = new TestHub();
  const first = hub.client('app', PERSISTENT);
  first.subscribe('t');
  const result = hub.connect(hub.request('app', first, { ...PERSISTENT }));
  assert.ok('ok' in result && result.ok && result.present);
  assert.equal(hub.metrics.get('session.takeovered'), 1);
  hub.client('app', { cleanStart: true });
  assert.equal(hub.metrics.get('session.discarded'), 1);
  assert.equal(hub.client('d').publish('t', 'x'), 'no_subscribers');
});

test('a second connection with the client id takes over: the first is told and cut off', () => {
  const hub = new TestHub();
  const first = hub.client('app', PERSISTENT);
  first.subscribe('t');
  const second = hub.client('app', PERSISTENT);
  assert.equal(first.detachedBy, 'taken_over');
  assert.equal(first.publish('t', 'late'), 'unspecified');
  first.session.close('closed');
  hub.client('d').publish('t', 'x');
  assert.deepEqual(second.take(), ['t=x']);
  assert.deepEqual(first.take(), []);
});

test('a session without expiry does not survive a takeover', () => {
  const hub = new TestHub();
  const first = hub.client('app');
  first.subscribe('t');
  const second = hub.client('app', { cleanStart: false });
  assert.equal(first.detachedBy, 'taken_over');
  hub.client('d').publish('t', 'x');
  assert.deepEqual(second.take(), []);
});

test('nothing is delivered before the channel has said that it is connected', () => {
  const hub = new TestHub();
  hub.client('app', PERSISTENT).subscribe('t', { qos: 1 });
  const handler = hub.client('spare');
  const result = hub.connect(hub.request('app', handler, PERSISTENT));
  assert.ok('ok' in result && result.ok);
  handler.session = result.session;
  hub.client('d').publish('t', 'x', 1);
  assert.deepEqual(handler.take(), []);
  result.session.resume();
  assert.deepEqual(handler.take(), ['t=x']);
});

test('the window bounds what is unacknowledged; acknowledgements let the queue move in order', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { maxInflight: 2 } });
  app.autoAck = false;
  app.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  for (const payload of ['1', '2', '3', '4']) device.publish('t', payload, 1);
  assert.deepEqual(
    app.received.map(({ payload }) => payload),
    ['1', '2'],
  );
  const [one, two] = app.received;
  assert.equal(app.session.acked(two?.packetId ?? 0), 'ok');
  assert.equal(app.session.acked(two?.packetId ?? 0), 'unknown', 'the same acknowledgement twice');
  assert.equal(app.received.at(-1)?.payload, '3');
  app.session.acked(one?.packetId ?? 0);
  assert.deepEqual(
    app.received.map(({ payload }) => payload),
    ['1', '2', '3', '4'],
  );
  assert.equal(new Set(app.received.map(({ packetId }) => packetId)).size, 4);
});

for (const qos of [1, 2] as const) {
  test(`a delivery of QoS ${qos} that is given up makes room and is counted`, () => {
    const hub = new TestHub();
    const app = hub.client('app', { options: { maxInflight: 1 } });
    app.autoAck = false;
    app.subscribe('t', { qos });
    const device = hub.client('d');
    device.publish('t', '1', qos);
    device.publish('t', '2', qos);
    const id = app.received[0]?.packetId ?? 0;
    assert.equal(app.session.abandoned(id), true);
    assert.equal(app.session.abandoned(id), false);
    assert.deepEqual(app.take(), ['t=1', 't=2']);
    assert.equal(hub.metrics.get('delivery.dropped.abandoned'), 1);
    assert.equal(hub.metrics.get('messages.acked'), 0);
  });
}

test('a QoS 2 delivery that the client has got cannot be given up', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.autoAck = false;
  app.subscribe('t', { qos: 2 });
  hub.client('d').publish('t', '1', 2);
  const id = app.received[0]?.packetId ?? 0;
  assert.equal(app.session.received(id), 'ok');
  assert.equal(app.session.abandoned(id), false);
  assert.equal(app.session.completed(id), 'ok');
});

test('a client that announces a smaller window gets that one', () => {
  const hub = new TestHub();
  const app = hub.client('app', { receiveMaximum: 1 });
  app.autoAck = false;
  app.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  device.publish('t', '1', 1);
  device.publish('t', '2', 1);
  assert.equal(app.received.length, 1);
  assert.deepEqual(app.session.statistics, {
    subscriptions: 1,
    inflight: 1,
    mqueueLength: 1,
    mqueueDropped: 0,
    awaitingRel: 0,
  });
});

test('QoS 0 passes a full window', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { maxInflight: 1 } });
  app.autoAck = false;
  app.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  device.publish('t', '1', 1);
  device.publish('t', '2', 1);
  device.publish('t', '0', 0);
  assert.deepEqual(app.take(), ['t=1', 't=0']);
});

test('QoS 2 goes through received, release and completed; repeats are answered alike', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { maxInflight: 1 } });
  app.autoAck = false;
  app.subscribe('t', { qos: 2 });
  hub.client('d').publish('t', '1', 2);
  const id = app.received[0]?.packetId ?? 0;
  assert.equal(app.session.completed(id), 'unexpected', 'completed before received');
  assert.equal(app.session.acked(id), 'unexpected', 'QoS 1 acknowledgement of a QoS 2 message');
  assert.equal(app.session.received(id), 'ok');
  assert.equal(app.session.received(id), 'ok');
  assert.deepEqual(app.released, [id, id]);
  assert.equal(app.session.completed(id), 'ok');
  assert.equal(app.session.completed(id), 'unknown');
  assert.equal(app.session.received(id), 'unknown');
  assert.equal(hub.metrics.get('messages.acked'), 1);
});

test('on resume unacknowledged messages come again with dup, in order, before queued ones', () => {
  const hub = new TestHub();
  const first = hub.client('app', PERSISTENT);
  first.autoAck = false;
  first.subscribe('t', { qos: 2 });
  const device = hub.client('d');
  device.publish('t', '1', 1);
  device.publish('t', '2', 2);
  device.publish('t', '3', 2);
  const released = first.received[1]?.packetId ?? 0;
  first.session.received(released);
  first.session.close('closed');
  device.publish('t', '4', 1);
  const second = hub.client('app', PERSISTENT);
  assert.deepEqual(
    second.received.map(({ payload, dup }) => [payload, dup]),
    [
      ['1', true],
      ['3', true],
      ['4', false],
    ],
  );
  assert.deepEqual(second.released.includes(released), true);
});

test('on resume no more is sent again than the window of the new connection holds', () => {
  const hub = new TestHub();
  const first = hub.client('app', PERSISTENT);
  first.autoAck = false;
  first.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  for (const payload of ['1', '2', '3']) device.publish('t', payload, 1);
  first.session.close('closed');
  const handler = hub.client('spare');
  handler.autoAck = false;
  const result = hub.connect(hub.request('app', handler, { ...PERSISTENT, receiveMaximum: 1 }));
  assert.ok('ok' in result && result.ok);
  result.session.resume();
  assert.equal(handler.received.length, 1);
  result.session.acked(handler.received[0]?.packetId ?? 0);
  assert.deepEqual(
    handler.received.map(({ payload, dup }) => [payload, dup]),
    [
      ['1', true],
      ['2', true],
    ],
  );
});

test('unacknowledged messages are sent again after retry_interval where the protocol allows it', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { retryInterval: 30_000 } });
  const strict = hub.client('strict', { options: { retryInterval: 30_000 }, retransmits: false });
  for (const client of [app, strict]) {
    client.autoAck = false;
    client.subscribe('t', { qos: 1 });
  }
  hub.client('d').publish('t', '1', 1);
  hub.clock.advance(29_000);
  assert.equal(app.received.length, 1);
  hub.clock.advance(1_100);
  assert.deepEqual(
    app.received.map(({ dup }) => dup),
    [false, true],
  );
  assert.equal(strict.received.length, 1);
  app.session.acked(app.received[0]?.packetId ?? 0);
  hub.clock.advance(60_000);
  assert.equal(app.received.length, 2);
});

test('each unacknowledged message is sent again retry_interval after it was sent itself', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { retryInterval: 30_000 } });
  app.autoAck = false;
  app.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  device.publish('t', '1', 1);
  hub.clock.advance(20_000);
  device.publish('t', '2', 1);
  assert.deepEqual(app.take(), ['t=1', 't=2']);
  hub.clock.advance(10_100);
  assert.deepEqual(app.take(), ['t=1']);
  hub.clock.advance(20_000);
  assert.deepEqual(app.take(), ['t=2']);
  hub.clock.advance(10_100);
  assert.deepEqual(app.take(), ['t=1']);
});

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

test('QoS 2 publications are taken once, duplicates known until released, ids bounded and forgotten', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t');
  const device = hub.client('d', { options: { maxAwaitingRel: 2, awaitRelTimeout: 300_000 } });
  const publish = (packetId: number) =>
    device.session.publishOnce(packetId, { topic: 't', payload: Buffer.from('x'), qos: 2, retain: false });
  assert.equal(publish(1), 'ok');
  assert.equal(publish(1), 'duplicate');
  assert.equal(app.take().length, 1);
  assert.equal(publish(2), 'ok');
  assert.equal(publish(3), 'quota_exceeded');
  assert.equal(device.session.releasePublished(1), true);
  assert.equal(device.session.releasePublished(1), false);
  assert.equal(publish(1), 'ok');
  hub.clock.advance(300_100);
  assert.equal(device.session.statistics.awaitingRel, 0);
  assert.equal(hub.metrics.get('messages.await_rel_timeout'), 2);
});

for (const away of ['gone', 'asleep'] as const) {
  test(`a QoS 2 id that waits for its release is not forgotten while its client is ${away}`, () => {
    const hub = new TestHub();
    const persistent = { cleanStart: false, sessionExpiry: 3600, options: { awaitRelTimeout: 300_000 } };
    const publication = { topic: 't', payload: Buffer.from('x'), qos: 2, retain: false } as const;
    let { session } = hub.client('d', persistent);
    assert.equal(session.publishOnce(1, publication), 'no_subscribers');
    hub.clock.advance(290_000);
    if (away === 'gone') session.close('closed');
    else session.suspend();
    hub.clock.advance(1_000_000);
    if (away === 'gone') session = hub.client('d', persistent).session;
    else session.resume();
    hub.clock.advance(9_900);
    assert.equal(session.publishOnce(1, publication), 'duplicate');
    hub.clock.advance(200);
    assert.equal(session.publishOnce(1, publication), 'no_subscribers');
  });
}

test('received QoS 2 ids survive a reconnection: exactly once', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t');
  const message = { topic: 't', payload: Buffer.from('x'), qos: 2 as const, retain: false };
  const first = hub.client('d', PERSISTENT);
  first.session.publishOnce(7, message);
  first.session.close('closed');
  const second = hub.client('d', PERSISTENT);
  assert.equal(second.session.publishOnce(7, message), 'duplicate');
  assert.equal(app.take().length, 1);
});

test('a kicked client loses connection and session', () => {
  const hub = new TestHub();
  const app = hub.client('app', PERSISTENT);
  assert.equal(hub.engine.kick('app'), true);
  assert.equal(app.detachedBy, 'kicked');
  assert.equal(hub.engine.sessions.size, 0);
  assert.equal(hub.engine.kick('app'), false);
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

test('a QoS 2 packet that comes again while access control still thinks gets the same answer', async () => {
  const hub = new TestHub();
  let decide: (answer: 'deny') => void = () => {};
  const answer = new Promise<'deny'>((resolve) => {
    decide = resolve;
  });
  hub.access.addAuthorizer({ name: 'slow', authorize: () => answer });
  const lasting = { cleanStart: false, sessionExpiry: 100 };
  const publication = { topic: 't', payload: Buffer.from('x'), qos: 2, retain: false } as const;
  const first = hub.client('d', lasting).session.publishOnce(7, publication);
  const again = hub.client('d', lasting).session.publishOnce(7, publication);
  decide('deny');
  assert.equal(await first, 'not_authorized');
  assert.equal(await again, 'not_authorized');
});

test('what comes while earlier messages are still sent again waits behind them', async () => {
  const hub = new TestHub();
  const unbounded = { sessionExpiry: 100, cleanStart: false, options: { maxInflight: 0, maxMqueueLen: 0 } };
  const before = hub.client('c', unbounded);
  before.autoAck = false;
  before.subscribe('t', { qos: 1 });
  const device = hub.client('d');
  for (let i = 0; i < 1500; i++) device.publish('t', String(i), 1);
  before.session.close('closed');
  const client = hub.client('c', unbounded);
  client.autoAck = false;
  device.publish('t', 'new', 1);
  await hub.nextTurn();
  const order = client.take();
  assert.equal(order.length, 1501);
  assert.deepEqual(order.slice(-2), ['t=1499', 't=new']);
});

test('a topic that is the mountpoint itself is not delivered below it', () => {
  const hub = new TestHub();
  const client = hub.client('c', { mountpoint: 'm/' });
  client.subscribe('#');
  const device = hub.client('d');
  for (const topic of ['m', 'm/', 'm/x']) device.publish(topic, '1');
  assert.deepEqual(client.take(), ['x=1']);
  assert.equal(hub.metrics.get('delivery.dropped.outside_mountpoint'), 2);
});

test('a connection whose authentication comes late does not take the session from a newer one', async () => {
  const hub = new TestHub();
  let late: (answer: { answer: 'allow' }) => void = () => {};
  const answers = [new Promise<{ answer: 'allow' }>((resolve) => (late = resolve))];
  hub.access.addAuthenticator({ name: 'slow', authenticate: () => answers.shift() ?? { answer: 'allow' } });
  const old = new TestClient();
  const waiting = hub.connect(hub.request('dev', old));
  const present = hub.client('dev');
  late({ answer: 'allow' });
  assert.deepEqual(await waiting, { ok: false, refusal: 'unspecified' });
  assert.equal(present.detachedBy, undefined);
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

test('a session that is resumed under another await_rel_timeout has that one for what it waits for', () => {
  const hub = new TestHub();
  const arrive = (seconds: number) =>
    hub.client('app', {
      cleanStart: false,
      sessionExpiry: 600,
      options: { awaitRelTimeout: seconds * 1000 },
    });
  const publication = { topic: 't', payload: Buffer.alloc(0), qos: 2, retain: false } as const;
  const send = ({ session }: TestClient, packetId: number) => session.publishOnce(packetId, publication);
  send(arrive(10), 1);
  const never = arrive(0);
  send(never, 2);
  hub.clock.advance(60_000);
  assert.deepEqual([send(never, 1), send(never, 2)], ['duplicate', 'duplicate']);
  const soon = arrive(5);
  hub.clock.advance(4_900);
  assert.deepEqual([send(soon, 1), send(soon, 2)], ['duplicate', 'duplicate']);
  hub.clock.advance(200);
  assert.equal(soon.session.statistics.awaitingRel, 0);
});

test('a session that is resumed under other limits is held to them', () => {
  const hub = new TestHub();
  const wide = { cleanStart: false, sessionExpiry: 60 };
  const app = hub.client('app', wide);
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  const device = hub.client('d');
  for (const payload of ['1', '2', '3']) device.publish('t', payload, 1);
  const narrow = hub.client('app', { ...wide, options: { maxMqueueLen: 2, maxAwaitingRel: 1 } });
  assert.deepEqual(narrow.take(), ['t=2', 't=3']);
  assert.equal(hub.metrics.get('delivery.dropped.queue_full'), 1);
  narrow.session.publishOnce(1, { topic: 'x', payload: Buffer.alloc(0), qos: 2, retain: false });
  const second = { topic: 'x', payload: Buffer.alloc(0), qos: 2, retain: false } as const;
  assert.equal(narrow.session.publishOnce(2, second), 'quota_exceeded');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '../testing/index.js';

const PERSISTENT = { cleanStart: false, sessionExpiry: 3600 } as const;

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

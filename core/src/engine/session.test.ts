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

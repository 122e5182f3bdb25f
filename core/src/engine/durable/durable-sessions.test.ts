import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestClient, TestStore } from '../../testing/index.js';
import type { Will } from '../types.js';
import { decodeDelivery } from './delivery-record.js';
import { Falls, manual, PERSISTENT, read } from './testing/falls.js';

function sentTo(client: TestClient): (readonly [payload: string, packetId: number, dup: boolean])[] {
  return client.received.splice(0).map(({ payload, packetId, dup }) => [payload, packetId, dup]);
}

test('a session outlives the hub: its subscriptions, and what waits for it in order', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('t/+', { qos: 1, subscriptionId: 7 });
  app.subscribe('x', { qos: 2, retainAsPublished: true });
  app.session.close('closed');
  const device = first.client('d');
  for (const payload of ['1', '2', '3']) device.publish('t/1', payload, 1);
  device.publish('x', '4', 2, true);
  device.publish('t/1', 'not kept', 0);

  const second = await falls.start();
  const session = second.engine.sessions.get('app');
  assert.deepEqual(session?.statistics, {
    subscriptions: 2,
    inflight: 0,
    mqueueLength: 4,
    mqueueDropped: 0,
    awaitingRel: 0,
  });
  assert.equal(second.engine.metrics.gauges.subscriptions.value, 2);
  const back = second.client('app', PERSISTENT);
  await read(second);
  assert.deepEqual(
    back.received.map(({ payload, qos, retain, dup, subscriptionIds }) => [
      payload,
      qos,
      retain,
      dup,
      subscriptionIds,
    ]),
    [
      ['1', 1, false, false, [7]],
      ['2', 1, false, false, [7]],
      ['3', 1, false, false, [7]],
      ['4', 2, true, false, undefined],
    ],
  );
  second.client('d').publish('t/2', '5', 1);
  assert.equal(back.received.at(-1)?.payload, '5');
});

test('what was sent and not acknowledged is sent again under the same packet identifier, with DUP', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = manual(first, 'app');
  app.subscribe('t', { qos: 2 });
  const device = first.client('d');
  device.publish('t', 'one', 1);
  device.publish('t', 'two', 2);
  device.publish('t', 'three', 1);
  const sent = sentTo(app);
  assert.deepEqual(
    sent.map(([payload]) => payload),
    ['one', 'two', 'three'],
  );
  app.session.acked(sent[0]?.[1] ?? 0);

  const second = await falls.start();
  const back = manual(second, 'app');
  await read(second);
  assert.deepEqual(
    sentTo(back),
    sent.slice(1).map(([payload, packetId]) => [payload, packetId, true]),
  );
});

test('what waited while the client was connected may have been sent just before the fall, so it has DUP', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = manual(first, 'app', { ...PERSISTENT, options: { maxInflight: 1 } });
  app.subscribe('t', { qos: 1 });
  for (const payload of ['1', '2', '3']) first.client('d').publish('t', payload, 1);
  await falls.start();

  const third = await falls.start();
  third.client('d').publish('t', '4', 1);
  const back = third.client('app', PERSISTENT);
  await read(third);
  assert.deepEqual(
    back.received.map(({ payload, dup }) => [payload, dup]),
    [
      ['1', true],
      ['2', true],
      ['3', true],
      ['4', false],
    ],
  );
});

test('a QoS 2 delivery goes on where it was: what the client has is released, not sent again', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = manual(first, 'app');
  app.subscribe('t', { qos: 2 });
  first.client('d').publish('t', 'x', 2);
  const [[, packetId] = ['', 0]] = sentTo(app);
  app.session.received(packetId);
  const [record] = [...falls.store.keys('deliveries')];
  const kept = await falls.store.get('deliveries', record ?? '');
  assert.equal(kept && decodeDelivery(kept).body, undefined, 'the message is needed no more');

  const second = await falls.start();
  const back = manual(second, 'app');
  await read(second);
  assert.deepEqual([sentTo(back), back.released], [[], [packetId]]);
  assert.equal(back.session.completed(packetId), 'ok');
  const third = await falls.start();
  const again = third.client('app', PERSISTENT);
  await read(third);
  assert.deepEqual([sentTo(again), again.released], [[], []]);
});

test('a QoS 2 message of a client is the same one after a restart, until the client releases it', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const publication = { topic: 't', payload: Buffer.from('x'), qos: 2 as const, retain: false };
  const device = first.client('d', PERSISTENT);
  first.client('app', PERSISTENT).subscribe('t', { qos: 2 });
  assert.equal(device.session.publishOnce(5, publication), 'ok');
  device.session.publishOnce(6, publication);
  device.session.releasePublished(6);

  const second = await falls.start();
  const back = second.client('d', PERSISTENT);
  assert.equal(back.session.publishOnce(5, publication), 'duplicate');
  assert.equal(back.session.publishOnce(6, publication), 'ok', 'it was released: this is another message');
  back.session.releasePublished(5);
  const third = await falls.start();
  assert.equal(third.client('d', PERSISTENT).session.publishOnce(5, publication), 'ok');
});

test('a QoS 2 delivery leaves only when the store has it, and what comes behind it waits too', async () => {
  const store = new TestStore();
  store.held = true;
  const falls = new Falls({}, store);
  const hub = await falls.start();
  const app = manual(hub, 'app');
  app.subscribe('t', { qos: 2 });
  store.settle();
  const device = hub.client('d');
  device.publish('t', 'first', 1);
  assert.deepEqual(app.take(), ['t=first'], 'a QoS 1 message may come twice, so it need not wait');
  device.publish('t', 'two', 2);
  device.publish('t', 'three', 1);
  await read(hub);
  assert.deepEqual(app.take(), []);
  store.settle();
  await read(hub);
  assert.deepEqual(app.take(), ['t=two', 't=three']);
});

test('a message for many sessions is stored once, and only as long as one of them needs it', async () => {
  const falls = new Falls();
  const hub = await falls.start();
  const apps = ['a', 'b', 'c'].map((id) => {
    const app = hub.client(id, PERSISTENT);
    app.subscribe('t', { qos: 1 });
    app.session.close('closed');
    return id;
  });
  hub.client('d').publish('t', 'x', 1);
  assert.deepEqual([...falls.store.keys('messages')].length, 1);
  assert.deepEqual([...falls.store.keys('deliveries')].length, 3);
  for (const id of apps) {
    const back = hub.client(id, PERSISTENT);
    assert.equal([...falls.store.keys('messages')].length, 1);
    await read(hub);
    assert.deepEqual(back.take(), ['t=x']);
  }
  assert.deepEqual([...falls.store.keys('messages')], []);
  assert.deepEqual([...falls.store.keys('deliveries')], []);
});

test('a long queue is delivered whole and in order, whatever of it is in memory', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const options = { maxMqueueLen: 0, maxInflight: 5 };
  const app = first.client('app', { ...PERSISTENT, options });
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  const device = first.client('d');
  const payloads = Array.from({ length: 1000 }, (_, i) => String(i));
  for (const payload of payloads.slice(0, 700)) device.publish('t', payload, 1);
  const second = await falls.start();
  const back = second.client('app', { ...PERSISTENT, options });
  const late = second.client('d');
  for (const payload of payloads.slice(700)) late.publish('t', payload, 1);
  for (let i = 0; i < 20; i++) await read(second);
  assert.deepEqual(
    back.received.map(({ payload }) => payload),
    payloads,
  );
  assert.deepEqual([...falls.store.keys('messages')], []);
});

test('what the queue has no room for is dropped from the store too', async () => {
  const falls = new Falls();
  const hub = await falls.start();
  const app = hub.client('app', { ...PERSISTENT, options: { maxMqueueLen: 2 } });
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  const dropped: string[] = [];
  hub.hooks.messageDropped.add('test', (_, message, reason) => {
    dropped.push(`${message.payload} ${reason}`);
  });
  for (const payload of ['1', '2', '3']) hub.client('d').publish('t', payload, 1);
  await read(hub);
  assert.deepEqual(dropped, ['1 queue_full']);
  assert.equal(hub.metrics.get('delivery.dropped.queue_full'), 1);
  assert.equal([...falls.store.keys('deliveries')].length, 2);
});

test('what waits on disk is bounded in bytes: the oldest goes, and is counted', async () => {
  for (const priorities of [undefined, { byTopic: new Map([['t', 1]]), others: 0 }]) {
    const falls = new Falls();
    const first = await falls.start();
    const options = { maxMqueueLen: 0, maxStoredBytes: 300, priorities };
    const app = first.client('app', { ...PERSISTENT, options });
    app.subscribe('t', { qos: 1 });
    app.session.close('closed');
    for (const digit of ['1', '2', '3', '4']) first.client('d').publish('t', digit.repeat(99), 1);
    assert.equal(first.metrics.get('delivery.dropped.quota'), 1);
    const second = await falls.start();
    second.client('d').publish('t', '5'.repeat(99), 1);
    assert.equal(second.metrics.get('delivery.dropped.quota'), 1, 'what was there before counts');
    const back = second.client('app', { ...PERSISTENT, options });
    await read(second);
    assert.deepEqual(
      back.received.map(({ payload }) => payload[0]),
      ['3', '4', '5'],
    );
  }
});

test('a session that ends leaves nothing in the store', async () => {
  const falls = new Falls();
  const hub = await falls.start();
  const app = hub.client('app', PERSISTENT);
  app.subscribe('t', { qos: 2 });
  app.session.publishOnce(3, { topic: 'u', payload: Buffer.alloc(0), qos: 2, retain: false });
  app.session.close('closed');
  hub.client('d').publish('t', 'x', 1);
  falls.clock.advance(3_600_020);
  await read(hub);
  for (const table of ['sessions', 'subscriptions', 'messages', 'deliveries', 'awaiting_release']) {
    assert.deepEqual([...falls.store.keys(table)], [], table);
  }
});

test('the time that a session has left goes on while no hub runs', async () => {
  const falls = new Falls();
  const first = await falls.start();
  first.client('short', { cleanStart: false, sessionExpiry: 10 }).session.close('closed');
  first.client('long', { cleanStart: false, sessionExpiry: 100 }).session.close('closed');
  falls.fall();
  falls.clock.advance(20_000);
  const second = await falls.start();
  assert.deepEqual([...second.engine.sessions.keys()], ['long']);
  falls.clock.advance(80_020);
  assert.equal(second.engine.sessions.size, 0);
});

test('a session whose client was connected when the hub fell has its time from then on', async () => {
  const falls = new Falls();
  (await falls.start()).client('app', PERSISTENT);
  for (let fall = 0; fall < 3; fall++) {
    const hub = await falls.start();
    assert.ok(hub.engine.sessions.has('app'));
    falls.clock.advance(1_500_000);
    hub.engine.timers.stop();
  }
  assert.equal((await falls.start()).engine.sessions.has('app'), false);
});

test('sessions that end with their connections are not stored', async () => {
  const falls = new Falls();
  const hub = await falls.start();
  const app = manual(hub, 'app', {});
  app.subscribe('t', { qos: 2 });
  hub.client('d').publish('t', 'x', 2);
  assert.equal(falls.store.written, 0);
});

test('a session that becomes durable takes what it holds with it', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = manual(first, 'app', { options: { maxInflight: 1 } });
  app.subscribe('t', { qos: 1 });
  for (const payload of ['1', '2']) first.client('d').publish('t', payload, 1);
  app.session.setSessionExpiry(50);
  app.session.close('closed');
  manual(first, 'app');
  const second = await falls.start();
  const back = second.client('app', PERSISTENT);
  await read(second);
  assert.deepEqual(back.take(), ['t=1', 't=2']);
});

test('a will is published when the hub comes back, unless its client does in time', async () => {
  const will: Will = {
    topic: 'gone',
    payload: Buffer.from('d'),
    qos: 1,
    retain: false,
    properties: { correlationData: Buffer.from([1, 2]) },
    delay: 30,
  };
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('gone', { qos: 1 });
  for (const id of ['back', 'lost', 'polite']) first.client(id, { ...PERSISTENT, will });
  first.engine.sessions.get('polite')?.attachment?.clearWill();
  first.engine.sessions.get('polite')?.attachment?.close('normal');
  const second = await falls.start();
  const again = second.client('app', PERSISTENT);
  second.client('back', PERSISTENT);
  falls.clock.advance(30_020);
  assert.deepEqual(again.take(), ['gone=d']);
  const third = await falls.start();
  const still = third.client('app', PERSISTENT);
  falls.clock.advance(60_000);
  await read(third);
  assert.deepEqual(still.take(), [], 'it is published once');
});

test('what waits by priority comes back by priority', async () => {
  const falls = new Falls();
  const priorities = { byTopic: new Map([['alarm', 9]]), others: 0 };
  const options = { priorities };
  const first = await falls.start();
  const app = first.client('app', { ...PERSISTENT, options });
  app.subscribe('#', { qos: 1 });
  app.session.close('closed');
  for (const topic of ['x', 'alarm', 'y']) first.client('d').publish(topic, '', 1);
  const second = await falls.start();
  const back = second.client('app', { ...PERSISTENT, options });
  await read(second);
  assert.deepEqual(
    back.received.map(({ topic }) => topic),
    ['alarm', 'x', 'y'],
  );
});

test('a session that cannot be understood is left as it is, with all that is its; all others are used', async () => {
  const falls = new Falls();
  const first = await falls.start();
  for (const id of ['a', 'b']) {
    const app = first.client(id, PERSISTENT);
    app.subscribe('t', { qos: 1 });
    app.session.close('closed');
  }
  first.client('d').publish('t', 'x', 1);
  const [session = ''] = falls.store.keys('sessions');
  const record = await falls.store.get('sessions', session);
  falls.store.put('sessions', session, Buffer.from('{"format":99}'));
  const second = await falls.start();
  assert.deepEqual([...second.engine.sessions.keys()], ['b']);
  const back = second.client('b', PERSISTENT);
  await read(second);
  assert.deepEqual(back.take(), ['t=x']);

  falls.store.put('sessions', session, record ?? Buffer.alloc(0));
  const third = await falls.start();
  const understood = third.client('a', PERSISTENT);
  await read(third);
  assert.deepEqual(understood.take(), ['t=x']);
});

test('a delivery whose message the store has lost is dropped and counted', async () => {
  const falls = new Falls();
  const first = await falls.start();
  for (const id of ['app', 'other']) {
    const app = first.client(id, PERSISTENT);
    app.subscribe('t', { qos: 1 });
    app.session.close('closed');
  }
  for (const payload of ['1', '2', '3']) first.client('d').publish('t', payload, 1);
  const [, second] = falls.store.keys('messages');
  falls.store.delete('messages', second ?? '');
  const hub = await falls.start();
  const back = hub.client('app', PERSISTENT);
  await read(hub);
  assert.deepEqual(back.take(), ['t=1', 't=3']);
  assert.equal(hub.metrics.get('delivery.dropped.lost'), 1);
});

test('sessions are there whose profile is damaged, with all that waits for them', async () => {
  const falls = new Falls();
  const first = await falls.start();
  for (const id of ['one', 'two']) {
    const app = first.client(id, { ...PERSISTENT, options: { maxMqueueLen: 2000 } });
    app.subscribe('t', { qos: 1 });
    app.session.close('closed');
  }
  const payloads = Array.from({ length: 1500 }, (_, i) => String(i));
  for (const payload of payloads) first.client('d').publish('t', payload, 1);
  for (const profile of [...falls.store.keys('profiles')]) falls.store.delete('profiles', profile);

  const second = await falls.start();
  assert.equal(second.engine.sessions.get('one')?.statistics.mqueueLength, 1500);
  assert.equal(second.engine.sessions.get('two')?.client.policy.checkAcl, true);
  const back = second.client('one', { ...PERSISTENT, options: { maxMqueueLen: 2000 } });
  await read(second);
  assert.equal(back.received.length > 0, true);
  assert.equal(second.engine.sessions.get('one')?.options.maxMqueueLen, 2000);

  const third = await falls.start();
  assert.equal(third.engine.sessions.get('one')?.options.maxMqueueLen, 2000, 'the profile is there again');
});

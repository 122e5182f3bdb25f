import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../runtime/hub-logger.js';
import { isPromise } from '../runtime/maybe-promise.js';
import { connectionInfo, TestClient, TestHub } from '../testing/index.js';
import type { ProvenIdentity } from './client-info.js';

test('a message reaches every matching subscriber once, with the lower of the two QoS', () => {
  const hub = new TestHub();
  const device = hub.client('device');
  const app = hub.client('app');
  app.subscribe('a/+', { qos: 1 });
  assert.equal(device.publish('a/b', 'x', 2), 'ok');
  assert.equal(device.publish('other', 'y'), 'no_subscribers');
  assert.equal(app.received.length, 1);
  assert.equal(app.received[0]?.qos, 1);
  assert.equal(hub.metrics.get('messages.dropped.no_subscribers'), 1);
  assert.equal(hub.metrics.get('messages.qos2.received'), 1);
  assert.equal(hub.metrics.get('messages.qos1.sent'), 1);
});

test('with upgrade_qos a message goes out with the subscription QoS', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { upgradeQos: true } });
  app.subscribe('t', { qos: 2 });
  hub.client('d').publish('t', 'x', 0);
  assert.equal(app.received[0]?.qos, 2);
});

test('upgrade_qos goes no further than the highest QoS of the gateway', () => {
  const hub = new TestHub();
  const observer = hub.client('observer', { options: { upgradeQos: true, maxQos: 1 } });
  observer.subscribe('t', { qos: 1 });
  hub.client('d').publish('t', 'x', 2);
  assert.equal(observer.received[0]?.qos, 1);
});

test('overlapping subscriptions of one session make one delivery with the highest QoS and all identifiers', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('a/#', { qos: 0, subscriptionId: 1 });
  app.subscribe('a/+', { qos: 2, subscriptionId: 2 });
  hub.client('d').publish('a/b', 'x', 2);
  assert.equal(app.received.length, 1);
  assert.equal(app.received[0]?.qos, 2);
  assert.deepEqual([...(app.received[0]?.subscriptionIds ?? [])].sort(), [1, 2]);
});

test('a session that does not merge gets one delivery for each subscription', () => {
  const hub = new TestHub();
  const app = hub.client('app', { mergeOverlapping: false });
  app.subscribe('a/#');
  app.subscribe('a/+');
  hub.client('d').publish('a/b', 'x');
  assert.equal(app.received.length, 2);
});

test('No Local keeps a message from its publisher, also where subscriptions overlap', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('a/b', { noLocal: true, qos: 1 });
  app.publish('a/b', 'own');
  assert.deepEqual(app.take(), []);
  app.subscribe('a/#');
  app.publish('a/b', 'own');
  assert.deepEqual(app.take(), ['a/b=own'], 'the subscription without No Local gets it');
  assert.equal(hub.metrics.get('delivery.dropped.no_local'), 1);
});

test('ignore_loop_deliver keeps every message from its publisher', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { ignoreLoopDeliver: true } });
  app.subscribe('t');
  app.publish('t', 'own');
  hub.client('d').publish('t', 'other');
  assert.deepEqual(app.take(), ['t=other']);
});

test('subscribing again to a filter replaces the subscription', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t', { qos: 0 });
  app.subscribe('t', { qos: 2 });
  hub.client('d').publish('t', 'x', 2);
  assert.deepEqual(
    app.received.map(({ qos }) => qos),
    [2],
  );
  assert.equal(hub.metrics.gauge('subscriptions', '').value, 1);
});

test('after unsubscribing nothing comes; an unknown filter is told apart', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t');
  assert.equal(app.session.unsubscribe('t'), 'ok');
  assert.equal(app.session.unsubscribe('t'), 'no_subscription');
  assert.equal(app.session.unsubscribe('a/#/b'), 'topic_filter_invalid');
  hub.client('d').publish('t', 'x');
  assert.deepEqual(app.take(), []);
});

test('the mountpoint is put before topics and filters and taken off deliveries', () => {
  const hub = new TestHub();
  const device = hub.client('dev1', { mountpoint: 'fleet/%c/' });
  const app = hub.client('app');
  app.subscribe('fleet/#');
  device.subscribe('dn/+');
  device.publish('up', 'x');
  app.publish('fleet/dev1/dn/a', 'y');
  assert.deepEqual(device.take(), ['dn/a=y']);
  assert.deepEqual(app.take(), ['fleet/dev1/up=x', 'fleet/dev1/dn/a=y']);
});

test('a client whose id would break out of the mountpoint is refused', () => {
  const hub = new TestHub();
  const refused = hub.connect(hub.request('a/b', hub.client('other'), { mountpoint: 'fleet/%c/' }));
  assert.deepEqual(refused, { ok: false, refusal: 'clientid_invalid' });
});

test('invalid topics and filters are refused, levels are bounded', () => {
  const hub = new TestHub();
  const app = hub.client('app', { options: { maxTopicLevels: 3 } });
  assert.equal(app.publish('a/+', 'x'), 'topic_name_invalid');
  assert.equal(app.publish('a/b/c/d', 'x'), 'topic_name_invalid');
  assert.deepEqual(app.session.subscribe('a/b/c/d', { qos: 0 }), {
    ok: false,
    refusal: 'topic_filter_invalid',
  });
  assert.deepEqual(app.session.subscribe('$share/g', { qos: 0 }), {
    ok: false,
    refusal: 'topic_filter_invalid',
  });
});

test('what a protocol or its configuration does not allow is refused', () => {
  const hub = new TestHub();
  const options = {
    maxQos: 1,
    retainAvailable: false,
    wildcardSubscription: false,
    sharedSubscription: false,
    maxSubscriptions: 1,
  } as const;
  const app = hub.client('app', { options });
  assert.equal(app.publish('t', 'x', 2), 'qos_not_supported');
  assert.equal(app.publish('t', 'x', 0, true), 'retain_not_supported');
  const refusal = (filter: string) => app.session.subscribe(filter, { qos: 0 });
  assert.deepEqual(refusal('a/#'), { ok: false, refusal: 'wildcard_subscriptions_not_supported' });
  assert.deepEqual(refusal('$share/g/t'), { ok: false, refusal: 'shared_subscriptions_not_supported' });
  assert.deepEqual(app.session.subscribe('one', { qos: 2 }), { ok: true, qos: 1 });
  assert.deepEqual(refusal('two'), { ok: false, refusal: 'quota_exceeded' });
  assert.deepEqual(refusal('one'), { ok: true, qos: 0 });
});

test('a denied publication is dropped and counted; a denied subscription refused', () => {
  const hub = new TestHub({ policy: { noMatch: 'deny' } });
  const app = hub.client('app');
  assert.equal(app.publish('t', 'x'), 'not_authorized');
  assert.equal(hub.metrics.get('messages.dropped.not_authorized'), 1);
  assert.deepEqual(app.session.subscribe('t', { qos: 0 }), { ok: false, refusal: 'not_authorized' });
  assert.equal(app.detachedBy, undefined);
});

test('acl_deny_action disconnect cuts the client off', () => {
  const hub = new TestHub({ policy: { noMatch: 'deny', denyAction: 'disconnect' } });
  const app = hub.client('app');
  app.publish('t', 'x');
  assert.equal(app.detachedBy, 'not_authorized');
  assert.equal(hub.engine.sessions.size, 0);
});

test('an access source that answers later holds back only the answer', async () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t');
  hub.access.addAuthorizer({
    name: 'slow',
    authorize: async (_client, _action, topic) => (topic === 't' ? 'allow' : 'deny'),
  });
  const shared = Buffer.from('payload');
  const device = hub.client('d');
  const first = device.session.publish({ topic: 't', payload: shared, qos: 0, retain: false, owned: false });
  shared.fill(0);
  assert.equal(await first, 'ok');
  assert.deepEqual(app.take(), ['t=payload'], 'the borrowed payload was kept');
  const denied = device.session.publish({ topic: 'u', payload: shared, qos: 0, retain: false });
  assert.equal(await denied, 'not_authorized');
  assert.deepEqual(await device.session.subscribe('v', { qos: 0 }), { ok: false, refusal: 'not_authorized' });
});

test('message.publish hooks change, stop and see messages; hooks run by priority', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('#');
  const order: string[] = [];
  hub.hooks.messagePublish.add('low', () => void order.push('low'), -1);
  hub.hooks.messagePublish.add('rename', ({ message, allow }) => {
    order.push('rename');
    return { value: { message: message.with({ topic: `x/${message.topic}` }), allow } };
  });
  const remove = hub.hooks.messagePublish.add(
    'block',
    ({ message }) => {
      order.push('block');
      return message.topic === 'bad' ? { stop: true, value: { message, allow: false } } : undefined;
    },
    10,
  );
  const device = hub.client('d');
  assert.equal(device.publish('good', '1'), 'ok');
  assert.equal(device.publish('bad', '2'), 'ok');
  assert.deepEqual(app.take(), ['x/good=1']);
  assert.deepEqual(order, ['block', 'rename', 'low', 'block']);
  assert.equal(hub.metrics.get('messages.dropped.refused'), 1);
  remove();
  device.publish('bad', '3');
  assert.deepEqual(app.take(), ['x/bad=3']);
});

test('a hook that throws is reported and left out', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('t');
  hub.hooks.messagePublish.add('broken', () => {
    throw new Error('broken');
  });
  hub.client('d').publish('t', 'x');
  assert.deepEqual(app.take(), ['t=x']);
  assert.equal(hub.errors.length, 1);
});

test('session and client hooks fire in the order of a life', () => {
  const hub = new TestHub();
  const seen: string[] = [];
  hub.hooks.clientConnected.add('t', (_, client) => void seen.push(`connected ${client.clientId}`));
  hub.hooks.sessionCreated.add('t', () => void seen.push('created'));
  hub.hooks.sessionSubscribed.add('t', (_, __, filter) => void seen.push(`subscribed ${filter}`));
  hub.hooks.sessionUnsubscribed.add('t', (_, __, filter) => void seen.push(`unsubscribed ${filter}`));
  hub.hooks.clientDisconnected.add('t', (_, __, reason) => void seen.push(`disconnected ${reason}`));
  hub.hooks.sessionTerminated.add('t', (_, __, reason) => void seen.push(`terminated ${reason}`));
  const app = hub.client('app');
  app.subscribe('t');
  app.session.unsubscribe('t');
  app.session.close('normal');
  assert.deepEqual(seen, [
    'created',
    'connected app',
    'subscribed t',
    'unsubscribed t',
    'disconnected normal',
    'terminated normal',
  ]);
});

test('statistics rise and fall with clients and subscriptions', () => {
  const hub = new TestHub();
  const value = (name: string) => hub.metrics.gauge(name, '').value;
  const app = hub.client('app');
  const other = hub.client('other');
  app.subscribe('a');
  app.subscribe('$share/g/b');
  other.subscribe('a');
  assert.deepEqual(
    ['connections', 'sessions', 'subscriptions', 'subscriptions.shared', 'subscribers', 'topics'].map(value),
    [2, 2, 3, 1, 2, 2],
  );
  app.session.close('normal');
  other.session.close('normal');
  assert.deepEqual(
    ['connections', 'sessions', 'subscriptions', 'subscriptions.shared', 'subscribers', 'topics'].map(value),
    [0, 0, 0, 0, 0, 0],
  );
  assert.equal(hub.metrics.gauge('connections', '').max, 2);
});

test('a publication that is not allowed to be one is counted as dropped', () => {
  const hub = new TestHub();
  const device = hub.client('device', { options: { maxQos: 1, retainAvailable: false } });
  assert.equal(device.publish('a/+', 'x'), 'topic_name_invalid');
  assert.equal(device.publish('a', 'x', 2), 'qos_not_supported');
  assert.equal(device.publish('a', 'x', 0, true), 'retain_not_supported');
  assert.equal(hub.metrics.get('messages.dropped.invalid'), 3);
  assert.equal(hub.metrics.get('messages.dropped'), 3);
});

test('a message that expires while access control thinks about it is dropped', async () => {
  const hub = new TestHub();
  let allow: (answer: 'allow') => void = () => {};
  const answer = new Promise<'allow'>((resolve) => {
    allow = resolve;
  });
  const app = hub.client('app');
  app.subscribe('t');
  const device = hub.client('device');
  hub.access.addAuthorizer({ name: 'slow', authorize: () => answer });
  const publication = { topic: 't', payload: Buffer.from('x'), qos: 0, retain: false } as const;
  const result = device.session.publish({ ...publication, properties: { messageExpiryInterval: 1 } });
  hub.clock.advance(1_001);
  allow('allow');
  assert.equal(await result, 'ok');
  assert.deepEqual(app.take(), []);
  assert.equal(hub.metrics.get('messages.dropped.expired'), 1);
});

test('what the listener has proved of a client stands above what it says, and lets it in', () => {
  const enter = (shown: object, proven?: ProvenIdentity) => {
    const hub = new TestHub({ policy: { allowAnonymous: false } });
    const connection = connectionInfo('test', { proven });
    const request = hub.request('shown', new TestClient(), { connection, ...shown });
    const result = hub.connect(request);
    assert.ok(!isPromise(result));
    return result.ok ? [result.session.client.clientId, result.session.client.username] : result.refusal;
  };
  const username = { username: 'device-1', clientId: undefined };
  const clientId = { username: undefined, clientId: 'd1' };
  assert.deepEqual(enter({ username: 'other' }, username), ['shown', 'device-1']);
  assert.deepEqual(enter({}, username), ['shown', 'device-1']);
  assert.deepEqual(enter({}, clientId), ['d1', undefined]);
  assert.equal(enter({ username: 'admin' }, clientId), 'not_authorized', 'the username is not proved');
  assert.equal(enter({ username: 'device-1' }), 'not_authorized');
});

test('a session goes on only on the same gateway and under the same mountpoint', () => {
  const hub = new TestHub();
  const lasting = { cleanStart: false, sessionExpiry: 100 };
  const resumes = (changes: Parameters<TestHub['client']>[1]): boolean => {
    const before = hub.metrics.get('session.resumed') ?? 0;
    hub.client('dev', { ...lasting, ...changes });
    return (hub.metrics.get('session.resumed') ?? 0) > before;
  };
  hub.client('dev', { ...lasting, mountpoint: '%u/', username: 'ada' }).subscribe('t');
  assert.equal(resumes({ mountpoint: '%u/', username: 'ada' }), true);
  assert.equal(resumes({ mountpoint: '%u/', username: 'eve' }), false);
  assert.equal(resumes({ mountpoint: '%u/', username: 'eve', connection: connectionInfo('other') }), false);
  assert.equal(hub.metrics.get('session.discarded'), 2);
  assert.equal(hub.client('d').publish('ada/t', 'x'), 'no_subscribers');
});

test('what a client is like at present is asked of its protocol, where that has more to tell', () => {
  const lines: string[] = [];
  const output = { write: (line: string) => void lines.push(line) };
  const hub = new TestHub({ log: createLogger({ level: 'info', format: 'text', output }) });
  const status = { state: 'asleep', peer: { host: '192.0.2.9', port: 9 } };
  const connection = connectionInfo('test', { peer: { host: '192.0.2.1', port: 1 } });
  const lasting = { connection, cleanStart: false, sessionExpiry: 100 };
  const handler = Object.assign(new TestClient(), { status: () => status });
  const result = hub.connect(hub.request('dozing', handler, lasting));
  assert.ok(!isPromise(result) && result.ok);
  const plain = hub.client('plain', lasting);
  const chatty = Object.assign(new TestClient(), {
    status: () => ({ state: 'connected', peer: connection.peer }),
  });
  const other = hub.connect(hub.request('chatty', chatty, lasting));
  assert.ok(!isPromise(other) && other.ok);
  other.session.close('normal');
  assert.match(lines.at(-1) ?? '', /clientid=chatty .* peer=192.0.2.1:1 reason=normal/);
  const shown = (clientId: string) => hub.engine.sessions.get(clientId)?.status;
  assert.deepEqual(shown('dozing'), status);
  assert.deepEqual(shown('plain'), { state: 'connected', peer: connection.peer });
  result.session.close('sleep_timeout');
  plain.session.close('normal');
  assert.deepEqual(shown('dozing'), { state: 'disconnected', peer: connection.peer });
  assert.match(lines.at(-2) ?? '', /clientid=dozing .* peer=192.0.2.9:9 state=asleep reason=sleep_timeout/);
  assert.match(lines.at(-1) ?? '', /clientid=plain .* peer=192.0.2.1:1 reason=normal/);
});

test('the keep alive can be changed where the protocol has one, and while the client is there', () => {
  const hub = new TestHub();
  const kept: number[] = [];
  const handler = Object.assign(new TestClient(), {
    setKeepalive: (seconds: number) => void kept.push(seconds),
  });
  hub.connect(hub.request('c', handler));
  assert.equal(hub.engine.setKeepalive('c', 65_535), 'ok');
  assert.deepEqual([kept, hub.engine.sessions.get('c')?.client.keepalive], [[65_535], 65_535]);
  hub.client('without');
  assert.equal(hub.engine.setKeepalive('without', 1), 'not_supported');
  assert.equal(hub.engine.setKeepalive('nobody', 1), 'not_connected');
});

test('overlapping subscriptions that differ in No Local deliver once to third parties, and once the own message', () => {
  const hub = new TestHub();
  const app = hub.client('app');
  app.subscribe('a/#', { noLocal: true, qos: 2, subscriptionId: 1 });
  app.subscribe('a/b', { qos: 1, subscriptionId: 2 });
  const seen = () =>
    app.received.splice(0).map(({ qos, subscriptionIds }) => [qos, [...(subscriptionIds ?? [])].sort()]);
  hub.client('d').publish('a/b', 'x', 2);
  assert.deepEqual(seen(), [[2, [1, 2]]]);
  app.publish('a/b', 'x', 2);
  assert.deepEqual(seen(), [[1, [2]]]);
  app.publish('a/c', 'x', 2);
  assert.deepEqual(seen(), []);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Method } from '@portico/codec-coap';
import { TestClient } from '@portico/core/testing';
import { answers, Lwm2mTest, locationIn, OBJECTS, register, update } from './testing.js';

const GONE = '4.04 there is no such registration: register anew';

suite('commands', () => {
  test('for a device come to the gateway, which has them from then on', async () => {
    const it = new Lwm2mTest();
    await it.registered();
    it.controller.take();
    it.command('dev1', 'one');
    it.command('dev1', 'two', 0, 'dn');
    assert.deepEqual(it.controller.take(), ['dev1 accept dn/x one', 'dev1 accept dn two']);
    const { inflight, mqueueLength } = it.hub.engine.sessions.get('dev1')?.statistics ?? {};
    assert.deepEqual([inflight, mqueueLength], [0, 0]);
  });

  test('do not come before the device has been told that it is registered', async () => {
    const it = new Lwm2mTest();
    it.hub.client('early').publish('lwm2m/dev1/dn/x', 'kept', 1, true);
    const peer = it.peer();
    peer.peer.storing = true;
    await register(peer, 'ep=dev1&lt=60&lwm2m=1.1');
    await it.hub.nextTurn();
    assert.deepEqual(it.controller.take(), ['dev1 control']);
    peer.peer.settle();
    locationIn(peer.take());
    await it.hub.nextTurn();
    assert.deepEqual(it.controller.take(), ['dev1 accept dn/x kept', 'dev1 registered new']);
  });

  test('that are retained come once, not with each registration', async () => {
    const it = new Lwm2mTest();
    it.hub.client('early').publish('lwm2m/dev1/dn/x', 'kept', 1, true);
    const { peer } = await it.registered();
    await it.hub.nextTurn();
    await register(peer, 'ep=dev1&lt=60&lwm2m=1.1');
    await it.hub.nextTurn();
    assert.deepEqual(it.controller.take(), [
      'dev1 control',
      'dev1 registered new',
      'dev1 accept dn/x kept',
      'dev1 registered again',
    ]);
  });

  test('need the permission of the device to subscribe to them', async () => {
    const it = new Lwm2mTest();
    it.hub.authorize('subscribe', 'deny');
    await it.registered();
    it.controller.take();
    it.command('dev1', 'one');
    assert.deepEqual(it.controller.take(), []);
    assert.deepEqual(it.devices, ['dev1']);
  });
});

test('what a device may not publish is dropped and counted; it is registered all the same', async () => {
  const it = new Lwm2mTest();
  it.hub.authorize('publish', 'deny');
  await it.registered();
  assert.deepEqual(it.app.take(), []);
  assert.equal(it.count('messages.dropped.unpublished'), 1);
});

test('a device that is kicked is registered no more, and registers anew when it is told so', async () => {
  const it = new Lwm2mTest();
  const { peer, path } = await it.registered();
  it.controller.take();
  it.hub.engine.kick('dev1');
  assert.deepEqual([it.devices, it.controller.take()], [[], ['dev1 ended removed']]);
  await update(peer, path);
  assert.deepEqual(answers(peer), [GONE]);
  await register(peer, 'ep=dev1&lt=60&lwm2m=1.1');
  assert.deepEqual(answers(peer), ['2.01']);
  assert.equal(it.count('registrations.removed'), 1);
});

test('a client of another protocol with the name of a device takes its place', async () => {
  const it = new Lwm2mTest();
  const { peer, path } = await it.registered();
  const other = it.hub.client('dev1');
  await update(peer, path);
  assert.deepEqual(answers(peer), [GONE]);
  assert.equal(other.detachedBy, undefined);
  await register(peer, 'ep=dev1&lt=60&lwm2m=1.1');
  assert.deepEqual([other.detachedBy, it.devices], ['taken_over', ['dev1']]);
});

test('two devices that want one name at a time: the one that asked last has it', async () => {
  const it = new Lwm2mTest();
  const asked: (() => void)[] = [];
  it.authenticate(() => new Promise((resolve) => asked.push(() => resolve({ answer: 'allow' }))));
  const [first, second] = [it.peer(), it.peer()];
  const done = [
    register(first, 'ep=dev1&lt=60&lwm2m=1.1'),
    register(second, 'ep=dev1&lt=60&lwm2m=1.1', '</3/0>'),
  ];
  for (const allow of asked) allow();
  await Promise.all(done);
  const path = locationIn(second.take());
  await update(second, path);
  assert.deepEqual(answers(second), ['2.04']);
  assert.deepEqual(it.gateway.view.summary('dev1')?.objects, ['/3/0']);
  assert.equal(it.hub.metrics.gauge('lwm2m.devices', '').value, 1);
});

test("a device whose session is another client's before it is told that it is registered never was there", async () => {
  const it = new Lwm2mTest();
  const asked: (() => void)[] = [];
  it.authenticate(() => new Promise((resolve) => asked.push(() => resolve({ answer: 'allow' }))));
  const device = it.peer();
  const registering = register(device, 'ep=dev1&lt=60&lwm2m=1.1');
  const other = new TestClient();
  const entering = it.hub.connect(it.hub.request('dev1', other));
  for (const allow of asked) allow();
  await registering;
  await entering;
  assert.deepEqual(answers(device), ['5.03 server unavailable']);
  assert.deepEqual([other.detachedBy, it.devices], [undefined, []]);
  assert.equal(it.hub.metrics.gauge('lwm2m.devices', '').value, 0);
});

test('devices behind one address are told apart, and stay when it is forgotten', async () => {
  const it = new Lwm2mTest();
  const peer = it.peer();
  await register(peer, 'ep=a&lt=60&lwm2m=1.1');
  await register(peer, 'ep=b&lt=60&lwm2m=1.1');
  const [, second] = peer.take();
  assert.ok(second);
  const path = locationIn([second]);
  peer.closes();
  assert.deepEqual(it.devices, ['a', 'b']);
  const there = it.peer();
  await there.request(Method.DELETE, path);
  assert.deepEqual(it.devices, ['a']);
});

test('operators see devices, what they have, and whether they sleep', async () => {
  const it = new Lwm2mTest();
  const { peer, path } = await it.registered('dev1', 'lt=60&lwm2m=1.0&b=UQ');
  const summary = () => it.gateway.view.summary('dev1');
  assert.deepEqual(summary(), {
    endpoint: 'dev1',
    lwm2m: '1.0',
    lifetime: 60,
    binding: 'UQ',
    queueMode: true,
    asleep: false,
    listener: 'lwm2m:udp:default',
    ip: '192.0.2.7',
    port: peer.peer.info.peer.port,
    updatedAt: it.hub.clock.now(),
    objects: [
      '/1',
      '/1/0',
      '/2/0',
      '/3/0',
      '/4/0',
      '/5/0',
      '/6/0',
      '/7/0',
      '/31024',
      '/31024/10',
      '/31024/11',
      '/31024/12',
    ],
    versions: new Map([[1, '1.1']]),
  });
  const state = () => it.hub.engine.sessions.get('dev1')?.status.state;
  it.wait(21_000);
  assert.deepEqual([summary()?.asleep, state()], [false, 'registered']);
  it.wait(2_000);
  assert.deepEqual([summary()?.asleep, state()], [true, 'asleep']);
  await update(peer, path, '', OBJECTS);
  assert.deepEqual([summary()?.asleep, state()], [false, 'registered']);
  assert.equal(it.gateway.view.size, 1);
  assert.equal(it.gateway.view.summary('nobody'), undefined);
  assert.equal(it.gateway.view.lastValues('nobody'), undefined);
  assert.deepEqual(it.gateway.view.lastValues('dev1'), []);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Method } from '@portico/codec-coap';
import { answers, Lwm2mTest, notify, OBJECTS, register, update } from './testing.js';

const UPDATED =
  'lwm2m/dev1/up/resp={"msgType":"update","data":{"objectList":["/1","/1/0","/1/9"],"lwm2m":"1.1","lt":60,"ep":"dev1","b":"U","alternatePath":"/"}}';

const GONE = '4.04 there is no such registration: register anew';

suite('an update', () => {
  test('that lists objects is published, another one is not', async () => {
    const it = new Lwm2mTest();
    const { peer, path } = await it.registered();
    it.app.take();
    it.controller.take();
    await update(peer, path);
    await update(peer, path, '', '</1>,</1/0>,</1/9>');
    assert.deepEqual(answers(peer), ['2.04', '2.04']);
    assert.deepEqual(it.app.take(), [UPDATED]);
    assert.deepEqual(it.controller.take(), ['dev1 updated false', 'dev1 updated true']);
    assert.equal(it.count('registrations.updated'), 2);
  });

  test('is always published where the configuration says so, with the objects known', async () => {
    const it = new Lwm2mTest({ update_msg_publish_condition: 'always' });
    const { peer, path } = await it.registered();
    it.app.take();
    await update(peer, path, 'lt=90&b=UQ&x=y');
    const [published] = it.app.take();
    assert.match(published ?? '', /"x":"y","objectList":\["\/1",.*"lt":90,"ep":"dev1","b":"UQ"/);
  });

  test('that lists the same objects says nothing new', async () => {
    const it = new Lwm2mTest();
    const { peer, path } = await it.registered();
    it.controller.take();
    await update(peer, path, '', OBJECTS);
    assert.deepEqual(it.controller.take(), ['dev1 updated false']);
  });

  test('that asks for too much, or lists no links, changes nothing', async () => {
    const it = new Lwm2mTest();
    const { peer, path } = await it.registered();
    it.app.take();
    await update(peer, path, 'lt=1000000');
    await update(peer, path, 'lt=90', 'nothing');
    assert.deepEqual(
      answers(peer).map((answer) => answer.slice(0, 4)),
      ['4.00', '4.00'],
    );
    assert.equal(it.gateway.view.summary('dev1')?.lifetime, 60);
    assert.deepEqual(it.app.take(), []);
    assert.equal(it.count('updates.refused'), 2);
  });

  test('of what is not registered is answered 4.04', async () => {
    const it = new Lwm2mTest();
    const { peer } = await it.registered();
    for (const path of ['rd/dev1', 'rd/000000000000', 'rd/__proto__']) await update(peer, path);
    await peer.request(Method.DELETE, 'rd/dev1');
    assert.deepEqual(answers(peer), Array(4).fill(GONE));
  });
});

suite('a lifetime', () => {
  test('begins anew with each update, and without one the device is gone', async () => {
    const it = new Lwm2mTest();
    const { peer, path } = await it.registered();
    for (let minute = 0; minute < 10; minute++) {
      it.wait(55_000);
      await update(peer, path);
    }
    assert.deepEqual(answers(peer), Array(10).fill('2.04'));
    it.wait(59_000);
    assert.deepEqual(it.devices, ['dev1']);
    it.controller.take();
    it.wait(2_000);
    assert.deepEqual(it.devices, []);
    assert.deepEqual(it.controller.take(), ['dev1 ended expired']);
    assert.equal(it.hub.engine.sessions.has('dev1'), false);
    await update(peer, path);
    assert.deepEqual(answers(peer), [GONE]);
    assert.equal(it.count('registrations.expired'), 1);
    assert.equal(it.hub.metrics.gauge('lwm2m.devices', '').value, 0);
  });

  test('may be changed by an update, both ways', async () => {
    const it = new Lwm2mTest();
    const { peer, path } = await it.registered();
    await update(peer, path, 'lt=3600');
    it.wait(3_000_000);
    assert.deepEqual(it.devices, ['dev1']);
    await update(peer, path, 'lt=10');
    it.wait(12_000);
    assert.deepEqual(it.devices, []);
  });

  test('takes no timer for each device', async () => {
    const it = new Lwm2mTest({ max_devices_per_peer: 1000 });
    const peer = it.peer();
    await register(peer, 'ep=first&lt=60&lwm2m=1.1');
    const { size } = it.hub.timers;
    for (let i = 0; i < 300; i++) await register(peer, `ep=dev${i}&lt=60&lwm2m=1.1`);
    assert.ok(it.hub.timers.size <= size + 1, `${it.hub.timers.size} timers`);
  });
});

test('a device that says goodbye is gone at once', async () => {
  const it = new Lwm2mTest();
  const { peer, path } = await it.registered();
  it.controller.take();
  await peer.request(Method.DELETE, path);
  await peer.request(Method.DELETE, path);
  assert.deepEqual(answers(peer), ['2.02', GONE]);
  assert.deepEqual(it.controller.take(), ['dev1 ended deregistered']);
  assert.equal(it.hub.engine.sessions.has('dev1'), false);
  assert.equal(it.count('registrations.deregistered'), 1);
  assert.deepEqual([...it.hub.context('lwm2m').storage.keys()], []);
});

suite('a device that moves', () => {
  test('is where its last update came from (NAT rebinding)', async () => {
    const it = new Lwm2mTest();
    const { peer, path } = await it.registered();
    const there = it.peer({ peer: { host: '198.51.100.9', port: 7 } });
    await update(there, path);
    assert.deepEqual(answers(there), ['2.04']);
    const { ip, port } = it.gateway.view.summary('dev1') ?? {};
    assert.deepEqual([ip, port], ['198.51.100.9', 7]);
    assert.equal(it.count('devices.moved'), 1);
    assert.deepEqual([peer.channel.mayBeSilent?.(), there.channel.mayBeSilent?.()], [false, true]);
    assert.deepEqual(it.hub.engine.sessions.get('dev1')?.status.peer, { host: '198.51.100.9', port: 7 });
  });

  test('is where a notification with the token of its observation came from', async () => {
    const it = new Lwm2mTest();
    await it.registered();
    it.controller.observers.set('0102030405060708', it.controller.device('dev1'));
    it.controller.take();
    const there = it.peer();
    await notify(there, 1, '0102030405060708', '42');
    await notify(there, 2, 'ffffffffffffffff', '43');
    assert.deepEqual(there.look(), ['ACK Empty mid=0x0001', 'RST Empty mid=0x0002']);
    assert.deepEqual(it.controller.take(), ['dev1 notified 42']);
    assert.equal(it.gateway.view.summary('dev1')?.port, there.peer.info.peer.port);
  });

  test('is moved by its own DTLS key only', async () => {
    const it = new Lwm2mTest();
    const dtls = (pskIdentity: string) =>
      ({ transport: 'dtls', listener: 'lwm2m:dtls:default', pskIdentity }) as const;
    const { path } = await it.registered('dev1', 'lt=60&lwm2m=1.1', dtls('key1'));
    it.controller.observers.set('01', it.controller.device('dev1'));
    const thieves = [it.peer(), it.peer(dtls('key2'))];
    for (const thief of thieves) {
      await update(thief, path);
      await thief.request(Method.DELETE, path);
      await notify(thief, 3, '01', '42');
      assert.deepEqual(thief.look(), [
        'ACK 4.03 Forbidden mid=0x0001 token=01 "another peer has registered this"',
        'ACK 4.03 Forbidden mid=0x0002 token=01 "another peer has registered this"',
        'RST Empty mid=0x0003',
      ]);
    }
    const itself = it.peer(dtls('key1'));
    await update(itself, path);
    assert.deepEqual(answers(itself), ['2.04']);
  });

  test('has the name that its listener takes for proved, whatever it says', async () => {
    const it = new Lwm2mTest();
    const proven = { username: 'u', clientId: 'proved' };
    for (const query of ['ep=other&lt=60&lwm2m=1.1', 'lt=60&lwm2m=1.1']) {
      const peer = it.peer({ transport: 'dtls', pskIdentity: 'proved', proven });
      await register(peer, query);
      assert.deepEqual(answers(peer), ['2.01']);
    }
    assert.deepEqual(it.devices, ['proved']);
    assert.match(it.app.take().join(), /^lwm2m\/proved\/up\/resp=.*"ep":"proved"/);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemoryStore, type Store, VirtualClock } from '@portico/core';
import { answers, Lwm2mTest, type Lwm2mTestOptions, notify, OBJECTS, register, update } from './testing.js';

/** Hubs that follow one another on the same store. */
class Restarts {
  readonly clock = new VirtualClock();
  readonly store: Store = new MemoryStore({ durable: true });

  /** The one before falls without a word, unless it was stopped. */
  async start(config: Record<string, unknown> = {}, options: Lwm2mTestOptions = {}): Promise<Lwm2mTest> {
    const it = new Lwm2mTest(config, { store: this.store, clock: this.clock, ...options });
    await it.start();
    it.wait(20);
    return it;
  }
}

const GONE = '4.04 there is no such registration: register anew';

for (const end of ['falls', 'stops'] as const) {
  suite(`when the hub ${end} and starts again`, () => {
    async function restarted(query?: string) {
      const restarts = new Restarts();
      const first = await restarts.start();
      const { path } = await first.registered('dev1', query);
      if (end === 'stops') first.gateway.stop?.();
      return { restarts, path, it: await restarts.start() };
    }

    test('a device goes on with its registration', async () => {
      const { it, path } = await restarted('lt=60&lwm2m=1.1&b=UQ&sms=5&pid=7');
      assert.deepEqual(it.controller.take(), ['dev1 restore', 'dev1 registered restored']);
      assert.equal(it.count('registrations.restored'), 1);
      const peer = it.peer();
      await update(peer, path, '', '</1>;ver=1.1,</1/0>');
      assert.deepEqual(answers(peer), ['2.04']);
      assert.deepEqual(it.app.take(), [
        'lwm2m/dev1/up/resp={"msgType":"update","data":{"sms":"5","pid":"7","objectList":["/1","/1/0"],"lwm2m":"1.1","lt":60,"ep":"dev1","b":"UQ","alternatePath":"/"}}',
      ]);
    });

    test('a command comes to the gateway, and goes to where the device was', async () => {
      const { it } = await restarted();
      it.controller.take();
      it.command('dev1', 'one');
      assert.deepEqual(it.controller.take(), ['dev1 accept dn/x one']);
      const request = { method: 1, options: [], payload: Buffer.alloc(0) } as const;
      const answered: number[] = [];
      it.controller
        .device('dev1')
        .request(request, { responded: ({ code }) => void answered.push(code), failed: assert.fail });
      const [[address, there] = []] = [...it.reached];
      assert.ok(there);
      assert.equal(address, '192.0.2.7:50000');
      const [sent] = there.take();
      assert.ok(sent);
      await there.responds(sent, 0x45);
      assert.deepEqual(answered, [0x45]);
    });

    test('a device is heard by its observation from wherever it is', async () => {
      const { it } = await restarted();
      it.controller.observers.set('0a0b', it.controller.device('dev1'));
      it.controller.take();
      const peer = it.peer();
      await notify(peer, 1, '0a0b', '42');
      assert.deepEqual(peer.look(), ['ACK Empty mid=0x0001']);
      assert.deepEqual(it.controller.take(), ['dev1 notified 42']);
    });

    test('a device is known by its address, until it is elsewhere', async () => {
      const { it } = await restarted();
      const peer = it.peer({ peer: { host: '192.0.2.7', port: 50_000 } });
      await peer.get('rd');
      assert.equal(peer.channel.mayBeSilent?.(), true);
      const { it: another, path } = await restarted();
      await update(another.peer(), path);
      const stranger = another.peer({ peer: { host: '192.0.2.7', port: 50_000 } });
      await stranger.get('rd');
      assert.equal(stranger.channel.mayBeSilent?.(), false);
    });

    test('a lifetime goes on', async () => {
      const { it, path, restarts } = await restarted();
      it.wait(55_000);
      assert.deepEqual(it.devices, ['dev1']);
      it.wait(22_000);
      assert.deepEqual(it.devices, []);
      assert.equal(it.hub.engine.sessions.has('dev1'), false);
      const peer = it.peer();
      await update(peer, path);
      assert.deepEqual(answers(peer), [GONE]);
      const third = await restarts.start();
      assert.deepEqual(third.devices, []);
    });

    test('whoever was away for too long is gone', async () => {
      const restarts = new Restarts();
      const first = await restarts.start();
      const { path } = await first.registered();
      if (end === 'stops') first.gateway.stop?.();
      restarts.clock.advance(100_000);
      const it = await restarts.start();
      it.wait(2_000);
      assert.deepEqual(it.devices, []);
      const peer = it.peer();
      await update(peer, path);
      assert.deepEqual(answers(peer), [GONE]);
    });
  });
}

test('messages that were published while the hub was away are not lost', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  await first.registered();
  first.gateway.stop?.();
  first.command('dev1', 'meanwhile');
  const it = await restarts.start();
  for (let turn = 0; turn < 100 && it.controller.calls.length < 3; turn++) await it.hub.nextTurn();
  assert.deepEqual(it.controller.take(), [
    'dev1 restore',
    'dev1 registered restored',
    'dev1 accept dn/x meanwhile',
  ]);
});

test('a device is known by its latest address, lifetime and objects, however often it updated', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const { path } = await first.registered();
  const there = first.peer({ peer: { host: '198.51.100.9', port: 7 } });
  for (let i = 0; i < 20; i++) {
    first.wait(50_000);
    await update(there, path);
  }
  await update(there, path, 'lt=600', '</3/0>');
  const it = await restarts.start();
  const { ip, port, lifetime, objects } = it.gateway.view.summary('dev1') ?? {};
  assert.deepEqual([ip, port, lifetime, objects], ['198.51.100.9', 7, 600, ['/3/0']]);
  it.wait(590_000);
  assert.deepEqual(it.devices, ['dev1']);
});

test('updates that say nothing new are written down a few times in a lifetime, however often they come', async () => {
  const restarts = new Restarts();
  let puts = 0;
  const put = restarts.store.put.bind(restarts.store);
  restarts.store.put = (table, key, value) => {
    if (table === 'gateway.lwm2m') puts++;
    put(table, key, value);
  };
  const it = await restarts.start();
  const { peer, path } = await it.registered('dev1', 'lt=1000&lwm2m=1.1&b=U');
  puts = 0;
  for (let second = 0; second < 1000; second++) {
    it.wait(1_000);
    await update(peer, path, second % 2 === 0 ? '' : 'lt=1000&b=U', second % 3 === 0 ? OBJECTS : '');
  }
  assert.equal(puts, 3);
  const second = await restarts.start();
  second.wait(999_000);
  assert.deepEqual(second.devices, ['dev1']);
});

test('many devices are taken up some at a time, and one that speaks first at once', async () => {
  const restarts = new Restarts();
  const first = await restarts.start({ max_devices_per_peer: 1000 });
  const peer = first.peer();
  for (let i = 0; i < 500; i++) await register(peer, `ep=dev${i}&lt=600&lwm2m=1.1`);
  const last = await first.registered('last');
  const it = new Lwm2mTest({}, { store: restarts.store, clock: restarts.clock });
  await it.start();
  const sessions = () => it.hub.engine.sessions.size;
  const connected = () => [...it.hub.engine.sessions.values()].filter(({ attachment }) => attachment).length;
  assert.equal(sessions(), 502);
  assert.ok(connected() < 300, `${connected()} at once`);
  const there = it.peer();
  await update(there, last.path);
  assert.deepEqual(answers(there), ['2.04']);
  it.wait(100);
  assert.equal(connected(), 502);
});

test('a device that came by DTLS waits until it comes again', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const dtls = { transport: 'dtls', listener: 'lwm2m:dtls:default', pskIdentity: 'key1' } as const;
  const { path } = await first.registered('dev1', 'lt=60&lwm2m=1.1', dtls);
  const it = await restarts.start();
  const request = { method: 1, options: [], payload: Buffer.alloc(0) } as const;
  const handler = { responded: () => assert.fail(), failed: () => assert.fail() };
  assert.equal(it.controller.device('dev1').request(request, handler), undefined);
  const plain = it.peer();
  await update(plain, path);
  assert.deepEqual(answers(plain), ['4.03 another peer has registered this']);
  const again = it.peer(dtls);
  await update(again, path);
  assert.deepEqual(answers(again), ['2.04']);
});

test('a device keeps what the hub found out about it, and need not log in again', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  first.authenticate(() => ({ answer: 'allow', isSuperuser: true }));
  await first.registered('dev1', 'lt=60&lwm2m=1.1&imei=5&password=p');
  const it = await restarts.start();
  const client = it.hub.engine.sessions.get('dev1')?.client;
  assert.deepEqual(
    [client?.username, client?.isSuperuser, client?.anonymous, client?.protocolVersion],
    ['5', true, false, 11],
  );
});

test('a device that may not come in any more is registered no more', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const { path } = await first.registered();
  const it = new Lwm2mTest({}, { store: restarts.store, clock: restarts.clock });
  it.hub.engine.bans.add({
    as: 'clientid',
    who: 'dev1',
    at: 0,
    by: 'test',
    reason: '',
    until: Number.POSITIVE_INFINITY,
  });
  await it.start();
  assert.deepEqual(it.devices, []);
  const peer = it.peer();
  await update(peer, path);
  assert.deepEqual(answers(peer), [GONE]);
});

test('records that are not understood are left alone', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  await first.registered('good');
  const strange = [
    Buffer.from([2, 1, 2, 3]),
    Buffer.from('\x01{'),
    Buffer.from('\x01{"location":1}'),
    Buffer.alloc(0),
  ];
  for (const [at, value] of strange.entries()) {
    restarts.store.put('gateway.lwm2m', `device\0dev${at}`, value);
  }
  const it = await restarts.start();
  assert.deepEqual(it.devices, ['good']);
  for (const [at, value] of strange.entries()) {
    assert.deepEqual(await restarts.store.get('gateway.lwm2m', `device\0dev${at}`), value);
  }
});

test('devices of listeners that are not there any more are left alone until their lifetimes are over', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  await first.registered('dev1', undefined, { listener: 'lwm2m:udp:other' });
  first.gateway.stop?.();
  const it = await restarts.start();
  assert.deepEqual(it.devices, []);
  const keys = (hub: Lwm2mTest) => [...hub.hub.context('lwm2m').storage.keys()];
  assert.deepEqual(keys(it), ['device\0dev1']);
  restarts.clock.advance(100_000);
  const inOtherZone = new Lwm2mTest({}, { store: restarts.store, clock: restarts.clock });
  await inOtherZone.hub.engine.start();
  await inOtherZone.gateway.prepare?.([], ['lwm2m:udp:other']);
  assert.deepEqual(keys(inOtherZone), ['device\0dev1']);
  const last = await restarts.start();
  assert.deepEqual(last.controller.take(), ['dev1 forget']);
  assert.deepEqual(keys(last), []);
});

test('an update that has to wait for the hub to let the device in is carried out as it came', async () => {
  const restarts = new Restarts();
  const first = await restarts.start();
  const { path } = await first.registered();
  const it = new Lwm2mTest({}, { store: restarts.store, clock: restarts.clock });
  it.hub.hooks.clientConnect.add('slow', async () => undefined);
  await it.start();
  const peer = it.peer();
  await update(peer, path, '', '</3/0>');
  assert.deepEqual(answers(peer), ['2.04']);
  assert.deepEqual(it.gateway.view.summary('dev1')?.objects, ['/3/0']);
});

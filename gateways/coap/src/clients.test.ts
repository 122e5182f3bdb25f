import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isPromise } from '@portico/core';
import { CoapTest } from './testing.js';

const URI = 'mqtt/a?c=dev1';

suite('a device is its client id, not its address', () => {
  test('an observation outlives heartbeats from ever new source ports', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    device.take();
    for (let minute = 0; minute < 10; minute++) {
      coap.wait(60_000);
      if (device.drain().length > 0) device.peer.received();
      coap.device().get(URI);
    }
    coap.publish('a', 'x');
    assert.deepEqual(device.drain(), ['x']);
    assert.equal(coap.hub.metrics.get('client.connected'), 1);
  });

  test('operators see where it spoke from last', () => {
    const coap = new CoapTest();
    const shown = () => coap.hub.engine.sessions.get('dev1')?.status;
    const [first, second] = [coap.device(), coap.device()];
    for (const device of [first, second]) {
      device.get(URI);
      assert.deepEqual(shown(), { state: 'connected', peer: device.peer.info.peer });
    }
    assert.notDeepEqual(first.peer.info.peer, second.peer.info.peer);
  });

  test('requests from any address with the same login are the same client, authenticated once', () => {
    const coap = new CoapTest();
    let asked = 0;
    coap.authenticate(() => {
      asked++;
      return { answer: 'allow' };
    });
    for (let i = 0; i < 3; i++) coap.device().put('mqtt/a?c=dev1&u=tom&p=secret', 'x');
    assert.equal(asked, 1);
    assert.deepEqual(coap.clients, ['dev1']);
  });

  test('over DTLS a device is also its key: who has shown another does not pass for it', () => {
    const coap = new CoapTest();
    const life = coap.life();
    const keyed = (pskIdentity: string) => coap.device({ transport: 'dtls', pskIdentity });
    keyed('key-1').put(URI, 'x');
    keyed('key-1').put(URI, 'x');
    assert.deepEqual(life, ['dev1 connected']);
    keyed('key-2').put(URI, 'x');
    assert.deepEqual(life.slice(1), ['dev1 disconnected: taken_over', 'dev1 connected']);
  });

  test('what the listener has proved stands above what a request says', () => {
    const coap = new CoapTest();
    const names: unknown[] = [];
    coap.hub.hooks.clientConnected.add('test', (_, { clientId, username }) => {
      names.push([clientId, username]);
    });
    const proven = { username: 'meter', clientId: 'meter-1' };
    const device = coap.device({ transport: 'dtls', pskIdentity: 'key-1', proven });
    device.put('mqtt/a?c=somebody&u=else', 'x');
    device.put('mqtt/a', 'x');
    assert.deepEqual(names, [['meter-1', 'meter']]);
  });

  test('one address may serve many devices', () => {
    const coap = new CoapTest();
    const concentrator = coap.device();
    concentrator.observe('mqtt/a?c=dev1', '01');
    concentrator.observe('mqtt/a?c=dev2', '02');
    assert.deepEqual(coap.clients, ['dev1', 'dev2']);
    coap.hub.engine.kick('dev1');
    concentrator.take();
    coap.publish('a', 'x');
    assert.match(concentrator.look().join(), /^CON 2\.05 Content token=02 /);
  });

  test('a time-out moves the observation to where the device has been heard from since', () => {
    const coap = new CoapTest({ keepalive: 0 });
    const before = coap.device();
    before.observe(URI, '0a');
    before.take();
    coap.publish('a', 'x');
    coap.publish('a', 'y');
    coap.wait(30_000);
    const after = coap.device();
    after.get(URI, { token: '0b' });
    after.take();
    coap.wait(32_010);
    assert.deepEqual(after.look(), [
      'CON 2.05 Content token=0a Observe=0 Content-Format=application/octet-stream "x"',
    ]);
    after.acknowledges();
    assert.deepEqual(after.drain(), ['y']);
    assert.equal(coap.count('observe.moved'), 1);
    coap.publish('a', 'z');
    assert.deepEqual(after.drain(), ['z']);
  });

  test('once: where that does not answer either, the observation ends', () => {
    const coap = new CoapTest({ keepalive: 0 });
    const device = coap.device();
    device.observe(URI);
    coap.publish('a', 'x');
    for (let i = 0; i < 2; i++) {
      coap.wait(50_000);
      coap.device().get(URI);
      coap.wait(20_000);
    }
    assert.equal(coap.count('observe.moved'), 1);
    assert.equal(coap.count('observe.cancelled.timeout'), 1);
    assert.equal(coap.count('notify.dropped.timeout'), 1);
  });

  test('an address heard from before the peer was is no better', () => {
    const coap = new CoapTest({ keepalive: 0 });
    const device = coap.device();
    coap.device().get(URI);
    coap.wait(10);
    device.observe(URI);
    coap.publish('a', 'x');
    coap.wait(70_000);
    assert.equal(coap.count('observe.moved'), 0);
    assert.equal(coap.count('observe.cancelled.timeout'), 1);
  });

  test('nor is one where another observation has the token', () => {
    const coap = new CoapTest({ keepalive: 0 });
    const device = coap.device();
    device.observe(URI);
    coap.publish('a', 'x');
    coap.wait(1_000);
    const other = coap.device();
    other.observe('mqtt/b?c=dev1');
    coap.wait(70_000);
    assert.equal(coap.count('observe.moved'), 0);
    coap.publish('b', 'y');
    assert.ok(other.drain().includes('y'));
  });

  test('an observation leaves a closed peer for where the device has been heard from since', () => {
    const coap = new CoapTest();
    const before = coap.device();
    before.observe(URI);
    coap.publish('a', 'x');
    coap.wait(10);
    const after = coap.device();
    after.get(URI);
    after.take();
    before.closes();
    assert.deepEqual(after.drain(), ['x']);
    assert.equal(coap.count('observe.cancelled.closed'), 0);
  });
});

suite('another login with a client id', () => {
  test('is put to the hub, and takes the client id over when it is right', () => {
    const coap = new CoapTest({ keepalive: 0 });
    const device = coap.device();
    device.observe('mqtt/a?c=dev1&u=tom&p=old');
    device.take();
    const other = coap.device();
    other.put('mqtt/b?c=dev1&u=tom&p=new', 'x');
    assert.deepEqual(other.look(), ['ACK 2.04 Changed mid=0x0001 token=01']);
    assert.deepEqual(device.look(), ['NON 4.09 Conflict token=01 "taken over"']);
    assert.equal(coap.count('observe.cancelled.session'), 1);
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), []);
    assert.deepEqual(coap.clients, ['dev1']);
  });

  test('does the client no harm when it is wrong', () => {
    const coap = new CoapTest();
    coap.authenticate((username) =>
      username === 'tom' ? { answer: 'allow' } : { answer: 'deny', refusal: 'bad_credentials' },
    );
    const device = coap.device();
    device.observe('mqtt/a?c=dev1&u=tom');
    device.take();
    const stranger = coap.device();
    stranger.unobserve('mqtt/a?c=dev1&u=eve');
    stranger.unobserve('mqtt/a?c=dev1');
    for (const answer of stranger.look()) assert.match(answer, /^ACK 4\.01 Unauthorized /);
    coap.publish('a', 'x');
    assert.deepEqual(device.drain(), ['x']);
  });

  for (const [first, second] of [
    ['u=tom&p=a', 'u=tom&p=b'],
    ['u=tom&p=a', 'u=tom&p=aa'],
    ['u=tom&p=a', 'u=tom'],
    ['u=tom', 'u=ann'],
  ]) {
    test(`${first} is not ${second}`, () => {
      const coap = new CoapTest();
      coap.device().get(`${URI}&${first}`);
      coap.device().get(`${URI}&${second}`);
      assert.equal(coap.hub.metrics.get('client.connected'), 2);
    });
  }

  test('a client of another protocol that takes the client id ends the observations', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    device.take();
    coap.hub.client('dev1');
    assert.deepEqual(device.look(), ['NON 4.09 Conflict token=01 "taken over"']);
    assert.equal(coap.hub.metrics.get('client.connected'), 2);
  });
});

suite('an authentication source that has to be waited for', () => {
  test('is asked once for all requests that come meanwhile', async () => {
    const coap = new CoapTest();
    let asked = 0;
    coap.authenticate(async () => {
      asked++;
      return { answer: 'allow' };
    });
    const devices = [coap.device(), coap.device()];
    await Promise.all(devices.map((device) => device.put(URI, 'x')));
    assert.equal(asked, 1);
    for (const device of devices) assert.equal(device.take()[0]?.code, 0x44);
  });

  test('another login waits for its turn', async () => {
    const coap = new CoapTest();
    coap.authenticate(async (username) =>
      username === 'tom' ? { answer: 'allow' } : { answer: 'deny', refusal: 'bad_credentials' },
    );
    const tom = coap.device();
    const eve = coap.device();
    const pending = [tom.get(`${URI}&u=tom`), eve.get(`${URI}&u=eve`)];
    assert.ok(pending.every(isPromise));
    await Promise.all(pending);
    assert.match(tom.look().join(), /^ACK 2\.05 /);
    assert.match(eve.look().join(), /^ACK 4\.01 /);
    assert.deepEqual(coap.clients, ['dev1']);
  });

  test('a refusal is not remembered', async () => {
    const coap = new CoapTest();
    const answers = [{ answer: 'deny', refusal: 'bad_credentials' }, { answer: 'allow' }] as const;
    let asked = 0;
    coap.authenticate(async () => answers[asked++] ?? { answer: 'ignore' });
    const device = coap.device();
    await device.get(URI);
    await device.get(URI);
    assert.deepEqual(
      device.take().map(({ code }) => code),
      [0x81, 0x45],
    );
  });
});

suite('a client that the hub ends while its login is under way', () => {
  /** Authenticates a client that is cut off as soon as the hub has let it in. */
  function cutOff(coap: CoapTest, how: () => void): void {
    coap.authenticate((username) =>
      username === 'app' ? { answer: 'allow' } : Promise.resolve({ answer: 'allow' }),
    );
    coap.hub.hooks.clientConnected.add('test', (_, { gateway }) => {
      if (gateway === 'coap') how();
    });
  }

  for (const [how, cut] of [
    ['kicked', (coap: CoapTest) => coap.hub.engine.kick('dev1')],
    ['taken over', (coap: CoapTest) => coap.hub.client('dev1', { username: 'app' })],
  ] as const) {
    test(`is not kept: ${how}`, async () => {
      const coap = new CoapTest({ keepalive: 0 });
      cutOff(coap, () => cut(coap));
      const device = coap.device();
      await device.observe(URI);
      assert.deepEqual(device.look(), [
        'ACK 5.03 Service Unavailable mid=0x0001 token=01 "server unavailable"',
      ]);
      assert.equal(coap.hub.metrics.get('coap.clients'), 0);
      assert.equal(coap.count('observe.registered'), 0);
      assert.deepEqual(coap.hub.errors, []);
    });
  }

  test('is let in when it comes again', async () => {
    const coap = new CoapTest({ keepalive: 0 });
    let times = 0;
    cutOff(coap, () => {
      if (times++ === 0) coap.hub.engine.kick('dev1');
    });
    const device = coap.device();
    await device.get(URI);
    await device.get(URI);
    assert.deepEqual(
      device.take().map(({ code }) => code),
      [0xa3, 0x45],
    );
    assert.deepEqual(coap.clients, ['dev1']);
  });

  test('leaves no session behind when the gateway has stopped by the time it is let in', async () => {
    const coap = new CoapTest({ keepalive: 0 });
    const life = coap.life();
    coap.authenticate(async () => ({ answer: 'allow' }));
    const device = coap.device();
    const pending = device.get(URI);
    device.channel.onShutdown();
    device.closes('server_shutdown');
    coap.gateway.stop?.();
    await pending;
    assert.deepEqual(life, ['dev1 connected', 'dev1 disconnected: server_shutdown']);
    assert.deepEqual(coap.clients, []);
    assert.equal(coap.hub.metrics.get('coap.clients'), 0);
  });
});

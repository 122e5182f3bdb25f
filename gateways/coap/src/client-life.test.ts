import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { emptyMessage, MessageType } from '@portico/codec-coap';
import { CoapTest } from './testing.js';

const URI = 'mqtt/a?c=dev1';

suite('keepalive', () => {
  test('a client that is silent for the keepalive time is gone, and hooks see it come and go', () => {
    const coap = new CoapTest();
    const life = coap.life();
    const device = coap.device();
    device.get(URI);
    coap.wait(60_000);
    device.put(URI, 'x');
    coap.wait(119_990);
    assert.deepEqual(life, ['dev1 connected']);
    coap.wait(20);
    assert.deepEqual(life, ['dev1 connected', 'dev1 disconnected: keepalive_timeout']);
    assert.deepEqual(coap.clients, []);
    assert.equal(coap.hub.timers.size, 0);
  });

  test('the next request brings it back', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.get(URI);
    coap.wait(200_000);
    device.get(URI);
    assert.deepEqual(coap.clients, ['dev1']);
  });

  test('a silent observer is pinged, and stays as long as it answers', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    device.take();
    for (let i = 0; i < 5; i++) {
      coap.wait(120_010);
      assert.deepEqual(device.look(), ['CON Empty']);
      device.rejects();
    }
    coap.publish('a', 'x');
    assert.deepEqual(device.drain(), ['x']);
  });

  test('an observer that does not answer is gone, and the client with it', () => {
    const coap = new CoapTest();
    const life = coap.life();
    coap.device().observe(URI);
    coap.wait(120_010 + 62_010);
    assert.deepEqual(life, ['dev1 connected', 'dev1 disconnected: keepalive_timeout']);
    assert.equal(coap.count('observe.cancelled.timeout'), 1);
    assert.equal(coap.hub.timers.size, 0);
  });

  test('acknowledgements of notifications are a sign of life', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    for (let i = 0; i < 5; i++) {
      coap.wait(100_000);
      coap.publish('a', String(i));
      assert.ok(device.drain().includes(String(i)));
    }
    assert.ok(coap.clients.includes('dev1'));
    assert.equal(coap.count('messages.retransmitted'), 0);
  });

  test('so are pings of an observer', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    for (let i = 0; i < 5; i++) {
      coap.wait(100_000);
      device.sends(emptyMessage(MessageType.CON, i));
    }
    device.unobserve(URI);
    device.take();
    coap.wait(119_000);
    assert.deepEqual(coap.clients, ['dev1']);
  });

  test('an observing peer is kept awake though the client speaks from elsewhere', () => {
    const coap = new CoapTest();
    const observer = coap.device();
    observer.observe(URI);
    observer.take();
    coap.wait(60_000);
    coap.device().get(URI);
    coap.wait(60_010);
    assert.deepEqual(observer.look(), ['CON Empty']);
  });

  test('each silent peer with an observation is pinged in its time, whatever the others do', () => {
    const coap = new CoapTest();
    const [first, second] = [coap.device(), coap.device()];
    first.observe(URI);
    coap.wait(30_000);
    second.observe(URI);
    for (const device of [first, second]) device.take();
    coap.wait(90_010);
    assert.deepEqual([first.look(), second.look()], [['CON Empty'], []]);
    coap.wait(30_000);
    assert.deepEqual(second.look(), ['CON Empty']);
  });

  test('keepalive 0: for ever', () => {
    const coap = new CoapTest({ keepalive: 0 });
    coap.device().get(URI);
    coap.wait(365 * 24 * 3600 * 1000);
    assert.deepEqual(coap.clients, ['dev1']);
  });
});

suite('the end', () => {
  test('an operator ends a client: its observers are told', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    device.take();
    coap.hub.engine.kick('dev1');
    assert.deepEqual(device.look(), ['NON 4.03 Forbidden token=01 "kicked"']);
  });

  test('a ban ends a client: its observers are told', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    device.take();
    const at = coap.hub.clock.now();
    coap.hub.engine.ban({ as: 'clientid', who: 'dev1', by: 'user', reason: 'test', at, until: at + 60_000 });
    device.get(URI);
    assert.deepEqual(device.look(), [
      'NON 4.03 Forbidden token=01 "banned"',
      'ACK 4.03 Forbidden mid=0x0002 token=01 "banned"',
    ]);
  });

  test('more waits for a client than force_shutdown allows: its observers are told', async () => {
    const coap = new CoapTest({ force_shutdown: '1KB' });
    const device = coap.device();
    device.observe(URI);
    device.take();
    coap.publish('a', 'x'.repeat(600));
    coap.publish('a', 'x'.repeat(600));
    await coap.hub.nextTurn();
    assert.match(device.look().at(-1) ?? '', /^NON 4\.29 Too Many Requests token=01 "quota exceeded"$/);
    assert.deepEqual(coap.clients, []);
  });

  test('acl_deny_action disconnect: whoever is denied something is ended, its observers are told', () => {
    const coap = new CoapTest({}, { policy: { denyAction: 'disconnect' } });
    const device = coap.device();
    device.observe(URI);
    device.take();
    coap.authorize('publish', 'deny');
    device.put('mqtt/b?c=dev1', 'x', { token: '02' });
    assert.deepEqual(device.look(), [
      'NON 4.01 Unauthorized token=01 "not authorized"',
      'ACK 4.03 Forbidden mid=0x0002 token=02 "not authorized"',
    ]);
  });

  test('the gateway stops: observers are told, sessions close', () => {
    const coap = new CoapTest();
    const life = coap.life();
    const device = coap.device();
    device.observe(URI);
    device.take();
    device.channel.onShutdown();
    assert.deepEqual(device.look(), ['NON 5.03 Service Unavailable token=01 "server shutdown"']);
    device.closes('server_shutdown');
    coap.gateway.stop?.();
    assert.deepEqual(life, ['dev1 connected', 'dev1 disconnected: server_shutdown']);
    assert.equal(coap.hub.timers.size, 0);
  });

  test('no more than max_clients at a time', () => {
    const coap = new CoapTest({ max_clients: 1 });
    const device = coap.device();
    device.get('mqtt/a?c=dev1');
    device.get('mqtt/a?c=dev2');
    device.get('mqtt/a?c=dev1&u=tom');
    assert.deepEqual(
      device.take().map(({ code }) => code),
      [0x45, 0xa3, 0x45],
    );
    coap.wait(120_010);
    device.get('mqtt/a?c=dev2');
    assert.deepEqual(coap.clients, ['dev2']);
    assert.equal(coap.count('clients.refused'), 1);
  });

  test('no more than max_clients_per_peer that came in from the same peer, until some of them are gone', () => {
    const coap = new CoapTest({ max_clients_per_peer: 3 });
    const [peer, other] = [coap.device(), coap.device()];
    for (let i = 0; i < 2000; i++) peer.get(`mqtt/a?c=dev${i}`);
    assert.deepEqual(coap.clients, ['dev0', 'dev1', 'dev2']);
    assert.equal(coap.count('clients.refused'), 1997);
    peer.take();
    peer.get('mqtt/a?c=dev0&u=tom');
    assert.deepEqual(peer.take()[0]?.code, 0x45, 'who takes the place of a client of the peer may come in');
    peer.get('mqtt/a?c=dev3');
    assert.deepEqual(peer.take()[0]?.code, 0xa3);
    other.get('mqtt/a?c=dev3');
    assert.equal(coap.clients.length, 4);
    coap.hub.engine.kick('dev1');
    peer.get('mqtt/a?c=dev4');
    assert.deepEqual(coap.clients, ['dev0', 'dev2', 'dev3', 'dev4']);
    coap.wait(120_010);
    for (let i = 0; i < 4; i++) peer.get(`mqtt/a?c=new${i}`);
    assert.deepEqual(coap.clients, ['new0', 'new1', 'new2']);
  });

  test('logins that are refused leave the peer its clients', async () => {
    const coap = new CoapTest({ max_clients_per_peer: 1 });
    coap.authenticate(async (username) =>
      username === 'tom' ? { answer: 'allow' } : { answer: 'deny', refusal: 'bad_credentials' },
    );
    const device = coap.device();
    for (let i = 0; i < 3; i++) await device.get(`mqtt/a?c=dev${i}&u=eve`);
    await device.get('mqtt/a?c=dev1&u=tom');
    assert.deepEqual(coap.clients, ['dev1']);
    assert.equal(coap.count('clients.refused'), 0);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ObserveOrder } from '@portico/coap-endpoint/testing';
import { ContentFormat, OptionNumber, uintOption } from '@portico/codec-coap';
import { CoapTest, notification, observing } from './testing.js';

const URI = 'mqtt/a?c=dev1';

suite('registration', () => {
  test('GET with Observe 0 subscribes with QoS 1', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI);
    assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0x0001 token=01 Observe=0']);
    const [subscription] = coap.hub.engine.sessions.get('dev1')?.subscriptions.values() ?? [];
    assert.equal(subscription?.filter, 'a');
    assert.equal(subscription?.qos, 1);
    assert.equal(coap.count('observe.registered'), 1);
  });

  test('messages arrive as confirmable notifications with growing sequence numbers', () => {
    const { coap, device } = observing();
    coap.publish('a', 'first', 0);
    assert.deepEqual(device.look(), [notification(1, 'first')]);
    device.acknowledges();
    coap.publish('a', 'second');
    coap.publish('b', 'other');
    assert.deepEqual(device.look(), [notification(2, 'second')]);
  });

  test('wildcards observe many topics', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe('mqtt/w%2F%23?c=dev1');
    device.take();
    coap.publish('w/1/2', 'wild');
    assert.deepEqual(device.look(), [notification(1, 'wild')]);
  });

  test('a device that observes what it publishes hears itself', () => {
    const { device } = observing();
    device.put(URI, 'x', { token: '02' });
    assert.deepEqual(device.look(), [notification(1, 'x'), 'ACK 2.04 Changed mid=0x0002 token=02']);
  });

  test('the retained message is the first notification, for the newest observer alone', async () => {
    const coap = new CoapTest();
    coap.publish('a', 'kept', 1, true);
    const first = coap.device();
    first.observe(URI);
    await coap.hub.nextTurn();
    assert.deepEqual(first.look(), [
      'ACK 2.05 Content mid=0x0001 token=01 Observe=0',
      notification(1, 'kept'),
    ]);
    first.acknowledges();
    const second = coap.device();
    second.observe(URI);
    await coap.hub.nextTurn();
    assert.deepEqual(second.drain(), ['', 'kept']);
    assert.deepEqual(first.look(), []);
  });

  test('the same token again renews the observation, its numbers go on', () => {
    const { coap, device } = observing();
    coap.publish('a', 'x');
    device.drain();
    device.observe(URI);
    assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0x0002 token=01 Observe=2']);
    coap.publish('a', 'y');
    assert.deepEqual(device.look(), [notification(3, 'y')]);
  });

  suite('a registration under the token of an observation that is gone has numbers that are newer', () => {
    for (const [when, milliseconds] of [
      ['at once', 0],
      ['after a quiet minute', 60_000],
      ['after three hours', 3 * 3600 * 1000],
    ] as const) {
      test(when, () => {
        const { coap, device } = observing();
        for (let i = 0; i < 100; i++) coap.publish('a', 'x');
        device.drain();
        coap.wait(milliseconds);
        coap.publish('a', 'last');
        device.drain();
        device.unobserve(URI);
        device.take();
        device.observe(URI);
        assert.match(device.look().join(), / Observe=102$/);
      });
    }

    test('after the hub has been started again', () => {
      const { coap, device } = observing();
      coap.publish('a', 'x');
      const [before] = device.take();
      coap.wait(10);
      const again = new CoapTest({ keepalive: 0 }, { clock: coap.hub.clock }).device();
      again.observe(URI);
      const [after] = again.take();
      const order = new ObserveOrder(coap.hub.clock);
      assert.deepEqual(
        [before, after].map((message) => message && order.place(message)),
        ['0', '1'],
      );
    });
  });

  test('the same token for another topic replaces the observation, its numbers go on too', () => {
    const { coap, device } = observing();
    device.observe('mqtt/b?c=dev1');
    device.take();
    coap.publish('a', 'x');
    coap.publish('b', 'y');
    assert.deepEqual(device.look(), [notification(2, 'y')]);
    assert.equal(coap.count('observe.cancelled.replaced'), 1);
    assert.equal(coap.hub.engine.sessions.get('dev1')?.subscriptions.size, 1);
  });

  test('a zero-length token is a token', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.observe(URI, '');
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), [
      'ACK 2.05 Content mid=0x0001 Observe=0',
      'CON 2.05 Content Observe=1 Content-Format=application/octet-stream "x"',
    ]);
    device.acknowledges();
    device.unobserve(URI, '');
    device.take();
    coap.publish('a', 'y');
    assert.deepEqual(device.look(), []);
  });

  test('overlapping observations are notified each under its token', () => {
    const { coap, device } = observing();
    device.observe('mqtt/%2B?c=dev1', '02');
    device.take();
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), [notification(1, 'x')]);
    device.acknowledges();
    assert.deepEqual(device.look(), [notification(1, 'x', '02')]);
  });

  test('notifications are labelled with the format asked for, another than octets or text is not had', () => {
    const coap = new CoapTest();
    const device = coap.device();
    const accept = (format: number) => ({ options: [uintOption(OptionNumber.Accept, format)] });
    device.observe(URI, '01', accept(ContentFormat.TextPlain));
    device.observe(URI, '02', accept(ContentFormat.Json));
    const codes = device.look().map((answer) => answer.split(' ')[1]);
    assert.deepEqual(codes, ['2.05', '4.06']);
    coap.publish('a', 'x');
    assert.match(device.look().join(), /Content-Format=text\/plain/);
  });

  test('an invalid filter, a forbidden one, one too many', () => {
    const coap = new CoapTest({ max_observations: 2 });
    coap.hub.access.addAuthorizer({
      name: 'test',
      authorize: (_, __, topic) => (topic === 'forbidden' ? 'deny' : 'allow'),
    });
    const device = coap.device();
    device.observe('mqtt/a%23?c=dev1', '01');
    device.observe('mqtt/forbidden?c=dev1', '02');
    device.observe('mqtt/a?c=dev1', '03');
    device.observe('mqtt/b?c=dev1', '04');
    device.observe('mqtt/c?c=dev1', '05');
    assert.deepEqual(device.look(), [
      'ACK 4.00 Bad Request mid=0x0001 token=01 "topic filter invalid"',
      'ACK 4.03 Forbidden mid=0x0002 token=02 "not authorized"',
      'ACK 2.05 Content mid=0x0003 token=03 Observe=0',
      'ACK 2.05 Content mid=0x0004 token=04 Observe=0',
      'ACK 5.03 Service Unavailable mid=0x0005 token=05 "too many observations"',
    ]);
    assert.equal(coap.count('observe.cancelled.refused'), 2);
    assert.equal(coap.hub.metrics.get('client.unsubscribe'), 0);
  });

  test('a registration whose peer is gone by the time it is allowed leaves nothing behind', async () => {
    const coap = new CoapTest();
    coap.authorize('subscribe', Promise.resolve('allow'));
    const device = coap.device();
    const pending = device.observe(URI);
    device.closes();
    await pending;
    assert.equal(coap.hub.engine.sessions.get('dev1')?.subscriptions.size, 0);
    assert.equal(coap.count('observe.registered'), 0);
  });
});

suite('cancellation', () => {
  test('GET with Observe 1 and the token unsubscribes', () => {
    const { coap, device } = observing();
    device.unobserve(URI);
    assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0x0002 token=01']);
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), []);
    assert.equal(coap.count('observe.cancelled.request'), 1);
    assert.equal(coap.hub.engine.sessions.get('dev1')?.subscriptions.size, 0);
  });

  test('only the observation with the token, where the topic is observed twice', () => {
    const { coap, device } = observing();
    device.observe(URI, '02');
    device.unobserve(URI, '01');
    device.take();
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), [notification(1, 'x', '02')]);
  });

  test('from a new source port', () => {
    const { coap, device } = observing();
    const elsewhere = coap.device();
    elsewhere.unobserve(URI);
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), []);
  });

  test('a device that does not keep its token ends all its observations of the topic', () => {
    const { coap, device } = observing();
    device.unobserve(URI, '77');
    device.take();
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), []);
  });

  test('of what is not observed is no error', () => {
    const device = new CoapTest().device();
    device.unobserve(URI);
    assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0x0001 token=01']);
  });

  test('what still waits is not sent, what is in flight is not sent again', () => {
    const { coap, device } = observing();
    coap.publish('a', 'in flight');
    coap.publish('a', 'waiting');
    device.take();
    device.unobserve(URI);
    device.take();
    coap.wait(100_000);
    assert.deepEqual(device.look(), []);
    assert.equal(coap.count('notify.dropped.cancelled'), 2);
  });
});

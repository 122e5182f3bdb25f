import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ContentFormat, emptyMessage, MessageType, OptionNumber, uintOption } from '@portico/codec-coap';
import { CoapTest, notification, observing } from './testing.js';

const URI = 'mqtt/a?c=dev1';

suite('delivery', () => {
  test('a burst of messages does not cancel the observation: one at a time, in order', () => {
    const { coap, device } = observing();
    for (const payload of ['1', '2', '3', '4', '5']) coap.publish('a', payload);
    assert.deepEqual(device.look(), [notification(1, '1')]);
    device.acknowledges();
    assert.deepEqual(device.look(), [notification(2, '2')]);
    device.acknowledges();
    assert.deepEqual(device.drain(), ['3', '4', '5']);
    coap.publish('a', '6');
    assert.deepEqual(device.drain(), ['6']);
  });

  test('two peers do not wait for each other', () => {
    const { coap, device } = observing();
    const other = coap.device();
    other.observe(URI);
    other.take();
    coap.publish('a', 'x');
    assert.equal(device.take().length, 1);
    assert.equal(other.take().length, 1);
  });

  test('the oldest that waits is dropped and counted when too many do, in order all the same', () => {
    const { coap, device } = observing({ max_notify_queue: 2 });
    for (const payload of ['1', '2', '3', '4', '5']) coap.publish('a', payload);
    assert.deepEqual(device.drain(), ['1', '4', '5']);
    assert.equal(coap.count('notify.dropped.queue_full'), 2);
    assert.equal(coap.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
  });

  test('what the window holds back follows in order, though the queue overflows', () => {
    const { coap, device } = observing({ max_notify_queue: 1, max_inflight: 2 });
    for (const payload of ['1', '2', '3', '4', '5']) coap.publish('a', payload);
    assert.deepEqual(device.drain(), ['1', '2', '3', '4', '5']);
  });

  test('a QoS 1 message is acknowledged to the hub when its notification is', () => {
    const { coap, device } = observing();
    coap.publish('a', 'x', 1);
    const session = coap.hub.engine.sessions.get('dev1');
    assert.equal(session?.statistics.inflight, 1);
    device.acknowledges();
    assert.equal(session.statistics.inflight, 0);
  });

  test('with two observers when both have', () => {
    const { coap, device } = observing();
    const other = coap.device();
    other.observe(URI);
    coap.publish('a', 'x', 1);
    const session = coap.hub.engine.sessions.get('dev1');
    device.acknowledges();
    assert.equal(session?.statistics.inflight, 1);
    other.rejects();
    assert.equal(session.statistics.inflight, 0);
  });

  test('a notification is sent again with the same message id, each time after twice the time', () => {
    const { coap, device } = observing();
    coap.publish('a', 'x');
    const [first] = device.take();
    const times: number[] = [];
    for (let at = 0; at <= 70_000; at += 10) {
      for (const message of device.take()) {
        assert.equal(message.messageId, first?.messageId);
        times.push(at);
      }
      coap.wait(10);
    }
    assert.deepEqual(times, [2_000, 6_000, 14_000, 30_000]);
    assert.equal(coap.count('messages.retransmitted'), 4);
  });

  test('the first time-out is random between ACK_TIMEOUT and ACK_RANDOM_FACTOR times that', () => {
    const { coap, device } = observing({ ack_random_factor: 2, ack_timeout: '1s' });
    for (let i = 0; i < 20; i++) {
      coap.publish('a', 'x');
      device.take();
      coap.wait(990);
      assert.equal(device.take().length, 0);
      coap.wait(1_020);
      assert.equal(device.take().length, 1);
      device.acknowledges();
    }
  });

  test('a payload above max_payload_size is left out and counted', () => {
    const { coap, device } = observing({ max_payload_size: 10 });
    coap.publish('a', 'x'.repeat(11));
    assert.equal(coap.hub.metrics.get('delivery.dropped.too_large'), 1);
    coap.publish('a', 'x'.repeat(10));
    assert.equal(device.take()[0]?.payload.length, 10);
  });

  test('notifications are labelled with what was published, as long as no format is asked for', () => {
    const { coap, device } = observing();
    const json = { options: [uintOption(OptionNumber.ContentFormat, ContentFormat.Json)] };
    coap.device().put('mqtt/a?c=dev2', '{}', json);
    assert.match(device.look().join(), /Content-Format=application\/json/);
    device.acknowledges();
    device.observe(URI, '01', { options: [uintOption(OptionNumber.Accept, ContentFormat.OctetStream)] });
    device.take();
    coap.device().put('mqtt/a?c=dev2', '{}', json);
    assert.match(device.look().join(), /Content-Format=application\/octet-stream/);
  });
});

suite('observers that are gone', () => {
  test('a Reset removes the observation at once', () => {
    const { coap, device } = observing();
    coap.publish('a', 'x');
    device.take();
    device.rejects();
    coap.publish('a', 'y');
    assert.deepEqual(device.look(), []);
    assert.equal(coap.count('observe.cancelled.rst'), 1);
    assert.equal(coap.count('observe.cancelled.timeout'), 0);
    assert.equal(coap.count('notify.dropped.reset'), 1);
    assert.equal(coap.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
  });

  test('a notification that is never acknowledged removes all observations of the peer', () => {
    const { coap, device } = observing();
    device.observe('mqtt/b?c=dev1', '02');
    device.take();
    coap.publish('a', 'x');
    coap.publish('b', 'y');
    coap.wait(61_990);
    assert.equal(coap.count('observe.cancelled.timeout'), 0);
    coap.wait(20);
    assert.equal(coap.count('observe.cancelled.timeout'), 2);
    assert.equal(coap.count('observe.cancelled.rst'), 0);
    assert.equal(coap.count('notify.dropped.timeout'), 1);
    assert.equal(coap.count('notify.dropped.cancelled'), 1);
    const session = coap.hub.engine.sessions.get('dev1');
    assert.deepEqual([session?.statistics.inflight, session?.subscriptions.size], [0, 0]);
  });

  test('the end of the connection ends its observations, not the client', () => {
    const { coap, device } = observing();
    coap.publish('a', 'x');
    coap.publish('a', 'y');
    device.closes();
    assert.equal(coap.count('observe.cancelled.closed'), 1);
    assert.equal(coap.count('notify.dropped.closed'), 2);
    assert.deepEqual(coap.clients, ['dev1']);
    assert.equal(coap.hub.timers.size, 0);
  });
});

suite('non-confirmable notifications (notify_type: non)', () => {
  test('are sent at once and not again', () => {
    const { coap, device } = observing({ notify_type: 'non' });
    for (const payload of ['1', '2', '3']) coap.publish('a', payload);
    assert.deepEqual(
      device.take().map(({ type, payload }) => [type, payload.toString()]),
      [
        [MessageType.NON, '1'],
        [MessageType.NON, '2'],
        [MessageType.NON, '3'],
      ],
    );
    assert.equal(coap.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
  });

  test('a Reset of a recent one removes the observation', () => {
    const { coap, device } = observing({ notify_type: 'non' });
    coap.publish('a', 'x');
    coap.publish('a', 'y');
    const [first] = device.take();
    device.sends(emptyMessage(MessageType.RST, first?.messageId ?? -1));
    coap.publish('a', 'z');
    assert.deepEqual(device.look(), []);
    assert.equal(coap.count('observe.cancelled.rst'), 1);
  });

  test('a Reset of a long past one is too late', () => {
    const { coap, device } = observing({ notify_type: 'non' });
    for (let i = 0; i < 33; i++) coap.publish('a', 'x');
    const [first] = device.take();
    device.sends(emptyMessage(MessageType.RST, first?.messageId ?? -1));
    assert.equal(coap.count('observe.cancelled.rst'), 0);
  });

  test('once in 24 hours one is confirmable', () => {
    const { coap, device } = observing({ notify_type: 'non' });
    const types = () => device.take().map(({ type }) => type);
    coap.wait(24 * 3600 * 1000 - 10);
    coap.publish('a', 'x');
    assert.deepEqual(types(), [MessageType.NON]);
    coap.wait(20);
    coap.publish('a', 'x');
    coap.publish('a', 'x');
    assert.deepEqual(types(), [MessageType.CON, MessageType.NON]);
  });
});

test('RFC 7641 §4.3.1: a notification says how long it is fresh where its message expires', () => {
  const coap = new CoapTest();
  const device = coap.device();
  device.observe('mqtt/a?c=dev1');
  device.take();
  coap.device().put('ps/a?expiry=60', 'x');
  assert.deepEqual(device.look(), [
    'CON 2.05 Content token=01 Observe=1 Content-Format=application/octet-stream Max-Age=60 "x"',
  ]);
});

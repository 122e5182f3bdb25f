import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CoapTest } from './testing.js';

const KILOBYTE = 'x'.repeat(1000);

/** What becomes of messages published to `a`, by the types of their notifications. */
function notified(coap: CoapTest, device: ReturnType<CoapTest['device']>, count: number): string[] {
  for (let i = 0; i < count; i++) coap.publish('a', KILOBYTE);
  return device.look().map((line) => line.slice(0, 3));
}

suite('RFC 7252 §4.7: PROBING_RATE', () => {
  test('a silent peer gets 4 KiB of non-confirmable notifications, then it has to acknowledge one', () => {
    const coap = new CoapTest({ notify_type: 'non', keepalive: 0 });
    const device = coap.device();
    device.observe('mqtt/a?c=dev1');
    device.take();
    assert.deepEqual(notified(coap, device, 6), ['NON', 'NON', 'NON', 'NON', 'CON']);
    device.acknowledges();
    assert.equal(device.drain().length, 1, 'the sixth has waited');
  });

  test('who acknowledges goes on as before', () => {
    const coap = new CoapTest({ notify_type: 'non', keepalive: 0 });
    const device = coap.device();
    device.observe('mqtt/a?c=dev1');
    device.take();
    notified(coap, device, 5);
    device.acknowledges();
    assert.deepEqual(notified(coap, device, 1), ['NON']);
  });

  test('who never does gets one message, again and again, and then nothing', () => {
    const coap = new CoapTest({ notify_type: 'non', keepalive: 0 });
    const device = coap.device();
    device.observe('mqtt/a?c=dev1');
    device.take();
    notified(coap, device, 20);
    coap.wait(100_000);
    assert.deepEqual(device.look().length, 4);
    assert.equal(coap.count('observe.cancelled.timeout'), 1);
    assert.deepEqual(notified(coap, device, 5), []);
  });

  test('the allowance grows with time, by probing_rate bytes a second', () => {
    const coap = new CoapTest({ notify_type: 'non', keepalive: 0, probing_rate: 100 });
    const device = coap.device();
    device.observe('mqtt/a?c=dev1');
    device.take();
    notified(coap, device, 4);
    coap.wait(10_000);
    assert.deepEqual(notified(coap, device, 2), ['NON', 'CON']);
  });
});

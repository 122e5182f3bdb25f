import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Device } from '@portico/coap-endpoint/testing';
import { type CoapMessage, emptyMessage, MessageType } from '@portico/codec-coap';
import { CoapTest } from './testing.js';

/** A peer that is sent more than 65,536 messages within EXCHANGE_LIFETIME, RFC 7252 §4.4. */

const IDS = 0x10000;
const LIFETIME = 247_000;
const URI = 'mqtt/a?c=dev1';

/** An observer that has been sent a message with each id, and the ids. */
function usedUp(config: Record<string, unknown>): { coap: CoapTest; device: Device; sent: CoapMessage[] } {
  const coap = new CoapTest({ ack_random_factor: 1.5, keepalive: 0, ...config });
  const device = coap.device();
  device.observe(URI);
  device.take();
  const sent: CoapMessage[] = [];
  for (let i = 0; i < IDS; i++) {
    coap.publish('a', String(i), 0);
    for (const message of device.take()) {
      sent.push(message);
      if (message.type === MessageType.CON) device.sends(emptyMessage(MessageType.ACK, message.messageId));
    }
  }
  return { coap, device, sent };
}

function payloads(device: Device): string[] {
  return device.take().map(({ payload }) => payload.toString());
}

suite('confirmable notifications', () => {
  test('wait in order until ids are free, no more than max_notify_queue of them', () => {
    const { coap, device, sent } = usedUp({ max_notify_queue: 3 });
    assert.equal(new Set(sent.map(({ messageId }) => messageId)).size, IDS);
    for (const payload of ['1', '2', '3', '4', '5']) coap.publish('a', payload);
    coap.wait(LIFETIME - 1_000);
    assert.deepEqual(payloads(device), []);
    assert.equal(coap.count('notify.dropped.queue_full'), 2);
    coap.wait(1_010);
    assert.deepEqual(device.drain(), ['3', '4', '5']);
    assert.equal(coap.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
  });

  test('a ping waits with them, and the client meanwhile lives', () => {
    const { coap, device } = usedUp({ keepalive: '120s' });
    coap.wait(LIFETIME - 1_000);
    assert.deepEqual([device.look(), coap.clients], [[], ['dev1']]);
    coap.wait(1_010);
    assert.deepEqual(device.look(), ['CON Empty']);
  });
});

suite('non-confirmable notifications', () => {
  test('of each observation the newest waits until ids are free, those before it are counted', () => {
    const { coap, device, sent } = usedUp({ notify_type: 'non' });
    assert.equal(new Set(sent.map(({ messageId }) => messageId)).size, IDS);
    device.observe('mqtt/b?c=dev1', '02');
    device.take();
    for (const payload of ['1', '2', '3']) coap.publish('a', payload);
    for (const payload of ['x', 'y']) coap.publish('b', payload, 0);
    coap.wait(LIFETIME - 1_000);
    assert.deepEqual(payloads(device), []);
    assert.equal(coap.count('notify.dropped.superseded'), 3);
    coap.wait(1_010);
    assert.deepEqual(payloads(device), ['3', 'y']);
    assert.equal(coap.count('notify.sent'), IDS + 2);
    assert.equal(coap.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
    assert.equal(coap.hub.timers.size, 0);
  });

  test('what waits ends with its observation', () => {
    const { coap, device } = usedUp({ notify_type: 'non' });
    coap.publish('a', '1');
    device.unobserve(URI);
    device.take();
    assert.equal(coap.count('notify.dropped.cancelled'), 1);
    assert.equal(coap.hub.engine.sessions.get('dev1')?.statistics.inflight, 0);
    coap.wait(LIFETIME + 10);
    assert.deepEqual(payloads(device), []);
  });

  test('what waits goes where the observation moves to', () => {
    const { coap, device } = usedUp({ notify_type: 'non' });
    coap.publish('a', '1');
    coap.wait(10);
    const after = coap.device();
    after.get(URI);
    after.take();
    device.closes();
    assert.deepEqual(payloads(after), ['1']);
    assert.equal(coap.hub.timers.size, 0);
  });

  test('a message that is borrowed is kept while it waits', () => {
    const { coap, device } = usedUp({ notify_type: 'non' });
    coap.device().put('mqtt/a?c=dev2', 'mine');
    coap.wait(LIFETIME + 10);
    assert.deepEqual(payloads(device), ['mine']);
  });
});

test('responses to non-confirmable requests are left out and counted, acknowledgements need no id of ours', () => {
  const { coap, device } = usedUp({ notify_type: 'non' });
  device.get(URI, { type: MessageType.NON });
  device.get(URI);
  assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0x0003 token=01']);
  assert.equal(coap.count('responses.dropped'), 1);
});

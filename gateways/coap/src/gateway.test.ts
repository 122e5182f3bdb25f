import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMessage, MessageType } from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';
import { coapCodec } from './codec.js';
import { coapConfig, coapSessionOptions, maxNotificationPayload } from './config.js';
import { coapGateway } from './gateway.js';
import { transmissionParameters } from './transmission.js';

test('the defaults are those of the reference and of RFC 7252 §4.8', () => {
  const config = coapConfig.parse({});
  assert.equal(config.keepalive, 120_000);
  assert.equal(config.mountpoint, '');
  assert.equal(config.denied_publish, 'accept');
  assert.equal(config.notify_type, 'con');
  assert.deepEqual(transmissionParameters(config), {
    ackTimeout: 2_000,
    ackRandomFactor: 1.5,
    maxRetransmit: 4,
    exchangeLifetime: 247_000,
    nonLifetime: 145_000,
  });
  assert.deepEqual(coapGateway.defaultListeners, { udp: { default: { bind: '127.0.0.1:5683' } } });
});

test('the configuration is checked before anything runs', () => {
  for (const wrong of [
    { ack_timeout: 2 },
    { ack_random_factor: 0.5 },
    { max_retransmit: 11 },
    { notify_type: 'maybe' },
    { denied_publish: true },
    { max_notify_queue: 0 },
    { mountpoint: '#' },
    { keepalive: 120 },
  ]) {
    assert.equal(coapConfig.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

test('every key of the configuration is described', () => {
  for (const [key, schema] of Object.entries(coapConfig.shape)) assert.ok(schema.description, key);
});

test('sessions have QoS 1 at most and the limits of the configuration', () => {
  const options = coapSessionOptions(coapConfig.parse({ max_inflight: 7, max_mqueue_len: 8 }));
  assert.deepEqual([options.maxQos, options.maxInflight, options.maxMqueueLen], [1, 7, 8]);
});

test('a notification is no longer than a datagram, whatever is configured', () => {
  assert.equal(maxNotificationPayload(coapConfig.parse({})), 65_488);
  assert.equal(maxNotificationPayload(coapConfig.parse({ max_payload_size: 1024 })), 1024);
});

test('the codec reads, writes, and does not show passwords', () => {
  const put = Buffer.from('40030001b46d717474016143633d3103703d78', 'hex');
  assert.equal(coapCodec.describe(coapCodec.decode(put)), 'CON PUT mid=0x0001 /mqtt/a?c=1&p=***');
  const sink = new BufferSink();
  coapCodec.encode(emptyMessage(MessageType.RST, 0x1234), sink);
  assert.equal(sink.take().toString('hex'), '70001234');
});

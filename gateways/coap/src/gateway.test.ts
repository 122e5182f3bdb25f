import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { transmissionParameters } from '@portico/coap-endpoint';
import { emptyMessage, MessageType } from '@portico/codec-coap';
import { formatProblem, gatewayConfigSchema, loadConfig } from '@portico/core';
import { BufferSink } from '@portico/frame';
import { z } from 'zod';
import { coapCodec } from './codec.js';
import { coapConfig, coapSessionOptions } from './config.js';
import { coapGateway } from './gateway.js';

test('the defaults are those of the reference and of RFC 7252 §4.8', () => {
  const config = coapConfig.parse({});
  assert.equal(config.keepalive, 120_000);
  assert.equal(config.mountpoint, '');
  assert.equal(config.denied_publish, 'accept');
  assert.equal(config.notify_type, 'con');
  assert.equal(config.probing_rate, 1);
  assert.deepEqual(transmissionParameters(config), {
    ackTimeout: 2_000,
    ackRandomFactor: 1.5,
    piggybackTime: 1000,
    fetchPatience: 9000,
    maxRetransmit: 4,
    maxTransmitWait: 93_000,
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

function checked(keys: string): string[] {
  const schema = z.strictObject({ coap: gatewayConfigSchema(coapGateway) });
  const result = loadConfig({ schema, file: 'portico.yaml', text: `coap: ${keys}` });
  return result.ok ? [] : result.problems.map(formatProblem);
}

suite('a listener may not forget a peer before its client is pinged and given up', () => {
  const listener = (keys: string) => `listeners: { udp: { default: { bind: 5683, ${keys} } } }`;

  test('of what has been refused nothing else is said', () => {
    for (const keys of [
      'keepalive: 20q',
      'ack_timeout: bogus',
      'max_retransmit: 100',
      listener('idle_timeout: 10q'),
      'zones: { slow: { keepalive: 20q } }',
    ]) {
      const problems = checked(`{ ${keys} }`);
      assert.equal(problems.length, 1, problems.join('\n'));
    }
  });

  test('idle_timeout at least keepalive and MAX_TRANSMIT_WAIT, or 0', () => {
    assert.deepEqual(checked(`{ ${listener('idle_timeout: 212s')} }`), [
      'portico.yaml:1:66: coap.listeners.udp.default.idle_timeout: shorter (212s) than keepalive (120s) and the time after which an unanswered ping is given up (93s): at least 213s, or 0 for never',
    ]);
    assert.deepEqual(checked(`{ ${listener('idle_timeout: 213s')} }`), []);
    assert.deepEqual(checked(`{ ${listener('idle_timeout: 0')} }`), []);
  });

  test('the one that nobody wrote down is told as well', () => {
    assert.deepEqual(checked('{ keepalive: 10m }'), [
      'portico.yaml:1:1: coap.listeners.udp.default.idle_timeout: shorter (300s) than keepalive (600s) and the time after which an unanswered ping is given up (93s): at least 693s, or 0 for never',
    ]);
  });

  test('the transmission parameters count', () => {
    assert.equal(checked('{ ack_timeout: 20s }').length, 1);
    assert.deepEqual(checked('{ ack_timeout: 20s, max_retransmit: 1 }'), []);
  });

  test('without keepalive nobody is pinged, and one that is not opened forgets nobody', () => {
    assert.deepEqual(checked(`{ keepalive: 0, ${listener('idle_timeout: 1s')} }`), []);
    assert.deepEqual(checked(`{ ${listener('idle_timeout: 1s, enable: false')} }`), []);
  });

  test("the keepalive of the listener's zone holds", () => {
    const zones = 'zones: { slow: { keepalive: 10m } }';
    assert.deepEqual(checked(`{ ${zones}, ${listener('zone: slow, idle_timeout: 12m')} }`), []);
    assert.equal(checked(`{ ${zones}, ${listener('zone: slow, idle_timeout: 11m')} }`).length, 1);
    assert.deepEqual(checked(`{ ${zones}, ${listener('idle_timeout: 4m')} }`), []);
  });
});

test('every key of the configuration is described', () => {
  for (const [key, schema] of Object.entries(coapConfig.shape)) assert.ok(schema.description, key);
});

test('sessions have the limits of the configuration', () => {
  const options = coapSessionOptions(coapConfig.parse({ max_inflight: 7, max_mqueue_len: 8 }));
  assert.deepEqual([options.maxInflight, options.maxMqueueLen], [7, 8]);
});

test('the codec reads, writes, and does not show passwords', () => {
  const put = Buffer.from('40030001b46d717474016143633d3103703d78', 'hex');
  assert.equal(coapCodec.describe(coapCodec.decode(put)), 'CON PUT mid=0x0001 /mqtt/a?c=1&p=***');
  const sink = new BufferSink();
  coapCodec.encode(emptyMessage(MessageType.RST, 0x1234), sink);
  assert.equal(sink.take().toString('hex'), '70001234');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import { TcpCodec } from './codec.js';
import { tcpConfig } from './config.js';
import { tcpGateway } from './gateway.js';

test('the defaults are those of the reference', () => {
  const config = tcpGateway.config.parse({});
  assert.equal(config.up_topic, 'tcp/%c/up');
  assert.equal(config.dn_topic, 'tcp/%c/dn');
  assert.equal(config.idle_timeout, 15_000);
  assert.equal(config.max_frame_size, 65_535);
  assert.equal(config.mountpoint, '');
  assert.equal(config.session_expiry_interval, 0);
  assert.deepEqual(tcpGateway.defaultListeners, { tcp: { default: { bind: '127.0.0.1:8090' } } });
});

test('the configuration is checked before anything runs', () => {
  for (const wrong of [
    { up_topic: 'tcp/%c/#' },
    { up_topic: 'tcp/%d/up' },
    { dn_topic: '' },
    { mountpoint: '%p/' },
    { up_qos: 2 },
    { dn_qos: 2 },
    { max_frame_size: 65_536 },
    { max_frame_size: 0 },
    { idle_timeout: 15 },
  ]) {
    assert.equal(tcpConfig.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

test('every key of the configuration is described', () => {
  for (const [key, schema] of Object.entries(tcpConfig.shape)) assert.ok(schema.description, key);
});

test('the codec reads with the limit, writes and describes', () => {
  const codec = new TcpCodec({ maxFrameSize: 2 });
  codec.push(Buffer.from('403000036f666630', 'hex'));
  const ping = codec.next();
  assert.deepEqual(ping, { type: 'ping' });
  assert.throws(() => codec.next(), { code: 'frame_too_large' });
  const sink = new BufferSink();
  codec.encode({ type: 'pong' }, sink);
  assert.equal(sink.take().toString('hex'), '50');
  assert.equal(codec.describe({ type: 'pong' }), 'PONG');
});

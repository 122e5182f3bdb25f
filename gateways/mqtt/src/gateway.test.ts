import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from '@portico/codec-mqtt';
import { Metrics } from '@portico/core';
import { TestHub } from '@portico/core/testing';
import { mqttConfig } from './config.js';
import { PacketCounters } from './counters.js';
import { mqttGateway } from './gateway.js';
import { connected } from './testing.js';

test('the defaults are those of the reference; only aliases are fewer, so many as can be kept', () => {
  const config = mqttConfig.parse({});
  assert.equal(config.idle_timeout, 15_000);
  assert.equal(config.max_packet_size, 1024 * 1024);
  assert.equal(config.max_clientid_len, 65_535);
  assert.equal(config.max_topic_levels, 128);
  assert.equal(config.max_qos_allowed, 2);
  assert.equal(config.max_topic_alias, 32);
  assert.equal(config.retain_available, true);
  assert.equal(config.wildcard_subscription, true);
  assert.equal(config.shared_subscription, true);
  assert.equal(config.ignore_loop_deliver, false);
  assert.equal(config.strict_mode, false);
  assert.equal(config.server_keepalive, 0);
  assert.equal(config.keepalive_backoff, 0.75);
  assert.equal(config.session_expiry_interval, 7_200_000);
  assert.equal(config.use_username_as_clientid, false);
  assert.equal(config.mountpoint, '');
});

test('the configuration is checked before anything runs', () => {
  for (const wrong of [
    { max_packet_size: 0 },
    { max_packet_size: '257MB' },
    { max_clientid_len: 0 },
    { max_qos_allowed: 3 },
    { max_topic_alias: 65_536 },
    { keepalive_backoff: 0.5 },
    { server_keepalive: -1 },
    { mountpoint: 'a/#' },
    { idle_timeout: 15 },
  ]) {
    assert.equal(mqttConfig.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

test('every key of the configuration is described', () => {
  for (const [key, schema] of Object.entries(mqttConfig.shape)) assert.ok(schema.description, key);
});

test('the listeners are on the ports of the protocol, on this machine only', () => {
  assert.deepEqual(mqttGateway.defaultListeners, {
    tcp: { default: { bind: '127.0.0.1:1883' } },
    ws: { default: { bind: '127.0.0.1:8083' } },
  });
});

test('packets are counted by type and direction', () => {
  const hub = new TestHub();
  const client = connected(hub, 5);
  client.subscribes('a', 1);
  client.publishes('a', 'x', { qos: 1 });
  client.sends({ type: 'puback', packetId: 1, reasonCode: 0 });
  client.sends({ type: 'pingreq' });
  client.sends({ type: 'unsubscribe', packetId: 2, filters: ['a'] });
  client.sends({ type: 'auth', reasonCode: 0 });
  const counts = [...hub.metrics.counters()].filter(
    ({ name, value }) => name.startsWith('packets.') && value > 0,
  );
  assert.deepEqual(Object.fromEntries(counts.map(({ name, value }) => [name, value])), {
    'packets.received': 7,
    'packets.sent': 7,
    'packets.connect.received': 1,
    'packets.connack.sent': 1,
    'packets.subscribe.received': 1,
    'packets.suback.sent': 1,
    'packets.publish.received': 1,
    'packets.publish.sent': 1,
    'packets.puback.received': 1,
    'packets.puback.sent': 1,
    'packets.pingreq.received': 1,
    'packets.pingresp.sent': 1,
    'packets.unsubscribe.received': 1,
    'packets.unsuback.sent': 1,
    'packets.auth.received': 1,
    'packets.disconnect.sent': 1,
  });
});

test('the counters have the names of the management API', () => {
  const metrics = new Metrics();
  new PacketCounters(metrics);
  const names = new Set([...metrics.counters()].map((counter) => counter.name));
  assert.equal(names.size, 40);
  for (const name of ['packets.puback.inuse', 'packets.pubcomp.missed', 'packets.auth.sent']) {
    assert.ok(names.has(name), name);
  }
});

test('the codec describes what comes and what goes', () => {
  const gateway = mqttGateway.create(new TestHub().context('mqtt'), mqttConfig.parse({}));
  const codec = gateway.createCodec(new TestHub().peer('mqtt').info);
  assert.equal(codec.describe({ type: 'pingreq' }), describe({ type: 'pingreq' }));
});

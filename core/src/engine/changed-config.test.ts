import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someClient } from '../access/testing.js';
import { PendingBytes, SEND_HIGH_WATER, SMALL_SHARE } from '../gateway/pending-bytes.js';
import { silentLogger } from '../runtime/logger.js';
import { Metrics } from '../runtime/metrics.js';
import { TestHub } from '../testing/index.js';
import { SlowConsumer } from './backpressure.js';
import { brokerConfigSchema } from './broker-config.js';

/** What becomes of what is there when the section `broker` changes while the engine runs. */

function adjust(hub: TestHub, broker: object): void {
  hub.engine.adjust(brokerConfigSchema.parse(broker));
}

test('a shorter expiry holds for what is retained already, and it is cleared away', () => {
  const hub = new TestHub();
  const device = hub.client('d');
  for (let i = 0; i < 1000; i++) device.publish(`many/${i}`, 'x', 0, true);
  device.publish('$own/level', 'x', 0, true);
  hub.clock.advance(30_000);
  adjust(hub, { retained: { expiry_interval: '1m' } });
  assert.notEqual(hub.engine.retained.get('many/1'), undefined);
  hub.clock.advance(30_000);
  assert.equal(hub.engine.retained.get('many/1'), undefined);
  hub.clock.advance(120_000);
  assert.equal(hub.engine.retained.size, 0, 'expired messages are cleared away');
});

test('without an expiry what is retained stays, and what has one of its own expires by that', () => {
  const hub = new TestHub({ broker: { retained: { expiry_interval: '1m' } } });
  const device = hub.client('d');
  device.publish('configured', 'x', 0, true);
  const properties = { messageExpiryInterval: 90 };
  device.session.publish({ topic: 'own', payload: Buffer.from('x'), qos: 0, retain: true, properties });
  adjust(hub, { retained: { expiry_interval: 0 } });
  hub.clock.advance(600_000);
  assert.equal(hub.engine.retained.size, 1);
  assert.notEqual(hub.engine.retained.get('configured'), undefined);
});

test('what is more than a new limit of retained messages stays, and can be replaced', () => {
  const hub = new TestHub();
  const device = hub.client('d');
  for (const topic of ['a', 'b', 'c']) device.publish(topic, 'x', 0, true);
  adjust(hub, { retained: { max_retained_messages: 1 } });
  device.publish('a', 'y', 0, true);
  device.publish('d', 'x', 0, true);
  assert.equal(hub.engine.retained.get('a')?.payload.toString(), 'y');
  assert.equal(hub.engine.retained.get('d'), undefined);
  assert.equal(hub.engine.retained.size, 3);
});

test('another grace holds for a consumer that is known to be slow', () => {
  const hub = new TestHub({ broker: { slow_consumer_grace: '1s' } });
  const { backpressure } = hub.engine;
  const consumer = new SlowConsumer(backpressure, { client: someClient() });
  const isMet = () => {
    backpressure.frameBegins();
    consumer.notWritable();
    return backpressure.takeMet() !== undefined;
  };
  assert.ok(isMet());
  adjust(hub, { slow_consumer_grace: 0 });
  assert.ok(!isMet());
  adjust(hub, { slow_consumer_grace: '10m' });
  assert.ok(isMet());
});

test('another bound of what waits to be written holds for what waits already', () => {
  const metrics = new Metrics();
  const exceeded = metrics.counter('exceeded', '');
  const pending = new PendingBytes(0, metrics.gauge('pending', ''), exceeded, silentLogger);
  pending.add(1000);
  assert.equal(pending.share, SEND_HIGH_WATER);
  pending.adjust(500);
  assert.equal(pending.share, SMALL_SHARE);
  assert.equal(exceeded.value, 1);
  pending.adjust(5000);
  assert.equal(pending.share, SEND_HIGH_WATER);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Message } from './message.js';

const NOW = Date.UTC(2026, 0, 1);

test('a borrowed payload is copied by keep, once, and cached wire forms that point to it go', () => {
  const chunk = Buffer.from('payload');
  const message = new Message({ topic: 't', payload: chunk, timestamp: NOW });
  message.wire = [chunk];
  assert.equal(message.keep(), message);
  const kept = message.payload;
  chunk.fill(0);
  assert.equal(message.payload.toString(), 'payload');
  assert.equal(message.keep().payload, kept);
  assert.equal(message.wire, undefined);
});

test('a payload of its own is kept as it is, and so are wire forms', () => {
  const payload = Buffer.from('payload');
  const message = new Message({ topic: 't', payload, timestamp: NOW, owned: true });
  const wire = [payload];
  message.wire = wire;
  assert.equal(message.keep().payload, payload);
  assert.equal(message.wire, wire);
  assert.equal(message.with({ topic: 'u' }).keep().payload, payload);
});

test('the size of a message counts payload, topic and properties, a user property as more than its text', () => {
  const message = { topic: 'room/1', payload: Buffer.alloc(100), timestamp: NOW };
  assert.equal(new Message(message).size, 106);
  const properties = {
    contentType: 'text',
    responseTopic: 'back',
    correlationData: Buffer.alloc(8),
    userProperties: [
      ['a', '1'],
      ['b', '22'],
    ],
  } as const;
  assert.equal(new Message({ ...message, properties }).size, 106 + 4 + 4 + 8 + 5 + 2 * 128);
});

test('the remaining expiry counts down to 0 in whole seconds', () => {
  const properties = { messageExpiryInterval: 10 };
  const message = new Message({ topic: 't', payload: Buffer.alloc(0), timestamp: NOW, properties });
  assert.equal(message.remainingExpiry(NOW), 10);
  assert.equal(message.remainingExpiry(NOW + 9_001), 1);
  assert.equal(message.remainingExpiry(NOW + 20_000), 0);
  assert.equal(
    new Message({ topic: 't', payload: Buffer.alloc(0), timestamp: NOW }).remainingExpiry(NOW),
    undefined,
  );
});

test('with changes some fields and keeps the others', () => {
  const message = new Message({
    topic: 't',
    payload: Buffer.from('x'),
    qos: 1,
    retain: true,
    timestamp: NOW,
  });
  const changed = message.with({ topic: 'u', qos: 2 });
  assert.deepEqual(
    [changed.topic, changed.qos, changed.retain, changed.payload.toString(), changed.timestamp],
    ['u', 2, true, 'x', NOW],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPromise } from '../runtime/maybe-promise.js';
import { type TestClient, TestHub } from '../testing/index.js';

/** The retained payload of a topic, or why there is none. */
function read(client: TestClient, topic: string): string | undefined {
  const result = client.session.retained(topic);
  if (isPromise(result)) throw new Error('the answer waits for something asynchronous');
  return result.ok ? result.message?.payload.toString() : result.refusal;
}

test('a client reads the retained message of a topic without subscribing', () => {
  const hub = new TestHub();
  const client = hub.client('d', { mountpoint: 'm/' });
  client.publish('t', 'x', 0, true);
  assert.equal(read(client, 't'), 'x');
  assert.equal(read(client, 'other'), undefined);
  assert.equal(read(client, '#'), 'topic_name_invalid');
  assert.deepEqual(client.received, []);
});

test('a retained message that has expired is not read', () => {
  const hub = new TestHub({ broker: { retained: { expiry_interval: '1s' } } });
  const client = hub.client('d');
  client.publish('t', 'x', 0, true);
  hub.clock.advance(1000);
  assert.equal(read(client, 't'), undefined);
});

test('who may not subscribe to a topic may not read it, and whoever asks beforehand is told so', async () => {
  const hub = new TestHub();
  const client = hub.client('d');
  client.publish('t', 'x', 0, true);
  hub.authorize('subscribe', 'deny');
  assert.equal(read(client, 't'), 'not_authorized');
  assert.equal(await client.session.permits('subscribe', 't'), false);
  assert.equal(await client.session.permits('publish', 't'), true);
});

test('an access source that takes its time is waited for', async () => {
  const hub = new TestHub();
  const client = hub.client('d');
  client.publish('t', 'x', 0, true);
  hub.authorize('subscribe', Promise.resolve('allow'));
  const result = await client.session.retained('t');
  assert.equal(result.ok && result.message?.payload.toString(), 'x');
});

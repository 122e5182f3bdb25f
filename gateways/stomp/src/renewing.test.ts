import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { type Client, connected } from './testing.js';

/** What becomes of the messages of a client that comes back, and has not renewed all that it has left behind. */

const NAMED = 'client-id:c\n';
const durable = (id: string, ack = 'client-individual') =>
  `SUBSCRIBE\nid:${id}\ndestination:${id}\nack:${ack}\ndurable:true\n\n^`;

/** Bodies of the messages that the client was sent since the last look. */
function bodies(client: Client): (string | undefined)[] {
  return client.look().map((text) => /\n\n(.*)\^$/.exec(text)?.[1]);
}

/** Acknowledges all messages that it was sent since the last look. @returns their bodies */
async function acknowledge(client: Client): Promise<(string | undefined)[]> {
  const sent = client.look();
  for (const text of sent) await client.sends(`ACK\nid:${/\nack:(.*)/.exec(text)?.[1]}\n\n^`);
  return sent.map((text) => /\n\n(.*)\^$/.exec(text)?.[1]);
}

test('a subscription that is not durable ends when another connection takes the client over', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const first = await connected(hub, {}, NAMED);
  await first.sends(`${durable('work')}SUBSCRIBE\nid:1\ndestination:reply\nack:client\n\n^`);
  const second = await connected(hub, { max_inflight: 3 }, NAMED);
  assert.deepEqual([...(hub.engine.sessions.get('c')?.subscriptions.keys() ?? [])], ['work']);
  await second.sends(durable('work'));
  for (let i = 0; i < 5; i++) application.publish('reply', `${i}`, 1);
  application.publish('work', 'x', 1);
  assert.deepEqual(bodies(second), ['x']);
});

test('what was sent to it and not acknowledged is dropped, and does not keep others waiting', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const config = { max_inflight: 3 };
  const first = await connected(hub, config, NAMED);
  await first.sends(`${durable('work')}SUBSCRIBE\nid:1\ndestination:reply\nack:client\n\n^`);
  for (let i = 0; i < 5; i++) application.publish('reply', `${i}`, 1);
  const second = await connected(hub, config, NAMED);
  await second.sends(durable('work'));
  application.publish('work', 'x', 1);
  assert.deepEqual(bodies(second), ['x']);
  assert.equal(hub.metrics.get('delivery.dropped.unwanted'), 5);
});

test('a durable subscription that is not renewed does not keep others waiting', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const config = { max_inflight: 3 };
  const first = await connected(hub, config, NAMED);
  await first.sends(`${durable('old')}${durable('work')}DISCONNECT\n\n^`);
  for (let i = 0; i < 4; i++) application.publish('old', `${i}`, 1);
  const second = await connected(hub, config, NAMED);
  await second.sends(durable('work'));
  for (let i = 4; i < 8; i++) application.publish('old', `${i}`, 1);
  application.publish('work', 'x', 1);
  assert.deepEqual(await acknowledge(second), ['x']);
});

test('once it is renewed what was kept back follows in its order, no more at a time than the window holds', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const config = { max_inflight: 3 };
  const first = await connected(hub, config, NAMED);
  await first.sends(`${durable('old')}DISCONNECT\n\n^`);
  for (let i = 0; i < 5; i++) application.publish('old', `${i}`, 1);
  const second = await connected(hub, config, NAMED);
  for (let i = 5; i < 7; i++) application.publish('old', `${i}`, 1);
  await second.sends(durable('old'));
  application.publish('old', '7', 1);
  assert.deepEqual(await acknowledge(second), ['0', '1', '2']);
  assert.deepEqual(await acknowledge(second), ['3', '4', '5']);
  assert.deepEqual(await acknowledge(second), ['6', '7']);
  assert.equal(hub.engine.sessions.get('c')?.statistics.inflight, 0);
});

test('a client that acknowledges by being sent gets all of it at once', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const first = await connected(hub, {}, NAMED);
  await first.sends(`${durable('old', 'auto')}DISCONNECT\n\n^`);
  const expected = Array.from({ length: 70 }, (_, i) => `${i}`);
  for (const body of expected) application.publish('old', body, 1);
  const second = await connected(hub, {}, NAMED);
  await second.sends(durable('old', 'auto'));
  assert.deepEqual(bodies(second), expected);
});

test('a slow reader is sent what was kept back when it can be written to', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const first = await connected(hub, {}, NAMED);
  await first.sends(`${durable('old')}DISCONNECT\n\n^`);
  application.publish('old', 'x', 1);
  const second = await connected(hub, {}, NAMED);
  second.peer.writable = false;
  await second.sends(durable('old'));
  assert.deepEqual(bodies(second), []);
  second.peer.writable = true;
  second.channel.onWritable();
  assert.deepEqual(bodies(second), ['x']);
});

test('when more is kept back than may wait the oldest is dropped, counted, and told in the log once', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const config = { max_inflight: 1, max_mqueue_len: 2 };
  const first = await connected(hub, config, NAMED);
  await first.sends(`${durable('old')}DISCONNECT\n\n^`);
  const second = await connected(hub, config, NAMED);
  for (let i = 0; i < 5; i++) application.publish('old', `${i}`, 1);
  await second.sends(durable('old'));
  for (const body of ['2', '3', '4']) assert.deepEqual(await acknowledge(second), [body]);
  assert.equal(hub.metrics.get('stomp.held.dropped'), 2);
  assert.equal(hub.metrics.get('delivery.dropped.abandoned'), 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { Client, connected } from './testing.js';

/** Several subscriptions of one client: their bounds, their ends, and the retained messages of their topics. */

/** What the header `message` of the last frame says; undefined when that is no ERROR. */
function problem(client: Client): string | undefined {
  return /^ERROR\nmessage:(.*)/.exec(client.look().at(-1) ?? '')?.[1];
}

test('each subscription counts against max_subscriptions, also where they are to the same destination', async () => {
  const client = await connected(new TestHub(), { max_subscriptions: 2 });
  const subscribe = (id: number) => `SUBSCRIBE\nid:${id}\ndestination:a\n\n^`;
  await client.sends(`${subscribe(1)}${subscribe(2)}UNSUBSCRIBE\nid:1\n\n^${subscribe(3)}`);
  assert.equal(client.closed, undefined);
  await client.sends(subscribe(4));
  assert.equal(problem(client), 'Not subscribed (quota exceeded)');
});

test('UNSUBSCRIBE by a destination whose subscription has an id is an error, and so is a wrong id beside one', async () => {
  const old = await connected(new TestHub(), {}, '', '1.0');
  await old.sends('SUBSCRIBE\nid:5\ndestination:a\n\n^UNSUBSCRIBE\ndestination:a\n\n^');
  assert.equal(problem(old), 'No such subscription');
  const client = await connected(new TestHub());
  await client.sends('SUBSCRIBE\nid:5\ndestination:a\n\n^UNSUBSCRIBE\nid:6\ndestination:a\n\n^');
  assert.equal(problem(client), 'No such subscription');
});

test('a subscription that is renewed does not get the retained messages again', async () => {
  const hub = new TestHub();
  hub.client('application').publish('a', 'kept', 1, true);
  const subscribe = 'SUBSCRIBE\nid:0\ndestination:a\nack:client\ndurable:true\n\n^';
  for (const redelivered of ['', 'redelivered:true\n', 'redelivered:true\n']) {
    const client = await connected(hub, {}, 'client-id:c\n');
    await client.sends(subscribe);
    await hub.nextTurn();
    assert.deepEqual(client.look(), [
      `MESSAGE\nmessage-id:1\ndestination:a\nsubscription:0\nack:1\n${redelivered}retain:true\ncontent-length:4\n\nkept^`,
    ]);
    await client.sends('DISCONNECT\n\n^');
  }
});

test('retain:true tells a message that was kept from one that has just been published', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^');
  hub.client('application').publish('a', 'x', 1, true);
  assert.deepEqual(client.look(), [
    'MESSAGE\nmessage-id:1\ndestination:a\nsubscription:0\ncontent-length:1\n\nx^',
  ]);
});

test('a client whose certificate says who it is can come back without a client-id', async () => {
  const hub = new TestHub();
  const proven = { clientId: 'c', username: undefined };
  const client = new Client(hub, {}, { proven });
  await client.connects();
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\ndurable:true\n\n^DISCONNECT\n\n^');
  assert.equal(client.closed, 'normal');
  assert.equal(hub.engine.sessions.has('c'), true);
});

/** Subscription and body of the MESSAGEs that have come. */
function messages(client: Client): string[] {
  return client.look().map((frame) => {
    const [, subscription, body] = /^MESSAGE\n.*?subscription:(\S*)\n.*\n\n(.*)\^$/s.exec(frame) ?? [];
    return `${subscription} ${body}`;
  });
}

test('a second subscription to a destination gets its retained messages, the first does not get them again', async () => {
  const hub = new TestHub();
  hub.client('application').publish('a', 'kept', 1, true);
  const client = await connected(hub);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^');
  await hub.nextTurn();
  assert.deepEqual(messages(client), ['0 kept']);
  await client.sends('SUBSCRIBE\nid:1\ndestination:a\n\n^');
  await hub.nextTurn();
  assert.deepEqual(messages(client), ['1 kept']);
  hub.client('device').publish('a', 'new');
  assert.deepEqual(messages(client), ['0 new', '1 new']);
});

test('two subscriptions to a destination in one segment both get its retained messages', async () => {
  const hub = new TestHub();
  hub.client('application').publish('a', 'kept', 1, true);
  const client = await connected(hub);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^SUBSCRIBE\nid:1\ndestination:a\n\n^');
  await hub.nextTurn();
  assert.deepEqual(messages(client), ['0 kept', '1 kept']);
});

test('who ends a subscription before its retained messages come leaves them to nobody', async () => {
  const hub = new TestHub();
  hub.client('application').publish('a', 'kept', 1, true);
  const client = await connected(hub, {}, 'client-id:c\n');
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\ndurable:true\n\n^');
  await hub.nextTurn();
  assert.deepEqual(messages(client), ['0 kept']);
  await client.sends('SUBSCRIBE\nid:1\ndestination:a\n\n^UNSUBSCRIBE\nid:1\n\n^');
  await hub.nextTurn();
  assert.deepEqual(messages(client), []);
});

test('what a member of a queue has not acknowledged, or not been sent, goes to another when it unsubscribes', async () => {
  const hub = new TestHub();
  const config = { destination_prefixes: true, max_inflight: 2 };
  const first = await connected(hub, config);
  await first.sends('SUBSCRIBE\nid:0\ndestination:/queue/q\nack:client-individual\n\n^');
  const application = hub.client('application');
  for (const payload of ['1', '2', '3']) application.publish('q', payload, 1);
  assert.deepEqual(messages(first), ['0 1', '0 2']);
  await first.sends('ACK\nid:1\n\n^');
  assert.deepEqual(messages(first), ['0 3']);
  application.publish('q', '4', 1);
  const second = await connected(hub, { ...config, max_inflight: 32 });
  await second.sends('SUBSCRIBE\nid:0\ndestination:/queue/q\nack:client-individual\n\n^');
  await first.sends('UNSUBSCRIBE\nid:0\nreceipt:u\n\n^');
  assert.deepEqual(first.look(), ['RECEIPT\nreceipt-id:u\n\n^']);
  assert.deepEqual(messages(second).sort(), ['0 2', '0 3', '0 4']);
  assert.equal(hub.metrics.get('delivery.dropped'), 0);
});

test('what the last member of a queue has not acknowledged when it unsubscribes is dropped, and counted', async () => {
  const hub = new TestHub();
  const client = await connected(hub, { destination_prefixes: true });
  await client.sends('SUBSCRIBE\nid:0\ndestination:/queue/q\nack:client\n\n^');
  hub.client('application').publish('q', '1', 1);
  await client.sends('UNSUBSCRIBE\nid:0\n\n^');
  assert.equal(hub.metrics.get('delivery.dropped.abandoned'), 1);
});

test('of two subscriptions to a destination the one that stays decides what becomes of a message', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  for (const id of [0, 1]) await client.sends(`SUBSCRIBE\nid:${id}\ndestination:a\nack:client\n\n^`);
  hub.client('application').publish('a', '1', 1);
  assert.deepEqual(messages(client), ['0 1', '1 1']);
  await client.sends('ACK\nid:2\n\n^UNSUBSCRIBE\nid:0\n\n^');
  assert.equal(hub.metrics.get('messages.acked'), 1);
  assert.equal(hub.metrics.get('delivery.dropped'), 0);
});

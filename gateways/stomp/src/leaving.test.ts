import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { connected } from './testing.js';

/** What a client that leaves is told, and what is left of it. */

const NAMED = 'client-id:c\n';

test('the RECEIPT of DISCONNECT comes, behind those before it, when what they are about is durable', async () => {
  const hub = new TestHub();
  const client = await connected(hub, {}, NAMED);
  client.peer.storing = true;
  await client.sends('SEND\ndestination:t\nreceipt:1\n\nx^DISCONNECT\nreceipt:2\n\n^');
  assert.deepEqual(client.look(), []);
  assert.equal(client.closed, undefined);
  client.peer.settle();
  assert.deepEqual(client.look(), ['RECEIPT\nreceipt-id:1\n\n^', 'RECEIPT\nreceipt-id:2\n\n^']);
  assert.equal(client.closed, 'normal');
});

test('the ERROR about a frame comes behind the RECEIPTs of those before it', async () => {
  const hub = new TestHub();
  const client = await connected(hub, {}, NAMED);
  client.peer.storing = true;
  await client.sends('SEND\ndestination:t\nreceipt:1\n\nx^COMMIT\ntransaction:none\n\n^');
  assert.deepEqual([client.look(), client.closed], [[], undefined]);
  client.peer.settle();
  const [receipt, error] = client.look();
  assert.equal(receipt, 'RECEIPT\nreceipt-id:1\n\n^');
  assert.match(error ?? '', /^ERROR\nmessage:Transaction none not found\n/);
  assert.equal(client.closed, 'protocol_error');
});

test('a client whose last durable subscription has ended leaves no session, whatever else it is subscribed to', async () => {
  const hub = new TestHub();
  const client = await connected(hub, {}, NAMED);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\ndurable:true\n\n^SUBSCRIBE\nid:1\ndestination:b\n\n^');
  await client.sends('UNSUBSCRIBE\nid:0\n\n^DISCONNECT\n\n^');
  assert.equal(hub.engine.sessions.has('c'), false);
});

test('two subscriptions to the same leave no session either, once the durable one has ended', async () => {
  const hub = new TestHub();
  const client = await connected(hub, {}, NAMED);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\ndurable:true\n\n^SUBSCRIBE\nid:1\ndestination:a\n\n^');
  await client.sends('UNSUBSCRIBE\nid:0\n\n^');
  client.channel.onClose('closed');
  assert.equal(hub.engine.sessions.has('c'), false);
});

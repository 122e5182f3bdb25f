import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { connected } from './testing.js';

/** What becomes of messages and transactions that their client has not settled, or settles late. */

const SUBSCRIBE = 'SUBSCRIBE\nid:0\ndestination:a\nack:client-individual\n\n^';

/** The id under which a MESSAGE is to be acknowledged. */
function ackOf(frame: string | undefined): string {
  return /\nack:(.*)/.exec(frame ?? '')?.[1] ?? '';
}

test('a message that is not acknowledged is not sent again on the same connection, and its id stays good', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  await client.sends(SUBSCRIBE);
  hub.client('application').publish('a', 'slow work', 1);
  const id = ackOf(client.look()[0]);
  hub.clock.advance(3_600_000);
  assert.deepEqual(client.look(), []);
  await client.sends(`ACK\nid:${id}\n\n^`);
  assert.equal(hub.metrics.get('stomp.acks.unknown'), 0);
  assert.equal([...hub.engine.sessions.values()][0]?.statistics.inflight, 0);
});

test('a NACK in a transaction counts when that is committed, and never when it is aborted', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  await client.sends(SUBSCRIBE);
  hub.client('application').publish('a', 'x', 1);
  const nack = `NACK\nid:${ackOf(client.look()[0])}\ntransaction:t\n\n^`;
  await client.sends(`BEGIN\ntransaction:t\n\n^${nack}ABORT\ntransaction:t\n\n^`);
  assert.equal(hub.metrics.get('stomp.nacks.received'), 0);
  await client.sends(`BEGIN\ntransaction:t\n\n^${nack}COMMIT\ntransaction:t\n\n^`);
  assert.equal(hub.metrics.get('stomp.nacks.received'), 1);
});

test('a transaction that is open when its client leaves is never carried out', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  application.subscribe('#');
  const client = await connected(hub);
  await client.sends('BEGIN\ntransaction:t\n\n^SEND\ndestination:a\ntransaction:t\n\nx^DISCONNECT\n\n^');
  assert.equal(client.closed, 'normal');
  assert.deepEqual(application.received, []);
});

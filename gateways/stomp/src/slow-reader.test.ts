import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { type Client, connected } from './testing.js';

/** A client with several subscriptions to one destination, which does not take all of their messages at once. */

const subscribe = (id: string) => `SUBSCRIBE\nid:${id}\ndestination:a\nack:client-individual\n\n^`;

/** The client takes so many frames between two looks. */
function takes(client: Client, count: number): void {
  const { peer } = client;
  Object.defineProperty(peer, 'writable', { get: () => peer.sent.length < count });
}

/** What it was sent since the last look: the subscription with the body; then it can take more. */
function look(client: Client): string[] {
  const sent = client.look().map((text) => {
    const [, id, body] = /\nsubscription:(.*)\n[\s\S]*\n\n(.*)\^$/.exec(text) ?? [];
    return `${id} ${body}`;
  });
  client.channel.onWritable();
  return sent;
}

async function slowReader(hub: TestHub): Promise<Client> {
  const client = await connected(hub);
  await client.sends(['x', 'y', 'z'].map(subscribe).join(''));
  takes(client, 2);
  return client;
}

test('a message for several subscriptions goes on when the client takes more, before the next one', async () => {
  const hub = new TestHub();
  const client = await slowReader(hub);
  const application = hub.client('application');
  for (const body of ['1', '2']) application.publish('a', body, 1);
  const turns = Array.from({ length: 4 }, () => look(client));
  assert.deepEqual(turns, [['x 1', 'y 1'], ['z 1', 'x 2'], ['y 2', 'z 2'], []]);
});

test('a subscription that ends meanwhile is sent nothing more', async () => {
  const hub = new TestHub();
  const client = await slowReader(hub);
  hub.client('application').publish('a', '1', 1);
  await client.sends('UNSUBSCRIBE\nid:z\n\n^');
  assert.deepEqual([look(client), look(client)], [['x 1', 'y 1'], []]);
});

test('what is sent later is acknowledged like all else', async () => {
  const hub = new TestHub();
  const client = await slowReader(hub);
  const inflight = () => hub.engine.sessions.get(client.peer.clientId ?? '')?.statistics.inflight;
  hub.client('application').publish('a', '1', 1);
  for (let turn = 0; turn < 2; turn++) {
    assert.equal(inflight(), 1);
    for (const text of client.look()) await client.sends(`ACK\nid:${/\nack:(.*)/.exec(text)?.[1]}\n\n^`);
    client.channel.onWritable();
  }
  assert.equal(inflight(), 0);
  assert.equal(hub.metrics.get('stomp.acks.unknown'), 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { connected } from './testing.js';

/** What can be known to be wrong in a transaction is known before any of it is carried out. */

const BEGIN = 'BEGIN\ntransaction:t\n\n^';
const send = (destination: string, headers = '') =>
  `SEND\ndestination:${destination}\ntransaction:t\n${headers}\nx^`;

for (const [what, frame, words] of [
  ['a topic that is none', send('tx/#'), 'Not published (topic name invalid)'],
  ['a QoS that there is not', send('tx/2', 'qos:3\n'), 'qos is 0, 1 or 2'],
  ['an ACK without id', 'ACK\ntransaction:t\n\n^', 'ACK without id'],
] as const) {
  test(`${what} in a transaction is an error at once, and nothing of it is published`, async () => {
    const hub = new TestHub();
    const application = hub.client('application');
    application.subscribe('#');
    const client = await connected(hub);
    await client.sends(`${BEGIN}${send('tx/1')}${frame}`);
    assert.match(
      client.look().at(-1) ?? '',
      new RegExp(`^ERROR\nmessage:${words.replace(/[()]/g, '\\$&')}\n`),
    );
    assert.deepEqual(application.received, []);
  });
}

test('nothing of a transaction is published when access control forbids one of its messages', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  application.subscribe('#');
  hub.access.addAuthorizer({
    name: 'test',
    authorize: (_client, _action, topic) => (topic === 'forbidden' ? 'deny' : 'allow'),
  });
  const client = await connected(hub);
  await client.sends(`${BEGIN}${send('a')}${send('forbidden')}COMMIT\ntransaction:t\n\n^`);
  assert.match(client.look().at(-1) ?? '', /^ERROR\nmessage:Not published \(not authorized\)\n/);
  assert.deepEqual(application.received, []);
});

test('headers count against the bytes of a transaction', async () => {
  const limits = { max_headers: 3, max_header_length: 20, max_body_length: 2 };
  const client = await connected(new TestHub(), limits);
  const frame = send('a', `k:${'v'.repeat(18)}\n`);
  await client.sends(BEGIN + frame.repeat(11));
  assert.equal(client.closed, undefined);
  await client.sends(frame);
  assert.match(client.look().at(-1) ?? '', /^ERROR\nmessage:More than 496 bytes in t\n/);
});

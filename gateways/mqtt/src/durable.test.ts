import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub, TestStore } from '@portico/core/testing';
import { connected } from './testing.js';

/** A hub whose store cannot write, and a session that would have to be kept there. */
function fullHub(): TestHub {
  const store = new TestStore();
  const hub = new TestHub({ store });
  hub.client('kept', { cleanStart: false, sessionExpiry: 60 }).subscribe('#', { qos: 2 });
  store.full = true;
  return hub;
}

test('what cannot be stored is refused with 0x97 to an MQTT 5 client, which may go on', () => {
  const client = connected(fullHub(), 5);
  const why = '0x97 (Quota exceeded) reasonString=the hub cannot store it at present';
  client.publishes('a', 'x', { qos: 1, packetId: 4 });
  client.publishes('a', 'x', { qos: 2, packetId: 5 });
  assert.deepEqual(client.look(), [`PUBACK id=4 ${why}`, `PUBREC id=5 ${why}`]);
  assert.equal(client.closed, undefined);
});

test('an older client, which cannot be told, is not acknowledged and has to come again', () => {
  for (const qos of [1, 2] as const) {
    const client = connected(fullHub(), 4);
    client.publishes('a', 'x', { qos, packetId: 4 });
    assert.deepEqual(client.look(), []);
    assert.equal(client.closed, 'storage_failed');
  }
});

test('a client whose acknowledgement will never come is told so and has to come again', () => {
  const client = connected(fullHub(), 5);
  client.channel.onStorageFailure?.();
  assert.deepEqual(client.look(), [
    'DISCONNECT 0x97 (Quota exceeded) reasonString=the hub cannot store it at present',
  ]);
  assert.equal(client.closed, 'storage_failed');
});

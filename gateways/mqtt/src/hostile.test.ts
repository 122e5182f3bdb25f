import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeToBuffer, type Packet } from '@portico/codec-mqtt';
import { TestHub } from '@portico/core/testing';
import { connected, startGateway } from './testing.js';

/** What a client may say, and what it may not. */
const PACKETS: readonly Packet[] = [
  {
    type: 'publish',
    topic: 'a/b',
    payload: Buffer.from('x'),
    qos: 2,
    retain: true,
    dup: true,
    packetId: 3,
    properties: { topicAlias: 1, userProperties: [['k', 'v']] },
  },
  { type: 'puback', packetId: 1, reasonCode: 0 },
  { type: 'pubrec', packetId: 1, reasonCode: 0x97 },
  { type: 'pubrel', packetId: 3, reasonCode: 0 },
  { type: 'pubcomp', packetId: 1, reasonCode: 0 },
  {
    type: 'subscribe',
    packetId: 4,
    subscriptions: [
      { filter: '$share/g/a/#', qos: 2, noLocal: false, retainAsPublished: true, retainHandling: 1 },
      { filter: '+/#', qos: 1, noLocal: true, retainAsPublished: false, retainHandling: 0 },
    ],
  },
  { type: 'unsubscribe', packetId: 5, filters: ['a', '#'] },
  { type: 'pingreq' },
  { type: 'auth', reasonCode: 0 },
  { type: 'connect', protocolVersion: 5, cleanStart: true, keepAlive: 0, clientId: 'again' },
  { type: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 5 } },
];

/** Random numbers that are the same in every run. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state >>> 8;
  }
}

test('whatever a client sends, it is answered or closed, and nobody else feels it', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub);
  const other = connected(hub, 5, { clientId: 'other' }, gateway);
  other.subscribes('quiet');
  other.look();
  const numbers = random(42);
  for (let round = 0; round < 400; round++) {
    const client = connected(hub, 5, { clientId: 'hostile' }, gateway);
    for (let i = 0; i < 8 && client.closed === undefined; i++) {
      const bytes = encodeToBuffer(PACKETS[numbers.next().value % PACKETS.length] as Packet, 5);
      if (i % 2 === 1) bytes[numbers.next().value % bytes.length] = numbers.next().value & 0xff;
      client.sendsBytes(bytes);
    }
    client.look();
    client.channel.onClose('closed');
  }
  hub.client('application').publish('quiet', 'still here');
  assert.deepEqual(other.messages(), ['quiet=still here']);
  assert.deepEqual(hub.errors, []);
  assert.equal(hub.engine.sessions.size, 2);
});

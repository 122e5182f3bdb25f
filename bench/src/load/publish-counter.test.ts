import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectPacket, PINGREQ, publishPacket } from './mqtt-packets.js';
import { PublishCounter } from './publish-counter.js';

const STREAM = Buffer.concat([
  connectPacket('client'),
  publishPacket('t', Buffer.alloc(0), 0, 0),
  PINGREQ,
  publishPacket('topic', Buffer.alloc(200), 1, 1),
  publishPacket('topic', Buffer.alloc(20_000, 0x30), 0, 0),
  PINGREQ,
]);

test('PUBLISH packets are counted apart from others, with remaining lengths of one, two and three bytes', () => {
  const counter = new PublishCounter();
  counter.push(STREAM, STREAM.length);
  assert.deepEqual([counter.publishes, counter.others], [3, 3]);
});

test('it does not matter where chunks end', () => {
  for (const size of [1, 2, 3, 7, 64, 1000]) {
    const counter = new PublishCounter();
    for (let at = 0; at < STREAM.length; at += size) {
      const chunk = STREAM.subarray(at, at + size);
      counter.push(chunk, chunk.length);
    }
    assert.deepEqual([counter.publishes, counter.others], [3, 3], `chunks of ${size} bytes`);
  }
});

test('only the bytes up to the end given are read, and a packet counts with its last byte', () => {
  const counter = new PublishCounter();
  const packet = publishPacket('t', Buffer.from('payload'), 0, 0);
  counter.push(packet, packet.length - 1);
  assert.equal(counter.publishes, 0);
  counter.push(packet.subarray(packet.length - 1), 1);
  assert.equal(counter.publishes, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import fc from 'fast-check';
import { decode } from './decoder.js';
import { encode, encodedLength } from './encoder.js';
import { MAX_MESSAGE_LENGTH, type SnMessage, TopicIdType } from './message.js';
import { anyMessage, encoded, plain } from './testing.js';

/** Octets of a PUBLISH before its data, with a Length of three. */
const PUBLISH_OVERHEAD = 9;

function publish(data: Buffer): SnMessage {
  const topic = { topicIdType: TopicIdType.normal, topicId: 1 };
  return { type: 'publish', dup: false, qos: 0, retain: false, ...topic, msgId: 0, data };
}

test('what is encoded decodes to the same message', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const datagram = encoded(message);
      assert.equal(datagram.length, encodedLength(message));
      assert.deepEqual(plain(decode(datagram)), plain(message));
    }),
    { numRuns: 1000 },
  );
});

test('a message is written behind what the sink already holds', () => {
  const sink = new BufferSink(1);
  encode({ type: 'connack', returnCode: 0 }, sink);
  encode({ type: 'pingresp' }, sink);
  assert.equal(sink.take().toString('hex'), '0305000217');
});

test('the longest message goes through, a longer one is the caller’s mistake', () => {
  const longest = publish(Buffer.alloc(MAX_MESSAGE_LENGTH - PUBLISH_OVERHEAD, 0x2a));
  const datagram = encoded(longest);
  assert.equal(datagram.length, MAX_MESSAGE_LENGTH);
  assert.deepEqual(plain(decode(datagram)), plain(longest));
  assert.throws(() => encoded(publish(Buffer.alloc(MAX_MESSAGE_LENGTH - PUBLISH_OVERHEAD + 1))), RangeError);
});

test('the encoder refuses what the format cannot hold, and writes nothing', () => {
  const ping: SnMessage = { type: 'pingresp' };
  const node = Buffer.alloc(253);
  const short = { topicIdType: TopicIdType.short, msgId: 1, dup: false, qos: 0 } as const;
  const broken: SnMessage[] = [
    { type: 'encapsulated', radius: 0, wirelessNodeId: node, message: ping },
    { type: 'encapsulated', radius: 4, wirelessNodeId: node.subarray(1), message: ping },
    { type: 'subscribe', ...short, topicName: 'a' },
    { type: 'unsubscribe', ...short, topicName: 'abc' },
    { type: 'unsubscribe', ...short, topicName: 'a°' },
  ];
  const sink = new BufferSink();
  for (const message of broken) assert.throws(() => encode(message, sink), RangeError);
  assert.equal(sink.length, 0);
});

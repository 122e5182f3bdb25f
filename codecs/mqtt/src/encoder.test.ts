import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import fc from 'fast-check';
import { encodePublish, PublishTemplate, publishSize } from './encode-publish.js';
import { encode, encodeToBuffer } from './encoder.js';
import type { Packet, Publish } from './packet.js';
import { EncodeError } from './packet-writer.js';
import { packetOf } from './testing/packet-arbitraries.js';

const publish: Publish = {
  type: 'publish',
  topic: 'a/b',
  payload: Buffer.from('x'),
  qos: 0,
  retain: false,
  dup: false,
  packetId: 0,
};

const version = fc.constantFrom(3 as const, 4 as const, 5 as const);
const anyPublish = version.chain((v) => packetOf('publish', v).map((packet) => ({ version: v, packet })));

test('a template writes what the encoder writes, with its own packet identifier and DUP', () => {
  const many = fc.array(fc.record({ id: fc.integer({ min: 1, max: 65535 }), dup: fc.boolean() }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(anyPublish, many, ({ version: v, packet }, copies) => {
      assert.equal(packet.type, 'publish');
      const template = new PublishTemplate(packet, v);
      const fromTemplate = new BufferSink();
      const expected = new BufferSink();
      for (const { id, dup } of copies) {
        template.write(fromTemplate, id, dup);
        encodePublish(packet.qos === 0 ? packet : { ...packet, packetId: id, dup }, v, expected);
      }
      assert.deepEqual(fromTemplate.take(), expected.take());
    }),
    { numRuns: 200 },
  );
});

test('a template with a long remaining length has its packet identifier in the right place', () => {
  const boundaries = [128, 16_384, 2_097_152].flatMap((limit) =>
    [-3, -2, -1, 0, 1].map((step) => limit + step),
  );
  for (const remaining of boundaries) {
    const length = remaining - 2 - publish.topic.length - 2;
    const big: Publish = { ...publish, qos: 1, packetId: 0x0102, payload: Buffer.alloc(length, 0x2f) };
    const sink = new BufferSink();
    new PublishTemplate(big, 4).write(sink, big.packetId, false);
    assert.deepEqual(sink.take(), encodeToBuffer(big, 4));
  }
});

test('publishSize tells the size of a PUBLISH', () => {
  fc.assert(
    fc.property(anyPublish, ({ version: v, packet }) => {
      assert.equal(packet.type, 'publish');
      assert.equal(publishSize(packet, v), encodeToBuffer(packet, v).length);
    }),
    { numRuns: 200 },
  );
});

test('the same topic again and again, and others in between', () => {
  const topics = ['a', 'a', 'a', 'b', 'a', 'é', 'é', 'é', 'a', '', ''];
  for (const topic of topics) {
    const expected = Buffer.concat([
      Buffer.from([0x30, 3 + Buffer.byteLength(topic), 0]),
      Buffer.from([Buffer.byteLength(topic)]),
      Buffer.from(`${topic}x`),
    ]);
    assert.deepEqual(encodeToBuffer({ ...publish, topic }, 4), expected);
  }
});

test('several packets follow each other in one sink', () => {
  const sink = new BufferSink(1);
  const packets: Packet[] = [publish, { type: 'pingreq' }, { type: 'puback', packetId: 258, reasonCode: 0 }];
  for (const packet of packets) encode(packet, 4, sink);
  assert.equal(sink.take().toString('hex'), '30060003612f6278c00040020102');
});

test('before MQTT 5, properties, reason codes and subscription options are left out', () => {
  const properties = { reasonString: 'no' };
  const hex = (packet: Packet): string => encodeToBuffer(packet, 4).toString('hex');
  assert.equal(hex({ ...publish, properties: { contentType: 'text' } }), '30060003612f6278');
  assert.equal(hex({ type: 'puback', packetId: 1, reasonCode: 0x87, properties }), '40020001');
  assert.equal(hex({ type: 'disconnect', reasonCode: 0x8e, properties }), 'e000');
  assert.equal(hex({ type: 'unsuback', packetId: 1, reasonCodes: [0x11], properties }), 'b0020001');
  const options = { noLocal: true, retainAsPublished: true, retainHandling: 2 } as const;
  const subscriptions = [{ filter: 'a', qos: 1, ...options }] as const;
  assert.equal(hex({ type: 'subscribe', packetId: 1, subscriptions }), '820600010001' + '6101');
});

test('MQTT 3.1 has no session present flag', () => {
  const connack = { type: 'connack', sessionPresent: true, reasonCode: 0 } as const;
  assert.equal(encodeToBuffer(connack, 3).toString('hex'), '20020000');
  assert.equal(encodeToBuffer(connack, 4).toString('hex'), '20020100');
});

test('what MQTT cannot carry is an EncodeError, and nothing is written', () => {
  const long = 'x'.repeat(65_536);
  const tooLong: Packet[] = [
    { ...publish, topic: long },
    { ...publish, properties: { contentType: long } },
    { ...publish, properties: { userProperties: [['a', long]] } },
    { ...publish, properties: { correlationData: Buffer.alloc(65_536) } },
    { ...publish, properties: { subscriptionIdentifiers: [268_435_456] } },
    { ...publish, payload: Buffer.alloc(268_435_455) },
    { type: 'connect', protocolVersion: 5, cleanStart: true, keepAlive: 0, clientId: long },
    { type: 'unsubscribe', packetId: 1, filters: [long] },
  ];
  const sink = new BufferSink();
  for (const packet of tooLong) assert.throws(() => encode(packet, 5, sink), EncodeError);
  assert.equal(sink.length, 0);
});

test('a property that the packet may not carry is not written', () => {
  const properties = { contentType: 'a', sessionExpiryInterval: 1 };
  const bytes = encodeToBuffer({ ...publish, properties }, 5);
  assert.deepEqual(bytes, encodeToBuffer({ ...publish, properties: { contentType: 'a' } }, 5));
});

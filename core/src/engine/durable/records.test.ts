import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Message, type MessageProperties, type QoS } from '../message.js';
import { decodeDelivery, encodeDelivery } from './delivery-record.js';
import { decodeMessageRecord, encodeMessageRecord } from './message-record.js';

const qos = fc.constantFrom<QoS>(0, 1, 2);
const number = fc.integer({ min: 1, max: 2 ** 48 - 1 });

test('a delivery reads back as it was written', () => {
  const record = fc.record(
    {
      session: number,
      packetId: fc.integer({ min: 1, max: 65535 }),
      qos,
      retain: fc.boolean(),
      priority: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constant(Number.POSITIVE_INFINITY)),
      sent: fc.boolean(),
      body: fc.option(number, { nil: undefined }),
      size: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      filter: fc.string({ unit: 'grapheme' }),
      subscriptionIds: fc.option(fc.array(fc.integer({ min: 1, max: 268_435_455 }), { minLength: 1 }), {
        nil: undefined,
      }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(record, (written) => assert.deepEqual(decodeDelivery(encodeDelivery(written)), written)),
  );
});

test('the bytes of a delivery stay what they are', () => {
  const record = {
    session: 0x0102,
    packetId: 0x0a0b,
    qos: 2 as const,
    retain: true,
    priority: 1,
    sent: true,
    body: 0x0304,
    size: 9,
    filter: 'a/#',
    subscriptionIds: [5],
  };
  const hex = '01 1e 0a0b 000000000102 000000000304 3ff0000000000000 00000009 0003 0001 612f23 00000005';
  assert.equal(encodeDelivery(record).toString('hex'), hex.replaceAll(' ', ''));
});

const properties = fc.record<MessageProperties>(
  {
    payloadFormatIndicator: fc.constantFrom(0, 1),
    messageExpiryInterval: fc.nat(),
    contentType: fc.string(),
    responseTopic: fc.string(),
    correlationData: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    userProperties: fc.array(fc.tuple(fc.string(), fc.string())),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('a message reads back as it was written', () => {
  const init = fc.record({
    topic: fc.string({ unit: 'grapheme' }),
    payload: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    qos,
    retain: fc.boolean(),
    properties: fc.option(properties, { nil: undefined }),
    timestamp: fc.nat({ max: 2 ** 45 }),
  });
  const fields = ({ topic, payload, qos, retain, properties, timestamp, expiresAt }: Message) => {
    return { topic, payload: payload.toString('hex'), qos, retain, properties, timestamp, expiresAt };
  };
  fc.assert(
    fc.property(init, (given) => {
      const written = new Message(given);
      assert.deepEqual(fields(decodeMessageRecord(encodeMessageRecord(written))), fields(written));
    }),
  );
});

test('the bytes of a message stay what they are', () => {
  const message = new Message({
    topic: 't',
    payload: Buffer.from('xy'),
    qos: 1,
    retain: true,
    properties: { contentType: 'c' },
    timestamp: 1,
  });
  const json = Buffer.from('{"contentType":"c"}').toString('hex');
  const hex = `01 05 3ff0000000000000 00000001 00000013 74 ${json} 7879`;
  assert.equal(encodeMessageRecord(message).toString('hex'), hex.replaceAll(' ', ''));
});

test('records of a format that is not known are refused', () => {
  assert.throws(() => decodeDelivery(Buffer.from('02', 'hex')), /format 2 is not known/);
  assert.throws(() => decodeMessageRecord(Buffer.from('02', 'hex')), /format 2 is not known/);
});

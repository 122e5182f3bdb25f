import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import { generate, parse } from 'coap-packet';
import fc from 'fast-check';
import { codeText } from './codes.js';
import { decode } from './decoder.js';
import { encode, encodedLength } from './encoder.js';
import { type CoapMessage, emptyMessage, keepMessage, MessageType, NO_BYTES } from './message.js';
import { CoapOption } from './option.js';
import { anyMessage, plain } from './testing.js';

function encoded(message: CoapMessage): Buffer {
  const sink = new BufferSink(16);
  encode(message, sink);
  return sink.take();
}

test('what is encoded decodes to the same message', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const datagram = encoded(message);
      assert.equal(datagram.length, encodedLength(message));
      assert.deepEqual(plain(decode(datagram)), plain(message));
    }),
  );
});

test('a message is written behind what the sink already holds', () => {
  const sink = new BufferSink(4);
  encode(emptyMessage(MessageType.ACK, 1), sink);
  encode(emptyMessage(MessageType.RST, 0xabcd), sink);
  assert.equal(sink.take().toString('hex'), '600000017000abcd');
});

test('a kept message survives its datagram', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const datagram = encoded(message);
      const kept = keepMessage(decode(datagram));
      datagram.fill(0xff);
      assert.deepEqual(plain(kept), plain(message));
    }),
  );
});

test('coap-packet reads what we write', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const theirs = parse(encoded(message));
      assert.equal(theirs.code, codeText(message.code));
      assert.equal(theirs.messageId, message.messageId);
      assert.equal(theirs.confirmable, message.type === MessageType.CON);
      assert.equal(theirs.ack, message.type === MessageType.ACK);
      assert.equal(theirs.reset, message.type === MessageType.RST);
      assert.equal(theirs.token.toString('hex'), message.token.toString('hex'));
      assert.equal(theirs.payload.toString('hex'), message.payload.toString('hex'));
      assert.deepEqual(
        theirs.options.map((option) => option.value.toString('hex')),
        message.options.map((option) => option.value.toString('hex')),
      );
    }),
  );
});

test('we read what coap-packet writes', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const datagram = generate(
        {
          code: codeText(message.code),
          messageId: message.messageId,
          confirmable: message.type === MessageType.CON,
          ack: message.type === MessageType.ACK,
          reset: message.type === MessageType.RST,
          token: message.token,
          options: message.options.map(({ number, value }) => ({ name: String(number), value })),
          payload: message.payload,
        },
        65507,
      );
      assert.deepEqual(plain(decode(datagram)), plain(message));
    }),
  );
});

test('the encoder refuses what the format cannot hold', () => {
  const base = { ...emptyMessage(MessageType.CON, 1), code: 1 };
  const sink = new BufferSink();
  assert.throws(() => encode({ ...base, token: Buffer.alloc(9) }, sink), RangeError);
  const options = [CoapOption.of(11, NO_BYTES), CoapOption.of(6, NO_BYTES)];
  assert.throws(() => encode({ ...base, options }, sink), RangeError);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import { assertFaultStaysUndecoded } from '@portico/frame/testing';
import fc from 'fast-check';
import { TcpDecoder } from './decoder.js';
import { describe } from './describe.js';
import { encode } from './encoder.js';
import { AckCode, type Frame, MAX_PAYLOAD_LENGTH, PROTOCOL_VERSION } from './frame.js';
import { fuzz } from './fuzz.js';

const plain = { noNullPrototype: true };
const text = (minLength: number) => fc.string({ unit: 'grapheme', minLength, maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array));

const connect = fc.record(
  {
    type: fc.constant('connect' as const),
    version: fc.constant(PROTOCOL_VERSION),
    keepalive: fc.nat(255),
    clientId: text(0),
    username: fc.option(text(1), { nil: undefined }),
    password: fc.option(text(1).map(Buffer.from), { nil: undefined }),
  },
  plain,
);
const connack = fc.record(
  {
    type: fc.constant('connack' as const),
    code: fc.constantFrom(...Object.values(AckCode)),
    message: text(0),
  },
  plain,
);
const datatrans = fc.record({ type: fc.constant('datatrans' as const), payload: bytes }, plain);
const bare = fc.constantFrom<Frame>({ type: 'ping' }, { type: 'pong' }, { type: 'disconnect' });
const frame: fc.Arbitrary<Frame> = fc.oneof(connect, connack, datatrans, bare);

/** Feeds `wire` in chunks of these sizes, over and over; each is overwritten once it has been used. */
function decodeInChunks(wire: Buffer, sizes: readonly number[]): Frame[] {
  const decoder = new TcpDecoder();
  const frames: Frame[] = [];
  for (let at = 0, i = 0; at < wire.length; i++) {
    const size = sizes[i % sizes.length] as number;
    const chunk = Buffer.from(wire.subarray(at, at + size));
    decoder.push(chunk);
    for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
      frames.push(next.type === 'datatrans' ? { ...next, payload: Buffer.from(next.payload) } : next);
    }
    chunk.fill(0xee);
    at += size;
  }
  assert.equal(decoder.buffered, 0);
  return frames;
}

test('whatever is written is read again, however the stream is cut', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), sizes, (frames, chunkSizes) => {
      const sink = new BufferSink();
      for (const each of frames) encode(each, sink);
      assert.deepEqual(decodeInChunks(sink.take(), chunkSizes), frames);
    }),
  );
});

test('the longest payload goes through, a longer one is the caller’s mistake', () => {
  const payload = Buffer.alloc(MAX_PAYLOAD_LENGTH, 0xa5);
  const sink = new BufferSink();
  encode({ type: 'datatrans', payload }, sink);
  assert.deepEqual(decodeInChunks(sink.take(), [16384]), [{ type: 'datatrans', payload }]);
  assert.throws(() => encode({ type: 'datatrans', payload: Buffer.alloc(65536) }, sink), RangeError);
  assert.throws(() => encode({ type: 'connack', code: 0, message: 'a'.repeat(65536) }, sink), RangeError);
  assert.equal(sink.length, 0);
});

test('a payload over the limit is refused by its length alone, before it arrives', () => {
  const decoder = new TcpDecoder({ maxFrameSize: 4 });
  decoder.push(Buffer.from('300004616263643000', 'hex'));
  assert.deepEqual(decoder.next(), { type: 'datatrans', payload: Buffer.from('abcd') });
  assert.equal(decoder.next(), undefined);
  assert.equal(decoder.buffered, 2);
  decoder.push(Buffer.of(5));
  assert.throws(() => decoder.next(), { name: 'FrameError', code: 'frame_too_large', offset: 1 });
});

test('frames before a bad one are read', () => {
  const decoder = new TcpDecoder();
  decoder.push(Buffer.from('4060f0', 'hex'));
  assert.deepEqual(decoder.next(), { type: 'ping' });
  assert.deepEqual(decoder.next(), { type: 'disconnect' });
  assert.throws(() => decoder.next(), { name: 'FrameError', code: 'unknown_type' });
});

test('after a fault the bytes of the bad frame are there to be looked at', () => {
  const ping = Buffer.from('40', 'hex');
  for (const bad of ['f0', '41', '11000100', '11000100c0', '200001ff', '30ffff']) {
    assertFaultStaysUndecoded(() => new TcpDecoder({ maxFrameSize: 100 }), ping, Buffer.from(bad, 'hex'));
  }
});

test('after keep the chunk may be overwritten', () => {
  const decoder = new TcpDecoder();
  const chunk = Buffer.from('4050', 'hex');
  decoder.push(chunk);
  assert.deepEqual(decoder.next(), { type: 'ping' });
  decoder.keep();
  chunk.fill(0xff);
  assert.deepEqual(decoder.next(), { type: 'pong' });
});

test('the one-line description names what a person looks for and hides the password', () => {
  const lines: [Frame, string][] = [
    [
      {
        type: 'connect',
        version: 1,
        keepalive: 60,
        clientId: 'a\nb',
        username: 'ann',
        password: Buffer.from('secret'),
      },
      'CONNECT version=1 keepalive=60s clientid="a\\nb" username="ann" password=***',
    ],
    [{ type: 'connack', code: AckCode.authFailed, message: 'no' }, 'CONNACK authFailed "no"'],
    [{ type: 'datatrans', payload: Buffer.from('abcd') }, 'DATATRANS 4 bytes 61626364'],
    [{ type: 'datatrans', payload: Buffer.alloc(33) }, `DATATRANS 33 bytes ${'00'.repeat(32)}…`],
    [{ type: 'ping' }, 'PING'],
  ];
  for (const [each, line] of lines) assert.equal(describe(each), line);
});

test('no bytes break the codec', () => {
  const sensible = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc
      .constantFrom('40', '60', '3000', '300002aabb', '11000a3c0004', '1100073c000461626364', '200001')
      .map((hex) => Buffer.from(hex, 'hex')),
  );
  const input = fc.array(sensible, { maxLength: 8 }).map((parts) => Buffer.concat(parts));
  fc.assert(fc.property(input, fuzz), { seed: 8090, numRuns: 2000 });
});

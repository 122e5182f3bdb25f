import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import { assertFaultStaysUndecoded } from '@portico/frame/testing';
import fc from 'fast-check';
import { type DecoderOptions, StompDecoder } from './decoder.js';
import { describe } from './describe.js';
import { encode, encodeHeartBeat } from './encoder.js';
import { CLIENT_COMMANDS, COMMANDS_WITH_BODY, frame, type StompFrame } from './frame.js';
import { fuzz } from './fuzz.js';
import { negotiate, type StompVersion, VERSIONS } from './versions.js';

const text = fc.string({ unit: 'binary', maxLength: 30 });
const headers = fc.array(fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), text), {
  maxLength: 8,
});
const body = fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array));
const command = fc.constantFrom(...CLIENT_COMMANDS.filter((name) => name !== 'CONNECT' && name !== 'STOMP'));
const anyFrame = fc.tuple(command, headers, body).map(([name, pairs, bytes]) => {
  const flat = pairs.filter(([header]) => header !== 'content-length').flat();
  return frame(name, flat, COMMANDS_WITH_BODY.includes(name) ? bytes : undefined);
});

function handshake(version: StompVersion): Buffer {
  return Buffer.from(`CONNECT\naccept-version:${version}\n\n\0`);
}

/** Feeds `wire` in chunks of these sizes, over and over; each is overwritten once it has been used. */
function decodeInChunks(wire: Buffer, sizes: readonly number[]): unknown[] {
  const decoder = new StompDecoder();
  const frames: unknown[] = [];
  for (let at = 0, i = 0; at < wire.length; i++) {
    const size = sizes[i % sizes.length] as number;
    const chunk = Buffer.from(wire.subarray(at, at + size));
    decoder.push(chunk);
    for (let next = decoder.next(); next !== undefined; next = decoder.next()) frames.push(partsOf(next));
    chunk.fill(0xee);
    at += size;
  }
  assert.equal(decoder.buffered, 0);
  return frames;
}

function partsOf({ command: name, headers: list, body: bytes }: StompFrame): unknown {
  const pairs = [...list].filter(([header]) => header !== 'content-length');
  return [name, pairs, Buffer.from(bytes)];
}

test('whatever is written in 1.2 is read again, however the stream is cut', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 8 }), sizes, (frames, chunkSizes) => {
      const sink = new BufferSink();
      for (const each of frames) {
        encode(each, '1.2', sink);
        encodeHeartBeat(sink);
      }
      const wire = Buffer.concat([handshake('1.2'), sink.take()]);
      assert.deepEqual(decodeInChunks(wire, chunkSizes).slice(1), frames.map(partsOf));
    }),
  );
});

test('what 1.0 cannot say never makes another header', () => {
  const sink = new BufferSink();
  encode(frame('MESSAGE', ['a\nb', 'c\nd:e\r']), '1.0', sink);
  assert.equal(sink.take().toString(), 'MESSAGE\nab:cd:e\ncontent-length:0\n\n\0');
});

test('any bytes are read or refused', () => {
  const alphabet = [
    'SEND',
    'CONNECT',
    'MESSAGE',
    '\n',
    '\r\n',
    '\0',
    ':',
    '\\',
    '\\c',
    'a',
    'content-length:3',
    'é',
  ];
  const nearly = fc
    .array(fc.constantFrom(...alphabet), { maxLength: 30 })
    .map((parts) => Buffer.from(parts.join('')));
  fc.assert(fc.property(fc.oneof(body, nearly), (bytes) => fuzz(bytes)));
});

/** The error of a frame in a decoder with these limits. */
function refusal(options: DecoderOptions, wire: string): unknown {
  const decoder = new StompDecoder(options);
  decoder.push(Buffer.from(wire));
  try {
    return decoder.next();
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

test('limits are exact, and named where they are exceeded', () => {
  const twoHeaders = { maxHeaders: 2 };
  assert.equal(typeof refusal(twoHeaders, 'SEND\na:1\nb:2\n\n\0'), 'object');
  assert.equal(refusal(twoHeaders, 'SEND\na:1\nb:2\nc:3\n\n\0'), 'more than 2 headers');
  const fourBytes = { maxHeaderLength: 4 };
  assert.equal(typeof refusal(fourBytes, 'SEND\na:23\r\n\n\0'), 'object');
  assert.equal(refusal(fourBytes, 'SEND\na:234'), undefined);
  assert.equal(refusal(fourBytes, 'SEND\na:2345'), 'a header of more than 4 bytes');
  const threeBytes = { maxBodyLength: 3 };
  assert.equal(typeof refusal(threeBytes, 'SEND\n\nabc\0'), 'object');
  assert.equal(refusal(threeBytes, 'SEND\n\nabcd'), 'a body of more than 3 bytes');
  assert.equal(refusal(threeBytes, 'SEND\ncontent-length:4\n\n'), 'a body of more than 3 bytes');
});

test('line ends that come in pieces are no part of the head behind them', () => {
  const frames = decodeInChunks(Buffer.from('\r\nSEND\r\na:1\r\n\r\n\0\n\r\n\r\nSEND\n\n\0'), [1]);
  assert.deepEqual(
    frames.map((each) => (each as unknown[])[1]),
    [[['a', '1']], []],
  );
});

test('headers that are not UTF-8 are refused', () => {
  const decoder = new StompDecoder();
  decoder.push(Buffer.concat([Buffer.from('SEND\na:'), Buffer.of(0xff), Buffer.from('\n\n\0')]));
  assert.throws(() => decoder.next(), { code: 'not_utf8' });
});

test('the best common version is spoken', () => {
  assert.deepEqual(
    VERSIONS.map((version) => negotiate(version)),
    [...VERSIONS],
  );
  assert.equal(negotiate(undefined), '1.0');
  assert.equal(negotiate('1.2, 1.0,1.1'), '1.2');
  assert.equal(negotiate('9.9'), undefined);
});

test('a frame is described in one line without its passcode', () => {
  const connect = frame('CONNECT', ['login', 'me', 'passcode', 'secret']);
  assert.equal(describe(connect), 'CONNECT login="me" passcode=***');
  assert.equal(
    describe(frame('SEND', ['destination', 'a\nb'], Buffer.alloc(40))),
    `SEND destination="a\\nb" 40 bytes ${'00'.repeat(32)}…`,
  );
});

test('after a fault the bytes that caused it can be looked at', () => {
  assertFaultStaysUndecoded(
    () => new StompDecoder(),
    Buffer.from('CONNECT\n\n\0'),
    Buffer.from('GET / HTTP/1.1\r\n'),
  );
});

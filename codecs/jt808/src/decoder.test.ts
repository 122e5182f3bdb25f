import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameError } from '@portico/frame';
import { assertFaultStaysUndecoded } from '@portico/frame/testing';
import fc from 'fast-check';
import { decodeBody } from './body.js';
import { type DecoderOptions, Jt808Decoder } from './decoder.js';
import { encodeMessage } from './encoder.js';
import type { MalformedCode } from './frame.js';
import { fuzz } from './fuzz.js';

const HEARTBEAT = '7e00020000013800138000000aa27e';
const HEARTBEAT_ID = 0x0002;

/** What a decoder finds in a stream: message ids, codes of malformed frames, and bytes that were passed over. */
function found(hex: string, options: DecoderOptions = {}): { found: unknown[]; skipped: number } {
  const decoder = new Jt808Decoder(options);
  decoder.push(Buffer.from(hex, 'hex'));
  const ids: unknown[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
    ids.push(frame.kind === 'frame' ? frame.header.msg_id : frame.code);
  }
  return { found: ids, skipped: decoder.skipped };
}

const STREAMS: readonly { name: string; hex: string; found: unknown[]; skipped: number }[] = [
  { name: 'frames one after the other', hex: HEARTBEAT + HEARTBEAT, found: [2, 2], skipped: 0 },
  { name: 'frames that share a delimiter', hex: HEARTBEAT + HEARTBEAT.slice(2), found: [2, 2], skipped: 0 },
  { name: 'an HTTP request before a frame', hex: `474554202f${HEARTBEAT}`, found: [2], skipped: 5 },
  { name: 'bytes between frames', hex: `${HEARTBEAT}0d0a${HEARTBEAT}`, found: [2, 2], skipped: 2 },
  { name: 'more delimiters than needed', hex: `7e7e${HEARTBEAT}7e7e${HEARTBEAT}`, found: [2, 2], skipped: 0 },
  { name: 'the end of a frame first', hex: `138000000aa27e${HEARTBEAT}`, found: [2], skipped: 6 },
  { name: 'a frame without its end', hex: `7e0002${HEARTBEAT}`, found: ['too_short', 2], skipped: 0 },
  {
    name: 'a wrong check byte',
    hex: `${HEARTBEAT.replace('a27e', 'a37e')}${HEARTBEAT}`,
    found: ['bad_checksum', 2],
    skipped: 0,
  },
  { name: 'an escape of nothing', hex: `7e00027d0300007e${HEARTBEAT}`, found: ['bad_escape', 2], skipped: 0 },
  {
    name: 'an escape right before the end',
    hex: `7e00027d7e${HEARTBEAT}`,
    found: ['bad_escape', 2],
    skipped: 0,
  },
];

for (const { name, hex, ...expected } of STREAMS) {
  test(`finds its way through ${name}`, () => assert.deepEqual(found(hex), expected));
}

const MALFORMED: readonly { hex: string; code: MalformedCode; offset: number }[] = [
  { hex: '7e7d7e', code: 'bad_escape', offset: 1 },
  { hex: '7e007d01007d007e', code: 'bad_escape', offset: 5 },
  { hex: '7e0002007e', code: 'too_short', offset: 4 },
  { hex: '7e000200000138001380000000ab7e', code: 'bad_checksum', offset: 13 },
  { hex: '7e0002000001380013800000007d017e', code: 'bad_checksum', offset: 13 },
];

for (const { hex, code, offset } of MALFORMED) {
  test(`a malformed frame is given with its delimiters, and where it is wrong: ${hex}`, () => {
    const decoder = new Jt808Decoder();
    decoder.push(Buffer.from(hex, 'hex'));
    const frame = decoder.next();
    assert.ok(frame?.kind === 'malformed');
    assert.deepEqual([frame.code, frame.offset, frame.bytes.toString('hex')], [code, offset, hex]);
  });
}

test('escapes may stand at the end of a frame, and be cut by a segment', () => {
  const header = { msg_id: 0x0900, phone: '013800138000', msg_sn: 3 };
  const data = Buffer.from('7d7e7d7e', 'hex').toString('base64');
  const [bytes] = encodeMessage({ header, body: { type: 0x7e, data } });
  assert.ok(bytes);
  const decoder = new Jt808Decoder();
  for (const byte of bytes) decoder.push(Buffer.of(byte));
  const frame = decoder.next();
  assert.ok(frame?.kind === 'frame');
  assert.deepEqual(decodeBody(frame).body, { type: 0x7e, data });
});

test('a frame without end is refused, and bytes without any beginning are passed over', () => {
  assert.throws(
    () => found(`7e${'00'.repeat(101)}`, { maxFrameSize: 100 }),
    (error) => error instanceof FrameError && error.code === 'frame_too_long',
  );
  assert.deepEqual(found('00'.repeat(5000), { maxFrameSize: 100 }), { found: [], skipped: 5000 });
  const between = found(`${HEARTBEAT}${'00'.repeat(101)}${HEARTBEAT}`, { maxFrameSize: 100 });
  assert.deepEqual(between, { found: [HEARTBEAT_ID, HEARTBEAT_ID], skipped: 101 });
  assertFaultStaysUndecoded(
    () => new Jt808Decoder({ maxFrameSize: 100 }),
    Buffer.from(HEARTBEAT, 'hex'),
    Buffer.from(`7e${'01'.repeat(101)}`, 'hex'),
  );
});

test('nothing is held between frames', () => {
  const decoder = new Jt808Decoder();
  decoder.push(Buffer.from(HEARTBEAT, 'hex'));
  decoder.next();
  assert.equal(decoder.next(), undefined);
  assert.equal(decoder.buffered, 0);
});

test('a terminal may change its phone number', () => {
  const phones = ['013800138000', '013800138001', '4eb6fb4afd9e', '013800138000'];
  const decoder = new Jt808Decoder();
  for (const phone of phones) {
    const [bytes] = encodeMessage({ header: { msg_id: 2, phone, msg_sn: 0 } });
    assert.ok(bytes);
    decoder.push(bytes);
    const frame = decoder.next();
    assert.ok(frame?.kind === 'frame');
    assert.equal(frame.header.phone, phone);
    assert.equal(decoder.next(), undefined);
  }
});

test('any bytes are read or refused', () => {
  const pieces = ['7e', '7d', '7d01', '7d02', HEARTBEAT, '0200', '00', '4000', '0013', 'ff'];
  const nearly = fc
    .array(fc.constantFrom(...pieces), { maxLength: 20 })
    .map((parts) => Buffer.from(parts.join(''), 'hex'));
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(fc.property(fc.oneof(any, nearly), (bytes) => fuzz(bytes)));
});

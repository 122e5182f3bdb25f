import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage } from './data.js';
import { Gbt32960Decoder } from './decoder.js';
import { encodeFrame } from './encoder.js';
import { Command, type Gbt32960Frame, type MalformedFrame } from './frame.js';

const VIN = 'LGHC4V1D3HE202652';
const heartbeat = encodeMessage({ command: Command.Heartbeat, vin: VIN, data: {} });
const newHeartbeat = encodeMessage({ edition: 2025, command: Command.Heartbeat, vin: VIN, data: {} });

function decode(...chunks: readonly Buffer[]): {
  readonly found: string[];
  readonly decoder: Gbt32960Decoder;
} {
  const decoder = new Gbt32960Decoder({ maxFrameSize: 100 });
  const found: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) found.push(named(frame));
  }
  return { found, decoder };
}

function named(frame: Gbt32960Frame | MalformedFrame): string {
  return frame.kind === 'frame' ? `${frame.edition} ${frame.command}` : frame.code;
}

/** A copy with another byte at an offset, from the end where it is negative. */
function changed(frame: Buffer, at: number): Buffer {
  const copy = Buffer.from(frame);
  const index = at < 0 ? frame.length + at : at;
  copy[index] = (copy[index] as number) ^ 0x55;
  return copy;
}

test('both editions come on one stream', () => {
  const { found, decoder } = decode(Buffer.concat([heartbeat, newHeartbeat, heartbeat]));
  assert.deepEqual(found, ['2016 7', '2025 7', '2016 7']);
  assert.equal(decoder.skipped, 0);
});

test('bytes between frames are passed over and counted', () => {
  const { found, decoder } = decode(Buffer.from('x#$#'), heartbeat, Buffer.from('\r\n$'), newHeartbeat);
  assert.deepEqual(found, ['2016 7', '2025 7']);
  assert.equal(decoder.skipped, 7);
});

test('a frame with a wrong check byte does not end the stream', () => {
  const { found } = decode(Buffer.concat([changed(heartbeat, -1), heartbeat]));
  assert.deepEqual(found, ['bad_checksum', '2016 7']);
});

test('a frame that tells of too many bytes does not take the next with it', () => {
  const long = Buffer.from(heartbeat);
  long.writeUInt16BE(30, 22);
  const { found } = decode(Buffer.concat([long, heartbeat, heartbeat]));
  assert.deepEqual(found, ['bad_checksum', '2016 7', '2016 7']);
});

test('a frame above the limit is passed over without waiting for its end', () => {
  const long = encodeFrame({ command: 2, response: 0xfe, vin: VIN, data: Buffer.alloc(100) });
  const { found, decoder } = decode(long.subarray(0, 30), long.subarray(30), heartbeat);
  assert.deepEqual(found, ['frame_too_long', '2016 7']);
  assert.equal(decoder.buffered, 0);
});

test('start bytes within sound data are data', () => {
  const frame = encodeFrame({
    command: 2,
    response: 0xfe,
    vin: VIN,
    data: Buffer.from('##\x01\xfe$$', 'latin1'),
  });
  assert.deepEqual(decode(frame).found, ['2016 2']);
});

test('what is there of the next frame is kept when its chunk goes', () => {
  const decoder = new Gbt32960Decoder();
  const chunk = Buffer.from(heartbeat.subarray(0, 10));
  decoder.push(chunk);
  assert.equal(decoder.next(), undefined);
  chunk.fill(0);
  decoder.push(heartbeat.subarray(10));
  assert.equal(decoder.next()?.vin, VIN);
});

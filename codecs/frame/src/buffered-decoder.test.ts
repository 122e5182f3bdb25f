import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BufferedDecoder } from './buffered-decoder.js';

/** Frames of a length byte and as many others. */
class CountedDecoder extends BufferedDecoder<string> {
  next(): string | undefined {
    const { bytes, start, length } = this.input;
    const size = length === 0 ? 1 : 1 + (bytes[start] as number);
    if (length < size || length === 0) {
      this.input.keep();
      return undefined;
    }
    this.input.start = start + size;
    return bytes.toString('hex', start + 1, start + size);
  }
}

test('frames are the same however the stream is cut, and though each chunk is overwritten', () => {
  const body = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(body),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (bodies, sizes) => {
        const stream = Buffer.concat(bodies.map((bytes) => Buffer.from([bytes.length, ...bytes])));
        const decoder = new CountedDecoder();
        const found: string[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] as number;
          const chunk = Buffer.from(stream.subarray(at, at + size));
          decoder.push(chunk);
          for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) found.push(frame);
          chunk.fill(0xff);
          at += chunk.length;
        }
        assert.deepEqual(
          found,
          bodies.map((bytes) => Buffer.from(bytes).toString('hex')),
        );
        assert.equal(decoder.buffered, 0);
      },
    ),
  );
});

test('what is not decoded yet can be counted and looked at', () => {
  const decoder = new CountedDecoder();
  decoder.push(Buffer.from('01aa03bbbb', 'hex'));
  assert.equal(decoder.next(), 'aa');
  assert.equal(decoder.buffered, 3);
  assert.deepEqual(decoder.undecoded, Buffer.from('03bbbb', 'hex'));
});

test('whoever stops before the last frame keeps the rest of a chunk', () => {
  const decoder = new CountedDecoder();
  const chunk = Buffer.from('01aa01bb', 'hex');
  decoder.push(chunk);
  assert.equal(decoder.next(), 'aa');
  decoder.keep();
  chunk.fill(0);
  assert.equal(decoder.next(), 'bb');
  assert.equal(decoder.next(), undefined);
});

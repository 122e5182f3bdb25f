import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferedDecoder } from './buffered-decoder.js';
import { explainedLines } from './check-explained.js';
import { cutFrames } from './cut-frames.js';
import { frameRow } from './explained-rows.js';
import { explained } from './field-reader.js';
import { FrameError } from './frame-error.js';

/** Frames of a length byte and as many others; a length of 255 is a fault, and zeros between frames are passed over. */
class CountedDecoder extends BufferedDecoder<number> {
  skipped = 0;

  next(): number | undefined {
    const { input } = this;
    while (input.length > 0 && input.bytes[input.start] === 0) {
      input.start++;
      this.skipped++;
    }
    const size = input.bytes[input.start] ?? 0;
    if (size === 255) throw new FrameError('too_long', 0, 'a length of 255');
    if (input.length <= size) return undefined;
    input.start += 1 + size;
    return size;
  }
}

function pieces(hex: string) {
  return Array.from(cutFrames(new CountedDecoder(), Buffer.from(hex, 'hex')), ({ offset, bytes, faults }) =>
    [offset, bytes.toString('hex'), ...faults.map((fault) => `byte ${fault.offset}: ${fault.reason}`)].join(
      ' ',
    ),
  );
}

test('a stream is cut into frames, what is passed over, and what is not complete', () => {
  assert.deepEqual(pieces('01aa000002bbbb03cc'), [
    '0 01aa',
    '2 0000 byte 0: no frame begins here: passed over',
    '4 02bbbb',
    '7 03cc byte 2: the bytes end before the frame does',
  ]);
});

test('the frame that ends a stream by a fault has all that is left', () => {
  assert.deepEqual(pieces('01aaff0102'), ['0 01aa', '2 ff0102 byte 0: a length of 255']);
});

const what = { title: 'LOGIN', offset: 0, faults: [] };

test('a frame that ends within a field is explained up to there', () => {
  const frame = explained({ ...what, bytes: Buffer.from('0500616263', 'hex') }, (reader) => {
    reader.text('name', reader.uint('length', 1));
  });
  assert.deepEqual(explainedLines([frame]), [
    'LOGIN',
    '0 length: 5',
    '1 (unread): 4 bytes',
    'byte 1: 5 bytes are due, 4 are left',
  ]);
});

test('secrets are hidden in the value, in the bytes of the field and in those of the frame', () => {
  const frame = explained({ ...what, bytes: Buffer.from('01736563726574ff', 'hex') }, (reader) => {
    reader.uint('version', 1);
    reader.secret('password', 6);
    reader.uint('end', 1);
  });
  const { hex, fields } = frameRow(frame, true);
  assert.equal(hex, '01************ff');
  assert.deepEqual(fields[1], { offset: 1, length: 6, hex: '************', name: 'password', value: '***' });
  assert.equal(frameRow(frame, false).fields[1]?.value, '"secret"');
});

test('what cannot be read of a frame that may have a secret is hidden', () => {
  const bytes = Buffer.from('09736563', 'hex');
  const frame = explained({ ...what, bytes, secretRest: true }, (reader) => {
    reader.secret('password', reader.uint('length', 1));
  });
  assert.equal(frameRow(frame, true).hex, '09******');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBody } from './body.js';
import { Jt808Decoder } from './decoder.js';
import { encodeMessage } from './encoder.js';
import type { Jt808Frame } from './frame.js';
import { type DroppedMessage, Reassembler, type ReassemblerOptions } from './reassembler.js';

const POSITION = {
  alarm: 0,
  status: 3,
  latitude: 39_908_800,
  longitude: 116_397_400,
  altitude: 50,
  speed: 600,
  direction: 90,
  time: '260509164227',
};
const PHOTO = Buffer.from(Array.from({ length: 3000 }, (_, at) => at % 251));

function photo(id: number, msgSn: number): Jt808Frame[] {
  const body = {
    id,
    type: 0,
    format: 0,
    event: 1,
    channel: 1,
    location: POSITION,
    multimedia: PHOTO.toString('base64'),
  };
  const header = { msg_id: 0x0801, phone: '13800138000', msg_sn: msgSn };
  const decoder = new Jt808Decoder();
  return encodeMessage({ header, body }).map((bytes) => {
    decoder.push(bytes);
    const frame = decoder.next();
    assert.ok(frame?.kind === 'frame');
    decoder.next();
    return frame;
  });
}

function reassembler(options: ReassemblerOptions = {}): { drops: DroppedMessage[]; parts: Reassembler } {
  const drops: DroppedMessage[] = [];
  return { drops, parts: new Reassembler({ ...options, onDropped: (dropped) => drops.push(dropped) }) };
}

/** Adds frames. @returns ids of the photos that became whole */
function addAll(parts: Reassembler, frames: readonly (Jt808Frame | undefined)[], now = 0): unknown[] {
  return frames.flatMap((frame) => {
    assert.ok(frame);
    const message = parts.add(frame, now);
    if (message === undefined) return [];
    const { body, faults } = decodeBody(message);
    assert.deepEqual(faults, []);
    assert.equal(body.multimedia, PHOTO.toString('base64'));
    return [body.id];
  });
}

test('a message in one piece is whole at once', () => {
  const { parts } = reassembler();
  const [first] = photo(1, 0);
  assert.ok(first);
  const { frag_total, frag_sn, ...header } = first.header;
  assert.deepEqual([frag_total, frag_sn], [3, 1]);
  const frame = { ...first, header };
  assert.equal(parts.add(frame, 0), frame);
  const only = { ...first, header: { ...header, frag_total: 1, frag_sn: 1 } };
  assert.equal(parts.add(only, 0), only);
});

test('parts in any order, and twice, give the message with the serial number of the first', () => {
  const { drops, parts } = reassembler();
  const [a, b, c] = photo(1, 65535);
  assert.ok(a && b && c);
  assert.equal(parts.add(c, 0), undefined);
  assert.equal(parts.add(a, 0), undefined);
  assert.equal(parts.add(a, 0), undefined);
  const message = parts.add(b, 0);
  assert.equal(message?.header.msg_sn, 65535);
  assert.equal(message?.header.frag_total, undefined);
  assert.deepEqual([parts.pending, parts.bytes, drops], [0, 0, []]);
});

test('messages whose parts are mixed do not get into each other', () => {
  const { parts } = reassembler();
  const [a1, a2, a3] = photo(1, 10);
  const [b1, b2, b3] = photo(2, 90);
  assert.deepEqual(addAll(parts, [a1, b1, a2, b2, b3, a3]), [2, 1]);
});

test('a part that is lost is asked for, and makes the message whole', () => {
  const { parts } = reassembler({ patience: 1000 });
  const [a, b, c] = photo(7, 20);
  assert.deepEqual(addAll(parts, [a, c], 500), []);
  assert.deepEqual(parts.check(1499), []);
  assert.deepEqual(parts.check(1500), [{ msg_id: 0x0801, seq: 20, ids: [2] }]);
  assert.deepEqual(parts.check(1501), []);
  assert.deepEqual(addAll(parts, [b], 1600), [7]);
});

test('the first part can be asked for too, and may come with a new serial number', () => {
  const { parts } = reassembler({ patience: 1000 });
  const [a, b, c] = photo(7, 20);
  addAll(parts, [b, c]);
  assert.deepEqual(parts.check(1000), [{ msg_id: 0x0801, seq: 20, ids: [1] }]);
  assert.ok(a);
  const again = { ...a, header: { ...a.header, msg_sn: 500 } };
  assert.deepEqual(addAll(parts, [again], 1100), [7]);
});

test('a message is given up when its parts were asked for often enough', () => {
  const { drops, parts } = reassembler({ patience: 1000, maxRequests: 2 });
  addAll(parts, photo(7, 20).slice(1));
  assert.equal(parts.check(1000).length, 1);
  assert.equal(parts.check(2000).length, 1);
  assert.equal(parts.check(3000).length, 0);
  assert.deepEqual(drops, [{ reason: 'missing_parts', msg_id: 0x0801, received: 2, total: 3 }]);
  assert.equal(parts.pending, 0);
});

test('parts of terminals whose serial numbers have gaps belong together by id and number', () => {
  const { parts } = reassembler();
  const odd = photo(3, 100).map((frame, index) => ({
    ...frame,
    header: { ...frame.header, msg_sn: 100 + 17 * index },
  }));
  assert.deepEqual(addAll(parts, odd), [3]);
});

test('the first part of a photo does not go to one whose first part was lost', () => {
  const { parts } = reassembler();
  const [, a2] = photo(1, 10);
  addAll(parts, [a2]);
  assert.deepEqual(addAll(parts, photo(2, 90)), [2]);
  assert.equal(parts.pending, 1);
});

test('what is held is bounded by bytes and by messages', () => {
  const few = reassembler({ maxMessages: 2 });
  addAll(few.parts, [photo(1, 0)[0], photo(2, 100)[0], photo(3, 200)[0]]);
  assert.equal(few.parts.pending, 2);
  assert.deepEqual(few.drops, [{ reason: 'replaced', msg_id: 0x0801, received: 1, total: 3 }]);
  const small = reassembler({ maxBytes: 2000 });
  addAll(small.parts, photo(1, 0).slice(0, 2));
  assert.deepEqual(small.drops, [{ reason: 'too_large', msg_id: 0x0801, received: 1, total: 3 }]);
  assert.deepEqual([small.parts.pending, small.parts.bytes], [0, 0]);
});

test('a part without a number, or beyond the last, is refused', () => {
  const { drops, parts } = reassembler();
  const [first] = photo(1, 0);
  assert.ok(first);
  for (const frag_sn of [0, 4]) parts.add({ ...first, header: { ...first.header, frag_sn } }, 0);
  assert.deepEqual(
    drops.map(({ reason }) => reason),
    ['bad_part', 'bad_part'],
  );
  assert.equal(parts.pending, 0);
});

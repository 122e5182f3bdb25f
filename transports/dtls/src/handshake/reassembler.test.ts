import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Fragment, fragmentsIn, fragmentsOf, wholeMessage } from './fragments.js';
import { MAX_MESSAGE, Reassembler } from './reassembler.js';

function cut(body: Buffer, sequence: number, maxPart: number): Fragment[] {
  return fragmentsOf(wholeMessage(11, sequence, body), maxPart).flatMap((part) => [...fragmentsIn(part)]);
}

const ROOM = MAX_MESSAGE;

const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

test('messages come out whole and in order, however they were cut, shuffled and repeated', () => {
  const pieces = fc
    .array(fc.tuple(body, fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 6 })
    .chain((messages) => {
      const fragments = messages.flatMap(([bytes, maxPart], index) => cut(bytes, 3 + index, maxPart));
      const again = cut(messages[0]?.[0] ?? Buffer.alloc(0), 3, 7);
      const all = [...fragments, ...again];
      return fc.tuple(fc.constant(messages), fc.shuffledSubarray(all, { minLength: all.length }));
    });
  fc.assert(
    fc.property(pieces, ([messages, fragments]) => {
      const reassembler = new Reassembler(3, ROOM);
      const taken: string[] = [];
      for (const fragment of fragments) {
        reassembler.add(fragment, 0, MAX_MESSAGE);
        for (let one = reassembler.take(); one !== undefined; one = reassembler.take()) {
          assert.equal(one.sequence, 3 + taken.length);
          assert.deepEqual(one.bytes, wholeMessage(11, one.sequence, one.body));
          taken.push(one.body.toString('hex'));
        }
      }
      assert.deepEqual(
        taken,
        messages.map(([bytes]) => bytes.toString('hex')),
      );
    }),
    { seed: 6347 },
  );
});

function fragment(changes: Partial<Fragment>): Fragment {
  return { type: 11, length: 4, sequence: 0, offset: 0, part: Buffer.from('ab'), ...changes };
}

test('parts that overlap: what came first stays', () => {
  const reassembler = new Reassembler(0, ROOM);
  reassembler.add(fragment({}), 0, MAX_MESSAGE);
  reassembler.add(fragment({ offset: 1, part: Buffer.from('XYZ') }), 0, MAX_MESSAGE);
  assert.equal(reassembler.take()?.body.toString(), 'abYZ');
});

test('parts that say otherwise of their message are not taken', () => {
  const reassembler = new Reassembler(0, ROOM);
  reassembler.add(fragment({}), 0, MAX_MESSAGE);
  assert.equal(reassembler.add(fragment({ type: 12 }), 0, MAX_MESSAGE), false);
  assert.equal(reassembler.add(fragment({ length: 5 }), 0, MAX_MESSAGE), false);
  assert.equal(reassembler.add(fragment({}), 1, MAX_MESSAGE), false);
  assert.equal(reassembler.add(fragment({ offset: 2 }), 0, MAX_MESSAGE), true);
  assert.equal(reassembler.take()?.body.toString(), 'abab');
});

test('messages that are over, too far ahead, or too long are not taken', () => {
  const reassembler = new Reassembler(5, ROOM);
  assert.equal(reassembler.add(fragment({ sequence: 4 }), 0, MAX_MESSAGE), false);
  assert.equal(reassembler.add(fragment({ sequence: 13 }), 0, MAX_MESSAGE), false);
  assert.equal(reassembler.add(fragment({ sequence: 5, length: 2049 }), 0, 2048), false);
  assert.equal(reassembler.add(fragment({ sequence: 5, length: 2048 }), 0, 2048), true);
});

test('messages ahead share what room there is, and leave the next one its own', () => {
  const reassembler = new Reassembler(5, 4096);
  const long = { length: MAX_MESSAGE };
  assert.equal(reassembler.add(fragment({ ...long, sequence: 6 }), 0, MAX_MESSAGE), false);
  assert.equal(reassembler.add(fragment({ sequence: 7, length: 4092 }), 0, MAX_MESSAGE), true);
  assert.equal(reassembler.add(fragment({ sequence: 8 }), 0, MAX_MESSAGE), true);
  assert.equal(reassembler.add(fragment({ sequence: 9, length: 1 }), 0, MAX_MESSAGE), false);
  assert.equal(reassembler.add(fragment({ ...long, sequence: 5 }), 0, MAX_MESSAGE), true);
});

test('what was passed over takes no room', () => {
  const reassembler = new Reassembler(0, 4);
  reassembler.add(fragment({ sequence: 1 }), 0, MAX_MESSAGE);
  reassembler.skipTo(2);
  assert.equal(reassembler.take(), undefined);
  assert.equal(reassembler.add(fragment({ sequence: 3 }), 0, MAX_MESSAGE), true);
});

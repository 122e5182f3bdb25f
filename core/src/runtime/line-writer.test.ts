import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.js';
import { LineWriter, type WriteBytes } from './line-writer.js';

const MEBIBYTE = 1024 * 1024;

type Answer = Parameters<WriteBytes>[1];

function setUp() {
  const clock = new VirtualClock();
  const offered: { text: string; answer: Answer }[] = [];
  const writer: LineWriter = new LineWriter(
    (bytes, answer) => offered.push({ text: bytes.toString(), answer }),
    clock,
    (lines) => writer.write(`${lines} lost\n`),
  );
  const take = () => {
    const one = offered.shift();
    assert.ok(one, 'something is offered');
    return one;
  };
  return { clock, offered, writer, take };
}

test('the lines of a moment leave in one piece, those written meanwhile in the next', () => {
  const { writer, offered, take, clock } = setUp();
  writer.write('a\n');
  writer.write('b\n');
  assert.equal(offered.length, 0);
  clock.advance(20);
  const first = take();
  assert.equal(first.text, 'a\nb\n');
  writer.write('c\n');
  clock.advance(20);
  assert.equal(offered.length, 0);
  first.answer(null, 4);
  clock.advance(20);
  assert.equal(take().text, 'c\n');
});

test('what the reader did not take is offered again, at once or when it had no room a little later', () => {
  const { writer, offered, take, clock } = setUp();
  writer.write('äbc\n');
  clock.advance(20);
  take().answer(null, 2);
  const rest = take();
  assert.equal(rest.text, 'bc\n');
  rest.answer(Object.assign(new Error('full'), { code: 'EAGAIN' }), 0);
  assert.equal(offered.length, 0);
  clock.advance(50);
  assert.equal(take().text, 'bc\n');
});

test('flush settles when everything has been taken', async () => {
  const { writer, take, clock } = setUp();
  await writer.flush();
  writer.write('a\n');
  let flushed = false;
  const flushing = writer.flush().then(() => {
    flushed = true;
  });
  clock.advance(20);
  assert.equal(flushed, false);
  take().answer(null, 2);
  await flushing;
});

test('lines for which there is no room are lost, and the reader is told how many', () => {
  const { writer, take, clock } = setUp();
  const mebibyte = `${'x'.repeat(MEBIBYTE - 1)}\n`;
  for (let i = 0; i < 11; i++) writer.write(mebibyte);
  clock.advance(20);
  const first = take();
  assert.equal(first.text.length, 8 * MEBIBYTE);
  writer.write('late\n');
  first.answer(null, first.text.length);
  clock.advance(20);
  assert.equal(take().text, '4 lost\n');
});

test('a reader that is gone is written to no more', async () => {
  const { writer, offered, take, clock } = setUp();
  writer.write('a\n');
  clock.advance(20);
  const flushing = writer.flush();
  take().answer(Object.assign(new Error('gone'), { code: 'EPIPE' }), 0);
  await flushing;
  writer.write('b\n');
  clock.advance(20);
  assert.equal(offered.length, 0);
});

test('lines that are lost are counted, those that wait when it ends too', () => {
  const { writer, take, clock } = setUp();
  writer.write('a\nb\n');
  clock.advance(20);
  writer.write('c\n');
  writer.breakOff();
  writer.write('d\n');
  assert.equal(writer.lost, 4);
  take().answer(null, 4);
  clock.advance(1000);
  assert.equal(writer.lost, 4);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type CoapMessage,
  emptyMessage,
  findOption,
  MessageType,
  Method,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import { bytes } from '../testing/index.js';
import { AskingTest } from './testing/asking.js';
import { block1, line, play, Sink, sentBlock } from './testing/blocks.js';

const { CON, NON, ACK } = MessageType;
const { Changed, Continue, RequestEntityIncomplete, RequestEntityTooLarge } = ResponseCode;

suite('RFC 7959 §2.5 using the Block1 option', () => {
  test('a payload longer than a block goes in blocks, each when the one before has been taken', () => {
    const coap = new AskingTest({ max_block_size: 128 });
    const peer = coap.peer();
    const payload = bytes(300);
    const course = peer.asked(Method.PUT, '5/0/0', { payload });
    const sink = new Sink();
    const sizes: (number | undefined)[] = [];
    const lines = play(peer, (request) => {
      sizes.push(findOption(request, OptionNumber.Size1)?.uint);
      sink.take(peer, request);
    });
    assert.deepEqual(lines, ['PUT 1:0/1/128', 'PUT 1:1/1/128', 'PUT 1:2/0/128']);
    assert.deepEqual(sizes, [300, undefined, undefined], 'the first tells how long the whole is');
    assert.deepEqual(sink.payload, payload);
    assert.deepEqual(course.look(), ['128/300', '256/300', '300/300', '2.04']);
    assert.deepEqual([coap.count('requests.sent'), coap.count('requests.answered')], [1, 1]);
  });

  test('each block has a token of its own (RFC 9175 §4.2), the first that of the request', () => {
    const peer = new AskingTest({ max_block_size: 64 }).peer();
    peer.asked(Method.PUT, '5/0/0', { payload: bytes(150), token: 'aa' });
    const tokens: string[] = [];
    play(peer, (request) => {
      tokens.push(request.token.toString('hex'));
      new Sink().take(peer, request);
    });
    assert.deepEqual([tokens[0], new Set(tokens).size], ['aa', 3]);
  });

  test('§2.3 a peer that wants smaller blocks gets them from the next one on', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const payload = bytes(250);
    const course = peer.asked(Method.PUT, '5/0/0', { payload });
    const sink = new Sink();
    const lines = play(peer, (request) => sink.take(peer, request, 32));
    assert.deepEqual(lines, [
      'PUT 1:0/1/128',
      'PUT 1:4/1/32',
      'PUT 1:5/1/32',
      'PUT 1:6/1/32',
      'PUT 1:7/0/32',
    ]);
    assert.deepEqual([sink.payload, course.look().at(-1)], [payload, '2.04']);
  });

  test('§2.3 a peer that acts upon each block gets all of them', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(300) });
    const lines = play(peer, (request) =>
      peer.responds(request, Changed, { options: [block1(sentBlock(request).num, 0, 128)] }),
    );
    assert.equal(lines.length, 3);
    assert.deepEqual(course.look(), ['128/300', '256/300', '300/300', '2.04']);
  });

  test('a block whose acknowledgement comes first is waited for, then the next one goes', () => {
    const coap = new AskingTest({ max_block_size: 128, response_timeout: '5s' });
    const peer = coap.peer();
    const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(256) });
    const first = peer.takeOne();
    peer.sends(emptyMessage(ACK, first.messageId));
    peer.responds(first, Continue, { type: CON, options: [block1(0, 1, 128)] });
    const [second] = peer.take();
    assert.equal(second && line(second), 'PUT 1:1/0/128');
    assert.deepEqual(course.look(), ['128/256']);
    coap.wait(1000);
    peer.sends(emptyMessage(ACK, second?.messageId ?? -1));
    coap.wait(6000);
    assert.deepEqual(course.look(), ['failed: timeout']);
  });

  test('an error in between ends it', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(300) });
    play(peer, (request, at) =>
      at === 0 ? new Sink().take(peer, request) : peer.responds(request, ResponseCode.Forbidden),
    );
    assert.deepEqual(course.look(), ['128/300', '4.03']);
  });

  for (const [what, code, options] of [
    ['2.31 to the last block', Continue, [block1(1, 1, 128)]],
    ['the number of another block', Changed, [block1(4, 0, 128)]],
  ] as const) {
    test(`${what} makes no sense: given up`, () => {
      const coap = new AskingTest({ max_block_size: 128 });
      const peer = coap.peer();
      const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(what.startsWith('2.31') ? 200 : 300) });
      play(peer, (request, at) =>
        at === 0 ? new Sink().take(peer, request) : peer.responds(request, code, { options }),
      );
      assert.deepEqual(course.look().at(-1), 'failed: incomplete');
      assert.equal(coap.count('requests.failed.incomplete'), 1);
    });
  }

  test('2.04 without Block1 to a block that is not the last one: given up', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(300) });
    peer.responds(peer.takeOne(), Changed);
    assert.deepEqual([course.look(), peer.look()], [['failed: incomplete'], []]);
  });

  test('RFC 9175 §3 blocks of a payload after one that was given up have a Request-Tag of their own', () => {
    const coap = new AskingTest({ max_block_size: 128 });
    const peer = coap.peer();
    const tags = (answer: (request: CoapMessage, sink: Sink) => void) => {
      const seen: (string | undefined)[] = [];
      const sink = new Sink();
      peer.asked(Method.PUT, '5/0/0', { payload: bytes(300) });
      play(peer, (request) => {
        seen.push(findOption(request, OptionNumber.RequestTag)?.value.toString('hex'));
        answer(request, sink);
      });
      return seen;
    };
    const takes = (request: CoapMessage, sink: Sink) => sink.take(peer, request);
    const losesItsWay = (request: CoapMessage, sink: Sink) =>
      sentBlock(request).num === 1 ? peer.responds(request, Changed) : sink.take(peer, request);
    assert.deepEqual(tags(takes), [undefined, undefined, undefined]);
    assert.deepEqual(tags(losesItsWay), [undefined, undefined]);
    assert.deepEqual(tags(takes), ['01', '01', '01']);
    assert.deepEqual(tags(losesItsWay), ['01', '01']);
    assert.deepEqual(tags(takes), ['02', '02', '02']);
  });

  test('two payloads in blocks go one after the other, however slow the peer is; what goes in one message goes in between', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const courses = [1, 2].map((seed) =>
      peer.asked(Method.PUT, '5/0/0', { payload: bytes(200, seed), token: `0${seed}` }),
    );
    const short = peer.asked(Method.GET, '3', { token: '03' });
    const first = peer.takeOne();
    peer.sends(emptyMessage(ACK, first.messageId));
    const between = peer.takeOne();
    assert.equal(line(between), 'GET');
    peer.responds(between, Changed);
    assert.deepEqual(peer.look(), []);
    peer.responds(first, Continue, { type: NON, options: [block1(0, 1, 128)] });
    const sink = new Sink();
    const lines = play(peer, (request) => sink.take(peer, request));
    assert.deepEqual(lines, ['PUT 1:1/0/128', 'PUT 1:0/1/128', 'PUT 1:1/0/128']);
    assert.deepEqual(Buffer.concat(sink.parts.slice(1)), bytes(200, 2));
    assert.deepEqual(
      [short, ...courses].map((course) => course.look().at(-1)),
      ['2.04', '2.04', '2.04'],
    );
  });

  test('those that wait behind one that is cancelled, or with the connection, end in order', () => {
    const coap = new AskingTest({ max_block_size: 16, max_requests: 1024 });
    const peer = coap.peer();
    const courses = Array.from({ length: 1024 }, (_, at) =>
      peer.asked(Method.PUT, '5', { payload: bytes(20), token: (0x10000 + at).toString(16).slice(1) }),
    );
    courses[1]?.handle?.cancel();
    courses[0]?.handle?.cancel();
    const [, third] = peer.take();
    assert.equal(third?.token.toString('hex'), '0002');
    peer.closes();
    assert.deepEqual(
      courses.map((course) => course.look().join()),
      [...Array(2).fill('failed: cancelled'), ...Array(1022).fill('failed: closed')],
    );
  });

  test('cancelled on the way, it goes no further', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(300) });
    const first = peer.takeOne();
    course.handle?.cancel();
    new Sink().take(peer, first);
    assert.deepEqual([course.look(), peer.look()], [['failed: cancelled'], []]);
  });
});

suite('RFC 7959 §2.9.2 4.08 Request Entity Incomplete', () => {
  test('all blocks again, once', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const payload = bytes(256);
    const course = peer.asked(Method.PUT, '5/0/0', { payload });
    const sink = new Sink();
    const lines = play(peer, (request, at) => {
      if (at === 1) peer.responds(request, RequestEntityIncomplete, { options: [block1(1, 0, 128)] });
      else sink.take(peer, request);
    });
    assert.deepEqual(lines, ['PUT 1:0/1/128', 'PUT 1:1/0/128', 'PUT 1:0/1/128', 'PUT 1:1/0/128']);
    assert.deepEqual(Buffer.concat(sink.parts.slice(1)), payload);
    assert.equal(course.look().at(-1), '2.04');
  });

  test('the second time it is the response', () => {
    const peer = new AskingTest({ max_block_size: 128 }).peer();
    const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(256) });
    const lines = play(peer, (request) => peer.responds(request, RequestEntityIncomplete));
    assert.deepEqual([lines.length, course.look()], [2, ['4.08']]);
  });
});

suite('RFC 7959 §2.9.3 4.13 Request Entity Too Large', () => {
  test('with a smaller size in Block1: goes on with that', () => {
    const peer = new AskingTest({ max_block_size: 1024 }).peer();
    const payload = bytes(2000);
    const course = peer.asked(Method.PUT, '5/0/0', { payload });
    const sink = new Sink();
    const lines = play(peer, (request, at) => {
      if (at === 0) peer.responds(request, RequestEntityTooLarge, { options: [block1(0, 1, 512)] });
      else sink.take(peer, request);
    });
    assert.deepEqual(lines.slice(0, 3), ['PUT 1:0/1/1024', 'PUT 1:0/1/512', 'PUT 1:1/1/512']);
    assert.deepEqual([sink.payload, course.look()[0]], [payload, '512/2000']);
  });

  test('to a payload that went in one message, too', () => {
    const peer = new AskingTest().peer();
    const payload = bytes(500);
    const course = peer.asked(Method.PUT, '5/0/0', { payload });
    const sink = new Sink();
    const lines = play(peer, (request, at) => {
      if (at === 0) peer.responds(request, RequestEntityTooLarge, { options: [block1(0, 0, 256)] });
      else sink.take(peer, request);
    });
    assert.deepEqual(lines, ['PUT', 'PUT 1:0/1/256', 'PUT 1:1/0/256']);
    assert.deepEqual([sink.payload, course.look().at(-1)], [payload, '2.04']);
  });

  test('without one, it is the response', () => {
    const peer = new AskingTest().peer();
    for (const options of [[], [block1(0, 1, 1024)], [uintOption(OptionNumber.Size1, 100)]]) {
      const course = peer.asked(Method.PUT, '5/0/0', { payload: bytes(2000) });
      peer.responds(peer.takeOne(), RequestEntityTooLarge, { options });
      assert.deepEqual([course.look(), peer.look()], [['4.13'], []]);
    }
  });
});

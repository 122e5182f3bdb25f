import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  emptyMessage,
  findOption,
  MessageType,
  Method,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import { bytes, rawOption } from '../testing/index.js';
import { type AskedPeer, AskingTest, Course, outgoing } from './testing/asking.js';
import { block2, play, Sink, serve } from './testing/blocks.js';

const { CON, NON, ACK } = MessageType;
const { Content } = ResponseCode;

suite('RFC 7959 §2.4 using the Block2 option', () => {
  test('a response in blocks is fetched and comes as one, with the options of the first', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const payload = bytes(300);
    const course = peer.asked(Method.GET, '3', { options: [uintOption(OptionNumber.Accept, 11_542)] });
    const accepts: (number | undefined)[] = [];
    const format = uintOption(OptionNumber.ContentFormat, 11_542);
    const lines = play(peer, (request) => {
      accepts.push(findOption(request, OptionNumber.Accept)?.uint);
      serve(peer, request, payload, 128, [format]);
    });
    assert.deepEqual(lines, ['GET', 'GET 2:1/0/128', 'GET 2:2/0/128']);
    assert.deepEqual(accepts, [11_542, 11_542, 11_542]);
    assert.deepEqual([course.look(), course.payload], [['2.05 300 bytes'], payload]);
    assert.deepEqual(
      course.options.map(({ number, uint }) => [number, uint]),
      [[OptionNumber.ContentFormat, 11_542]],
    );
    assert.equal(coap.requests.downloads.bytes, 0);
  });

  test('no larger blocks are asked for than max_block_size', () => {
    const peer = new AskingTest({ max_block_size: 64 }).peer();
    const payload = bytes(300);
    const course = peer.asked(Method.GET, '3');
    const lines = play(peer, (request) => serve(peer, request, payload, 256));
    assert.deepEqual(lines, ['GET', 'GET 2:4/0/64']);
    assert.deepEqual(course.payload, payload);
  });

  test('a peer may go over to smaller blocks', () => {
    const peer = new AskingTest().peer();
    const payload = bytes(300);
    const course = peer.asked(Method.GET, '3');
    const lines = play(peer, (request, at) => serve(peer, request, payload, at === 0 ? 128 : 64));
    assert.deepEqual(lines, ['GET', 'GET 2:1/0/128', 'GET 2:3/0/64', 'GET 2:4/0/64']);
    assert.deepEqual(course.payload, payload);
  });

  test('blocks may come in separate responses', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const payload = bytes(100);
    const course = peer.asked(Method.GET, '3');
    for (const num of [0, 1]) {
      const request = peer.take().find(({ type }) => type === CON) ?? assert.fail('nothing asked');
      peer.sends(emptyMessage(ACK, request.messageId));
      const options = [block2(num, num === 0 ? 1 : 0, 64)];
      peer.responds(request, Content, {
        type: NON,
        options,
        payload: payload.subarray(num * 64, num * 64 + 64),
      });
    }
    assert.deepEqual([course.look(), course.payload], [['acknowledged', '2.05 100 bytes'], payload]);
  });

  const tag = (value: string) => rawOption(OptionNumber.ETag, value);

  test('another entity-tag means another representation: once again from the first block on', () => {
    const peer = new AskingTest().peer();
    const [older, newer] = [bytes(200, 1), bytes(200, 2)];
    const course = peer.asked(Method.GET, '3');
    const lines = play(peer, (request, at) =>
      at === 0
        ? serve(peer, request, older, 128, [tag('01')])
        : serve(peer, request, newer, 128, [tag('02')]),
    );
    assert.deepEqual(lines, ['GET', 'GET 2:1/0/128', 'GET 2:0/0/128', 'GET 2:1/0/128']);
    assert.deepEqual([course.look(), course.payload], [['2.05 200 bytes'], newer]);
    assert.deepEqual(
      course.options.map(({ value }) => value.toString('hex')),
      ['02'],
    );
  });

  test('a representation that has become short comes in one message then', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '3');
    play(peer, (request, at) => {
      if (at === 0) serve(peer, request, bytes(200), 128, [tag('01')]);
      else if (at === 1) serve(peer, request, bytes(200), 128, [tag('02')]);
      else peer.responds(request, Content, { payload: 'short' });
    });
    assert.deepEqual(course.look(), ['2.05 short']);
  });

  test('one that changes for ever is given up', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3');
    const lines = play(peer, (request, at) => serve(peer, request, bytes(200), 128, [tag(`0${at}`)]));
    assert.deepEqual([lines.length, course.look()], [4, ['failed: incomplete']]);
    assert.deepEqual([coap.count('requests.failed.incomplete'), coap.requests.downloads.bytes], [1, 0]);
  });

  for (const [what, options, length] of [
    ['another block than was asked for', [block2(2, 0, 128)], 50],
    ['fewer bytes than the block has', [block2(1, 1, 128)], 50],
    ['more bytes than the block has', [block2(1, 0, 128)], 129],
    ['no Block2', [], 50],
    ['a Block2 with the reserved size', [uintOption(OptionNumber.Block2, 31)], 50],
  ] as const) {
    test(`${what}: once again, and then given up`, () => {
      const peer = new AskingTest().peer();
      const course = peer.asked(Method.GET, '3');
      const lines = play(peer, (request, at) => {
        if (at % 2 === 0) serve(peer, request, bytes(200), 128);
        else peer.responds(request, Content, { options, payload: bytes(length) });
      });
      assert.deepEqual(lines, ['GET', 'GET 2:1/0/128', 'GET 2:0/0/128', 'GET 2:1/0/128']);
      assert.deepEqual(course.look(), ['failed: incomplete']);
    });
  }

  test('what is carried out each time that it comes is not asked for once again', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.POST, '3/0/4');
    const lines = play(peer, (request, at) =>
      serve(peer, request, bytes(200), 128, [tag(at === 0 ? '01' : '02')]),
    );
    assert.deepEqual(lines, ['POST', 'POST 2:1/0/128']);
    assert.deepEqual(course.look(), ['failed: incomplete']);
  });

  test('an error in between is the response', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '3');
    play(peer, (request, at) => {
      if (at === 0) serve(peer, request, bytes(200), 128);
      else peer.responds(request, ResponseCode.ServiceUnavailable, { payload: 'busy' });
    });
    assert.deepEqual(course.look(), ['5.03 busy']);
  });

  test('what is longer than max_payload_size is not fetched to its end', () => {
    const coap = new AskingTest({ max_payload_size: 300 });
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3');
    const lines = play(peer, (request) => serve(peer, request, bytes(400), 128));
    assert.deepEqual([lines.length, course.look()], [3, ['failed: too_large']]);
    assert.deepEqual([coap.count('requests.failed.too_large'), coap.requests.downloads.bytes], [1, 0]);
  });

  test('§4 nor begun when its first block tells how long it is; nor taken in one message', () => {
    const peer = new AskingTest({ max_payload_size: 300 }).peer();
    const told = peer.asked(Method.GET, '3');
    const lines = play(peer, (request) =>
      serve(peer, request, bytes(400), 128, [uintOption(OptionNumber.Size2, 400)]),
    );
    assert.equal(lines.length, 1);
    assert.deepEqual(told.look(), ['failed: too_large']);
    const whole = peer.asked(Method.GET, '3');
    peer.responds(peer.takeOne(), Content, { payload: bytes(301) });
    assert.deepEqual(whole.look(), ['failed: too_large']);
  });

  test('§3.3 both ways: a request in blocks whose response is in blocks', () => {
    const peer = new AskingTest({ max_block_size: 64 }).peer();
    const [question, answer] = [bytes(100), bytes(150, 3)];
    const course = peer.asked(Method.POST, '5/0', { payload: question });
    const sink = new Sink();
    const lines = play(peer, (request, at) => {
      if (at === 0) sink.take(peer, request);
      else serve(peer, request, answer, 64);
      if (at > 1) assert.equal(request.payload.length, 0);
    });
    assert.deepEqual(lines, ['POST 1:0/1/64', 'POST 1:1/0/64', 'POST 2:1/0/64', 'POST 2:2/0/64']);
    assert.deepEqual([course.look(), course.payload], [['64/100', '100/100', '2.05 150 bytes'], answer]);
  });

  test('RFC 8132 §2 a FETCH shows its payload with each block', () => {
    const peer = new AskingTest().peer();
    const format = uintOption(OptionNumber.ContentFormat, 112);
    const course = peer.asked(Method.FETCH, '', { payload: 'which', options: [format] });
    const seen: unknown[] = [];
    play(peer, (request) => {
      seen.push([request.payload.toString(), findOption(request, OptionNumber.ContentFormat)?.uint]);
      serve(peer, request, bytes(100), 64);
    });
    assert.deepEqual(seen, Array(2).fill(['which', 112]));
    assert.deepEqual(course.look(), ['2.05 100 bytes']);
  });
});

suite('RFC 7959 §3.4 observation and blocks', () => {
  const observe = uintOption(OptionNumber.Observe, 0);

  test('the further blocks of the first response are fetched without Observe, and with other tokens', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '3', { token: 'aa', options: [observe] });
    const seen: boolean[] = [];
    const lines = play(peer, (request, at) => {
      seen.push(
        findOption(request, OptionNumber.Observe) !== undefined,
        request.token.toString('hex') === 'aa',
      );
      serve(peer, request, bytes(200), 128, at === 0 ? [uintOption(OptionNumber.Observe, 5)] : []);
    });
    assert.deepEqual([lines.length, seen], [2, [true, true, false, false]]);
    assert.deepEqual(course.look(), ['2.05 200 bytes']);
    assert.deepEqual(
      course.options.map(({ number, uint }) => [number, uint]),
      [[OptionNumber.Observe, 5]],
    );
  });

  test('what was observed stays observed when it has to be fetched once again', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '3', { options: [observe] });
    play(peer, (request, at) => {
      const options = [rawOption(OptionNumber.ETag, at === 0 ? '01' : '02')];
      if (at === 0) options.push(uintOption(OptionNumber.Observe, 5));
      serve(peer, request, bytes(200), 128, options);
    });
    assert.deepEqual(
      course.options.map(({ number, value }) => [number, value.toString('hex')]),
      [
        [OptionNumber.ETag, '02'],
        [OptionNumber.Observe, '05'],
      ],
    );
  });

  test('what follows the first block of a notification is fetched', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    peer.channel.observed.add('0b');
    const payload = bytes(200);
    const stray = { ...emptyMessage(CON, 1), token: Buffer.from('0b', 'hex') };
    const options = [uintOption(OptionNumber.Observe, 6), block2(0, 1, 128)];
    peer.responds(stray, Content, { type: CON, options, payload: payload.subarray(0, 128) });
    const [notification] = peer.channel.notifications;
    assert.ok(notification !== undefined);
    peer.take();
    const course = new Course();
    peer.channel.requester.sendForRest(
      outgoing(Method.GET, '3', { options: [observe] }),
      notification,
      course,
    );
    notification.payload.fill(0);
    const lines = play(peer, (request) => {
      assert.equal(findOption(request, OptionNumber.Observe), undefined);
      serve(peer, request, payload, 128);
    });
    assert.deepEqual(lines, ['GET 2:1/0/128']);
    assert.deepEqual([course.look(), course.payload], [['2.05 200 bytes'], payload]);
    assert.deepEqual(
      course.options.map(({ number, uint }) => [number, uint]),
      [[OptionNumber.Observe, 6]],
    );
  });
});

suite('what is held of responses in blocks is bounded', () => {
  /** Asks, and serves the first block alone. */
  function begun(peer: AskedPeer): Course {
    const course = peer.asked(Method.GET, '3');
    const request = peer.take().find(({ options }) => options.length === 1) ?? assert.fail('nothing asked');
    serve(peer, request, bytes(8000), 1024);
    return course;
  }

  test('in number for each peer, in bytes for all', () => {
    const coap = new AskingTest({ max_transfers: 1 });
    const peer = coap.peer();
    const course = begun(peer);
    const second = peer.take();
    peer.sends(emptyMessage(ACK, second[0]?.messageId ?? -1));
    begun(peer);
    assert.deepEqual(course.look(), ['failed: incomplete']);
    assert.equal(coap.count('downloads.dropped.peer_limit'), 1);

    const small = new AskingTest({ max_transfers_size: 4096, max_payload_size: 2000 });
    const courses = Array.from({ length: 4 }, () => begun(small.peer()));
    assert.deepEqual(courses[0]?.look(), ['failed: incomplete']);
    assert.ok(small.requests.downloads.bytes <= 5000 && small.count('downloads.dropped.total_limit') > 0);
  });

  test('in time', () => {
    const coap = new AskingTest({ transfer_timeout: '10s', response_timeout: '20s' });
    const peer = coap.peer();
    const course = begun(peer);
    peer.sends(emptyMessage(ACK, peer.takeOne().messageId));
    coap.wait(11_000);
    assert.deepEqual(course.look(), ['failed: incomplete']);
    assert.deepEqual([coap.count('downloads.dropped.timeout'), coap.requests.downloads.bytes], [1, 0]);
  });

  test('a peer that is gone leaves nothing', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = begun(peer);
    peer.closes();
    assert.deepEqual([course.look(), coap.requests.downloads.bytes], [['failed: closed'], 0]);
  });
});

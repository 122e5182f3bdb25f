import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  emptyMessage,
  MessageType,
  Method,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import { rawOption } from '../testing/index.js';
import { AskingTest, outgoing } from './testing/asking.js';

const { CON, NON, ACK, RST } = MessageType;
const { Content, Changed } = ResponseCode;

suite('RFC 7252 §5.2.1 piggybacked', () => {
  test('the response comes with the acknowledgement', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.PUT, '3/0/14', { payload: '+01', token: '0b0c' });
    const request = peer.takeOne();
    assert.deepEqual(
      [request.type, request.code, request.token.toString('hex'), request.payload.toString()],
      [CON, Method.PUT, '0b0c', '+01'],
    );
    peer.responds(request, Changed);
    assert.deepEqual(course.look(), ['2.04']);
    coap.wait(600_000);
    assert.deepEqual([peer.look(), course.look()], [[], []]);
    assert.deepEqual([coap.count('requests.sent'), coap.count('requests.answered')], [1, 1]);
  });

  test('an error is a response like any other', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '9');
    peer.responds(peer.takeOne(), ResponseCode.NotFound, { payload: 'no' });
    assert.deepEqual(course.look(), ['4.04 no']);
  });

  test('a request has a random token of its own unless it brings one', () => {
    const peer = new AskingTest().peer();
    const { token, ...request } = outgoing(Method.GET, '3/0');
    assert.equal(token?.length, 1);
    const tokens = [1, 2].map(() => {
      peer.channel.requester.send(request, { responded() {}, failed() {} });
      const sent = peer.takeOne();
      peer.responds(sent, Content);
      return sent.token.toString('hex');
    });
    assert.ok(tokens.every((one) => one.length === 16) && tokens[0] !== tokens[1]);
  });
});

suite('RFC 7252 §5.2.2 separate', () => {
  for (const type of [CON, NON]) {
    test(`an empty acknowledgement first, then the response, ${type === CON ? 'CON' : 'NON'}`, () => {
      const coap = new AskingTest();
      const peer = coap.peer();
      const course = peer.asked(Method.GET, '3/0/9');
      const request = peer.takeOne();
      peer.sends(emptyMessage(ACK, request.messageId));
      assert.deepEqual(course.look(), ['acknowledged']);
      coap.wait(100_000);
      assert.deepEqual(peer.look(), [], 'it is sent no more');
      peer.responds(request, Content, { type, messageId: 7, payload: '95' });
      assert.deepEqual(course.look(), ['2.05 95']);
      assert.deepEqual(peer.look(), type === CON ? ['ACK Empty mid=0x0007'] : []);
    });
  }

  test('a response before the acknowledgement stands for it', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0/9');
    const request = peer.takeOne();
    peer.responds(request, Content, { type: CON, messageId: 7, payload: '95' });
    assert.deepEqual([course.look(), peer.look()], [['2.05 95'], ['ACK Empty mid=0x0007']]);
    peer.sends(emptyMessage(ACK, request.messageId));
    coap.wait(600_000);
    assert.deepEqual([course.look(), peer.look()], [[], []]);
  });

  test('a response that never follows its acknowledgement is given up after response_timeout', () => {
    const coap = new AskingTest({ response_timeout: '10s' });
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0/9');
    const request = peer.takeOne();
    peer.sends(emptyMessage(ACK, request.messageId));
    coap.wait(9_900);
    assert.deepEqual(course.look(), ['acknowledged']);
    coap.wait(200);
    assert.deepEqual(course.look(), ['failed: timeout']);
    peer.responds(request, Content, { type: CON, messageId: 7 });
    assert.deepEqual(peer.look(), ['RST Empty mid=0x0007'], 'it comes too late');
    assert.deepEqual([coap.count('requests.failed.timeout'), coap.count('messages.unexpected')], [1, 1]);
  });
});

suite('RFC 7252 §5.3.2 request/response matching rules', () => {
  test('a response with another token is none: CON is rejected, NON in silence', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0', { token: 'aa' });
    const request = peer.takeOne();
    peer.responds(request, Content, { type: CON, messageId: 9, token: 'ab' });
    peer.responds(request, Content, { type: NON, messageId: 10, token: 'ab' });
    assert.deepEqual([course.look(), peer.look()], [[], ['RST Empty mid=0x0009']]);
    peer.responds(request, Content, { payload: 'yes' });
    assert.deepEqual(course.look(), ['2.05 yes']);
    assert.equal(coap.count('messages.unexpected'), 2);
  });

  test('an acknowledgement whose response has another token acknowledges, but is no response', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0', { token: 'aa' });
    const request = peer.takeOne();
    peer.responds(request, Content, { token: 'ab' });
    assert.deepEqual(course.look(), ['acknowledged']);
    peer.responds(request, Content, { type: NON, payload: 'yes' });
    assert.deepEqual(course.look(), ['2.05 yes']);
  });

  test('the right token in an acknowledgement of another message is no response', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0');
    const request = peer.takeOne();
    peer.responds(request, Content, { messageId: (request.messageId + 1) % 0x10000 });
    assert.deepEqual(course.look(), []);
    peer.sends(emptyMessage(ACK, request.messageId));
    peer.responds(request, Content);
    assert.deepEqual(course.look(), ['acknowledged'], 'nor in one of a message acknowledged before');
  });
});

suite('RFC 7252 §5.3.2, two requests at a time', () => {
  test('an acknowledgement with the token of the other one acknowledges its own, and is no response to the other', () => {
    const peer = new AskingTest().peer();
    const first = peer.asked(Method.GET, '1', { token: 'aa' });
    const second = peer.asked(Method.GET, '2', { token: 'bb' });
    const [one] = peer.take();
    assert.ok(one !== undefined);
    peer.sends(emptyMessage(ACK, one.messageId));
    const two = peer.takeOne();
    peer.responds(two, Content, { payload: 'mixed up', token: 'aa' });
    assert.deepEqual([first.look(), second.look()], [['acknowledged'], ['acknowledged']]);
    peer.responds(one, Content, { type: NON, payload: 'a' });
    peer.responds(two, Content, { type: NON, payload: 'b' });
    assert.deepEqual([first.look(), second.look()], [['2.05 a'], ['2.05 b']]);
  });
});

suite('RFC 7252 §5.4.1 critical options', () => {
  test('a response with one that is not known is rejected', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '3/0');
    const request = peer.takeOne();
    peer.responds(request, Content, { type: CON, messageId: 7, options: [rawOption(65_001, '01')] });
    assert.deepEqual([course.look(), peer.look()], [[], ['RST Empty mid=0x0007']]);
    peer.responds(request, Content, { options: [rawOption(65_000, '01')] });
    assert.deepEqual(course.look(), ['2.05'], 'an elective one is passed over');
  });
});

suite('RFC 7252 §4.2 messages transmitted reliably', () => {
  test('a request is sent again with doubling time-outs until it is acknowledged, and then given up', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0');
    const times: number[] = [];
    for (let at = 0; at < 70; at++) {
      for (const _ of peer.take()) times.push(at);
      coap.wait(1000);
    }
    assert.deepEqual(times, [0, 2, 6, 14, 30]);
    assert.deepEqual(course.look(), ['failed: timeout']);
    assert.equal(coap.count('messages.retransmitted'), 4);
  });

  test('a Reset ends it', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0');
    peer.sends(emptyMessage(RST, peer.takeOne().messageId));
    assert.deepEqual(course.look(), ['failed: reset']);
    coap.wait(600_000);
    assert.deepEqual([peer.look(), coap.count('requests.failed.reset')], [[], 1]);
  });
});

suite('RFC 7252 §4.5 message deduplication', () => {
  test('a confirmable response that arrives again is acknowledged again, and handed on once', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3/0');
    const request = peer.takeOne();
    for (let times = 0; times < 3; times++) {
      peer.responds(request, Content, { type: CON, messageId: 7, payload: 'a' });
    }
    assert.deepEqual(course.look(), ['2.05 a']);
    assert.deepEqual(peer.look(), Array(3).fill('ACK Empty mid=0x0007'));
    assert.deepEqual([coap.count('responses.duplicate'), coap.count('messages.unexpected')], [2, 0]);
  });

  test('a piggybacked response that arrives again is passed over', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '3/0');
    const request = peer.takeOne();
    peer.responds(request, Content, { payload: 'a' });
    peer.responds(request, Content, { payload: 'a' });
    assert.deepEqual([course.look(), peer.look()], [['2.05 a'], []]);
  });
});

suite('RFC 7252 §4.7 congestion control', () => {
  test('NSTART = 1: the next request goes out when the one before has been acknowledged', () => {
    const peer = new AskingTest().peer();
    const courses = ['1', '2', '3'].map((path, at) => peer.asked(Method.GET, path, { token: `0${at}` }));
    const first = peer.takeOne();
    peer.sends(emptyMessage(ACK, first.messageId));
    const second = peer.takeOne();
    peer.responds(first, Content, { type: NON, payload: 'late' });
    peer.responds(second, Content, { payload: 'b' });
    peer.responds(peer.takeOne(), Content, { payload: 'c' });
    assert.deepEqual(
      courses.map((course) => course.look()),
      [['acknowledged', '2.05 late'], ['2.05 b'], ['2.05 c']],
    );
  });

  test('requests of the peer are answered in between', () => {
    const peer = new AskingTest().peer();
    const course = peer.asked(Method.GET, '3/0');
    const request = peer.takeOne();
    peer.request(Method.POST, 'rd/1', { messageId: 5 });
    assert.deepEqual(peer.look(), ['ACK 2.05 Content mid=0x0005 token=01']);
    peer.responds(request, Content);
    assert.deepEqual(course.look(), ['2.05']);
  });
});

suite('the end of requests', () => {
  test('one that is cancelled is sent no more, the next one follows at once, and its late response is rejected', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '1', { token: '01' });
    const next = peer.asked(Method.GET, '2', { token: '02' });
    const request = peer.takeOne();
    course.handle?.cancel();
    assert.deepEqual(course.look(), ['failed: cancelled']);
    peer.responds(peer.takeOne(), Content);
    assert.deepEqual(next.look(), ['2.05']);
    peer.responds(request, Content, { type: CON, messageId: 7 });
    assert.deepEqual([course.look(), peer.look()], [[], ['RST Empty mid=0x0007']]);
    course.handle?.cancel();
    assert.deepEqual([course.look(), coap.count('requests.failed.cancelled')], [[], 1]);
  });

  test('one that is cancelled while it waits is never sent', () => {
    const peer = new AskingTest().peer();
    peer.asked(Method.GET, '1', { token: '01' });
    const waiting = peer.asked(Method.GET, '2', { token: '02' });
    waiting.handle?.cancel();
    peer.responds(peer.takeOne(), Content);
    assert.deepEqual([waiting.look(), peer.look()], [['failed: cancelled'], []]);
  });

  test('those that are cancelled while they wait make room for others', () => {
    const coap = new AskingTest({ max_requests: 1024 });
    const peer = coap.peer();
    const ask = (at: number) =>
      peer.asked(Method.GET, '1', { token: (0x100 + at).toString(16).padStart(4, '0') });
    ask(0);
    const waiting = ask(1);
    for (let at = 2; at <= coap.settings.maxWaiting; at++) ask(at).handle?.cancel();
    for (let at = 2; at <= coap.settings.maxWaiting; at++) ask(200 + at);
    assert.deepEqual(waiting.look(), []);
    ask(400);
    assert.deepEqual(waiting.look(), ['failed: queue_full'], 'there is room for so many, and no more');
  });

  test('with the connection all end: in flight, acknowledged and waiting; and later ones at once', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const courses = ['1', '2', '3'].map((path, at) => peer.asked(Method.GET, path, { token: `0${at}` }));
    peer.sends(emptyMessage(ACK, peer.takeOne().messageId));
    peer.take();
    peer.closes();
    courses.push(peer.asked(Method.GET, '4'));
    assert.deepEqual(
      courses.map((course) => course.look().at(-1)),
      Array(4).fill('failed: closed'),
    );
    assert.deepEqual([peer.look(), coap.count('requests.failed.closed')], [[], 4]);
    coap.wait(600_000);
    assert.equal(coap.hub.timers.size, 0);
  });

  test('no more than max_requests have no response: one more is refused', () => {
    const coap = new AskingTest({ max_requests: 2 });
    const peer = coap.peer();
    const courses = ['1', '2', '3'].map((path, at) => peer.asked(Method.GET, path, { token: `0${at}` }));
    assert.deepEqual(
      courses.map((course) => course.look()),
      [[], [], ['failed: queue_full']],
    );
    assert.equal(coap.count('requests.failed.queue_full'), 1);
    peer.responds(peer.takeOne(), Content);
    const fourth = peer.asked(Method.GET, '4');
    assert.deepEqual(fourth.look(), [], 'there is room again');
    assert.deepEqual(coap.peer().asked(Method.GET, '5').look(), [], 'and always was at another peer');
  });

  test('what is asked from within a response goes out', () => {
    const peer = new AskingTest().peer();
    const { requester } = peer.channel;
    const responses: number[] = [];
    const ask = (): void => {
      requester.send(outgoing(Method.GET, String(responses.length)), {
        responded({ code }) {
          responses.push(code);
          if (responses.length < 3) ask();
        },
        failed() {},
      });
    };
    ask();
    for (let times = 0; times < 3; times++) peer.responds(peer.takeOne(), Content);
    assert.deepEqual([responses, peer.look()], [[Content, Content, Content], []]);
  });
});

suite('RFC 7641 observe, as its client', () => {
  const observe = { token: '0b5e', options: [uintOption(OptionNumber.Observe, 0)] };

  test('the first response is that of the request, notifications with its token follow', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const course = peer.asked(Method.GET, '3303/0/5700', observe);
    const request = peer.takeOne();
    peer.channel.observed.add('0b5e');
    peer.responds(request, Content, { options: [uintOption(OptionNumber.Observe, 1)], payload: '20' });
    assert.deepEqual(course.look(), ['2.05 20']);
    assert.deepEqual(
      course.options.map(({ number, uint }) => [number, uint]),
      [[OptionNumber.Observe, 1]],
    );
    for (const [type, messageId, payload] of [
      [CON, 1, '21'],
      [NON, 2, '22'],
      [CON, 1, '21'],
      [NON, 2, '22'],
    ] as const) {
      peer.responds(request, Content, {
        type,
        messageId,
        payload,
        options: [uintOption(OptionNumber.Observe, 2)],
      });
    }
    assert.deepEqual(
      peer.channel.notifications.map(({ payload }) => payload.toString()),
      ['21', '22'],
    );
    assert.deepEqual(peer.look(), ['ACK Empty mid=0x0001', 'ACK Empty mid=0x0001']);
    assert.equal(coap.count('responses.duplicate'), 2);
  });

  test('§3.6 a notification that nobody wants is rejected, a non-confirmable one too', () => {
    const coap = new AskingTest();
    const peer = coap.peer();
    const stray = { ...emptyMessage(CON, 1), token: Buffer.from('99', 'hex') };
    for (const [type, messageId] of [
      [CON, 1],
      [NON, 2],
    ] as const) {
      peer.responds(stray, Content, { type, messageId, options: [uintOption(OptionNumber.Observe, 2)] });
    }
    assert.deepEqual(peer.look(), ['RST Empty mid=0x0001', 'RST Empty mid=0x0002']);
    assert.equal(coap.count('messages.unexpected'), 2);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Device, rawOption } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  emptyMessage,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  uintOption,
} from '@portico/codec-coap';
import { isPromise } from '@portico/core';
import { coapCodec } from './codec.js';
import { CoapTest } from './testing.js';

const HEARTBEAT = 'mqtt/t?c=dev1';

function malformed(device: Device, hex: string): void {
  device.peer.received();
  try {
    coapCodec.decode(Buffer.from(hex, 'hex'));
  } catch (error) {
    device.channel.onFrameError(error as Parameters<Device['channel']['onFrameError']>[0]);
    return;
  }
  assert.fail('it is a message');
}

suite('requests', () => {
  test('a confirmable request is answered on its acknowledgement', () => {
    const device = new CoapTest().device();
    device.get(HEARTBEAT, { token: '0102030405060708', messageId: 0xffff });
    assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0xffff token=0102030405060708']);
  });

  test('a non-confirmable request is answered by a non-confirmable message', () => {
    const device = new CoapTest().device();
    device.get(HEARTBEAT, { type: MessageType.NON });
    assert.deepEqual(device.look(), ['NON 2.05 Content token=01']);
  });

  test('a zero-length token is a token', () => {
    const device = new CoapTest().device();
    device.get(HEARTBEAT, { token: '' });
    assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0x0001']);
  });

  test('an answer that has to wait is right although the datagram is long gone', async () => {
    const coap = new CoapTest();
    const heard = coap.listener('#');
    coap.authenticate(() => Promise.resolve({ answer: 'allow' }));
    const device = coap.device();
    const pending = device.put('mqtt/a?c=dev1', '21.5', { token: 'abcd' });
    assert.ok(isPromise(pending));
    assert.deepEqual(device.look(), []);
    await pending;
    assert.deepEqual(device.look(), ['ACK 2.04 Changed mid=0x0001 token=abcd']);
    assert.deepEqual(heard.take(), ['a=21.5']);
  });
});

suite('duplicates', () => {
  test('a confirmable request that arrives again gets the same answer and is carried out once', () => {
    const coap = new CoapTest();
    const heard = coap.listener('a');
    const device = coap.device();
    for (let i = 0; i < 3; i++) device.put('mqtt/a?c=dev1', 'x', { messageId: 7 });
    const answer = 'ACK 2.04 Changed mid=0x0007 token=01';
    assert.deepEqual(device.look(), [answer, answer, answer]);
    assert.deepEqual(heard.take(), ['a=x']);
    assert.equal(coap.count('requests.duplicate'), 2);
    assert.equal(coap.count('requests.received'), 1);
  });

  test('a non-confirmable request that arrives again is ignored', () => {
    const coap = new CoapTest();
    const heard = coap.listener('a');
    const device = coap.device();
    const parts = { messageId: 7, type: MessageType.NON };
    device.put('mqtt/a?c=dev1', 'x', parts);
    device.put('mqtt/a?c=dev1', 'x', parts);
    assert.deepEqual(device.look(), ['NON 2.04 Changed token=01']);
    assert.deepEqual(heard.take(), ['a=x']);
  });

  test('the same message id from another peer is another request', () => {
    const coap = new CoapTest();
    const heard = coap.listener('a');
    coap.device().put('mqtt/a?c=dev1', 'x', { messageId: 7 });
    coap.device().put('mqtt/a?c=dev1', 'x', { messageId: 7 });
    assert.deepEqual(heard.take(), ['a=x', 'a=x']);
  });

  test('after EXCHANGE_LIFETIME (247 s) a message id stands for a new request, NON_LIFETIME is 145 s', () => {
    const coap = new CoapTest({ ack_random_factor: 1.5, keepalive: 0 });
    const heard = coap.listener('+');
    const device = coap.device();
    const send = () => {
      device.put('mqtt/con?c=dev1', 'x', { messageId: 1 });
      device.put('mqtt/non?c=dev1', 'x', { messageId: 2, type: MessageType.NON });
      return heard.take();
    };
    assert.deepEqual(send(), ['con=x', 'non=x']);
    coap.wait(144_999);
    assert.deepEqual(send(), []);
    coap.wait(2);
    assert.deepEqual(send(), ['non=x']);
    coap.wait(101_990);
    assert.deepEqual(send(), []);
    coap.wait(10);
    assert.deepEqual(send(), ['con=x']);
  });

  test('of a peer that sends more than max_exchanges the oldest requests are forgotten and counted', () => {
    const coap = new CoapTest({ max_exchanges: 2 });
    const device = coap.device();
    for (const messageId of [1, 2, 3]) device.get(HEARTBEAT, { messageId });
    assert.equal(coap.count('exchanges.evicted'), 1);
    device.get(HEARTBEAT, { messageId: 3 });
    assert.equal(coap.count('requests.duplicate'), 1);
    device.get(HEARTBEAT, { messageId: 1 });
    assert.equal(coap.count('requests.duplicate'), 1);
  });

  suite('all peers together have so much remembered', () => {
    /** Sends requests with these message ids and returns how many were taken for ones that came before. */
    function duplicates(coap: CoapTest, device: Device, ...messageIds: number[]): number {
      const before = coap.count('requests.duplicate');
      for (const messageId of messageIds) device.get(HEARTBEAT, { messageId });
      return coap.count('requests.duplicate') - before;
    }

    test('but whatever others do, the last four requests of each are', () => {
      const coap = new CoapTest({ max_exchanges_total: 2 });
      const [greedy, modest] = [coap.device(), coap.device()];
      assert.equal(duplicates(coap, greedy, 1, 2, 3, 4, 5, 6, 7), 0);
      assert.equal(coap.count('exchanges.evicted'), 1);
      assert.equal(duplicates(coap, modest, 1, 2, 3, 4, 1, 2, 3, 4), 4);
      assert.equal(coap.count('exchanges.evicted'), 1);
      assert.equal(duplicates(coap, modest, 5, 1), 0);
      assert.equal(coap.count('exchanges.evicted'), 3);
    });

    test('a peer that is gone gives back what it had', () => {
      const coap = new CoapTest({ max_exchanges_total: 2 });
      const [greedy, modest] = [coap.device(), coap.device()];
      duplicates(coap, greedy, 1, 2, 3, 4, 5, 6);
      greedy.channel.onClose('closed');
      assert.equal(duplicates(coap, modest, 1, 2, 3, 4, 5, 6, 1), 1);
      assert.equal(coap.count('exchanges.evicted'), 0);
    });

    test('one that is silent gives it back when its requests are no longer good', () => {
      const coap = new CoapTest({ max_exchanges_total: 2, keepalive: 0 });
      const [greedy, modest] = [coap.device(), coap.device()];
      duplicates(coap, greedy, 1, 2, 3, 4, 5, 6);
      coap.wait(247_010);
      assert.equal(duplicates(coap, modest, 1, 2, 3, 4, 5, 6, 1), 1);
      assert.equal(coap.count('exchanges.evicted'), 0);
      assert.equal(duplicates(coap, greedy, 1, 2, 3, 4, 1), 1);
    });
  });
});

suite('what is not a request', () => {
  test('a ping is answered with a Reset', () => {
    const device = new CoapTest().device();
    device.sends(emptyMessage(MessageType.CON, 0x1234));
    assert.deepEqual(device.look(), ['RST Empty mid=0x1234']);
  });

  test('an Empty non-confirmable message, and answers that belong to nothing, are ignored', () => {
    const device = new CoapTest().device();
    device.sends(emptyMessage(MessageType.NON, 1));
    device.sends(emptyMessage(MessageType.ACK, 2));
    device.sends(emptyMessage(MessageType.RST, 3));
    assert.deepEqual(device.look(), []);
  });

  test('a response that nobody asked for is rejected when confirmable, ignored when not', () => {
    const coap = new CoapTest();
    const device = coap.device();
    const response: CoapMessage = { ...emptyMessage(MessageType.CON, 5), code: 0x45, token: Buffer.of(1) };
    device.sends(response);
    device.sends({ ...response, type: MessageType.NON });
    device.sends({ ...response, code: 0x61 });
    assert.deepEqual(device.look(), ['RST Empty mid=0x0005', 'RST Empty mid=0x0005']);
    assert.equal(coap.count('messages.unexpected'), 3);
  });

  test('a malformed datagram is rejected when confirmable, ignored otherwise', () => {
    const coap = new CoapTest();
    const device = coap.device();
    malformed(device, '4901123400112233445566778899');
    malformed(device, '40011234ff');
    malformed(device, '50011234ff');
    malformed(device, '60011234ff');
    malformed(device, '70001234ff00');
    malformed(device, '80011234');
    malformed(device, '4001');
    assert.deepEqual(device.look(), ['RST Empty mid=0x1234', 'RST Empty mid=0x1234']);
    assert.equal(coap.count('messages.malformed'), 7);
  });
});

suite('options', () => {
  const CRITICAL = rawOption(65001, '01');
  const ELECTIVE = rawOption(65000, '01');

  test('a critical option that is not understood: 4.02 for CON, Reset for NON', () => {
    const device = new CoapTest().device();
    device.put('mqtt/a?c=dev1', 'x', { options: [CRITICAL] });
    device.put('mqtt/a?c=dev1', 'x', { options: [CRITICAL], type: MessageType.NON });
    assert.deepEqual(device.look(), [
      'ACK 4.02 Bad Option mid=0x0001 token=01 "option 65001 is not supported, or wrong"',
      'RST Empty mid=0x0002',
    ]);
  });

  test('an elective option that is not understood, or malformed, is passed over', () => {
    const device = new CoapTest().device();
    const observeOfFourBytes = rawOption(OptionNumber.Observe, '00000000');
    device.get(HEARTBEAT, {
      options: [ELECTIVE, observeOfFourBytes, rawOption(OptionNumber.UriPort, '1633')],
    });
    assert.deepEqual(device.look(), ['ACK 2.05 Content mid=0x0001 token=01']);
  });

  for (const [why, ...options] of [
    ['a conditional request', rawOption(OptionNumber.IfMatch, '01')],
    ['a conditional request', rawOption(OptionNumber.IfNoneMatch, '')],
    ['Accept twice', rawOption(OptionNumber.Accept, '2a'), rawOption(OptionNumber.Accept, '2a')],
    ['Accept of three bytes', rawOption(OptionNumber.Accept, '00002a')],
    ['a path that is not UTF-8', rawOption(OptionNumber.UriPath, 'c328')],
    ['a query that is not UTF-8', rawOption(OptionNumber.UriQuery, 'c328')],
    ['a host that is not UTF-8', rawOption(OptionNumber.UriHost, 'c328')],
    ['an overlong form in a path', rawOption(OptionNumber.UriPath, 'c0af')],
    ['half a surrogate pair in a path', rawOption(OptionNumber.UriPath, 'eda080')],
    ['the segment "."', rawOption(OptionNumber.UriPath, '2e')],
    ['the segment ".."', rawOption(OptionNumber.UriPath, '2e2e')],
    ['OSCORE', rawOption(9, '01')],
  ] as const) {
    test(`4.02: ${why}, ${options[0].number}`, () => {
      const device = new CoapTest().device();
      device.get(HEARTBEAT, { options });
      assert.match(device.look().join(), /^ACK 4\.02 Bad Option /);
    });
  }

  test('U+FFFD in a path, dots beside other letters, and a host of any script are what they are', () => {
    const coap = new CoapTest();
    const heard = coap.listener('#');
    const device = coap.device();
    const host = rawOption(OptionNumber.UriHost, Buffer.from('温度.example').toString('hex'));
    device.put('mqtt/\ufffd/.a/...?c=dev1', 'x', { options: [host] });
    assert.match(device.look().join(), /^ACK 2\.04 /);
    assert.deepEqual(heard.take(), ['\ufffd/.a/...=x']);
  });

  test('whoever takes the gateway for a proxy is told', () => {
    const device = new CoapTest().device();
    device.get(HEARTBEAT, { options: [rawOption(OptionNumber.ProxyScheme, '636f6170')] });
    assert.match(device.look().join(), /^ACK 5\.05 Proxying Not Supported /);
  });

  test('No-Response leaves out the classes it names, not the acknowledgement', () => {
    const device = new CoapTest().device();
    const quiet = (classes: number) => [uintOption(OptionNumber.NoResponse, classes)];
    device.put('mqtt/a?c=dev1', 'x', { options: quiet(2) });
    device.put('mqtt/a?c=dev1', 'x', { options: quiet(2), type: MessageType.NON });
    device.put('mqtt/a', 'x', { options: quiet(2), type: MessageType.NON });
    device.put('mqtt/a', 'x', { options: quiet(8) });
    device.put('ps/a', 'x', { options: quiet(26) });
    device.put('mqtt/a?c=dev1', 'x', { options: quiet(24) });
    assert.deepEqual(device.look(), [
      'ACK Empty mid=0x0001',
      'NON 4.00 Bad Request token=01 "the query lacks c={client id}"',
      'ACK Empty mid=0x0004',
      'ACK Empty mid=0x0005',
      'ACK 2.04 Changed mid=0x0006 token=01',
    ]);
  });

  test('an acknowledgement with nothing on it waits for the disk as one with a response does', () => {
    const device = new CoapTest().device();
    device.peer.storing = true;
    device.put('mqtt/a?c=dev1', 'x', { options: [uintOption(OptionNumber.NoResponse, 2)] });
    assert.deepEqual(device.look(), []);
    device.peer.settle();
    assert.deepEqual(device.look(), ['ACK Empty mid=0x0001']);
  });

  test('No-Response holds for answers that have to wait', async () => {
    const coap = new CoapTest();
    coap.authenticate(() => Promise.resolve({ answer: 'allow' }));
    const device = coap.device();
    await device.put('mqtt/a?c=dev1', 'x', { options: [uintOption(OptionNumber.NoResponse, 2)] });
    assert.deepEqual(device.look(), ['ACK Empty mid=0x0001']);
  });
});

suite('RFC 7252 §5.2.2 separate responses', () => {
  /** A device whose publications are not durable before the test says so. */
  function storing() {
    const coap = new CoapTest();
    const device = coap.device();
    device.peer.storing = true;
    return { coap, device };
  }

  test('an answer that is there soon goes with the acknowledgement', () => {
    const { coap, device } = storing();
    device.put('mqtt/a?c=dev1', 'x');
    coap.wait(900);
    assert.deepEqual(device.look(), []);
    device.peer.settle();
    assert.deepEqual(device.look(), ['ACK 2.04 Changed mid=0x0001 token=01']);
    coap.wait(60_000);
    assert.deepEqual(device.look(), []);
  });

  test('one that is not comes after an empty acknowledgement, until it is acknowledged itself', () => {
    const { coap, device } = storing();
    device.put('mqtt/a?c=dev1', 'x', { messageId: 7 });
    coap.wait(1000);
    assert.deepEqual(device.look(), ['ACK Empty mid=0x0007']);
    device.put('mqtt/a?c=dev1', 'x', { messageId: 7 });
    assert.deepEqual(device.look(), ['ACK Empty mid=0x0007'], 'the request again');
    device.peer.settle();
    assert.deepEqual(device.look(), ['CON 2.04 Changed token=01']);
    coap.wait(2000);
    assert.deepEqual(device.look(), ['CON 2.04 Changed token=01']);
    device.acknowledges();
    coap.wait(60_000);
    assert.deepEqual(device.look(), []);
    assert.equal(coap.count('responses.separate'), 1);
  });

  test('a login that has to be waited for', async () => {
    const coap = new CoapTest();
    let letIn = () => {};
    const allowed = new Promise<{ answer: 'allow' }>((resolve) => {
      letIn = () => resolve({ answer: 'allow' });
    });
    coap.authenticate(() => allowed);
    const device = coap.device();
    const pending = device.put('mqtt/a?c=dev1', 'x');
    coap.wait(1000);
    assert.deepEqual(device.look(), ['ACK Empty mid=0x0001']);
    letIn();
    await pending;
    assert.deepEqual(device.look(), ['CON 2.04 Changed token=01']);
  });

  test('what cannot be made durable is answered 5.03', () => {
    const { device } = storing();
    device.put('mqtt/a?c=dev1', 'x');
    device.peer.settle(false);
    assert.deepEqual(device.look(), ['ACK 5.03 Service Unavailable mid=0x0001 token=01 "storage failed"']);
  });

  test('a non-confirmable request is answered in a message of its own anyway', () => {
    const { coap, device } = storing();
    device.put('mqtt/a?c=dev1', 'x', { type: MessageType.NON });
    coap.wait(5000);
    device.peer.settle();
    assert.deepEqual(device.look(), ['NON 2.04 Changed token=01']);
  });

  test('a response that is not wanted leaves the empty acknowledgement', () => {
    const { coap, device } = storing();
    device.put('mqtt/a?c=dev1', 'x', { options: [uintOption(OptionNumber.NoResponse, 2)] });
    coap.wait(1000);
    device.peer.settle();
    assert.deepEqual(device.look(), ['ACK Empty mid=0x0001']);
  });

  test('what nobody acknowledges is given up and counted; with the peer ends all', () => {
    const { coap, device } = storing();
    device.put('mqtt/a?c=dev1', 'x');
    coap.wait(1000);
    device.peer.settle();
    coap.wait(120_000);
    assert.equal(coap.count('responses.unacknowledged'), 1);
    device.take();
    device.put('mqtt/a?c=dev1', 'x');
    device.closes();
    coap.wait(5000);
    assert.deepEqual(device.look(), []);
  });
});

test('an acknowledgement that carries a request, or a Reset that is not empty, acknowledges nothing', () => {
  const coap = new CoapTest({ keepalive: 0 });
  const device = coap.device();
  device.observe('mqtt/a?c=dev1');
  device.take();
  coap.publish('a', 'x');
  const messageId = device.take()[0]?.messageId ?? -1;
  for (const type of [MessageType.ACK, MessageType.RST]) {
    device.sends({ type, messageId, code: Method.GET, token: NO_BYTES, options: [], payload: NO_BYTES });
  }
  coap.wait(2_010);
  assert.equal(device.take()[0]?.messageId, messageId);
});

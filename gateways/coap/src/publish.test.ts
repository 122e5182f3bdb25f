import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { rawOption } from '@portico/coap-endpoint/testing';
import { Method, OptionNumber, uintOption } from '@portico/codec-coap';
import type { PublishDecision } from '@portico/core';
import { CoapTest } from './testing.js';

const CHANGED = 'ACK 2.04 Changed mid=0x0001 token=01';

suite('PUT publishes', () => {
  for (const [uri, topic] of [
    ['mqtt/topic1?c=client1&u=tom&p=secret', 'topic1'],
    ['mqtt/a/b/c?c=client1', 'a/b/c'],
    ['mqtt/a%2Fb%2Fc?c=client1', 'a/b/c'],
    ['mqtt/a%2Fb/c?c=client1', 'a/b/c'],
    ['mqtt/a/?c=client1', 'a/'],
    ['mqtt//a?c=client1', '/a'],
    ['mqtt/%E6%B8%A9%E5%BA%A6?c=client1', '温度'],
    ['mqtt/a?x=1&c=client1&c=other', 'a'],
  ] as const) {
    test(`${uri} to ${topic}`, () => {
      const coap = new CoapTest();
      const heard = coap.listener('#');
      const device = coap.device();
      device.put(uri, '1234');
      assert.deepEqual(heard.take(), [`${topic}=1234`]);
      assert.deepEqual(device.look(), [CHANGED]);
      assert.ok(coap.clients.includes('client1'));
    });
  }

  test('any bytes, with QoS 0, not retained, owned by the hub when it keeps them', () => {
    const coap = new CoapTest();
    const client = coap.hub.client('listener');
    client.subscribe('#', { qos: 2 });
    coap.device().put('mqtt/a?c=dev1', Buffer.from('00ff10', 'hex'));
    const [received] = client.received;
    assert.equal(received?.message.payload.toString('hex'), '00ff10');
    assert.equal(received?.qos, 0);
    assert.equal(received?.message.retain, false);
    assert.equal(received?.message.from?.protocol, 'CoAP');
    assert.equal(received?.message.from?.clientId, 'dev1');
  });

  test('no payload at all', () => {
    const coap = new CoapTest();
    const heard = coap.listener('#');
    coap.device().put('mqtt/a?c=dev1', '');
    assert.deepEqual(heard.take(), ['a=']);
  });

  test('hooks see it', () => {
    const coap = new CoapTest();
    const seen: string[] = [];
    coap.hub.hooks.messagePublish.add('test', (decision: PublishDecision) => {
      seen.push(decision.message.topic);
    });
    coap.device().put('mqtt/a?c=dev1', 'x');
    assert.deepEqual(seen, ['a']);
  });

  test('below the mountpoint', () => {
    const coap = new CoapTest({ mountpoint: 'site/%c/' });
    const heard = coap.listener('#');
    coap.device().put('mqtt/a?c=dev1', 'x');
    assert.deepEqual(heard.take(), ['site/dev1/a=x']);
  });

  test('a path without a wildcard only', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.put('mqtt/a/%23?c=dev1', 'x');
    device.put('mqtt/%2B/b?c=dev1', 'x');
    assert.deepEqual(device.look(), [
      'ACK 4.00 Bad Request mid=0x0001 token=01 "topic name invalid"',
      'ACK 4.00 Bad Request mid=0x0002 token=01 "topic name invalid"',
    ]);
  });
});

suite('a request that names no topic or no client', () => {
  for (const uri of ['mqtt/a', 'mqtt/a?u=tom&p=secret', 'mqtt/a?c=', 'mqtt/a?c', 'mqtt/a?cc=dev1']) {
    test(`${uri} lacks a client id`, () => {
      const coap = new CoapTest();
      const device = coap.device();
      device.put(uri, 'x');
      device.get(uri);
      device.observe(uri);
      const reason = '"the query lacks c={client id}"';
      assert.deepEqual(device.look(), [
        `ACK 4.00 Bad Request mid=0x0001 token=01 ${reason}`,
        `ACK 4.00 Bad Request mid=0x0002 token=01 ${reason}`,
        `ACK 4.00 Bad Request mid=0x0003 token=01 ${reason}`,
      ]);
      assert.deepEqual(coap.clients, []);
    });
  }

  test('/mqtt alone lacks a topic, and so does /mqtt/', () => {
    const device = new CoapTest().device();
    device.put('mqtt?c=dev1', 'x');
    device.get('mqtt/?c=dev1');
    assert.deepEqual(device.look(), [
      'ACK 4.00 Bad Request mid=0x0001 token=01 "the path is /mqtt/{topic}"',
      'ACK 4.00 Bad Request mid=0x0002 token=01 "the path is /mqtt/{topic}"',
    ]);
  });
});

suite('who may not publish', () => {
  test('wrong credentials: 4.01, nothing is published', () => {
    const coap = new CoapTest();
    const heard = coap.listener('#');
    coap.authenticate(() => ({ answer: 'deny', refusal: 'bad_credentials' }));
    const device = coap.device();
    device.put('mqtt/a?c=dev1&u=tom&p=wrong', 'x');
    assert.deepEqual(device.look(), ['ACK 4.01 Unauthorized mid=0x0001 token=01 "bad credentials"']);
    assert.deepEqual(heard.take(), []);
  });

  test('no credentials where anonymous clients are not let in: 4.01', () => {
    const coap = new CoapTest({}, { policy: { allowAnonymous: false } });
    const device = coap.device();
    device.put('mqtt/a?c=dev1', 'x');
    assert.match(device.look().join(), /^ACK 4\.01 Unauthorized /);
  });

  test('as the manual has it, a publication that access control drops is acknowledged', () => {
    const coap = new CoapTest();
    const heard = coap.listener('#');
    coap.authorize('publish', 'deny');
    const device = coap.device();
    device.put('mqtt/a?c=dev1', 'x');
    assert.deepEqual(device.look(), [CHANGED]);
    assert.deepEqual(heard.take(), []);
    assert.equal(coap.hub.metrics.get('messages.dropped.not_authorized'), 1);
  });

  test('denied_publish: reject answers 4.03', () => {
    const coap = new CoapTest({ denied_publish: 'reject' });
    coap.authorize('publish', 'deny');
    const device = coap.device();
    device.put('mqtt/a?c=dev1', 'x');
    assert.deepEqual(device.look(), ['ACK 4.03 Forbidden mid=0x0001 token=01 "not authorized"']);
  });

  test('a client cut off for what it published is not told that all is well', () => {
    const coap = new CoapTest({}, { policy: { denyAction: 'disconnect' } });
    coap.authorize('publish', 'deny');
    const device = coap.device();
    device.put('mqtt/a?c=dev1', 'x');
    assert.match(device.look().join(), /^ACK 4\.03 Forbidden /);
    assert.deepEqual(coap.clients, []);
  });

  test('an access source that has to be waited for', async () => {
    const coap = new CoapTest({ denied_publish: 'reject' });
    coap.authorize('publish', Promise.resolve('deny'));
    const device = coap.device();
    await device.put('mqtt/a?c=dev1', 'x');
    assert.match(device.look().join(), /^ACK 4\.03 Forbidden /);
  });
});

suite('payloads larger than one message', () => {
  test('a payload above max_payload_size is answered 4.13 with the size that would do', () => {
    const coap = new CoapTest({ max_payload_size: 8 });
    const heard = coap.listener('#');
    const device = coap.device();
    device.put('mqtt/a?c=dev1', '123456789');
    device.put('mqtt/a?c=dev1', '12345678');
    assert.deepEqual(device.look(), [
      'ACK 4.13 Request Entity Too Large mid=0x0001 token=01 Size1=8 "payload too large"',
      'ACK 2.04 Changed mid=0x0002 token=01',
    ]);
    assert.deepEqual(heard.take(), ['a=12345678']);
  });

  test('by default whatever a datagram holds is taken', () => {
    const coap = new CoapTest();
    const device = coap.device();
    device.put('mqtt/a?c=dev1', 'x'.repeat(65_400));
    assert.deepEqual(device.look(), [CHANGED]);
  });

  test('the only block of a payload is the payload', () => {
    const coap = new CoapTest();
    const heard = coap.listener('#');
    const device = coap.device();
    device.put('mqtt/a?c=dev1', 'x', { options: [uintOption(OptionNumber.Block1, 2)] });
    assert.deepEqual(device.look(), ['ACK 2.04 Changed mid=0x0001 token=01 Block1=2']);
    assert.deepEqual(heard.take(), ['a=x']);
  });

  test('a block that there is not: 4.00', () => {
    const device = new CoapTest().device();
    device.put('mqtt/a?c=dev1', 'x', { options: [uintOption(OptionNumber.Block1, 7)] });
    device.get('mqtt/a?c=dev1', { options: [uintOption(OptionNumber.Block2, 0x10)] });
    device.get('mqtt/a?c=dev1', { options: [uintOption(OptionNumber.Block2, 6)] });
    assert.deepEqual(device.look(), [
      'ACK 4.00 Bad Request mid=0x0001 token=01 "no such block"',
      'ACK 4.00 Bad Request mid=0x0002 token=01 "no such block"',
      'ACK 2.05 Content mid=0x0003 token=01',
    ]);
  });
});

suite('other methods and resources', () => {
  for (const [name, method] of [
    ['POST', Method.POST],
    ['DELETE', Method.DELETE],
    ['FETCH', Method.FETCH],
    ['PATCH', Method.PATCH],
    ['iPATCH', Method.iPATCH],
    ['0.31', 31],
  ] as const) {
    test(`${name} on /mqtt: 4.05`, () => {
      const device = new CoapTest().device();
      device.request(method, 'mqtt/a?c=dev1', { payload: 'x' });
      assert.deepEqual(device.look(), [`ACK 4.05 Method Not Allowed mid=0x0001 token=01 "no ${name} here"`]);
    });
  }

  test('a path that leads nowhere: 4.04', () => {
    const device = new CoapTest().device();
    for (const uri of ['nosuch?c=dev1', '.well-known/other', '.well-known/core/x', 'MQTT/a?c=dev1']) {
      device.put(uri, 'x');
    }
    for (const answer of device.look()) assert.match(answer, /^ACK 4\.04 Not Found .* "no such resource"$/);
  });

  test('a LwM2M device that has come to the wrong port is told so', () => {
    const device = new CoapTest().device();
    device.request(Method.POST, 'rd?ep=dev1&lt=300');
    assert.match(device.look().join(), /^ACK 4\.04 Not Found .*LwM2M devices register at the LwM2M gateway/);
  });

  test('/.well-known/core lists the resources', () => {
    const device = new CoapTest().device();
    device.get('.well-known/core');
    const [answer] = device.take();
    assert.equal(answer?.payload.toString(), '</mqtt>,</ps>');
    assert.deepEqual(
      answer.options.map(({ number }) => number),
      [OptionNumber.ETag, OptionNumber.ContentFormat],
    );
    assert.equal(answer.options[1]?.uint, 40);
    assert.equal(answer.options[0]?.length, 4);
  });

  test('/.well-known/core is not sent again to whoever has it, nor in another format', () => {
    const device = new CoapTest().device();
    device.get('.well-known/core');
    const etag = device.take()[0]?.options[0];
    assert.ok(etag !== undefined);
    device.get('.well-known/core', { options: [rawOption(OptionNumber.ETag, '00'), etag] });
    device.get('.well-known/core', { options: [uintOption(OptionNumber.Accept, 40)] });
    device.get('.well-known/core', { options: [uintOption(OptionNumber.Accept, 50)] });
    device.put('.well-known/core', 'x');
    const codes = device.look().map((answer) => answer.split(' ')[1]);
    assert.deepEqual(codes, ['2.03', '2.05', '4.06', '4.05']);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Method, OptionNumber, uintOption } from '@portico/codec-coap';
import type { Message } from '@portico/core';
import { PsTest, reply } from './testing.js';

/** What is published, with how. */
function published(ps: PsTest): Message[] {
  const messages: Message[] = [];
  ps.hub.hooks.messagePublish.add('test', ({ message }) => {
    messages.push(message);
  });
  return messages;
}

suite('/ps/{topic} as in EMQX 5', () => {
  test('POST and PUT publish with qos, retain and expiry', async () => {
    const ps = new PsTest({ ps_dialect: 'emqx' });
    const messages = published(ps);
    const device = ps.device();
    const uris = ['ps/coap/test?clientid=dev1', 'ps/coap%2Ftest?c=dev1&q=2&r=true', 'ps/a?qos=0&expiry=60'];
    for (const uri of uris) {
      for (const method of [Method.POST, Method.PUT]) {
        assert.equal(await ps.code(device, method, uri, { text: 'x' }), '2.04');
      }
    }
    const seen = messages.map(({ topic, qos, retain, properties }) =>
      [topic, qos, retain, properties?.messageExpiryInterval].join(' '),
    );
    assert.deepEqual(seen, [
      'coap/test 1 false ',
      'coap/test 1 false ',
      'coap/test 2 true ',
      'coap/test 2 true ',
      'a 0 false 60',
      'a 0 false 60',
    ]);
  });

  for (const query of ['qos=3', 'qos=', 'qos=-1', 'expiry=x', 'expiry=99999999999', 'expiry=-1']) {
    test(`${query} is answered 4.00`, async () => {
      const ps = new PsTest();
      assert.equal(await ps.code(ps.device(), Method.POST, `ps/a?${query}`, { text: 'x' }), '4.00');
    });
  }

  test('GET with Observe 0 subscribes, wildcards included, with 1 it unsubscribes', async () => {
    const ps = new PsTest();
    const device = ps.device();
    await device.observe('ps/coap/%2B?clientid=dev1');
    device.take();
    ps.publish('coap/a', 'x');
    assert.deepEqual(device.drain(), ['x']);
    await device.unobserve('ps/coap/%2B?clientid=dev1');
    assert.match(device.look().join(), /^ACK 2\.05 /);
    ps.publish('coap/a', 'y');
    assert.deepEqual(device.look(), []);
  });

  test('GET alone reads the retained message', async () => {
    const ps = new PsTest();
    ps.publish('a', 'x', 1, true);
    assert.equal((await ps.ask(ps.device(), Method.GET, 'ps/a')).payload.toString(), 'x');
    assert.equal(await ps.code(ps.device(), Method.GET, 'ps/b'), '4.04');
  });

  test('a PUT may be conditional (RFC 7252 §5.10.8), nothing else', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const put = { text: 'x', options: [uintOption(OptionNumber.IfNoneMatch, 0)] };
    assert.equal(await ps.code(device, Method.PUT, 'ps/t?c=dev1&retain=true', put), '2.04');
    assert.equal(await ps.code(device, Method.PUT, 'ps/t?c=dev1&retain=true', put), '4.12');
    assert.equal(await ps.code(device, Method.POST, 'ps/t?c=dev1&retain=true', put), '4.02');
  });

  test('with a connection required, a token is asked for here, too', async () => {
    const ps = new PsTest({ connection_required: true });
    const device = ps.device();
    assert.equal(await ps.code(device, Method.POST, 'ps/a?clientid=dev1', { text: 'x' }), '4.01');
    const token = (await ps.ask(device, Method.POST, 'mqtt/connection?clientid=dev1')).payload.toString();
    assert.equal(
      await ps.code(device, Method.POST, `ps/a?clientid=dev1&token=${token}`, { text: 'x' }),
      '2.04',
    );
  });
});

suite('ps_dialect', () => {
  test('both: what the draft has made or keeps for itself is not the name of a topic', async () => {
    const ps = new PsTest();
    const listener = ps.listener('#');
    const device = ps.device();
    const id = await ps.create(device, 'a');
    assert.equal(await ps.code(device, Method.PUT, `ps/${id}`, { text: 'x' }), '4.05');
    assert.equal(await ps.code(device, Method.PUT, 'ps/data/x', { text: 'x' }), '4.04');
    assert.equal(await ps.code(device, Method.DELETE, 'ps/x'), '4.04');
    assert.equal(await ps.code(device, Method.POST, 'ps/x', { format: 606, payload: new Map() }), '4.04');
    assert.deepEqual(listener.take(), []);
    assert.equal(await ps.code(device, Method.PUT, 'ps/data/x/y', { text: 'x' }), '2.04');
    assert.deepEqual(listener.take(), ['data/x/y=x']);
  });

  test('draft: nothing but what clients have created', async () => {
    const ps = new PsTest({ ps_dialect: 'draft' });
    const device = ps.device();
    for (const method of [Method.GET, Method.POST, Method.PUT, Method.DELETE]) {
      assert.equal(await ps.code(device, method, 'ps/a', { text: 'x' }), '4.04');
    }
    assert.equal(await ps.code(device, Method.PUT, 'ps', { text: 'x' }), '4.05');
    await ps.create(device, 'a');
  });

  test('emqx: no collection, and any topic', async () => {
    const ps = new PsTest({ ps_dialect: 'emqx' });
    const listener = ps.listener('#');
    const device = ps.device();
    assert.equal(await ps.code(device, Method.GET, 'ps'), '4.04');
    assert.equal(await ps.code(device, Method.PUT, 'ps/data/x', { text: 'x' }), '2.04');
    assert.deepEqual(listener.take(), ['data/x=x']);
    assert.equal(reply(await ps.ask(device, Method.GET, '.well-known/core?rt=core.ps')).payload, '');
  });
});

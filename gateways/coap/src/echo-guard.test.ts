import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Device, rawOption } from '@portico/coap-endpoint/testing';
import {
  type CoapOption,
  describe,
  encodedLength,
  findOption,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  opaqueOption,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import { CoapTest } from './testing.js';

const PAYLOAD = 'x'.repeat(500);

/** The Echo option that a response demands. */
function demanded(device: Device): CoapOption {
  const [answer] = device.take();
  assert.equal(answer?.code, 0x81);
  const echo = findOption(answer, OptionNumber.Echo);
  assert.ok(echo !== undefined);
  return opaqueOption(OptionNumber.Echo, Buffer.from(echo.value));
}

suite('RFC 9175 §2.4: echo: true', () => {
  test('a response much longer than its request goes to an address that has echoed', async () => {
    const coap = new CoapTest({ echo: true, plain_get: 'retained' });
    coap.publish('a', PAYLOAD, 1, true);
    const device = coap.device();
    await device.get('mqtt/a?c=dev1');
    const echo = demanded(device);
    await device.get('mqtt/a?c=dev1', { options: [echo] });
    assert.equal(device.take()[0]?.payload.toString(), PAYLOAD);
    await device.get('mqtt/a?c=dev1');
    assert.equal(device.take()[0]?.payload.toString(), PAYLOAD, 'once is enough');
  });

  test('an address that has not gets no notifications', async () => {
    const coap = new CoapTest({ echo: true });
    const device = coap.device();
    await device.observe('mqtt/a?c=dev1');
    const echo = demanded(device);
    coap.publish('a', 'x');
    assert.deepEqual(device.look(), []);
    assert.deepEqual(coap.clients, [], 'nor is a client made');
    await device.observe('mqtt/a?c=dev1', '01', { options: [echo] });
    assert.match(device.look().join(), /^ACK 2\.05 /);
  });

  test('the value of one address is no good at another', async () => {
    const coap = new CoapTest({ echo: true });
    const [one, two] = [coap.device(), coap.device()];
    await one.observe('mqtt/a?c=dev1');
    await two.observe('mqtt/a?c=dev1', '01', { options: [demanded(one)] });
    demanded(two);
  });

  test('nor does an observation move to one', async () => {
    const coap = new CoapTest({ echo: true, keepalive: 0 });
    const device = coap.device();
    await device.observe('mqtt/a?c=dev1');
    await device.observe('mqtt/a?c=dev1', '01', { options: [demanded(device)] });
    coap.wait(10);
    const victim = coap.device();
    await victim.put('mqtt/b?c=dev1', 'x');
    victim.take();
    coap.publish('a', 'x');
    coap.wait(100_000);
    assert.deepEqual(victim.look(), []);
    assert.deepEqual([coap.count('observe.moved'), coap.count('observe.cancelled.timeout')], [0, 1]);
  });

  test('no answer of any kind is more than three times as long as its request', async () => {
    const path = (text: string) =>
      text.split('/').map((segment) => stringOption(OptionNumber.UriPath, segment));
    const client = stringOption(OptionNumber.UriQuery, 'c=1');
    const requests: CoapOption[][] = [
      [],
      path('rd'),
      path('mqtt'),
      path('mqtt/a'),
      [...path('mqtt/a'), client],
      [uintOption(OptionNumber.Observe, 0), ...path('mqtt/a'), client],
      path('.well-known/core'),
      [rawOption(9, '')],
      [rawOption(OptionNumber.UriPath, 'ff')],
    ];
    for (const options of requests) {
      const device = new CoapTest({ echo: true }).device();
      const { CON: type } = MessageType;
      const request = { type, code: Method.GET, messageId: 1, token: NO_BYTES, options, payload: NO_BYTES };
      await device.sends(request);
      const [answer] = device.take();
      assert.ok(answer !== undefined);
      const [asked, answered] = [encodedLength(request), encodedLength(answer)];
      assert.ok(answered <= 3 * asked, `${answered} bytes for ${asked}: ${describe(answer)}`);
    }
  });

  test('a response that has to wait is sent once to an address that has not echoed', () => {
    const coap = new CoapTest({ echo: true });
    const device = coap.device();
    device.peer.storing = true;
    device.put('mqtt/a?c=dev1', 'x');
    coap.wait(1000);
    device.peer.settle();
    coap.wait(100_000);
    assert.deepEqual(device.look(), ['ACK Empty mid=0x0001', 'NON 2.04 Changed token=01']);
  });

  test('a short response needs nothing of the kind', async () => {
    const coap = new CoapTest({ echo: true });
    const device = coap.device();
    await device.put('mqtt/a?c=dev1', 'x');
    await device.get('.well-known/core');
    assert.match(device.look().join(), /^ACK 2\.04 .*,ACK 2\.05 /);
  });

  test('off, it is not asked for', async () => {
    const device = new CoapTest().device();
    await device.observe('mqtt/a?c=dev1');
    assert.match(device.look().join(), /^ACK 2\.05 /);
  });
});

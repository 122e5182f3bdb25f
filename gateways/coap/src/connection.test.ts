import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Device } from '@portico/coap-endpoint/testing';
import { MessageType, Method, OptionNumber, stringOption } from '@portico/codec-coap';
import { coapCodec } from './codec.js';
import { CoapTest } from './testing.js';

const OPEN = 'mqtt/connection?clientid=dev1&username=tom&password=secret';

/** Opens a connection. @returns its token */
function open(device: Device, uri = OPEN): string {
  device.request(Method.POST, uri);
  const [answer, ...more] = device.take();
  assert.deepEqual(more, []);
  assert.equal(answer?.code, 0x41);
  return answer.payload.toString();
}

suite('/mqtt/connection', () => {
  test('POST opens a connection, PUT keeps it alive, DELETE closes it', () => {
    const coap = new CoapTest({ connection_required: true, keepalive: '120s' });
    const device = coap.device();
    const token = open(device);
    assert.match(token, /^[\w-]{11}$/);
    assert.deepEqual(coap.clients, ['dev1']);
    for (let minute = 0; minute < 5; minute++) {
      coap.wait(60_000);
      device.put(`mqtt/connection?clientid=dev1&token=${token}`, '');
    }
    assert.match(device.look().join(), /^(ACK 2\.04 Changed mid=0x\w{4} token=01,?){5}$/);
    device.request(Method.DELETE, `mqtt/connection?clientid=dev1&token=${token}`);
    assert.match(device.look().join(), /^ACK 2\.02 Deleted/);
    assert.deepEqual(coap.clients, []);
  });

  test('a connection that is not kept alive is over, and its token with it', () => {
    const coap = new CoapTest({ connection_required: true, keepalive: '120s' });
    const device = coap.device();
    const token = open(device);
    coap.wait(120_010);
    assert.deepEqual(coap.clients, []);
    device.put(`mqtt/a?clientid=dev1&token=${token}`, 'x');
    assert.match(device.look().join(), /^ACK 4\.01 .*"no connection of this client has this token"$/);
  });

  test('a connection that is opened again has another token; the one before is void', () => {
    const coap = new CoapTest();
    const device = coap.device();
    const [first, second] = [open(device), open(device)];
    device.put(`mqtt/a?c=dev1&t=${first}`, 'x');
    device.put(`mqtt/a?c=dev1&t=${second}`, 'x');
    assert.match(device.look().join(), /ACK 4\.01 .*,ACK 2\.04/);
    assert.deepEqual(coap.clients, ['dev1']);
  });

  test('whom the hub does not let in gets no connection', async () => {
    const coap = new CoapTest();
    coap.authenticate(async () => ({ answer: 'deny', refusal: 'bad_credentials' }));
    const device = coap.device();
    await device.request(Method.POST, OPEN);
    assert.match(device.look().join(), /^ACK 4\.01 /);
    device.request(Method.POST, 'mqtt/connection?username=tom');
    assert.match(device.look().join(), /^ACK 4\.00 .*"the query lacks c=/);
    assert.deepEqual(coap.clients, []);
  });

  test('two who ask at a time for one client id get it one after the other', async () => {
    const coap = new CoapTest();
    coap.authenticate(async () => ({ answer: 'allow' }));
    const [one, two] = [coap.device(), coap.device()];
    await Promise.all([one, two].map((device) => device.request(Method.POST, OPEN)));
    const tokens = [one, two].map((device) => device.take()[0]?.payload.toString());
    one.put(`mqtt/a?c=dev1&t=${tokens[0]}`, 'x');
    two.put(`mqtt/a?c=dev1&t=${tokens[1]}`, 'x');
    assert.match(one.look().join(), /4\.01/);
    assert.match(two.look().join(), /2\.04/);
  });

  test('without a token, connection is a topic like any other', () => {
    const coap = new CoapTest();
    const listener = coap.listener('connection');
    const device = coap.device();
    device.put('mqtt/connection?c=dev1', 'x');
    device.request(Method.DELETE, 'mqtt/connection?c=dev1');
    assert.match(device.look().join(), /ACK 2\.04 .*,ACK 4\.05 /);
    assert.deepEqual(listener.take(), ['connection=x']);
  });
});

suite('connection_required', () => {
  test('credentials alone do not do, a token does', () => {
    const coap = new CoapTest({ connection_required: true });
    const listener = coap.listener('#');
    const device = coap.device();
    device.put('mqtt/a?c=dev1&u=tom&p=secret', 'x');
    assert.match(device.look().join(), /4\.01 .*"a connection is required: POST \/mqtt\/connection"/);
    const token = open(device);
    device.put(`mqtt/a?clientid=dev1&token=${token}`, 'y');
    device.put(`mqtt/a?clientid=dev2&token=${token}`, 'z');
    assert.match(device.look().join(), /^ACK 2\.04 .*,ACK 4\.01 /);
    assert.deepEqual(listener.take(), ['a=y']);
    device.get('.well-known/core');
    assert.match(device.look().join(), /^ACK 2\.05 /);
  });

  test('off, a client may have a token and speak without it all the same', () => {
    const coap = new CoapTest();
    const device = coap.device();
    const token = open(device);
    device.put('mqtt/a?c=dev1&u=tom&p=secret', 'x');
    device.put(`mqtt/a?c=dev1&t=${token}`, 'x');
    assert.match(device.look().join(), /^ACK 2\.04 .*,ACK 2\.04 /);
    assert.equal(coap.hub.metrics.get('client.connected'), 1);
  });
});

suite('a client is its client id and token, not its address', () => {
  test('what it observes goes to where it speaks from with its token, once the old address is silent', () => {
    const coap = new CoapTest({ connection_required: true, keepalive: 0 });
    const before = coap.device();
    const token = open(before);
    before.observe(`mqtt/a?clientid=dev1&token=${token}`, '0a');
    before.take();
    coap.publish('a', 'x');
    coap.wait(30_000);
    const after = coap.device();
    after.put(`mqtt/connection?clientid=dev1&token=${token}`, '');
    after.take();
    coap.wait(32_010);
    assert.deepEqual(after.drain(), ['x']);
    coap.publish('a', 'y');
    assert.deepEqual(after.drain(), ['y']);
  });

  test('passwords and tokens are not shown, whatever their arguments are called', () => {
    const queries = ['p=secret', 'password=secret', 't=secret', 'token=secret'];
    for (const query of queries) {
      const shown = coapCodec.describe({
        type: MessageType.CON,
        code: Method.PUT,
        messageId: 1,
        token: Buffer.alloc(0),
        options: [stringOption(OptionNumber.UriQuery, query)],
        payload: Buffer.alloc(0),
      });
      assert.doesNotMatch(shown, /secret/);
    }
  });
});

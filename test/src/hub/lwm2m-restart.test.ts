import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageType, Method, OptionNumber, ResponseCode, stringsOf } from '@portico/codec-coap';
import { MemoryStore, Message, silentLogger, systemClock } from '@portico/core';
import { nextCoap, sendCoap, uriOptions } from '../support/coap-socket.js';
import { LocalHub } from '../support/local-hub.js';
import { openUdp } from '../support/udp-socket.js';

const LISTENER = 'lwm2m:udp:default';

function config(port: number): string {
  return `
gateways:
  lwm2m: { listeners: { udp: { default: { bind: 127.0.0.1:${port} } } } }
`;
}

test('after a restart a command goes to where the LwM2M device was, and its update is answered', async (t) => {
  const store = new MemoryStore({ durable: true });
  const before = await LocalHub.start(config(0), silentLogger, systemClock, store);
  const port = before.port(LISTENER);
  const device = await openUdp(port);
  t.after(() => device.close());
  const queries = ['ep=dev1', 'lt=60', 'lwm2m=1.1', 'b=U'];
  sendCoap(device, {
    code: Method.POST,
    options: uriOptions(['rd'], queries),
    payload: Buffer.from('</1/0>,</3/0>'),
  });
  const registered = await nextCoap(device);
  assert.equal(registered.code, ResponseCode.Created);
  await before.stop();

  const hub = await LocalHub.start(config(port), silentLogger, systemClock, store);
  t.after(() => hub.stop());
  const command = Buffer.from('{"reqID":1,"msgType":"read","data":{"path":"/3/0/9"}}');
  const timestamp = systemClock.now();
  hub.hub.engine.publish(
    new Message({ topic: 'lwm2m/dev1/dn/x', payload: command, qos: 1, retain: false, timestamp }),
  );
  const request = await nextCoap(device);
  assert.deepEqual([request.code, stringsOf(request, OptionNumber.UriPath)], [Method.GET, ['3', '0', '9']]);
  const { messageId, token } = request;
  sendCoap(device, {
    type: MessageType.ACK,
    code: ResponseCode.Content,
    messageId,
    token,
    payload: Buffer.from('42'),
  });

  const [gateway] = hub.hub.gateways.get('lwm2m')?.gateways ?? [];
  assert.ok(gateway);
  const [shown] = gateway.lists?.lookup_lwm2m_channel?.('dev1')?.rows ?? [];
  assert.ok(shown && 'objectList' in shown);
  assert.deepEqual(shown.objectList, { '/1/0': 'LwM2M Server', '/3/0': 'Device' });

  const location = stringsOf(registered, OptionNumber.LocationPath);
  sendCoap(device, { code: Method.POST, messageId: 2, options: uriOptions(location) });
  assert.equal((await nextCoap(device)).code, ResponseCode.Changed);
});

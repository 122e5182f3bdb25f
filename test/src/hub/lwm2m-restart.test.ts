import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { test } from 'node:test';
import {
  type CoapMessage,
  decode,
  encode,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  ResponseCode,
  stringOption,
  stringsOf,
} from '@portico/codec-coap';
import { MemoryStore, Message, silentLogger, systemClock } from '@portico/core';
import { BufferSink } from '@portico/frame';
import { LocalHub } from '../support/local-hub.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';

const LISTENER = 'lwm2m:udp:default';

function config(port: number): string {
  return `
gateways:
  lwm2m: { listeners: { udp: { default: { bind: 127.0.0.1:${port} } } } }
`;
}

function send(socket: Socket, message: Partial<CoapMessage>): void {
  const sink = new BufferSink();
  const whole = {
    type: MessageType.CON,
    code: 0,
    messageId: 1,
    token: NO_BYTES,
    options: [],
    payload: NO_BYTES,
  };
  encode({ ...whole, ...message }, sink);
  socket.send(sink.take());
}

async function next(socket: Socket): Promise<CoapMessage> {
  return decode(await nextDatagram(socket));
}

function uri(path: readonly string[], queries: readonly string[] = []) {
  return [
    ...path.map((segment) => stringOption(OptionNumber.UriPath, segment)),
    ...queries.map((query) => stringOption(OptionNumber.UriQuery, query)),
  ];
}

test('after a restart a command goes to where the LwM2M device was, and its update is answered', async (t) => {
  const store = new MemoryStore({ durable: true });
  const before = await LocalHub.start(config(0), silentLogger, systemClock, store);
  const port = before.port(LISTENER);
  const device = await openUdp(port);
  t.after(() => device.close());
  const queries = ['ep=dev1', 'lt=60', 'lwm2m=1.1', 'b=U'];
  send(device, { code: Method.POST, options: uri(['rd'], queries), payload: Buffer.from('</1/0>,</3/0>') });
  const registered = await next(device);
  assert.equal(registered.code, ResponseCode.Created);
  await before.stop();

  const hub = await LocalHub.start(config(port), silentLogger, systemClock, store);
  t.after(() => hub.stop());
  const command = Buffer.from('{"reqID":1,"msgType":"read","data":{"path":"/3/0/9"}}');
  const timestamp = systemClock.now();
  hub.hub.engine.publish(
    new Message({ topic: 'lwm2m/dev1/dn/x', payload: command, qos: 1, retain: false, timestamp }),
  );
  const request = await next(device);
  assert.deepEqual([request.code, stringsOf(request, OptionNumber.UriPath)], [Method.GET, ['3', '0', '9']]);
  const { messageId, token } = request;
  send(device, {
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
  send(device, { code: Method.POST, messageId: 2, options: uri(location) });
  assert.equal((await next(device)).code, ResponseCode.Changed);
});

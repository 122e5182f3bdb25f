import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode, MessageType, Method, OptionNumber, ResponseCode, stringsOf } from '@portico/codec-coap';
import { MemoryStore, Message, silentLogger, systemClock } from '@portico/core';
import { DtlsDevice } from '@portico/core/testing';
import { coapBytes, nextCoap, sendCoap, uriOptions } from '../support/coap-socket.js';
import { LocalHub } from '../support/local-hub.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';

const LISTENER = 'lwm2m:udp:default';

function config(port: number): string {
  return `
gateways:
  lwm2m: { listeners: { udp: { default: { bind: 127.0.0.1:${port} } } } }
`;
}

/** An application asks `dev1` for a value. */
function sendCommand({ hub }: LocalHub): void {
  const payload = Buffer.from('{"reqID":1,"msgType":"read","data":{"path":"/3/0/9"}}');
  const timestamp = systemClock.now();
  hub.engine.publish(new Message({ topic: 'lwm2m/dev1/dn/x', payload, qos: 1, retain: false, timestamp }));
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
  sendCommand(hub);
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

  const [gateway] = hub.hub.gateways.get('lwm2m')?.instances ?? [];
  assert.ok(gateway);
  const [shown] = gateway.lists?.lookup_lwm2m_channel?.('dev1')?.rows ?? [];
  assert.ok(shown && 'objectList' in shown);
  assert.deepEqual(shown.objectList, { '/1/0': 'LwM2M Server', '/3/0': 'Device' });

  const location = stringsOf(registered, OptionNumber.LocationPath);
  sendCoap(device, { code: Method.POST, messageId: 2, options: uriOptions(location) });
  assert.equal((await nextCoap(device)).code, ResponseCode.Changed);
});

const DTLS_LISTENER = 'lwm2m:dtls:default';

/** What a peer sends that still has a session: a record of epoch 1. */
const OLD_RECORD = Buffer.from(`17fefd${'0001'}${'000000000007'}${'0020'}${'5a'.repeat(32)}`, 'hex');
/** A fatal alert of epoch 0, unexpected_message, with the number of that record. */
const ALERT = `15fefd${'0000'}${'000000000007'}${'0002'}${'020a'}`;

test('after a crash a DTLS device is told that its session is gone, and goes on with its registration in a new one', async (t) => {
  const keys = join(tmpdir(), `portico-psk-lwm2m-${process.pid}.txt`);
  writeFileSync(keys, 'dev1:1234\n');
  t.after(() => rmSync(keys));
  const dtlsConfig = (port: number) => `
access: { psk_file: ${keys} }
gateways:
  lwm2m: { listeners: { dtls: { default: { bind: 127.0.0.1:${port}, psk: true } } } }
`;
  const store = new MemoryStore({ durable: true });
  const before = await LocalHub.start(dtlsConfig(0), silentLogger, systemClock, store);
  const port = before.port(DTLS_LISTENER);
  const credentials = { kind: 'psk', identity: 'dev1', key: Buffer.from('1234') } as const;
  const device = await DtlsDevice.start(port, { credentials });
  const options = uriOptions(['rd'], ['ep=dev1', 'lt=60', 'lwm2m=1.1', 'b=U']);
  device.send(coapBytes({ code: Method.POST, options, payload: Buffer.from('</1/0>,</3/0>') }));
  const registered = decode(await device.receive());
  assert.equal(registered.code, ResponseCode.Created);
  // It does not hear that the hub stops.
  device.vanish();
  await before.stop();

  const hub = await LocalHub.start(dtlsConfig(port), silentLogger, systemClock, store);
  t.after(() => hub.stop());
  sendCommand(hub);
  const socket = await openUdp(port);
  t.after(() => socket.close());
  socket.send(OLD_RECORD);
  assert.equal((await nextDatagram(socket)).toString('hex'), ALERT);

  const again = await DtlsDevice.start(port, { credentials });
  t.after(() => again.vanish());
  const location = uriOptions(stringsOf(registered, OptionNumber.LocationPath));
  again.send(coapBytes({ code: Method.POST, messageId: 2, options: location }));
  assert.equal(decode(await again.receive()).code, ResponseCode.Changed);
  const request = decode(await again.receive());
  assert.deepEqual([request.code, stringsOf(request, OptionNumber.UriPath)], [Method.GET, ['3', '0', '9']]);
});

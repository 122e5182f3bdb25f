import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import {
  type CoapMessage,
  decode,
  emptyMessage,
  encode,
  MessageType,
  Method,
  OptionNumber,
  ResponseCode,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import { Message } from '@portico/core';
import { DtlsDevice, type DtlsDeviceOptions } from '@portico/core/testing';
import { BufferSink } from '@portico/frame';
import { LocalHub } from '../support/local-hub.js';

/** A CoAP device behind a NAT that gives it a new address in the middle of its session. */

const keys = join(tmpdir(), `portico-psk-${process.pid}.txt`);
let hub: LocalHub;

before(async () => {
  writeFileSync(keys, 'meter-1:1234\n');
  hub = await LocalHub.start(`
access: { psk_file: ${keys} }
gateways:
  coap: { listeners: { dtls: { default: { bind: 127.0.0.1:0, psk: true } } } }
`);
});

after(async () => {
  await hub.stop();
  rmSync(keys);
});

function bytesOf(message: CoapMessage): Buffer {
  const sink = new BufferSink();
  encode(message, sink);
  return sink.take();
}

/** Asks to observe the topic `down`. */
const OBSERVE: CoapMessage = {
  type: MessageType.CON,
  code: Method.GET,
  messageId: 1,
  token: Buffer.of(7),
  options: [
    uintOption(OptionNumber.Observe, 0),
    stringOption(OptionNumber.UriPath, 'mqtt'),
    stringOption(OptionNumber.UriPath, 'down'),
    stringOption(OptionNumber.UriQuery, 'c=dev1'),
  ],
  payload: Buffer.alloc(0),
};

async function open(
  t: TestContext,
  connectionId: Buffer | undefined,
  ticket?: DtlsDeviceOptions['ticket'],
): Promise<DtlsDevice> {
  const device = await DtlsDevice.start(hub.port('coap:dtls:default'), {
    credentials: { kind: 'psk', identity: 'meter-1', key: Buffer.from('1234') },
    connectionId,
    ticket,
  });
  t.after(() => device.vanish());
  return device;
}

const received = async (device: DtlsDevice) => decode(await device.receive());

function publish(payload: string): void {
  const message = {
    topic: 'down',
    payload: Buffer.from(payload),
    qos: 1,
    retain: false,
    timestamp: Date.now(),
  } as const;
  hub.hub.engine.publish(new Message(message));
}

for (const length of [0, 4]) {
  test(`an observation goes on at a new address; the device's own connection id has ${length} bytes`, async (t) => {
    const device = await open(t, Buffer.alloc(length, 0xc1));
    device.send(bytesOf(OBSERVE));
    assert.equal((await received(device)).code, ResponseCode.Content);
    const connected = hub.metric('client.connected');
    await device.move();
    device.send(bytesOf(emptyMessage(MessageType.CON, 2)));
    assert.equal((await received(device)).type, MessageType.RST, 'a CoAP ping is answered');
    publish('on');
    assert.equal((await received(device)).payload.toString(), 'on');
    assert.equal(hub.metric('client.connected'), connected, 'nobody had to come in anew');
    assert.equal(hub.connections('coap:dtls:default'), 1);
    assert.equal(
      hub.hub.engine.sessions.get('dev1')?.status.peer.port,
      device.port,
      'operators see where it is',
    );
    device.close();
  });
}

test('a device that begins anew and resumes its session goes on observing, and leaves no session behind', async (t) => {
  const connectionId = Buffer.of(0xc1);
  const device = await open(t, connectionId);
  device.send(bytesOf(OBSERVE));
  assert.equal((await received(device)).code, ResponseCode.Content);
  const { ticket } = device.session;
  device.vanish();
  const again = await open(t, connectionId, ticket);
  assert.equal(again.session.resumed, true);
  again.send(bytesOf({ ...OBSERVE, options: OBSERVE.options.slice(1), token: Buffer.of(8) }));
  assert.equal((await received(again)).code, ResponseCode.Content, 'a sign of life');
  publish('on');
  const notification = await received(again);
  assert.deepEqual([notification.token, notification.payload.toString()], [Buffer.of(7), 'on']);
  assert.equal(hub.connections('coap:dtls:default'), 1);
  again.close();
});

test('without a connection id a device that has moved is nobody, and comes back by resuming its session', async (t) => {
  const device = await open(t, undefined);
  const { ticket } = device.session;
  const before = hub.metric('listeners.dtls.dropped.unknown_peer');
  await device.move();
  device.send(bytesOf(emptyMessage(MessageType.CON, 1)));
  while (hub.metric('listeners.dtls.dropped.unknown_peer') === before) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const again = await open(t, undefined, ticket);
  assert.equal(again.session.resumed, true);
  again.send(bytesOf(emptyMessage(MessageType.CON, 1)));
  assert.equal((await received(again)).type, MessageType.RST);
});

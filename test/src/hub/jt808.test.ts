import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { decodeBody, encodeMessage, Jt808Decoder } from '@portico/codec-jt808';
import { Message, silentLogger, systemClock } from '@portico/core';
import { TestStore } from '@portico/core/testing';
import { eventually } from '../support/eventually.js';
import { REGISTRATION } from '../support/jt808-registration.js';
import { LocalHub } from '../support/local-hub.js';
import { RawClient } from '../support/raw-client.js';

/** Terminals of JT/T 808 over TCP, in a started hub. */

const PHONE = '013900000001';
/** Bytes of an answer with a body of that size: delimiters, header and check byte around it. */
const sizeOf = (body: number) => body + 15;

/** A registry that gives every terminal the code `secret`. @returns its URL */
async function registry(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => response.end('{"code":0,"authcode":"secret"}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function terminal(t: TestContext, hub: LocalHub, listener = 'default'): Promise<RawClient> {
  const client = await RawClient.connect(hub.port(`jt808:tcp:${listener}`));
  t.after(() => client.destroy());
  return client;
}

function send(client: RawClient, msg_id: number, body?: unknown, phone = PHONE): void {
  for (const frame of encodeMessage({ header: { msg_id, phone, msg_sn: 7 }, body })) client.send(frame);
}

/** The next answer. @param size bytes of its body, none of which is escaped */
async function answer(client: RawClient, size: number): Promise<unknown> {
  const decoder = new Jt808Decoder();
  decoder.push(await client.readBytes(sizeOf(size)));
  const frame = decoder.next();
  assert.ok(frame?.kind === 'frame');
  return decodeBody(frame).body;
}

test('a terminal is told its code when that is durable, and it is the only one after a restart', async (t) => {
  const config = `
access: { allow_anonymous: false }
gateways:
  jt808: { registry_url: "${await registry(t)}", listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
`;
  const store = new TestStore();
  store.held = true;
  const before = await LocalHub.start(config, silentLogger, systemClock, store);
  const client = await terminal(t, before);
  send(client, 0x0100, REGISTRATION);
  await eventually('the code is written', () => [...store.keys('gateway.jt808')].length === 1);
  const other = await terminal(t, before);
  send(other, 0x0004);
  await answer(other, 6);
  assert.equal(client.received.length, 0, 'nothing has come while others are answered');
  store.settle();
  assert.deepEqual(await answer(client, 9), { seq: 7, result: 0, auth_code: 'secret' });
  store.held = false;
  await before.stop();

  const after = await LocalHub.start(config, silentLogger, systemClock, store);
  t.after(() => after.stop());
  const back = await terminal(t, after);
  for (const [code, result] of [
    ['wrong', 1],
    ['secret', 0],
  ] as const) {
    send(back, 0x0102, { code });
    assert.deepEqual(await answer(back, 5), { seq: 7, id: 0x0102, result });
  }
});

test('terminals that write UTF-8 have a listener of their own, beside those that write GBK', async (t) => {
  const hub = await LocalHub.start(`
gateways:
  jt808:
    zones: { unicode: { string_encoding: utf8 } }
    listeners:
      tcp: { default: { bind: 127.0.0.1:0 }, unicode: { bind: 127.0.0.1:0, zone: unicode } }
`);
  t.after(() => hub.stop());
  for (const [listener, phone, bytes] of [
    ['default', PHONE, 'c7b0b7bd'],
    ['unicode', '013900000002', 'e5898de696b9'],
  ] as const) {
    const client = await terminal(t, hub, listener);
    send(client, 0x0102, { code: 'abc' }, phone);
    await answer(client, 5);
    const payload = Buffer.from('{"header":{"msg_id":33536},"body":{"flag":1,"text":"前方"}}');
    const timestamp = systemClock.now();
    hub.hub.engine.publish(
      new Message({ topic: `jt808/${phone}/dn`, payload, qos: 1, retain: false, timestamp }),
    );
    const frame = await client.readBytes(sizeOf(1 + bytes.length / 2));
    assert.equal(frame.subarray(14, -2).toString('hex'), bytes);
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Device } from '@portico/coap-endpoint/testing';
import { encode } from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';
import { CoapTest } from './testing.js';

/** The message flows of RFC 7959 §3, byte for byte. Bytes are hex. */
interface Flow {
  readonly name: string;
  readonly config: Record<string, unknown>;
  /** What topic `status` retains beforehand. */
  readonly retained?: string;
  /** What is published to topic `status`, once and as a whole. */
  readonly published?: string;
  readonly steps: readonly ({ readonly device: string } | { readonly server: string })[];
}

const file = new URL('../vectors/rfc7959-flows.json', import.meta.url);
const { flows } = JSON.parse(readFileSync(file, 'utf8')) as { readonly flows: readonly Flow[] };

function sent(device: Device): string {
  const sink = new BufferSink();
  for (const message of device.take()) encode(message, sink);
  return sink.take().toString('hex');
}

for (const { name, config, retained, published, steps } of flows) {
  test(`RFC 7959 §3, ${name}`, () => {
    const coap = new CoapTest(config);
    const client = coap.hub.client('other');
    if (retained === undefined) client.subscribe('#');
    else
      client.session.publish({
        topic: 'status',
        payload: Buffer.from(retained, 'hex'),
        qos: 0,
        retain: true,
      });
    const device = coap.device();
    for (const step of steps) {
      if ('device' in step) device.receives(Buffer.from(step.device, 'hex'));
      else assert.equal(sent(device), step.server);
    }
    const payloads = client.received.map(({ message }) => message.payload.toString('hex'));
    assert.deepEqual(payloads, published === undefined ? [] : [published]);
  });
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MqttDecoder } from './decoder.js';
import { encodeToBuffer } from './encoder.js';
import { MqttFault } from './mqtt-fault.js';
import type { ProtocolVersion } from './packet.js';
import { decodeChunks } from './testing/decode-all.js';
import { packetFromJson, packetToJson } from './testing/packet-json.js';

interface Vector {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly hex: string;
  readonly packet: unknown;
  /** The bytes are a form that is allowed but that the encoder does not choose. */
  readonly decodeOnly?: true;
  readonly source: string;
}

interface BadVector {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly hex: string;
  readonly code: string;
  readonly source: string;
}

function load<Row>(file: string): readonly Row[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')) as Row[];
}

for (const file of ['mqtt3.1.json', 'mqtt3.1.1.json', 'mqtt5.json']) {
  test(`the packets of ${file}`, async (t) => {
    for (const { name, version, hex, packet, decodeOnly, source } of load<Vector>(file)) {
      await t.test(`${name} (${source})`, () => {
        const bytes = Buffer.from(hex, 'hex');
        assert.deepEqual(decodeChunks([bytes], { version }, packetToJson), [packet]);
        if (!decodeOnly) {
          assert.equal(encodeToBuffer(packetFromJson(JSON.stringify(packet)), version).toString('hex'), hex);
        }
      });
    }
  });
}

test('the packets of malformed.json', async (t) => {
  for (const { name, version, hex, code, source } of load<BadVector>('malformed.json')) {
    await t.test(`MQTT ${version}: ${name} (${source})`, () => {
      assert.throws(
        () => decodeChunks([Buffer.from(hex, 'hex')], { version }, packetToJson),
        (error) => error instanceof MqttFault && error.code === code && error.version === version,
      );
    });
  }
});

test('a PUBLISH with each remaining length of the table', () => {
  for (const { value, hex } of load<{ value: number; hex: string }>('remaining-length.json')) {
    if (value < 2 || value > 3_000_000) continue;
    const payload = Buffer.alloc(value - 3, 1);
    const publish = {
      type: 'publish',
      topic: 't',
      payload,
      qos: 0,
      retain: false,
      dup: false,
      packetId: 0,
    } as const;
    const bytes = encodeToBuffer(publish, 4);
    const header = 1 + hex.length / 2;
    assert.equal(bytes.subarray(1, header).toString('hex'), hex);
    assert.equal(bytes.length, header + value);
    const lengths = decodeChunks([bytes], { version: 4, maxPacketSize: bytes.length }, (packet) =>
      packet.type === 'publish' ? packet.payload.length : -1,
    );
    assert.deepEqual(lengths, [payload.length]);
  }
});

test('each remaining length of the table is waited for if allowed, and refused from its header alone if not', () => {
  for (const { value, hex } of load<{ value: number; hex: string }>('remaining-length.json')) {
    const header = Buffer.from(`30${hex}`, 'hex');
    if (value === 0) continue;
    const patient = new MqttDecoder({ maxPacketSize: header.length + value });
    patient.push(header);
    assert.equal(patient.next(), undefined);
    assert.equal(patient.buffered, header.length);
    const strict = new MqttDecoder({ maxPacketSize: header.length + value - 1 });
    strict.push(header);
    assert.throws(() => strict.next(), { name: 'FrameError', code: 'packet_too_large' });
  }
});

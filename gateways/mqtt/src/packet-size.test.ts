import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ControlPacket, encodeToBuffer } from '@portico/codec-mqtt';
import { fitting } from './packet-size.js';

const EXPLAINED: readonly ControlPacket[] = [
  { type: 'connack', sessionPresent: false, reasonCode: 0x85 },
  { type: 'puback', packetId: 1, reasonCode: 0x90 },
  { type: 'pubcomp', packetId: 1, reasonCode: 0x92 },
  { type: 'suback', packetId: 1, reasonCodes: [0, 0x8f, 0] },
  { type: 'unsuback', packetId: 1, reasonCodes: [0x8f] },
  { type: 'disconnect', reasonCode: 0x81 },
];

function length(packet: ControlPacket): number {
  return encodeToBuffer(packet, 5).length;
}

for (const packet of EXPLAINED) {
  const explained = { ...packet, properties: { reasonString: 'why' } } as ControlPacket;

  test(`${packet.type} has its reason string where there is room for it, to the byte`, () => {
    assert.equal(fitting(explained, length(explained)), explained);
    assert.equal(fitting(explained, Number.POSITIVE_INFINITY), explained);
    const shorter = fitting(explained, length(explained) - 1);
    assert.ok(shorter !== undefined && length(shorter) < length(explained));
  });
}

test('other properties are not left out', () => {
  const properties = { serverReference: 'other:1883', reasonString: 'why' };
  const packet: ControlPacket = { type: 'disconnect', reasonCode: 0x9c, properties };
  const shorter = fitting(packet, length(packet) - 1);
  assert.ok(shorter?.type === 'disconnect');
  assert.equal(shorter.properties?.serverReference, 'other:1883');
  assert.equal(shorter.properties?.reasonString, undefined);
  assert.equal(fitting(packet, 10), undefined);
});

test('an acknowledgement that says no more than it must fits from six bytes on', () => {
  const packet: ControlPacket = { type: 'puback', packetId: 1, reasonCode: 0x10 };
  assert.equal(fitting(packet, 6), packet);
  assert.equal(fitting(packet, 4), undefined);
});

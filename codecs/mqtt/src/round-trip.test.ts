import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import fc from 'fast-check';
import { encode, encodeToBuffer } from './encoder.js';
import type { ProtocolVersion } from './packet.js';
import { cut, decodeChunks } from './testing/decode-all.js';
import { anyPacket, packetOf, packetTypes } from './testing/packet-arbitraries.js';
import { packetToJson } from './testing/packet-json.js';

const VERSIONS: readonly ProtocolVersion[] = [3, 4, 5];

for (const version of VERSIONS) {
  for (const type of packetTypes(version)) {
    test(`any ${type} of version ${version} comes back as it was, and as the same bytes`, () => {
      fc.assert(
        fc.property(packetOf(type, version), (packet) => {
          const bytes = encodeToBuffer(packet, version);
          const decoded = decodeChunks([bytes], { version }, (received) => ({
            json: packetToJson(received),
            bytes: encodeToBuffer(received, version),
          }));
          assert.deepEqual(decoded, [{ json: packetToJson(packet), bytes }]);
        }),
        { numRuns: 60 },
      );
    });
  }

  test(`any packets of version ${version} come back from any chunks`, () => {
    const places = fc.array(fc.nat(), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(anyPacket(version), { maxLength: 8 }), places, (packets, where) => {
        const sink = new BufferSink();
        for (const packet of packets) encode(packet, version, sink);
        const chunks = cut(sink.take(), where);
        assert.deepEqual(decodeChunks(chunks, { version }, packetToJson), packets.map(packetToJson));
      }),
      { numRuns: 150 },
    );
  });
}

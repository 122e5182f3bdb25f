import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSink } from '@portico/frame';
import fc from 'fast-check';
import { encode } from './encoder.js';
import { fuzz } from './fuzz.js';
import { anyPacket } from './testing/packet-arbitraries.js';

test('random bytes give FrameErrors or packets, and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => fuzz(Buffer.from(bytes))),
    { numRuns: 2000 },
  );
});

test('valid packets with some bytes changed, cut out or doubled give FrameErrors or packets', () => {
  const edit = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('change', 'remove', 'double'),
    value: fc.integer({ min: 0, max: 255 }),
  });
  const packets = fc
    .constantFrom(3 as const, 4 as const, 5 as const)
    .chain((version) =>
      fc.array(anyPacket(version), { minLength: 1, maxLength: 3 }).map((all) => ({ version, all })),
    );
  fc.assert(
    fc.property(packets, fc.array(edit, { minLength: 1, maxLength: 4 }), ({ version, all }, edits) => {
      const sink = new BufferSink();
      for (const packet of all) encode(packet, version, sink);
      const bytes = [...sink.take()];
      for (const { at, kind, value } of edits) {
        const place = at % bytes.length;
        if (kind === 'change') bytes[place] = value;
        else if (kind === 'double') bytes.splice(place, 0, bytes[place] as number);
        else if (bytes.length > 1) bytes.splice(place, 1);
      }
      fuzz(Buffer.from(bytes));
    }),
    { numRuns: 1500 },
  );
});

test('the fuzz target reports what is not a FrameError', () => {
  const broken = Buffer.from('30050001740061', 'hex');
  Object.defineProperty(broken, 'subarray', {
    value: () => {
      throw new TypeError('a bug');
    },
  });
  assert.throws(() => fuzz(broken), TypeError);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { checkExplained, explained, explainedLines } from '@portico/frame';
import fc from 'fast-check';
import { CONTENT_FORMATS, Lwm2mFormat } from './content-formats.js';
import { explainPayload } from './explain-payload.js';

function explain(format: number, bytes: Buffer) {
  return explained({ title: 'payload', offset: 0, bytes, faults: [] }, (reader) => {
    explainPayload(reader, format);
  });
}

suite('payloads of LwM2M explained', () => {
  test('TLVs in TLVs, each with its place', () => {
    // Resource 9 of the device, and its multiple resource 6 with two instances (LwM2M 1.1.1 Core §7.4.4).
    const bytes = Buffer.from('c109648606410001410105', 'hex');
    assert.deepEqual(explainedLines([explain(Lwm2mFormat.Tlv, bytes)]), [
      'payload',
      '0 /9: resource 9, 1 byte',
      '2 /9: 100, "d"',
      '3 /6: multiple resource 6, 6 bytes',
      '5 /6/0: resource instance 0, 1 byte',
      '7 /6/0: 1, 1 byte',
      '8 /6/1: resource instance 1, 1 byte',
      '10 /6/1: 5, 1 byte',
    ]);
  });

  test('a TLV that is longer than what it is in is explained up to there', () => {
    const lines = explainedLines([explain(Lwm2mFormat.Tlv, Buffer.from('c80a09aabb', 'hex'))]);
    assert.equal(lines.at(-1), 'byte 0: a TLV is longer than what it is in');
  });

  test('values of SenML by their paths', () => {
    const json = '[{"bn":"/3/0/","n":"9","v":100},{"n":"0","vs":"Acme"}]';
    assert.deepEqual(explainedLines([explain(Lwm2mFormat.SenmlJson, Buffer.from(json))]).slice(2), [
      '0 /3/0/9: 100',
      '0 /3/0/0: "Acme"',
    ]);
  });

  test('any bytes in any format', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CONTENT_FORMATS.keys()),
        fc.uint8Array({ maxLength: 100 }),
        (format, bytes) => {
          checkExplained([explain(format, Buffer.from(bytes))]);
        },
      ),
    );
  });
});

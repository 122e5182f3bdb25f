import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkExplained, explainedLines } from '@portico/frame';
import { explain } from './explain.js';

test('a PUT with options by their names, the argument that is secret hidden', () => {
  // Token 01, Uri-Path mqtt, Content-Format 50, Uri-Query p=secret, Block1 number 1, then the payload.
  const bytes = Buffer.concat([
    Buffer.from('4103542b01', 'hex'),
    Buffer.from('b46d717474', 'hex'),
    Buffer.from('1132', 'hex'),
    Buffer.from('38703d736563726574', 'hex'),
    Buffer.from('c11a', 'hex'),
    Buffer.from('ff7b7d', 'hex'),
  ]);
  assert.deepEqual(explainedLines(explain(bytes, { secretQueries: new Set(['p']) })), [
    'CON PUT',
    '0 version: 1',
    '0 type: CON',
    '0 token length: 1 byte',
    '1 code: 0.03 (PUT)',
    '2 message id: 21547 (0x542b)',
    '4 token: 1 byte',
    '5 option: +11 = 11 (Uri-Path), 4 bytes',
    '6 Uri-Path: "mqtt"',
    '10 option: +1 = 12 (Content-Format), 1 byte',
    '11 Content-Format: 50 (application/json)',
    '12 option: +3 = 15 (Uri-Query), 8 bytes',
    '13 Uri-Query: ***',
    '21 option: +12 = 27 (Block1), 1 byte',
    '22 Block1: block 1 of 64 bytes, more follow',
    '23 payload marker: 0xff',
    '24 payload: "{}"',
  ]);
});

for (const file of ['libcoap', 'boundaries', 'rfc7252', 'bad']) {
  test(`every vector of ${file}.json is explained`, () => {
    const url = new URL(`../vectors/${file}.json`, import.meta.url);
    const { vectors } = JSON.parse(readFileSync(url, 'utf8'));
    for (const { name, hex } of vectors) {
      const frames = explain(Buffer.from(hex, 'hex'), { secretQueries: new Set(['p']) });
      checkExplained(frames);
      assert.equal(
        frames.every(({ faults }) => faults.length === 0),
        file !== 'bad',
        name,
      );
    }
  });
}

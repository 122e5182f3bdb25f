import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkExplained, explainedLines } from '@portico/frame';
import { explain } from './explain.js';

test('a PUBLISH with a predefined topic id field by field', () => {
  assert.deepEqual(explainedLines(explain(Buffer.from('0c0c610001010268656c6c6f', 'hex'))), [
    'PUBLISH',
    '0 Length: 12 octets',
    '1 MsgType: 12 (PUBLISH)',
    '2 Flags: 97 (QoS -1, topic id type predefined)',
    '3 TopicId: 1',
    '5 MsgId: 258',
    '7 Data: "hello"',
  ]);
});

test('a message behind an encapsulation', () => {
  assert.deepEqual(explainedLines(explain(Buffer.from('05fe000a010216', 'hex'))), [
    'PINGREQ',
    '0 encapsulation length: 5 octets',
    '1 encapsulation type: 254 (ENCAPSULATED)',
    '2 radius: 0',
    '3 wireless node id: 2 octets',
    '5 Length: 2 octets',
    '6 MsgType: 22 (PINGREQ)',
  ]);
});

for (const file of ['emqx', 'layouts', 'lenient', 'mqtt-sn-tools', 'paho', 'rsmb', 'bad']) {
  test(`every vector of ${file}.json is explained`, () => {
    const url = new URL(`../vectors/${file}.json`, import.meta.url);
    const { vectors } = JSON.parse(readFileSync(url, 'utf8'));
    for (const { name, hex } of vectors) {
      const frames = explain(Buffer.from(hex, 'hex'));
      checkExplained(frames);
      assert.equal(
        frames.every(({ faults }) => faults.length === 0),
        file !== 'bad',
        name,
      );
    }
  });
}

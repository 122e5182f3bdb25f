import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkExplained, explainedLines } from '@portico/frame';
import { explain } from './explain.js';
import type { ProtocolVersion } from './packet.js';

test('a CONNECT of MQTT 5 field by field, its password hidden', () => {
  const hex =
    '102e00044d51545405ce000a05110000000a0003616263000003772f740004676f6e6500036a6f650006736563726574';
  assert.deepEqual(explainedLines(explain(Buffer.from(hex, 'hex'))), [
    'CONNECT',
    '0 type: 1 (CONNECT)',
    '0 flags: 0x0',
    '1 remaining length: 46 bytes',
    '2 protocol name length: 4',
    '4 protocol name: "MQTT"',
    '8 protocol version: 5 (MQTT 5.0)',
    '9 connect flags: 206 (clean start, will, password, user name, will QoS 1)',
    '10 keep alive: 10 s',
    '12 properties length: 5 bytes',
    '13 properties id: 17 (sessionExpiryInterval)',
    '14 properties.sessionExpiryInterval: 10',
    '18 client id length: 3',
    '20 client id: "abc"',
    '23 will properties length: 0 bytes',
    '24 will topic length: 3',
    '26 will topic: "w/t"',
    '29 will payload length: 4',
    '31 will payload: "gone"',
    '35 user name length: 3',
    '37 user name: "joe"',
    '40 password length: 6',
    '42 password: ***',
  ]);
});

test('packets behind a CONNECT are read in its version', () => {
  const connect = '101000044d5154540502003c000003616263';
  const lines = explainedLines(explain(Buffer.from(`${connect}e00104`, 'hex')));
  assert.equal(lines.at(-1), '2 reason code: 4 (Disconnect with Will Message)');
});

test('a packet with a reserved option is explained up to the fault', () => {
  const lines = explainedLines(explain(Buffer.from('8208000500036126620c', 'hex')));
  assert.deepEqual(lines.slice(-2), [
    '9 options: 12 (QoS 0)',
    'byte 10: reserved subscription options are set',
  ]);
});

interface Vector {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly hex: string;
}

function vectorsOf(file: string): readonly Vector[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}.json`, import.meta.url), 'utf8'));
}

for (const [file, isGood] of [
  ['mqtt3.1', true],
  ['mqtt3.1.1', true],
  ['mqtt5', true],
  ['malformed', false],
] as const) {
  test(`every vector of ${file}.json is explained${isGood ? '' : ', with a fault'}`, () => {
    for (const { name, version, hex } of vectorsOf(file)) {
      const frames = explain(Buffer.from(hex, 'hex'), { version });
      checkExplained(frames);
      assert.equal(
        frames.every(({ faults }) => faults.length === 0),
        isGood,
        name,
      );
    }
  });
}

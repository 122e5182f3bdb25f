import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkExplained, explainedLines } from '@portico/frame';
import { explain } from './explain.js';

test('a CONNECT line by line, its passcode hidden, and a heart-beat behind it', () => {
  const text = 'CONNECT\naccept-version:1.2\nlogin:joe\npasscode:secret\n\n\0\n';
  assert.deepEqual(explainedLines(explain(Buffer.from(text))), [
    'CONNECT',
    '0 command: CONNECT',
    '8 accept-version: "1.2"',
    '27 login: "joe"',
    '37 passcode: ***',
    '53 end of headers: empty line',
    '54 end: NUL',
    'heart-beat',
    '0 heart-beats: line ends before the frame',
  ]);
});

test('a header without a colon is shown, with the fault', () => {
  assert.deepEqual(explainedLines(explain(Buffer.from('SEND\ndestination\n\nhi\0'))), [
    'SEND',
    '0 command: SEND',
    '5 (no header): "destination"',
    '17 end of headers: empty line',
    '18 (unread): 3 bytes',
    'byte 5: "destination" is no header',
  ]);
});

test('faults are where their line begins, behind heart-beats and letters of several bytes too', () => {
  const faultsOf = (text: string) =>
    explain(Buffer.from(text, 'latin1')).flatMap(({ faults }) => faults.map(({ offset }) => offset));
  assert.deepEqual(faultsOf('SEND\ndestination:/a\nnocolon\n\n\0'), [20]);
  assert.deepEqual(faultsOf('\r\n\nSEND\ndestination:/a\nnocolon\n\n\0'), [23]);
  assert.deepEqual(faultsOf('SEND\na:\xc3\xa4\nb:\\x\n\n\0'), [12]);
  assert.deepEqual(faultsOf('SEND\na:b\nc:\xff\n\n\0'), [9]);
  assert.deepEqual(faultsOf('SEND\na:b\ncontent-length:x\n\n\0'), [9]);
  assert.deepEqual(faultsOf('\n\nSEND\na:b'), [10]);
});

const { good, bad } = JSON.parse(readFileSync(new URL('../vectors/stomp.json', import.meta.url), 'utf8'));

test('every vector is explained, and only what is wrong has a fault', () => {
  for (const [vectors, isGood] of [[good, true] as const, [bad, false] as const]) {
    for (const { name, text, after: version } of vectors) {
      const frames = explain(Buffer.from(text), version === undefined ? {} : { version });
      checkExplained(frames);
      assert.equal(
        frames.every(({ faults }) => faults.length === 0),
        isGood,
        name,
      );
    }
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkExplained, explainedLines } from '@portico/frame';
import { explain } from './explain.js';

test('a CONNECT field by field, its password hidden', () => {
  const bytes = Buffer.from('1100133c000461626364000461626364000461626364', 'hex');
  assert.deepEqual(explainedLines(explain(bytes)), [
    'CONNECT',
    '0 type: 1 (connect)',
    '0 version: 1',
    '1 length: 19 bytes',
    '3 keepalive: 60 s',
    '4 clientId length: 4',
    '6 clientId: "abcd"',
    '10 username length: 4',
    '12 username: "abcd"',
    '16 password length: 4',
    '18 password: ***',
  ]);
});

test('a CONNECT whose length is too small is explained up to the fault', () => {
  const lines = explainedLines(explain(Buffer.from('1100063c0004616263', 'hex')));
  assert.equal(lines.at(-1), 'byte 4: a CONNECT shorter than its fields');
});

interface Vector {
  readonly name: string;
  readonly hex: string;
}

const { good, bad }: { readonly good: readonly Vector[]; readonly bad: readonly Vector[] } = JSON.parse(
  readFileSync(new URL('../vectors/tcp.json', import.meta.url), 'utf8'),
);

test('every vector is explained, and only what is wrong has a fault', () => {
  for (const [vectors, isGood] of [[good, true] as const, [bad, false] as const]) {
    for (const { name, hex } of vectors) {
      const frames = explain(Buffer.from(hex, 'hex'));
      checkExplained(frames);
      assert.equal(
        frames.every(({ faults }) => faults.length === 0),
        isGood,
        name,
      );
    }
  }
});

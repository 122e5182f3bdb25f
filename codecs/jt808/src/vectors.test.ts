import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeBody } from './body.js';
import { Jt808Decoder } from './decoder.js';
import { encodeMessage, type Jt808Message } from './encoder.js';
import type { Jt808Frame, MalformedFrame } from './frame.js';

interface Vector {
  readonly id: string;
  readonly name: string;
  readonly hex: string;
  readonly class: 'full' | 'header-only' | 'nonstandard';
  readonly direction?: 'up' | 'down';
  /** What is written instead of the frame that was read. */
  readonly written?: string;
  readonly expected?: { readonly header: Jt808Message['header']; readonly body: unknown };
}

const file = new URL('../vectors/frames.json', import.meta.url);
const { vectors }: { vectors: readonly Vector[] } = JSON.parse(readFileSync(file, 'utf8'));
const standard = vectors.filter(({ expected }) => expected !== undefined);

function decode(hex: string): (Jt808Frame | MalformedFrame)[] {
  const decoder = new Jt808Decoder();
  decoder.push(Buffer.from(hex, 'hex'));
  const found: (Jt808Frame | MalformedFrame)[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) found.push(frame);
  return found;
}

function decodeOne(hex: string): Jt808Frame {
  const [frame, ...others] = decode(hex);
  assert.ok(frame?.kind === 'frame' && others.length === 0);
  return frame;
}

for (const { id, name, hex, expected, class: kind } of standard) {
  test(`reads ${id}, ${name}`, () => {
    const frame = decodeOne(hex);
    assert.deepEqual(frame.header, expected?.header);
    if (kind === 'full') assert.deepEqual(decodeBody(frame).body, expected?.body);
  });
}

for (const { id, name, hex, written, expected } of standard.filter(
  (vector) => vector.direction === 'down' && vector.class === 'full',
)) {
  test(`writes ${id}, ${name}`, () => {
    const frames = encodeMessage(expected as Jt808Message);
    assert.deepEqual(
      frames.map((frame) => frame.toString('hex').toUpperCase()),
      [(written ?? hex).toUpperCase()],
    );
  });
}

for (const { id, name, hex } of vectors.filter((vector) => vector.class === 'nonstandard')) {
  test(`finds what is wrong in ${id}, ${name}`, () => {
    for (const found of decode(hex)) {
      assert.ok(found.kind === 'malformed' || isFaulty(found));
    }
  });
}

/** Whether something is wrong with it, or it has no known meaning. */
function isFaulty(frame: Jt808Frame): boolean {
  const { body, faults } = decodeBody(frame);
  return faults.length > 0 || body.unknown_id === true;
}

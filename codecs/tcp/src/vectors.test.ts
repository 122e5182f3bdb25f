import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BufferSink, FrameError } from '@portico/frame';
import { TcpDecoder } from './decoder.js';
import { encode } from './encoder.js';
import type { Frame } from './frame.js';

interface Vectors {
  readonly good: readonly { name: string; hex: string; frame: Record<string, unknown> }[];
  readonly bad: readonly { name: string; hex: string; code: string; offset: number }[];
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/tcp.json', import.meta.url), 'utf8'));

/** A frame as the decoder gives it, of the JSON that stands for it. */
function frameOf(json: Record<string, unknown>): unknown {
  const { type, password, payload } = json;
  if (type === 'datatrans') return { type, payload: Buffer.from(String(payload), 'hex') };
  if (type !== 'connect') return json;
  const bytes = password === undefined ? undefined : Buffer.from(String(password));
  return { username: undefined, ...json, password: bytes };
}

function decode(hex: string): Frame | undefined {
  const decoder = new TcpDecoder();
  decoder.push(Buffer.from(hex, 'hex'));
  const frame = decoder.next();
  assert.equal(decoder.buffered, 0);
  return frame;
}

for (const { name, hex, frame } of vectors.good) {
  test(`reads ${name}`, () => assert.deepEqual(decode(hex), frameOf(frame)));
}

for (const { name, hex, frame } of vectors.good.filter(({ frame }) => (frame.version ?? 1) === 1)) {
  test(`writes ${name}`, () => {
    const sink = new BufferSink();
    encode(frameOf(frame) as Frame, sink);
    assert.equal(sink.take().toString('hex'), hex);
  });
}

for (const { name, hex, code, offset } of vectors.bad) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => decode(hex),
      (error) => {
        assert.ok(error instanceof FrameError);
        assert.deepEqual({ code: error.code, offset: error.offset }, { code, offset });
        return true;
      },
    );
  });
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BufferSink, FrameError } from '@portico/frame';
import { StompDecoder } from './decoder.js';
import { encode } from './encoder.js';
import { COMMANDS_WITH_BODY, type Command, frame, type StompFrame } from './frame.js';
import type { StompVersion } from './versions.js';

interface Good {
  readonly name: string;
  readonly text: string;
  readonly after?: StompVersion;
  readonly command: Command;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

interface Bad {
  readonly name: string;
  readonly text: string;
  readonly after?: StompVersion;
  readonly code: string;
  readonly offset: number;
}

const file = new URL('../vectors/stomp.json', import.meta.url);
const { good, bad }: { good: Good[]; bad: Bad[] } = JSON.parse(readFileSync(file, 'utf8'));

/** The first frame, behind a handshake of this version. */
function decode(bytes: Buffer, after: StompVersion = '1.0'): StompFrame | undefined {
  const decoder = new StompDecoder();
  decoder.push(Buffer.from(`CONNECT\naccept-version:${after}\n\n\0`));
  assert.equal(decoder.next()?.command, 'CONNECT');
  assert.equal(decoder.version, after);
  decoder.push(bytes);
  const found = decoder.next();
  assert.equal(decoder.buffered, 0);
  return found;
}

function partsOf(found: StompFrame | undefined): unknown {
  return found && { command: found.command, headers: [...found.headers], body: found.body.toString() };
}

for (const { name, text, after, command, headers, body } of good) {
  const parts = { command, headers, body };
  test(`reads ${name}`, () => assert.deepEqual(partsOf(decode(Buffer.from(text), after)), parts));

  test(`writes ${name}, so that it is read alike`, () => {
    const sink = new BufferSink();
    const bytes = Buffer.from(body);
    encode(frame(command, headers.flat(), bytes), after ?? '1.0', sink);
    const isTold = headers.some(([header]) => header === 'content-length');
    const told: readonly [string, string][] =
      isTold || !COMMANDS_WITH_BODY.includes(command) ? [] : [['content-length', String(bytes.length)]];
    assert.deepEqual(partsOf(decode(sink.take(), after)), { command, headers: [...headers, ...told], body });
  });
}

for (const { name, text, after, code, offset } of bad) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => decode(Buffer.from(text), after),
      (error) => {
        assert.ok(error instanceof FrameError);
        assert.deepEqual({ code: error.code, offset: error.offset }, { code, offset });
        return true;
      },
    );
  });
}

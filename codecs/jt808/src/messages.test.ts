import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldSpan } from '@portico/record';
import fc from 'fast-check';
import { decodeBody } from './body.js';
import { Jt808Decoder } from './decoder.js';
import type { Edition } from './editions.js';
import { encodeMessage } from './encoder.js';
import type { Jt808Frame } from './frame.js';
import { MESSAGES } from './message-table.js';
import type { MessageRow } from './messages/row.js';
import { Reassembler } from './reassembler.js';
import { valuesOf } from './testing/values.js';

const EDITIONS: readonly Edition[] = [2011, 2013, 2019];
const PHONE = '13800138000';

/** What a terminal reads of frames. */
function readAll(frames: readonly Buffer[]): Jt808Frame {
  const decoder = new Jt808Decoder();
  const parts = new Reassembler();
  let message: Jt808Frame | undefined;
  for (const bytes of frames) {
    decoder.push(bytes);
    const frame = decoder.next();
    assert.ok(frame?.kind === 'frame');
    message = parts.add(frame, 0);
  }
  assert.ok(message);
  return message;
}

/** That a value has another in it: objects may have more members, such as counts. */
function assertIncludes(value: unknown, expected: unknown, path: string): void {
  if (typeof expected !== 'object' || expected === null) {
    assert.equal(value, expected, path);
    return;
  }
  assert.ok(typeof value === 'object' && value !== null, path);
  if (Array.isArray(expected)) assert.equal((value as unknown[]).length, expected.length, path);
  for (const [name, each] of Object.entries(expected)) {
    assertIncludes((value as Record<string, unknown>)[name], each, `${path}.${name}`);
  }
}

function assertRoundTrip(row: MessageRow, body: unknown, edition: Edition): void {
  const header = { msg_id: row.id, phone: PHONE, msg_sn: 65_534 };
  const frames = encodeMessage({ header, body }, { edition });
  const spans: FieldSpan[] = [];
  const message = readAll(frames);
  const decoded = decodeBody(message, { edition, spans });
  assert.deepEqual(decoded.faults, []);
  assertIncludes(decoded.body, body, 'body');
  assert.deepEqual(encodeMessage({ header, body: decoded.body }, { edition }), frames);
  const names = spans.map(({ path }) => path).filter((path) => !path.includes('.'));
  assert.deepEqual(names, Object.keys(decoded.body));
}

for (const row of MESSAGES.values()) {
  for (const edition of EDITIONS) {
    test(`${row.name} of ${edition} is read as it was written`, () => {
      const described = edition === 2011 ? (row.body2011 ?? row.body) : row.body;
      fc.assert(
        fc.property(valuesOf(described, edition), (body) => assertRoundTrip(row, body, edition)),
        { numRuns: 30, endOnFailure: true },
      );
    });
  }
}

test('every message says what it is, and where that is written', () => {
  for (const { id, name, direction, source } of MESSAGES.values()) {
    assert.match(name, /^[A-Za-z0-9, ]+$/);
    assert.match(source, /^(JT\/T|T\/JSATL) /);
    assert.equal(direction, id >= 0x8000 ? 'down' : 'up');
  }
});

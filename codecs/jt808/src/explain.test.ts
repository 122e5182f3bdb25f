import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkExplained, explainedLines } from '@portico/frame';
import { encodeMessage } from './encoder.js';
import { explain } from './explain.js';

const header = { encrypt: 0, phone: '012345678901', msg_sn: 7 };

function linesOf(msg_id: number, body: object): string[] {
  const frames = encodeMessage({ header: { ...header, msg_id }, body }, { edition: 2013 });
  return explainedLines(explain(Buffer.concat(frames)));
}

test('a location field by field, with units, items and the bits that are set', () => {
  const lines = linesOf(0x0200, {
    alarm: 0,
    status: 3,
    latitude: 31_230_416,
    longitude: 121_473_701,
    altitude: 12,
    speed: 605,
    direction: 90,
    time: '260101120000',
    extra: { mileage: 12_345, signal: { low_beam: 1, brake: 1 } },
  });
  assert.deepEqual(lines, [
    '0x0200 location report',
    '0 delimiter: 0x7e',
    '1 msg_id: 512 (0x0200 location report)',
    '3 len: 40 bytes',
    '3 encrypt: 0 (not encrypted)',
    '5 phone: 012345678901',
    '11 msg_sn: 7',
    '13 alarm: 0',
    '17 status: 3',
    '21 latitude: 31.230416 °',
    '25 longitude: 121.473701 °',
    '29 altitude: 12 m',
    '31 speed: 60.5 km/h',
    '33 direction: 90 °',
    '35 time: "260101120000"',
    '41 (before extra.mileage): id or length',
    '43 extra.mileage: 1234.5 km',
    '47 (before extra.signal): id or length',
    '49 extra.signal: low_beam, brake',
    '53 check byte: 54 (right)',
    '54 delimiter: 0x7e',
  ]);
});

test('authentication codes are secret', () => {
  assert.ok(linesOf(0x0102, { code: 'open sesame' }).includes('13 code: ***'));
  assert.ok(linesOf(0x8100, { seq: 1, result: 0, auth_code: 'open sesame' }).includes('16 auth_code: ***'));
});

test('fields stand where they came, with escapes', () => {
  const message = { header: { ...header, phone: '017e45678901', msg_id: 0x0002 }, body: {} };
  const [frame] = explain(Buffer.concat(encodeMessage(message, { edition: 2013 })));
  const phone = frame?.fields.find(({ name }) => name === 'phone');
  assert.deepEqual(frame?.bytes.toString('hex', phone?.start, phone?.end), '017d0245678901');
  assert.equal(phone?.value, '017e45678901');
});

test('a wrong check byte is told with the right one', () => {
  const [frame] = encodeMessage({ header: { ...header, msg_id: 0x0002 }, body: {} }, { edition: 2013 });
  const bytes = Buffer.from(frame as Buffer);
  bytes[bytes.length - 2] = (bytes[bytes.length - 2] as number) ^ 1;
  const lines = explainedLines(explain(bytes));
  assert.match(lines.at(-1) as string, /^byte 13: the check byte is 0x\w\w, 0x\w\w is right$/);
});

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly class: string;
}

test('every vector is explained', () => {
  const url = new URL('../vectors/frames.json', import.meta.url);
  const { vectors } = JSON.parse(readFileSync(url, 'utf8')) as { readonly vectors: readonly Vector[] };
  for (const { name, hex } of vectors) {
    const frames = explain(Buffer.from(hex, 'hex'));
    checkExplained(frames);
    assert.ok(frames.length > 0, name);
  }
});

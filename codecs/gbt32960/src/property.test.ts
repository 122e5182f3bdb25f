import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field, Shape } from '@portico/record';
import fc from 'fast-check';
import { decodeData, encodeMessage } from './data.js';
import { Gbt32960Decoder } from './decoder.js';
import { time } from './fields.js';
import { Command, type Edition } from './frame.js';
import { fuzz } from './fuzz.js';
import type { InfoRow } from './info-row.js';
import { INFOS_2016 } from './infos-2016.js';
import { INFOS_2025 } from './infos-2025.js';

type Values = Record<string, unknown>;

/** Fault codes that have as many digits in both editions. */
const faultCode = fc.integer({ min: 0x1000_0000, max: 0xffff_ffff });

/** Any value that a field can have; of those that count others none. */
function anyValue(field: Field<unknown>): fc.Arbitrary<unknown> | undefined {
  const { form } = field;
  if (form.kind === 'integer') return fc.integer({ min: 0, max: 256 ** form.size - 1 });
  if (form.kind === 'record') return anyRecord(form.shape);
  if (form.kind === 'list') return fc.array(anyValue(form.element) ?? fc.constant(0), { maxLength: 5 });
  if (form.kind === 'text') return faultCode.map((value) => value.toString(16).toUpperCase());
  return undefined;
}

function anyRecord(shape: Shape): fc.Arbitrary<Values> {
  const values: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, field] of Object.entries(shape)) {
    const value = anyValue(field);
    if (value !== undefined) values[name] = value;
  }
  return fc.record(values, { noNullPrototype: true }).map((record) => withCounts(record, shape));
}

function withCounts(record: Values, shape: Shape): Values {
  const counts: Values = {};
  for (const [name, { form }] of Object.entries(shape)) {
    if (form.kind === 'list') counts[form.count] = (record[name] as unknown[]).length;
  }
  return { ...record, ...counts };
}

function anyInfo({ name, record }: InfoRow): fc.Arbitrary<Values> {
  return anyRecord(record.shape).map((values) => ({ Type: name, ...values }));
}

const TABLES: readonly (readonly [Edition, ReadonlyMap<number, InfoRow>])[] = [
  [2016, INFOS_2016],
  [2025, INFOS_2025],
];
const SIGNATURE = 0xff;

for (const [edition, table] of TABLES) {
  test(`what is written of ${edition} is read as it was`, () => {
    const rows = [...table.values()].filter(({ type }) => type !== SIGNATURE);
    const Infos = fc.array(fc.oneof(...rows.map(anyInfo)), { maxLength: 4 });
    const anyReport = fc.record({ Time: anyRecord(time.shape), Infos }, { noNullPrototype: true });
    fc.assert(
      fc.property(anyReport, fc.constantFrom(Command.RealTimeReport, Command.Reissue), (data, command) => {
        const decoder = new Gbt32960Decoder();
        decoder.push(encodeMessage({ edition, command, vin: 'LGHC4V1D3HE202652', data }));
        const frame = decoder.next();
        assert.ok(frame?.kind === 'frame');
        assert.deepEqual(decodeData(frame), { data, faults: [] });
      }),
    );
  });
}

test('any bytes are taken', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => fuzz(Buffer.from(bytes))));
});

test('any data of any command are taken', () => {
  const command = fc.oneof(fc.constantFrom(...Object.values(Command)), fc.nat(255));
  const response = fc.constantFrom(0xfe, 0x01);
  const data = fc.uint8Array({ maxLength: 120 });
  fc.assert(
    fc.property(fc.boolean(), command, response, data, (isNew, id, flag, bytes) => {
      const Data = Buffer.from(bytes).toString('base64');
      const frame = encodeMessage({
        edition: isNew ? 2025 : 2016,
        command: id,
        response: flag,
        vin: 'V',
        encryption: 3,
        data: { Data },
      });
      fuzz(asPlain(frame));
    }),
  );
});

/** The same frame with a header that says that its data are not encrypted. */
function asPlain(frame: Buffer): Buffer {
  const encryptionAt = 21;
  const checkAt = frame.length - 1;
  frame[checkAt] = (frame[checkAt] as number) ^ 3 ^ 1;
  frame[encryptionAt] = 1;
  return frame;
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkExplained, explainedLines } from '@portico/frame';
import { encodeMessage } from './data.js';
import { explain } from './explain.js';
import { Command } from './frame.js';

const Time = { Year: 26, Month: 1, Day: 2, Hour: 3, Minute: 4, Second: 5 };
const vin = 'LTESTVIN000000001';

function linesOf(command: number, data: object): string[] {
  return explainedLines(explain(encodeMessage({ command, vin, data })));
}

test('a report in units, and what says that there is no value', () => {
  const Infos = [
    { Type: 'Engine', Status: 1, CrankshaftSpeed: 2000, FuelConsumption: 0xffff },
    { Type: 'Location', Status: 0, Longitude: 121_473_701, Latitude: 31_230_416 },
  ];
  const lines = linesOf(Command.RealTimeReport, { Time, Infos });
  assert.deepEqual(lines.slice(0, 7), [
    '0x02 real-time report',
    '0 start: "##"',
    '2 command: 2 (0x02 real-time report)',
    '3 response: 254 (Command)',
    '4 VIN: "LTESTVIN000000001"',
    '21 encryption: 1 (None)',
    '22 length: 22 bytes',
  ]);
  assert.deepEqual(lines.slice(13), [
    '30 (before Infos.0.Status): id or length',
    '31 Infos.0.Status: 1',
    '32 Infos.0.CrankshaftSpeed: 2000 r/min',
    '34 Infos.0.FuelConsumption: 65535 (no value)',
    '36 (before Infos.1.Status): id or length',
    '37 Infos.1.Status: 0',
    '38 Infos.1.Longitude: 121.473701 °',
    '42 Infos.1.Latitude: 31.230416 °',
    '46 check byte: 140 (right)',
  ]);
});

test('the password of a platform is secret', () => {
  const login = { Time, Seq: 1, Username: 'joe', Password: 'secret', Encrypt: 1 };
  assert.ok(linesOf(Command.PlatformLogin, login).includes('44 Password: ***'));
});

test('data that are longer than their fields are told as a fault', () => {
  const bytes = encodeMessage({ command: Command.VehicleLogout, vin, data: { Time, Seq: 1 } });
  const longer = Buffer.concat([bytes.subarray(0, -1), Buffer.of(0, 0)]);
  longer.writeUInt16BE(9, 22);
  const right = longer.subarray(2, -1).reduce((sum, byte) => sum ^ byte, 0);
  longer[longer.length - 1] = right;
  assert.ok(explainedLines(explain(longer)).includes('byte 32: 1 byte too many'));
});

for (const file of ['frames', 'messages']) {
  test(`every vector of ${file}.json is explained`, () => {
    const url = new URL(`../vectors/${file}.json`, import.meta.url);
    const { vectors } = JSON.parse(readFileSync(url, 'utf8'));
    for (const { hex, name } of vectors) {
      const frames = explain(Buffer.from(hex, 'hex'));
      checkExplained(frames);
      assert.ok(
        frames.some(({ title }) => title.startsWith('0x')),
        name,
      );
    }
  });
}

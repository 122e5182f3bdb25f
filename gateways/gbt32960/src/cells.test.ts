import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from '@portico/codec-gbt32960';
import { TestHub } from '@portico/core/testing';
import { type Application, application, loggedIn, platform, type Terminal, TIME, VIN } from './testing.js';

const ASSEMBLED = { assemble_cells: true };
const LATER = { ...TIME, Second: 1 };

/** A part of a battery: its cells from the first one on have voltages 1, 2, 3, … mV. */
function part(first: number, count: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ChargeableSubsysNo: 1,
    ChargeableVoltage: 3600,
    ChargeableCurrent: 10_000,
    CellsTotal: 300,
    FrameCellsIndex: first,
    FrameCellsCount: count,
    CellsVoltage: Array.from({ length: count }, (_, index) => first + index),
    ...changes,
  };
}

function report(parts: readonly unknown[], Time = TIME): Record<string, unknown> {
  return { Time, Infos: [{ Type: 'ChargeableVoltage', Number: parts.length, SubSystems: parts }] };
}

/** A vehicle reports batteries, in so many reports. */
async function reports(terminal: Terminal, parts: readonly (readonly unknown[])[], vin = VIN): Promise<void> {
  for (const each of parts)
    await terminal.sends({ command: Command.RealTimeReport, vin, data: report(each) });
}

/** The batteries that were published as whole ones since the last look. */
function wholes(app: Application): unknown[] {
  const joined = app.look().filter(([topic]) => topic.endsWith('/cells'));
  return joined.flatMap(([, { Data }]) =>
    (Data as { Infos: { SubSystems: unknown[] }[] }).Infos.flatMap(({ SubSystems }) => SubSystems),
  );
}

test('voltages that come in several reports are published one by one', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const parts = [part(1, 200), part(201, 100)];
  await reports(
    terminal,
    parts.map((each) => [each]),
  );
  const each = parts.map((one) => [`${VIN}/upstream/info`, report([one])]);
  assert.deepEqual(
    app.look().map(([topic, { Data }]) => [topic, Data]),
    each,
  );
});

test('and, where that is wanted, once more as one, before the last is answered', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, ASSEMBLED);
  const app = application(hub);
  await reports(terminal, [[part(1, 200)]]);
  assert.deepEqual(app.topics(), [`${VIN} info`]);
  await reports(terminal, [[part(201, 100)]]);
  assert.deepEqual(app.look().at(-1), [
    `${VIN}/upstream/cells`,
    { Cmd: 2, Encrypt: 1, Vin: VIN, Data: report([part(1, 300)]) },
  ]);
  assert.deepEqual(terminal.look(), ['2=1', '2=1']);
});

const JOINED: readonly (readonly [title: string, parts: readonly (readonly object[])[], whole: object[]])[] =
  [
    ['in one report', [[part(1, 200), part(201, 100)]], [part(1, 300)]],
    ['in three', [[part(1, 120)], [part(121, 120)], [part(241, 60)]], [part(1, 300)]],
    ['from 0 on', [[part(0, 200)], [part(200, 100)]], [part(0, 300)]],
    [
      'again, because they were not answered',
      [[part(1, 200)], [part(1, 200)], [part(201, 100)]],
      [part(1, 300)],
    ],
    [
      'of two batteries at a time',
      [
        [part(1, 200), part(1, 150, { ChargeableSubsysNo: 2 })],
        [part(201, 100), part(151, 150, { ChargeableSubsysNo: 2 })],
      ],
      [part(1, 300), part(1, 300, { ChargeableSubsysNo: 2 })],
    ],
    ['whole', [[part(1, 200, { CellsTotal: 200 })]], []],
    ['without the first', [[part(201, 100)]], []],
    ['without the second of three', [[part(1, 100)], [part(201, 100)]], []],
    ['with more than there are', [[part(1, 200)], [part(201, 101)]], []],
    ['with another number of them', [[part(1, 200)], [part(201, 100, { CellsTotal: 301 })]], []],
    ['without one that is known', [[part(1, 0, { FrameCellsCount: 0xfe })]], []],
  ];

for (const [title, parts, whole] of JOINED) {
  test(`cells that come ${title} make ${whole.length} whole batteries`, async () => {
    const hub = new TestHub();
    const terminal = await loggedIn(hub, ASSEMBLED);
    const app = application(hub);
    await reports(terminal, parts);
    assert.deepEqual(wholes(app), whole);
  });
}

test('parts that were measured at different times make no battery, and are counted', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, ASSEMBLED);
  const app = application(hub);
  const send = (one: object, time: typeof TIME) =>
    terminal.sends({ command: Command.RealTimeReport, data: report([one], time) });
  await send(part(1, 200), TIME);
  await send(part(201, 100), LATER);
  await send(part(1, 200), LATER);
  await send(part(201, 100), LATER);
  assert.deepEqual(wholes(app), [part(1, 300)]);
  assert.equal(hub.metrics.counter('gbt32960.cells.incomplete', '').value, 1);
});

test('a part without cells is none', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, ASSEMBLED);
  const app = application(hub);
  await reports(terminal, [[part(1, 0)], [part(1, 200)], [part(201, 0)], [part(201, 100)]]);
  assert.deepEqual(wholes(app), [part(1, 300)]);
  assert.equal(hub.metrics.counter('gbt32960.cells.incomplete', '').value, 0);
});

test('vehicles of a platform have batteries of their own', async () => {
  const hub = new TestHub();
  const fleet = await platform(hub, ASSEMBLED);
  const app = application(hub);
  for (const first of [1, 201]) {
    for (const vin of ['A', 'B']) await reports(fleet, [[part(first, first === 1 ? 200 : 100)]], vin);
  }
  const joined = app.topics().filter((topic) => topic.endsWith(' cells'));
  assert.deepEqual(joined, ['A cells', 'B cells']);
});

test('of batteries that are never complete no more is held than a bound', async () => {
  const hub = new TestHub();
  const fleet = await platform(hub, ASSEMBLED);
  const app = application(hub);
  const vins = Array.from({ length: 83 }, (_, index) => `V${index}`);
  for (const vin of vins) await reports(fleet, [[part(1, 200)]], vin);
  assert.equal(hub.metrics.counter('gbt32960.cells.incomplete', '').value, 2);
  for (const vin of ['V0', 'V2']) await reports(fleet, [[part(201, 100)]], vin);
  assert.deepEqual(
    app.topics().filter((topic) => topic.endsWith(' cells')),
    ['V2 cells'],
  );
});

test('a battery that is whole is published in units where that is wanted', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, { ...ASSEMBLED, format: 'scaled' });
  const app = application(hub);
  await reports(terminal, [[part(1, 200)], [part(201, 100)]]);
  const [whole] = wholes(app) as { CellsVoltage: number[]; ChargeableVoltage: number }[];
  assert.deepEqual([whole?.CellsVoltage[299], whole?.ChargeableVoltage], [0.3, 360]);
});

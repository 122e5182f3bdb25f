import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordError } from '@portico/record';
import { decodeData, encodeData, encodeMessage } from './data.js';
import { describe as line } from './describe.js';
import { Command, type Edition, type Gbt32960Frame } from './frame.js';
import type { Info } from './infos.js';
import { scaledInfos } from './scaled.js';

const Time = { Year: 24, Month: 1, Day: 2, Hour: 3, Minute: 4, Second: 5 };
const location = { Type: 'Location', Status: 0, Longitude: 10, Latitude: 100 };
const cells = { ChargeableSubsysNo: 1, ChargeableVoltage: 3600, ChargeableCurrent: 10_100, CellsTotal: 2 };
const voltage = {
  Type: 'ChargeableVoltage',
  Number: 1,
  SubSystems: [{ ...cells, FrameCellsIndex: 1, FrameCellsCount: 2, CellsVoltage: [3700, 3701] }],
};

function frameOf(command: number, data: Buffer, edition: Edition = 2016, encryption = 1): Gbt32960Frame {
  return { kind: 'frame', edition, command, response: 0xfe, vin: 'V', encryption, data };
}

function reportOf(infos: readonly unknown[]): Buffer {
  return Buffer.from(encodeData({ command: Command.RealTimeReport, data: { Time, Infos: infos } }));
}

test('a truncated item stands as far as it goes, behind those before it', () => {
  const whole = reportOf([location, voltage]);
  const { data, faults } = decodeData(frameOf(Command.RealTimeReport, whole.subarray(0, -1)));
  const [pack] = voltage.SubSystems;
  assert.deepEqual(data, {
    Time,
    Infos: [
      location,
      { ...voltage, SubSystems: [{ ...pack, CellsVoltage: [3700] }] },
      { Type: 'CustomData', Data: whole.subarray(-2, -1).toString('base64') },
    ],
  });
  assert.deepEqual(
    faults.map(({ path, code }) => ({ path, code })),
    [{ path: 'Infos.1.SubSystems.0.CellsVoltage', code: 'truncated' }],
  );
});

test('an item of an unknown type ends what can be read', () => {
  const bytes = Buffer.concat([reportOf([location]), Buffer.of(0x0a, 1, 2)]);
  const { data, faults } = decodeData(frameOf(Command.RealTimeReport, bytes));
  assert.deepEqual(data.Infos, [location, { Type: 'CustomData', Data: 'CgEC' }]);
  assert.deepEqual(
    faults.map(({ path, code, offset }) => ({ path, code, offset })),
    [{ path: 'Infos.1', code: 'wrong_value', offset: bytes.length - 3 }],
  );
});

const SIGNED = { Type: 'Signature', SignatureType: 1, RLength: 2, RValue: 'FF01', SLength: 1, SValue: 'AB' };

/** A report of 2025 with bytes in the middle that nothing is known of. */
function signedReport(unknown: Buffer): { readonly bytes: Buffer; readonly unknownAt: number } {
  const edition = 2025;
  const Infos = [{ ...location, CoordinateSystem: 1 }];
  const parts = [
    { Time, Infos },
    { Time, Infos: [SIGNED] },
  ].map((data) => Buffer.from(encodeData({ edition, command: Command.RealTimeReport, data })));
  const [before, signature] = parts as [Buffer, Buffer];
  return { bytes: Buffer.concat([before, unknown, signature.subarray(6)]), unknownAt: before.length };
}

test('behind what is not known the signature is found', () => {
  const unknown = Buffer.from('0aff010000ff', 'hex');
  const { bytes, unknownAt } = signedReport(unknown);
  const { data, faults } = decodeData(frameOf(Command.RealTimeReport, bytes, 2025));
  assert.deepEqual((data.Infos as unknown[]).slice(1), [
    { Type: 'CustomData', Data: unknown.toString('base64') },
    SIGNED,
  ]);
  assert.deepEqual(
    faults.map(({ path, offset }) => ({ path, offset })),
    [{ path: 'Infos.1', offset: unknownAt }],
  );
  const written = encodeData({ edition: 2025, command: Command.RealTimeReport, data });
  assert.deepEqual(written, bytes);
});

test('what ends like no signature is left as it is', () => {
  const { bytes } = signedReport(Buffer.of(0x0a));
  for (const size of [1, 5, 9]) {
    const { data } = decodeData(frameOf(Command.RealTimeReport, bytes.subarray(0, -size), 2025));
    assert.equal((data.Infos as Info[]).at(-1)?.Type, 'CustomData');
  }
});

test('the text of an alarm is GBK, that of a name is ASCII', () => {
  const alarm = { Time, Command: '0x06', Param: { Level: 1, Message: '电池过热 80°C' } };
  const bytes = Buffer.from(encodeData({ command: Command.Control, data: alarm }));
  assert.equal(bytes.subarray(8, 12).toString('hex'), 'b5e7b3d8');
  assert.deepEqual(decodeData(frameOf(Command.Control, bytes)).data, alarm);
  const address = { Time, Total: 2, Params: [{ '0x04': 6 }, { '0x05': '平台a1' }] };
  const setting = Buffer.from(encodeData({ command: Command.Setting, data: address }));
  assert.deepEqual(decodeData(frameOf(Command.Setting, setting)).data, address);
});

test('a login with more or fewer bytes than its counts say has a fault', () => {
  const data = { Time, Seq: 1, ICCID: '1'.repeat(20), Num: 2, Length: 2, Id: 'ABCD' };
  const bytes = Buffer.from(encodeData({ command: Command.VehicleLogin, data }));
  const short = decodeData(frameOf(Command.VehicleLogin, bytes.subarray(0, -1)));
  assert.equal(short.faults[0]?.path, 'Id');
  assert.equal(short.data.ICCID, data.ICCID);
  const long = decodeData(frameOf(Command.VehicleLogin, Buffer.concat([bytes, Buffer.alloc(2)])));
  assert.deepEqual(long.data, data);
  assert.equal(long.faults[0]?.code, 'wrong_length');
});

test('encrypted data stand as they came, unless somebody decrypted them', () => {
  const plain = Buffer.from(encodeData({ command: Command.VehicleLogout, data: { Time, Seq: 3 } }));
  const frame = frameOf(Command.VehicleLogout, Buffer.from('abc'), 2016, 3);
  assert.deepEqual(decodeData(frame), { data: { Encrypted: true, Data: 'YWJj' }, faults: [] });
  assert.deepEqual(decodeData(frame, { plain }).data, { Time, Seq: 3 });
});

test('an answer that promises parameters and has none has a fault', () => {
  const bytes = Buffer.from(encodeData({ command: Command.VehicleLogout, data: { Time, Seq: 3 } }));
  const frame = { ...frameOf(Command.Query, bytes.subarray(0, 6)), response: 1 };
  assert.deepEqual(decodeData(frame), { data: { Time }, faults: [] });
  const promising = { ...frame, data: Buffer.concat([frame.data, Buffer.of(1)]) };
  assert.deepEqual(
    decodeData(promising).faults.map(({ path, code }) => ({ path, code })),
    [{ path: 'Params', code: 'truncated' }],
  );
});

test('an unknown command stands as its bytes', () => {
  assert.deepEqual(decodeData(frameOf(0x60, Buffer.from('abc'))).data, { Data: 'YWJj' });
});

test('quantities are shown in their units, without those that are abnormal or invalid', () => {
  const vehicle = { Speed: 0xffff, Mileage: 999_999, Voltage: 5000, Current: 15_000, SOC: 0xfe };
  const infos: Info[] = [
    { Type: 'Vehicle', ...vehicle, Status: 0xff },
    voltage,
    { Type: 'CustomData', Data: 'CgEC' },
  ];
  assert.deepEqual(scaledInfos(infos, 2016), [
    { Type: 'Vehicle', Speed: null, Mileage: 99_999.9, Voltage: 500, Current: 500, SOC: null, Status: 0xff },
    {
      ...voltage,
      SubSystems: [
        {
          ...voltage.SubSystems[0],
          ChargeableVoltage: 360,
          ChargeableCurrent: 10,
          CellsVoltage: [3.7, 3.701],
        },
      ],
    },
    { Type: 'CustomData', Data: 'CgEC' },
  ]);
  const motor = { CtrlTemp: 125, Rotating: 33_000, Torque: 200_100 };
  assert.deepEqual(scaledInfos([{ Type: 'DriveMotor', Number: 1, Motors: [motor] }], 2025), [
    { Type: 'DriveMotor', Number: 1, Motors: [{ CtrlTemp: 85, Rotating: 1000, Torque: 10 }] },
  ]);
});

const WRONG: readonly (readonly [command: number, data: unknown, path: string])[] = [
  [Command.Query, { Time, Ids: ['one'] }, 'Data.Ids.0'],
  [Command.Setting, { Time, Params: [{ '0x11': 1 }] }, 'Data.Params.0'],
  [Command.Setting, { Time, Params: [{ '0x01': 65_536 }] }, 'Data.Params.0.0x01'],
  [Command.Setting, { Time, Params: [{ '0x05': 'a' }] }, 'Data.Params.0.0x05'],
  [Command.Setting, { Time, Params: [{ '0x04': 2 }, { '0x05': 'a' }] }, 'Data.Params.1.0x05'],
  [Command.Setting, { Time, Params: [{ '0x01': 1, '0x02': 1 }] }, 'Data.Params.0'],
  [Command.Setting, { Time }, 'Data.Params'],
  [Command.Control, { Time, Command: '0x01', Param: { DialingName: 'a;b' } }, 'Data.Param.DialingName'],
  [Command.Control, { Time, Command: '0x02', Param: { Level: 1 } }, 'Data.Param'],
  [Command.RealTimeReport, { Time, Infos: [{ Type: 'Engines' }] }, 'Data.Infos.0.Type'],
  [Command.RealTimeReport, { Time, Infos: [{ Type: 'CustomData', InfoType: 1 }] }, 'Data.Infos.0.InfoType'],
  [Command.VehicleLogin, { Time, Seq: 1, ICCID: '1', Num: 1, Length: 2, Id: 'A' }, 'Data.Id'],
  [Command.VehicleLogin, { Time, Seq: 1, ICCID: '粤', Num: 0, Length: 0, Id: '' }, 'Data.ICCID'],
  [Command.Control, { Time, Command: '0x06', Param: { Level: 1, Message: '😀' } }, 'Data.Param.Message'],
];

for (const [command, data, path] of WRONG) {
  test(`${path} of command ${command} is named when it cannot be written`, () => {
    assert.throws(
      () => encodeMessage({ command, vin: 'V', data }),
      (error) => error instanceof RecordError && error.path === path,
    );
  });
}

test('a line about a frame shows nothing of its data', () => {
  const frame = frameOf(Command.PlatformLogin, Buffer.from('secret'));
  assert.equal(line(frame), '0x05 platform login edition=2016 vin="V" 6 bytes');
});

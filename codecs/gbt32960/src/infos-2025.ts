import { byte, record, word } from '@portico/record';
import { countedList } from './counted.js';
import { type InfoRow, info } from './info-row.js';
import { alarm, HYDROGEN, motor, subSystems, vehicle } from './infos-common.js';
import {
  celsius,
  current2025,
  millionths,
  plainByte,
  plainWord,
  rotation2025,
  tenths,
  thousandths,
  torque2025,
} from './quantity.js';
import { SIGNATURE, SIGNATURE_INFO } from './signature.js';

const driveMotor = record(motor(rotation2025, torque2025));

const generalFault = record({ No: byte, Level: byte });

const voltages = record({
  BatteryPackNo: byte,
  BatteryPackVoltage: tenths,
  BatteryPackCurrent: current2025,
  ...countedList('MinParallelUnitTotal', 'MinParallelUnitVoltage', thousandths, word),
});

const temperatures = record({
  BatteryPackNo: byte,
  ...countedList('ProbeNum', 'ProbesTemp', celsius, word),
});

const stack = record({
  FuelCellStackNo: byte,
  Voltage: tenths,
  Current: tenths,
  H2InletPressure: tenths,
  AirInletPressure: tenths,
  AirInletTemp: celsius,
  ...countedList('StackProbeNum', 'StackProbeTemp', celsius, word),
});

/** What stands in a report of 2025, by type (GB/T 32960.3-2025 §7.2.4). */
export const INFOS_2025: ReadonlyMap<number, InfoRow> = new Map([
  info(0x01, 'Vehicle', vehicle(current2025, plainWord)),
  info(0x02, 'DriveMotor', countedList('Number', 'Motors', driveMotor)),
  info(0x03, 'FuelCell', {
    ...HYDROGEN,
    RemainingH2: plainByte,
    DCDCTemp: celsius,
  }),
  info(0x04, 'Engine', { CrankshaftSpeed: plainWord }),
  info(0x05, 'Location', {
    Status: byte,
    CoordinateSystem: byte,
    Longitude: millionths,
    Latitude: millionths,
  }),
  info(0x06, 'Alarm', {
    ...alarm(8),
    ...countedList('FaultGeneralNum', 'FaultGeneralList', generalFault),
  }),
  info(0x07, 'MinVoltageOfPowerBattery', subSystems(voltages)),
  info(0x08, 'TempOfPowerBattery', subSystems(temperatures)),
  info(0x30, 'FuelCellStack', countedList('Number', 'Stacks', stack)),
  info(0x31, 'SuperCapacitor', {
    ManagerSysNo: byte,
    TotalVoltage: tenths,
    TotalCurrent: current2025,
    ...countedList('CellsTotal', 'CellsVoltage', thousandths, word),
    ...countedList('ProbeNum', 'ProbeTemp', celsius, word),
  }),
  info(0x32, 'SuperCapacitorExtreme', {
    MaxVoltageManagerSysNo: byte,
    MaxVoltageCellCode: word,
    MaxVoltageCellValue: thousandths,
    MinVoltageManagerSysNo: byte,
    MinVoltageCellCode: word,
    MinVoltageCellValue: thousandths,
    MaxTempManagerSysNo: byte,
    MaxTempProbeCode: word,
    MaxTempValue: celsius,
    MinTempManagerSysNo: byte,
    MinTempProbeCode: word,
    MinTempValue: celsius,
  }),
  info(SIGNATURE_INFO, 'Signature', SIGNATURE),
]);

import { byte, record, word } from '@portico/record';
import { countedList } from './counted.js';
import { type InfoRow, info } from './info-row.js';
import { alarm, HYDROGEN, motor, subSystems, vehicle } from './infos-common.js';
import {
  celsius,
  current,
  hundredths,
  millionths,
  plainByte,
  plainWord,
  rotation,
  tenths,
  thousandths,
  torque,
} from './quantity.js';

const driveMotor = record({
  ...motor(rotation, torque),
  InputVoltage: tenths,
  DCBusCurrent: current,
});

const voltages = record({
  ChargeableSubsysNo: byte,
  ChargeableVoltage: tenths,
  ChargeableCurrent: current,
  CellsTotal: plainWord,
  FrameCellsIndex: word,
  ...countedList('FrameCellsCount', 'CellsVoltage', thousandths),
});

const temperatures = record({
  ChargeableSubsysNo: byte,
  ...countedList('ProbeNum', 'ProbesTemp', celsius, word),
});

/** What stands in a report of 2016, by type (GB/T 32960.3-2016 §7.2.3). */
export const INFOS_2016: ReadonlyMap<number, InfoRow> = new Map([
  info(0x01, 'Vehicle', {
    ...vehicle(current, word),
    AcceleratorPedal: plainByte,
    BrakePedal: plainByte,
  }),
  info(0x02, 'DriveMotor', countedList('Number', 'Motors', driveMotor)),
  info(0x03, 'FuelCell', {
    CellVoltage: tenths,
    CellCurrent: tenths,
    FuelConsumption: hundredths,
    ...countedList('ProbeNum', 'ProbeTemps', celsius, word),
    ...HYDROGEN,
  }),
  info(0x04, 'Engine', { Status: byte, CrankshaftSpeed: plainWord, FuelConsumption: hundredths }),
  info(0x05, 'Location', { Status: byte, Longitude: millionths, Latitude: millionths }),
  info(0x06, 'Extreme', {
    MaxVoltageBatterySubsysNo: byte,
    MaxVoltageBatteryCode: byte,
    MaxBatteryVoltage: thousandths,
    MinVoltageBatterySubsysNo: byte,
    MinVoltageBatteryCode: byte,
    MinBatteryVoltage: thousandths,
    MaxTempSubsysNo: byte,
    MaxTempProbeNo: byte,
    MaxTemp: celsius,
    MinTempSubsysNo: byte,
    MinTempProbeNo: byte,
    MinTemp: celsius,
  }),
  info(0x07, 'Alarm', alarm(4)),
  info(0x08, 'ChargeableVoltage', subSystems(voltages)),
  info(0x09, 'ChargeableTemp', subSystems(temperatures)),
]);

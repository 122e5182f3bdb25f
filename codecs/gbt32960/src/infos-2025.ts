import { byte, dword, record, word } from '@portico/record';
import { countOf, elements } from './counted.js';
import { code } from './fields.js';
import { type InfoRow, info } from './info-row.js';
import {
  celsius,
  celsiusTenths,
  current2025,
  millionths,
  plainByte,
  plainWord,
  rotation2025,
  tenths,
  tenthsLong,
  thousandths,
  torque2025,
} from './quantity.js';
import { SIGNATURE } from './signature.js';

const faultCode = code(dword, 8);

const motor = record({
  No: byte,
  Status: byte,
  CtrlTemp: celsius,
  Rotating: rotation2025,
  Torque: torque2025,
  MotorTemp: celsius,
});

const generalFault = record({ No: byte, Level: byte });

const voltages = record({
  BatteryPackNo: byte,
  BatteryPackVoltage: tenths,
  BatteryPackCurrent: current2025,
  MinParallelUnitTotal: countOf('MinParallelUnitVoltage', word),
  MinParallelUnitVoltage: elements(thousandths, 'MinParallelUnitTotal', 2),
});

const temperatures = record({
  BatteryPackNo: byte,
  ProbeNum: countOf('ProbesTemp', word),
  ProbesTemp: elements(celsius, 'ProbeNum', 2),
});

const stack = record({
  FuelCellStackNo: byte,
  Voltage: tenths,
  Current: tenths,
  H2InletPressure: tenths,
  AirInletPressure: tenths,
  AirInletTemp: celsius,
  StackProbeNum: countOf('StackProbeTemp', word),
  StackProbeTemp: elements(celsius, 'StackProbeNum', 2),
});

/** What stands in a report of 2025, by type (GB/T 32960.3-2025 §7.2.4). */
export const INFOS_2025: ReadonlyMap<number, InfoRow> = new Map([
  info(0x01, 'Vehicle', {
    Status: byte,
    Charging: byte,
    Mode: byte,
    Speed: tenths,
    Mileage: tenthsLong,
    Voltage: tenths,
    Current: current2025,
    SOC: plainByte,
    DC: byte,
    Gear: byte,
    Resistance: plainWord,
  }),
  info(0x02, 'DriveMotor', { Number: countOf('Motors', byte), Motors: elements(motor, 'Number', 1) }),
  info(0x03, 'FuelCell', {
    H_MaxTemp: celsiusTenths,
    H_TempProbeCode: byte,
    H_MaxConc: plainWord,
    H_ConcSensorCode: byte,
    H_MaxPress: tenths,
    H_PressSensorCode: byte,
    DCStatus: byte,
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
    MaxAlarmLevel: plainByte,
    GeneralAlarmFlag: dword,
    FaultChargeableDeviceNum: countOf('FaultChargeableDeviceList', byte),
    FaultChargeableDeviceList: elements(faultCode, 'FaultChargeableDeviceNum', 1),
    FaultDriveMotorNum: countOf('FaultDriveMotorList', byte),
    FaultDriveMotorList: elements(faultCode, 'FaultDriveMotorNum', 1),
    FaultEngineNum: countOf('FaultEngineList', byte),
    FaultEngineList: elements(faultCode, 'FaultEngineNum', 1),
    FaultOthersNum: countOf('FaultOthersList', byte),
    FaultOthersList: elements(faultCode, 'FaultOthersNum', 1),
    FaultGeneralNum: countOf('FaultGeneralList', byte),
    FaultGeneralList: elements(generalFault, 'FaultGeneralNum', 1),
  }),
  info(0x07, 'MinVoltageOfPowerBattery', {
    Number: countOf('SubSystems', byte),
    SubSystems: elements(voltages, 'Number', 1),
  }),
  info(0x08, 'TempOfPowerBattery', {
    Number: countOf('SubSystems', byte),
    SubSystems: elements(temperatures, 'Number', 1),
  }),
  info(0x30, 'FuelCellStack', { Number: countOf('Stacks', byte), Stacks: elements(stack, 'Number', 1) }),
  info(0x31, 'SuperCapacitor', {
    ManagerSysNo: byte,
    TotalVoltage: tenths,
    TotalCurrent: current2025,
    CellsTotal: countOf('CellsVoltage', word),
    CellsVoltage: elements(thousandths, 'CellsTotal', 2),
    ProbeNum: countOf('ProbeTemp', word),
    ProbeTemp: elements(celsius, 'ProbeNum', 2),
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
  info(0xff, 'Signature', SIGNATURE),
]);

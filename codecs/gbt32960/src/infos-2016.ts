import { byte, dword, record, word } from '@portico/record';
import { countOf, elements } from './counted.js';
import { code } from './fields.js';
import { type InfoRow, info } from './info-row.js';
import {
  celsius,
  celsiusTenths,
  current,
  hundredths,
  millionths,
  plainByte,
  plainWord,
  rotation,
  tenths,
  tenthsLong,
  thousandths,
  torque,
} from './quantity.js';

const faultCode = code(dword, 4);

const motor = record({
  No: byte,
  Status: byte,
  CtrlTemp: celsius,
  Rotating: rotation,
  Torque: torque,
  MotorTemp: celsius,
  InputVoltage: tenths,
  DCBusCurrent: current,
});

const voltages = record({
  ChargeableSubsysNo: byte,
  ChargeableVoltage: tenths,
  ChargeableCurrent: current,
  CellsTotal: plainWord,
  FrameCellsIndex: word,
  FrameCellsCount: countOf('CellsVoltage', byte),
  CellsVoltage: elements(thousandths, 'FrameCellsCount', 1),
});

const temperatures = record({
  ChargeableSubsysNo: byte,
  ProbeNum: countOf('ProbesTemp', word),
  ProbesTemp: elements(celsius, 'ProbeNum', 2),
});

/** What stands in a report of 2016, by type (GB/T 32960.3-2016 §7.2.3). */
export const INFOS_2016: ReadonlyMap<number, InfoRow> = new Map([
  info(0x01, 'Vehicle', {
    Status: byte,
    Charging: byte,
    Mode: byte,
    Speed: tenths,
    Mileage: tenthsLong,
    Voltage: tenths,
    Current: current,
    SOC: plainByte,
    DC: byte,
    Gear: byte,
    Resistance: word,
    AcceleratorPedal: plainByte,
    BrakePedal: plainByte,
  }),
  info(0x02, 'DriveMotor', { Number: countOf('Motors', byte), Motors: elements(motor, 'Number', 1) }),
  info(0x03, 'FuelCell', {
    CellVoltage: tenths,
    CellCurrent: tenths,
    FuelConsumption: hundredths,
    ProbeNum: countOf('ProbeTemps', word),
    ProbeTemps: elements(celsius, 'ProbeNum', 2),
    H_MaxTemp: celsiusTenths,
    H_TempProbeCode: byte,
    H_MaxConc: plainWord,
    H_ConcSensorCode: byte,
    H_MaxPress: tenths,
    H_PressSensorCode: byte,
    DCStatus: byte,
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
  info(0x07, 'Alarm', {
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
  }),
  info(0x08, 'ChargeableVoltage', {
    Number: countOf('SubSystems', byte),
    SubSystems: elements(voltages, 'Number', 1),
  }),
  info(0x09, 'ChargeableTemp', {
    Number: countOf('SubSystems', byte),
    SubSystems: elements(temperatures, 'Number', 1),
  }),
]);

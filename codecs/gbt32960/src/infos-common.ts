import { byte, dword, type Field, type IntegerField, type Shape } from '@portico/record';
import { countedList } from './counted.js';
import { code } from './fields.js';
import {
  celsius,
  celsiusTenths,
  plainByte,
  plainWord,
  type Quantity,
  tenths,
  tenthsLong,
} from './quantity.js';

/** Of a vehicle, what both editions have. Their scales of currents differ, and 2025 has a resistance without a value. */
export function vehicle(current: Quantity, resistance: IntegerField): Shape {
  return {
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
    Resistance: resistance,
  };
}

/** Of a motor, what both editions have, in scales that differ. */
export function motor(rotation: Quantity, torque: Quantity): Shape {
  return {
    No: byte,
    Status: byte,
    CtrlTemp: celsius,
    Rotating: rotation,
    Torque: torque,
    MotorTemp: celsius,
  };
}

/** Of a fuel cell, its hydrogen and its DC/DC converter. */
export const HYDROGEN: Shape = {
  H_MaxTemp: celsiusTenths,
  H_TempProbeCode: byte,
  H_MaxConc: plainWord,
  H_ConcSensorCode: byte,
  H_MaxPress: tenths,
  H_PressSensorCode: byte,
  DCStatus: byte,
};

/** Alarms and the faults that both editions list. @param digits of a fault's code in JSON */
export function alarm(digits: number): Shape {
  const faultCode = code(dword, digits);
  return {
    MaxAlarmLevel: plainByte,
    GeneralAlarmFlag: dword,
    ...countedList('FaultChargeableDeviceNum', 'FaultChargeableDeviceList', faultCode),
    ...countedList('FaultDriveMotorNum', 'FaultDriveMotorList', faultCode),
    ...countedList('FaultEngineNum', 'FaultEngineList', faultCode),
    ...countedList('FaultOthersNum', 'FaultOthersList', faultCode),
  };
}

/** As many packs or systems of batteries as a vehicle has. */
export function subSystems(element: Field<unknown>): Shape {
  return countedList('Number', 'SubSystems', element);
}

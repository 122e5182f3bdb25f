import { Command, encodeMessage } from '@portico/codec-gbt32960';

const TIME = { Year: 26, Month: 1, Day: 1, Hour: 8, Minute: 0, Second: 0 };

const VEHICLE = {
  Type: 'Vehicle',
  Status: 1,
  Charging: 3,
  Mode: 1,
  Speed: 500,
  Mileage: 123_456,
  Voltage: 3600,
  Current: 10_100,
  SOC: 80,
  DC: 1,
  Gear: 15,
  Resistance: 5000,
  AcceleratorPedal: 20,
  BrakePedal: 0,
};

const CELLS = Array.from({ length: 96 }, (_, cell) => 3600 + cell);

const VOLTAGES = {
  Type: 'ChargeableVoltage',
  Number: 1,
  SubSystems: [
    {
      ChargeableSubsysNo: 1,
      ChargeableVoltage: 3600,
      ChargeableCurrent: 10_100,
      CellsTotal: CELLS.length,
      FrameCellsIndex: 1,
      FrameCellsCount: CELLS.length,
      CellsVoltage: CELLS,
    },
  ],
};

const LOCATION = { Type: 'Location', Status: 0, Longitude: 113_930_000, Latitude: 22_540_000 };

/** The login of a vehicle (GB/T 32960.3-2016 table 6). */
export function vehicleLogin(vin: string): Buffer {
  const data = { Time: TIME, Seq: 1, ICCID: '12345678901234567890', Num: 1, Length: 1, Id: 'C' };
  return encodeMessage({ command: Command.VehicleLogin, vin, data });
}

/** A real-time report of 2016: the vehicle, where it is, and the voltages of 96 cells. */
export function cellReport(vin: string): Buffer {
  const data = { Time: TIME, Infos: [VEHICLE, LOCATION, VOLTAGES] };
  return encodeMessage({ command: Command.RealTimeReport, vin, data });
}

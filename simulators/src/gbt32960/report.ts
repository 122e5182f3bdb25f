import type { Edition, Info } from '@portico/codec-gbt32960';
import type { Random } from '../fleet/random.js';
import type { Fix } from '../route/journey.js';

/** Cells and temperature probes of the battery. */
const CELLS = 96;
const PROBES = 24;

/** Values as the standard has them: integers in steps of a quantity, from its lowest value on. */
const tenths = (value: number) => Math.round(value * 10);
const thousandths = (value: number) => Math.round(value * 1000);
const millionths = (value: number) => Math.round(Math.abs(value) * 1_000_000);
const celsius = (value: number) => Math.round(value) + 40;
/** Where the scales of currents, revolutions and torques begin, in A, r/min and N·m. */
const BELOW_ZERO = {
  2016: { current: 1000, rotation: 20_000, torque: 2000 },
  2025: { current: 3000, rotation: 32_000, torque: 20_000 },
} as const;

/** Bits of the status of a location: its hemispheres (GB/T 32960.3-2016 table 15). */
const SOUTH = 1 << 1;
const WEST = 1 << 2;
const WGS_84 = 1;

const STARTED = 1;
const NOT_CHARGING = 3;
const ELECTRIC = 1;
const DC_WORKS = 1;
/** Forward gear, with driving force (GB/T 32960.3-2016 table A.1). */
const GEAR_D = 0x2e;
const MOTOR_DRIVES = 1;
/** kΩ, of the insulation. */
const RESISTANCE = 5000;

/** The battery of one vehicle: what its cells have is near to what they had before. */
export interface Battery {
  /** V, of each cell. */
  readonly cells: readonly number[];
  /** °C, of each probe. */
  readonly probes: readonly number[];
  /** A; below 0 while it is charged by braking. */
  readonly current: number;
  /** Percent. */
  readonly charge: number;
}

/** What a battery has when its vehicle is at a speed. @param charge percent */
export function batteryOf(random: Random, speed: number, charge: number): Battery {
  const rest = 3.2 + charge * 0.009;
  return {
    cells: Array.from({ length: CELLS }, () => rest + random.between(-0.01, 0.01)),
    probes: Array.from({ length: PROBES }, () => random.between(24, 31)),
    current: speed * random.between(-0.3, 1.6),
    charge,
  };
}

/** All that a vehicle reports of itself: a full frame of its edition. */
export function infosOf(edition: Edition, fix: Fix, battery: Battery): Info[] {
  return edition === 2025 ? infos2025(fix, battery) : infos2016(fix, battery);
}

function vehicle(edition: Edition, { speed, mileage }: Fix, { cells, current, charge }: Battery) {
  return {
    Type: 'Vehicle',
    Status: STARTED,
    Charging: NOT_CHARGING,
    Mode: ELECTRIC,
    Speed: tenths(speed),
    Mileage: tenths(mileage / 1000),
    Voltage: tenths(sum(cells)),
    Current: tenths(current + BELOW_ZERO[edition].current),
    SOC: Math.round(charge),
    DC: DC_WORKS,
    Gear: GEAR_D,
    Resistance: RESISTANCE,
  };
}

function motor(edition: Edition, { speed }: Fix, { current }: Battery) {
  const { rotation, torque } = BELOW_ZERO[edition];
  return {
    No: 1,
    Status: MOTOR_DRIVES,
    CtrlTemp: celsius(45),
    Rotating: Math.round(speed * 90) + rotation,
    Torque: tenths(current + torque),
    MotorTemp: celsius(55),
  };
}

function location({ lon, lat }: Fix) {
  return {
    Status: (lat < 0 ? SOUTH : 0) | (lon < 0 ? WEST : 0),
    Longitude: millionths(lon),
    Latitude: millionths(lat),
  };
}

const NO_ALARM = {
  Type: 'Alarm',
  MaxAlarmLevel: 0,
  GeneralAlarmFlag: 0,
  FaultChargeableDeviceList: [],
  FaultDriveMotorList: [],
  FaultEngineList: [],
  FaultOthersList: [],
};

function infos2016(fix: Fix, battery: Battery): Info[] {
  const { cells, probes, current } = battery;
  const voltage = tenths(sum(cells));
  const shiftedCurrent = tenths(current + BELOW_ZERO[2016].current);
  return [
    { ...vehicle(2016, fix, battery), AcceleratorPedal: Math.round(fix.speed), BrakePedal: 0 },
    {
      Type: 'DriveMotor',
      Motors: [{ ...motor(2016, fix, battery), InputVoltage: voltage, DCBusCurrent: shiftedCurrent }],
    },
    { Type: 'Location', ...location(fix) },
    extremes(battery),
    NO_ALARM,
    {
      Type: 'ChargeableVoltage',
      SubSystems: [
        {
          ChargeableSubsysNo: 1,
          ChargeableVoltage: voltage,
          ChargeableCurrent: shiftedCurrent,
          CellsTotal: cells.length,
          FrameCellsIndex: 1,
          CellsVoltage: cells.map(thousandths),
        },
      ],
    },
    { Type: 'ChargeableTemp', SubSystems: [{ ChargeableSubsysNo: 1, ProbesTemp: probes.map(celsius) }] },
  ];
}

function infos2025(fix: Fix, battery: Battery): Info[] {
  const { cells, probes, current } = battery;
  return [
    vehicle(2025, fix, battery),
    { Type: 'DriveMotor', Motors: [motor(2025, fix, battery)] },
    { Type: 'Location', ...location(fix), CoordinateSystem: WGS_84 },
    { ...NO_ALARM, FaultGeneralList: [] },
    {
      Type: 'MinVoltageOfPowerBattery',
      SubSystems: [
        {
          BatteryPackNo: 1,
          BatteryPackVoltage: tenths(sum(cells)),
          BatteryPackCurrent: tenths(current + BELOW_ZERO[2025].current),
          MinParallelUnitVoltage: cells.map(thousandths),
        },
      ],
    },
    { Type: 'TempOfPowerBattery', SubSystems: [{ BatteryPackNo: 1, ProbesTemp: probes.map(celsius) }] },
  ];
}

function extremes({ cells, probes }: Battery): Info {
  const [highest, lowest] = [Math.max(...cells), Math.min(...cells)];
  const [hottest, coldest] = [Math.max(...probes), Math.min(...probes)];
  return {
    Type: 'Extreme',
    MaxVoltageBatterySubsysNo: 1,
    MaxVoltageBatteryCode: cells.indexOf(highest) + 1,
    MaxBatteryVoltage: thousandths(highest),
    MinVoltageBatterySubsysNo: 1,
    MinVoltageBatteryCode: cells.indexOf(lowest) + 1,
    MinBatteryVoltage: thousandths(lowest),
    MaxTempSubsysNo: 1,
    MaxTempProbeNo: probes.indexOf(hottest) + 1,
    MaxTemp: celsius(hottest),
    MinTempSubsysNo: 1,
    MinTempProbeNo: probes.indexOf(coldest) + 1,
    MinTemp: celsius(coldest),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

import {
  base64,
  byte,
  choice,
  countOf,
  dword,
  type Field,
  list,
  record,
  sized,
  text,
  word,
} from '@portico/record';

/** A parameter of terminals. */
export interface ParameterRow {
  readonly name: string;
  readonly field: Field<unknown>;
}

const string = text('rest');
const bytes = base64('rest');

function rows(field: Field<unknown>, names: Readonly<Record<number, string>>): [number, ParameterRow][] {
  return Object.entries(names).map(([id, name]) => [Number(id), { name, field }]);
}

/** Parameters of terminals by id (JT/T 808-2019 §8.9, 0x8103); those not listed stand as base64. */
export const PARAMETERS: ReadonlyMap<number, ParameterRow> = new Map(
  [
    ...rows(dword, {
      1: 'heartbeat interval, s',
      2: 'TCP answer timeout, s',
      3: 'TCP retransmissions',
      4: 'UDP answer timeout, s',
      5: 'UDP retransmissions',
      6: 'SMS answer timeout, s',
      7: 'SMS retransmissions',
      24: 'server TCP port (2013)',
      25: 'server UDP port (2013)',
      27: 'IC card authentication server TCP port',
      28: 'IC card authentication server UDP port',
      32: 'location report strategy',
      33: 'location report scheme',
      34: 'report interval without a driver logged in, s',
      39: 'report interval asleep, s',
      40: 'report interval in an emergency, s',
      41: 'report interval by default, s',
      44: 'report distance by default, m',
      45: 'report distance without a driver logged in, m',
      46: 'report distance asleep, m',
      47: 'report distance in an emergency, m',
      48: 'turning angle to report at, degrees',
      69: 'how calls are answered',
      70: 'longest call, s',
      71: 'calls of a month, s',
      80: 'alarm mask',
      81: 'alarms sent by SMS',
      82: 'alarms with a photo',
      83: 'alarms whose photo is stored',
      84: 'key alarms',
      85: 'highest speed, km/h',
      86: 'overspeed duration, s',
      87: 'continuous driving limit, s',
      88: 'daily driving limit, s',
      89: 'least rest, s',
      90: 'longest stop, s',
      100: 'timed photos',
      101: 'photos by distance',
      112: 'image quality',
      113: 'brightness',
      114: 'contrast',
      115: 'saturation',
      116: 'chroma',
      128: 'odometer, 0.1 km',
      147: 'GNSS sampling interval, s',
      149: 'GNSS upload setting',
      256: 'CAN channel 1 sampling interval, ms',
      258: 'CAN channel 2 sampling interval, ms',
    }),
    ...rows(word, {
      49: 'geofence radius, m',
      91: 'overspeed warning difference, 0.1 km/h',
      92: 'fatigue warning difference, s',
      93: 'collision alarm',
      94: 'rollover alarm, degrees',
      129: 'province',
      130: 'city',
      257: 'CAN channel 1 upload interval, s',
      259: 'CAN channel 2 upload interval, s',
    }),
    ...rows(byte, {
      132: 'plate colour',
      144: 'GNSS mode',
      145: 'GNSS baud rate',
      146: 'GNSS output rate',
      148: 'GNSS upload mode',
    }),
    ...rows(string, {
      16: 'server APN',
      17: 'server dial-up user',
      18: 'server dial-up password',
      19: 'server address',
      20: 'backup server APN',
      21: 'backup server dial-up user',
      22: 'backup server dial-up password',
      23: 'backup server address',
      26: 'IC card authentication server address',
      29: 'IC card authentication backup server address',
      64: 'platform phone number',
      65: 'reset phone number',
      66: 'factory reset phone number',
      67: 'platform SMS number',
      68: 'SMS alarm number',
      72: 'monitoring phone number',
      73: 'privileged SMS number',
      131: 'plate',
    }),
  ].sort(([a], [b]) => a - b),
);

const value = choice('id', new Map([...PARAMETERS].map(([id, { field }]) => [id, field])), bytes);

/** The list of parameters in 0x8103 and 0x0104; what does not fit its id stands as base64. */
export const parameterList = {
  length: countOf('params', byte),
  params: list(record({ id: dword, value: sized(byte, value, bytes) }), 'length'),
};

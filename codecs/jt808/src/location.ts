import { base64, bcd, bits, byte, dword, type ItemRow, items, optional, record, word } from '@portico/record';
import { ACTIVE_SAFETY_ITEMS } from './active-safety.js';

const SIGNALS = [
  'low_beam',
  'high_beam',
  'right_turn',
  'left_turn',
  'brake',
  'reverse',
  'fog',
  'side_marker',
  'horn',
  'air_conditioner',
  'neutral',
  'retarder',
  'abs',
  'heater',
  // Spelt like this by everybody who reads the JSON.
  'cluth',
];

/** The additional items of a location (JT/T 808-2019 table 27), by id. */
export const LOCATION_ITEMS: ReadonlyMap<number, ItemRow> = new Map<number, ItemRow>([
  [0x01, { name: 'mileage', field: dword }],
  [0x02, { name: 'fuel_meter', field: word }],
  [0x03, { name: 'speed', field: word }],
  [0x04, { name: 'alarm_id', field: word }],
  [0x05, { name: 'tire_pressure', field: base64('rest') }],
  [0x06, { name: 'carriage_temp', field: word }],
  [0x11, { name: 'overspeed_alarm', field: record({ type: byte, id: optional(dword) }) }],
  [0x12, { name: 'in_out_alarm', field: record({ type: byte, id: dword, direction: byte }) }],
  [0x13, { name: 'path_time_alarm', field: record({ id: dword, time: word, result: byte }) }],
  [0x25, { name: 'signal', field: bits(dword, SIGNALS) }],
  [0x2a, { name: 'io_status', field: bits(word, ['deep_sleep', 'sleep']) }],
  [0x2b, { name: 'analog', field: record({ ad1: word, ad0: word }) }],
  [0x30, { name: 'rssi', field: byte }],
  [0x31, { name: 'gnss_sat_num', field: byte }],
  ...ACTIVE_SAFETY_ITEMS,
]);

const basics = {
  alarm: dword,
  status: dword,
  latitude: dword,
  longitude: dword,
  altitude: word,
  speed: word,
  direction: word,
  time: bcd(6),
};

/** Where a vehicle is and how, without additional items: 28 bytes (JT/T 808-2019 table 23). */
export const position = record(basics);

/**
 * Where a vehicle is and how (JT/T 808-2019 tables 23 to 33). `latitude` and `longitude` in millionths of a degree,
 * `altitude` in metres, `speed` in tenths of km/h, `direction` in degrees, `time` YYMMDDhhmmss at UTC+8.
 */
export const location = record({
  ...basics,
  extra: items({
    table: LOCATION_ITEMS,
    custom: { name: 'custome', from: 0xe0 },
  }),
});

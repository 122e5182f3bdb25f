import { bcd, byte, countOf, dword, type ItemRow, list, record, text, word } from '@portico/record';

/** What marks an alarm, and its attachments (T/JSATL 12-2017 table 4-16). */
export const alarmFlag = record({
  terminal_id: text(7),
  time: bcd(6),
  seq: byte,
  attachments: byte,
  reserved: byte,
});

/** Where and how a vehicle was at an alarm. */
const position = {
  speed: byte,
  altitude: word,
  latitude: dword,
  longitude: dword,
  time: bcd(6),
  vehicle_status: word,
  alarm_flag: alarmFlag,
};

const adas = record({
  id: dword,
  state: byte,
  type: byte,
  level: byte,
  front_speed: byte,
  front_distance: byte,
  deviation: byte,
  road_sign: byte,
  road_sign_data: byte,
  ...position,
});

const dsm = record({
  id: dword,
  state: byte,
  type: byte,
  level: byte,
  fatigue: byte,
  reserved: dword,
  ...position,
});

const tpms = record({
  id: dword,
  state: byte,
  ...position,
  length: countOf('tires', byte),
  tires: list(
    record({ position: byte, type: word, pressure: word, temperature: word, battery: word }),
    'length',
  ),
});

const bsd = record({ id: dword, state: byte, type: byte, ...position });

/**
 * Alarms of active safety in the additional items of 0x0200 (T/JSATL 12-2017 tables 4-15 and 4-17 to 4-20). Other
 * vendors have other items under the same ids.
 */
export const ACTIVE_SAFETY_ITEMS: readonly (readonly [id: number, ItemRow])[] = [
  [0x64, { name: 'adas_alarm', field: adas, ambiguous: true }],
  [0x65, { name: 'dsm_alarm', field: dsm, ambiguous: true }],
  [0x66, { name: 'tpms_alarm', field: tpms, ambiguous: true }],
  [0x67, { name: 'bsd_alarm', field: bsd, ambiguous: true }],
];

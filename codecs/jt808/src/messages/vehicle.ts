import {
  base64,
  bcd,
  before,
  byte,
  choice,
  countOf,
  dword,
  type Field,
  list,
  record,
  since,
  sizeOf,
  text,
  when,
  word,
} from '@portico/record';
import { location } from '../location.js';
import { type MessageRow, message } from './row.js';

/** A field that is there when a bit of another is set. */
function withBit<T>(flags: string, bit: number, field: Field<T>): Field<T | undefined> {
  return when(
    (_edition, siblings) => ((Number(siblings[flags]) >>> bit) & 1) === 1,
    `bit ${bit} of ${flags}`,
    field,
  );
}

/** The same, since 2019. */
function withBitSince2019<T>(flags: string, bit: number, field: Field<T>): Field<T | undefined> {
  return when(
    (edition, siblings) => edition >= 2019 && ((Number(siblings[flags]) >>> bit) & 1) === 1,
    `bit ${bit} of ${flags}, since 2019`,
    field,
  );
}

/** Bits of the properties of areas and routes (JT/T 808-2013 table 57). */
const BY_TIME = 0;
const SPEED_LIMIT = 1;

const period = {
  start_time: withBit('flag', BY_TIME, bcd(6)),
  end_time: withBit('flag', BY_TIME, bcd(6)),
};
const speedLimit = {
  max_speed: withBit('flag', SPEED_LIMIT, word),
  overspeed_duration: withBit('flag', SPEED_LIMIT, byte),
};
const nightLimit = { night_max_speed: withBitSince2019('flag', SPEED_LIMIT, word) };
const nameSince2019 = {
  name_len: since(2019, sizeOf('name', text('rest'), word)),
  name: since(2019, text('name_len')),
};

const circle = record({
  id: dword,
  flag: word,
  center_latitude: dword,
  center_longitude: dword,
  radius: dword,
  ...period,
  ...speedLimit,
  ...nightLimit,
  ...nameSince2019,
});
const rectangle = record({
  id: dword,
  flag: word,
  lt_lat: dword,
  lt_lng: dword,
  rb_lat: dword,
  rb_lng: dword,
  ...period,
  ...speedLimit,
  ...nightLimit,
  ...nameSince2019,
});
const turningPoint = record({
  point_id: dword,
  path_id: dword,
  point_lat: dword,
  point_lng: dword,
  width: byte,
  attrib: byte,
  passed: withBit('attrib', BY_TIME, word),
  uncovered: withBit('attrib', BY_TIME, word),
  max_speed: withBit('attrib', SPEED_LIMIT, word),
  overspeed_duration: withBit('attrib', SPEED_LIMIT, byte),
  night_max_speed: withBitSince2019('attrib', SPEED_LIMIT, word),
});

const areas = (area: Field<unknown>) => ({
  type: byte,
  length: countOf('areas', byte),
  areas: list(area, 'length'),
});
const deleted = { length: countOf('ids', byte), ids: list(dword, 'length') };

/** Of the doors, the only control that the standard defines. */
const DOORS = 1;
const control = record({ id: word, param: choice('id', new Map([[DOORS, byte]]), base64('rest')) });

/** Control of vehicles, and the areas and routes that they are to keep to. */
export const VEHICLE_MESSAGES: readonly MessageRow[] = [
  message(0x8500, 'down', 'vehicle control', 'JT/T 808-2013 §8.33', {
    flag: before(2019, byte),
    count: since(2019, countOf('controls', word)),
    controls: since(2019, list(control, 'count')),
  }),
  message(0x0500, 'up', 'vehicle control response', 'JT/T 808-2013 §8.34', { seq: word, location }),
  message(0x8600, 'down', 'set circular areas', 'JT/T 808-2013 §8.35', areas(circle)),
  message(0x8601, 'down', 'delete circular areas', 'JT/T 808-2013 §8.36', deleted),
  message(0x8602, 'down', 'set rectangular areas', 'JT/T 808-2013 §8.37', areas(rectangle)),
  message(0x8603, 'down', 'delete rectangular areas', 'JT/T 808-2013 §8.38', deleted),
  message(0x8604, 'down', 'set polygonal area', 'JT/T 808-2013 §8.39', {
    id: dword,
    flag: word,
    ...period,
    ...speedLimit,
    length: countOf('points', word),
    points: list(record({ lat: dword, lng: dword }), 'length'),
    ...nightLimit,
    ...nameSince2019,
  }),
  message(0x8605, 'down', 'delete polygonal areas', 'JT/T 808-2013 §8.40', deleted),
  message(0x8606, 'down', 'set route', 'JT/T 808-2013 §8.41', {
    id: dword,
    flag: word,
    ...period,
    length: countOf('points', word),
    points: list(turningPoint, 'length'),
    ...nameSince2019,
  }),
  message(0x8607, 'down', 'delete routes', 'JT/T 808-2013 §8.42', deleted),
  message(0x8608, 'down', 'query for areas or routes', 'JT/T 808-2019', {
    type: byte,
    count: countOf('ids', dword),
    ids: list(dword, 'count'),
  }),
  message(0x0608, 'up', 'areas or routes', 'JT/T 808-2019', {
    type: byte,
    count: dword,
    data: base64('rest'),
  }),
];

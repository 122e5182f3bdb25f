import { chinaTimeText } from '../china-time.js';
import type { Fix } from '../route/journey.js';

/** A location as it stands in JSON (JT/T 808-2013 tables 16 and 17). */
export type Location = Readonly<Record<string, unknown>>;

/** Bits of the status (JT/T 808-2013 table 18). */
const IGNITION_ON = 1 << 0;
const LOCATED = 1 << 1;
const SOUTH = 1 << 2;
const WEST = 1 << 3;

const MILLIONTHS = 1_000_000;
/** Of every place: simulated vehicles drive on the plain. */
const ALTITUDE = 15;
const SIGNAL_STRENGTH = 28;
const SATELLITES = 14;

/** The location report of a vehicle that is there. */
export function locationOf({ lon, lat, heading, speed, mileage, time }: Fix): Location {
  const hemisphere = (lat < 0 ? SOUTH : 0) | (lon < 0 ? WEST : 0);
  return {
    alarm: 0,
    status: IGNITION_ON | LOCATED | hemisphere,
    latitude: Math.round(Math.abs(lat) * MILLIONTHS),
    longitude: Math.round(Math.abs(lon) * MILLIONTHS),
    altitude: ALTITUDE,
    speed: Math.round(speed * 10),
    direction: Math.floor(heading),
    time: chinaTimeText(time),
    extra: {
      mileage: Math.round(mileage / 100),
      rssi: SIGNAL_STRENGTH,
      gnss_sat_num: SATELLITES,
    },
  };
}

import type { DecodedBody } from '@portico/codec-jt808';

type Json = Readonly<Record<string, unknown>>;

/** Where the locations of a message stand, by its id: how to replace each of them. */
const LOCATIONS: ReadonlyMap<number, (body: Json) => Json> = new Map<number, (body: Json) => Json>([
  [0x0200, scaledLocation],
  [0x0201, within('params', scaledLocation)],
  [0x0500, within('location', scaledLocation)],
  [0x0704, within('location', each(scaledLocation))],
  [0x0801, within('location', scaledLocation)],
  [0x0802, within('result', each(within('location', scaledLocation)))],
]);

/** Bits of the status of a location (JT/T 808-2019 table 25). */
const SOUTH = 1 << 2;
const WEST = 1 << 3;

const MILLIONTHS = 1_000_000;
const TENTHS = 10;

/**
 * The body with its locations in units for people: degrees with a sign (south and west are negative), km/h, km, litres, and
 * the time as ISO 8601. What is not there, or is no number, stays as it is.
 */
export function scaled(id: number, decoded: DecodedBody): DecodedBody {
  const scale = LOCATIONS.get(id);
  return scale === undefined ? decoded : { ...decoded, body: scale(decoded.body) };
}

function scaledLocation(location: Json): Json {
  const status = typeof location.status === 'number' ? location.status : 0;
  const { latitude, longitude, speed, time, extra } = location;
  return {
    ...location,
    ...(latitude !== undefined && {
      latitude: quotient(latitude, (status & SOUTH) === 0 ? MILLIONTHS : -MILLIONTHS),
    }),
    ...(longitude !== undefined && {
      longitude: quotient(longitude, (status & WEST) === 0 ? MILLIONTHS : -MILLIONTHS),
    }),
    ...(speed !== undefined && { speed: quotient(speed, TENTHS) }),
    ...(time !== undefined && { time: isoTime(time) }),
    ...(isJson(extra) && { extra: scaledItems(extra) }),
  };
}

function scaledItems(extra: Json): Json {
  const changed: Record<string, unknown> = { ...extra };
  for (const name of ['mileage', 'fuel_meter', 'speed']) {
    if (name in extra) changed[name] = quotient(extra[name], TENTHS);
  }
  return changed;
}

function quotient(value: unknown, divisor: number): unknown {
  return typeof value === 'number' ? value / divisor : value;
}

const TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

/** Terminals tell the time of Beijing (JT/T 808-2019 table 23). */
function isoTime(time: unknown): unknown {
  return typeof time === 'string' ? time.replace(TIME, '20$1-$2-$3T$4:$5:$6+08:00') : time;
}

function within(key: string, scale: (value: Json) => unknown): (body: Json) => Json {
  return (body) => {
    const value = body[key];
    return isJson(value) ? { ...body, [key]: scale(value) } : body;
  };
}

function each(scale: (value: Json) => Json): (list: Json) => unknown {
  return (list) => (Array.isArray(list) ? list.map((value) => (isJson(value) ? scale(value) : value)) : list);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

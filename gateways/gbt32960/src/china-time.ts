/** A time as it stands in JSON: the year counts from 2000 on. */
export interface Time {
  readonly Year: number;
  readonly Month: number;
  readonly Day: number;
  readonly Hour: number;
  readonly Minute: number;
  readonly Second: number;
}

/** Bytes of a time in a frame. */
export const TIME_SIZE = 6;

/** GMT+8, milliseconds. */
const OFFSET = 8 * 3600 * 1000;
const CENTURY = 2000;
/** Clocks of terminals may be ahead by this much, in milliseconds. */
const TOLERANCE = 24 * 3600 * 1000;

/** @param now milliseconds since 1970 */
export function timeOf(now: number): Time {
  const date = new Date(now + OFFSET);
  return {
    Year: date.getUTCFullYear() - CENTURY,
    Month: date.getUTCMonth() + 1,
    Day: date.getUTCDate(),
    Hour: date.getUTCHours(),
    Minute: date.getUTCMinutes(),
    Second: date.getUTCSeconds(),
  };
}

/** The same as it stands in a frame. */
export function timeBytes(now: number): Buffer {
  const { Year, Month, Day, Hour, Minute, Second } = timeOf(now);
  return Buffer.of(Year, Month, Day, Hour, Minute, Second);
}

/** Milliseconds since 1970 of a time that a terminal tells. */
export function timeMs({ Year, Month, Day, Hour, Minute, Second }: Time): number {
  return Date.UTC(CENTURY + Year, Month - 1, Day, Hour, Minute, Second) - OFFSET;
}

/** What is wrong with a time that a terminal tells; undefined when it can be. @param now milliseconds since 1970 */
export function timeFault(time: Time, now: number): string | undefined {
  const { Month, Day, Hour, Minute, Second } = time;
  const at = timeMs(time);
  const isReal =
    new Date(at + OFFSET).getUTCMonth() === Month - 1 && Day > 0 && Hour < 24 && Minute < 60 && Second < 60;
  if (!isReal) return 'there is no such time';
  return at > now + TOLERANCE ? 'it lies in the future' : undefined;
}

/** China's time is that of UTC 8 hours later, all the year. */
const OFFSET = 8 * 3_600_000;

/** The parts of a time in China; the year counts from 2000 on. */
export interface ChinaTime {
  readonly Year: number;
  readonly Month: number;
  readonly Day: number;
  readonly Hour: number;
  readonly Minute: number;
  readonly Second: number;
}

/** @param time milliseconds since 1970 UTC */
export function chinaTime(time: number): ChinaTime {
  const shifted = new Date(time + OFFSET);
  return {
    Year: shifted.getUTCFullYear() % 100,
    Month: shifted.getUTCMonth() + 1,
    Day: shifted.getUTCDate(),
    Hour: shifted.getUTCHours(),
    Minute: shifted.getUTCMinutes(),
    Second: shifted.getUTCSeconds(),
  };
}

/** As YYMMDDhhmmss. */
export function chinaTimeText(time: number): string {
  return Object.values(chinaTime(time))
    .map((part) => String(part).padStart(2, '0'))
    .join('');
}

const digits = (value: number) => String(value).padStart(2, '0');

/** `2026-11-20 12:00:00`, in local time. */
export function localTimeText(date: Date): string {
  const day = `${date.getFullYear()}-${digits(date.getMonth() + 1)}-${digits(date.getDate())}`;
  return `${day} ${digits(date.getHours())}:${digits(date.getMinutes())}:${digits(date.getSeconds())}`;
}

/** Units of {@link uptimeText}, with how many of each make one of the next. */
const UNITS = [
  ['seconds', 60],
  ['minutes', 60],
  ['hours', 24],
  ['days', Number.POSITIVE_INFINITY],
] as const;

/** `3 days, 0 hours, 4 minutes, 5 seconds`: from the greatest unit that is needed down to seconds. */
export function uptimeText(milliseconds: number): string {
  const parts: string[] = [];
  let rest = Math.floor(milliseconds / 1000);
  for (const [unit, size] of UNITS) {
    parts.unshift(`${rest % size} ${unit}`);
    rest = Math.floor(rest / size);
    if (rest === 0) break;
  }
  return parts.join(', ');
}
